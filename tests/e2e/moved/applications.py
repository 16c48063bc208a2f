"""Applications, where they are and where they go, and what becomes of them there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..programs import run  # noqa: TID252 - its neighbours are one floor up
from .roots import make_musl_shop, make_shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Application:
    """One application and its move.

    Attributes:
        make: writes the context's files.
        dockerfile: behind FROM.
        old, new: bases.
        answer: of `base check`.
        kinds: of the reasons that must be among those that weigh most; any of them.
        serves: whether it answers over HTTP, on a port that it prints; else it prints `fine`.
    """

    make: Callable[[Path], None]
    dockerfile: str
    old: str
    new: str
    answer: str
    kinds: tuple[str, ...] = ()
    serves: bool = False


def _files(**texts: str) -> Callable[[Path], None]:
    def make(context: Path) -> None:
        for name, text in texts.items():
            path = context / name.replace("_", ".")
            path.write_text(text)
            path.chmod(0o755)

    return make


def _compiled(compiler: str, *options: str, code: str = "") -> Callable[[Path], None]:
    def make(context: Path) -> None:
        (context / "app.c").write_text(
            code or '#include <stdio.h>\nint main(void) { puts("fine"); }\n'
        )
        run(compiler, *options, "-o", "app", "app.c", cwd=context)

    return make


def _go_server(context: Path) -> None:
    (context / "go.mod").write_text("module example.org/server\n\ngo 1.19\n")
    (context / "main.go").write_text(_GO)
    run("go", "build", "-o", "app", ".", cwd=context,
        env={"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off",
             "GOCACHE": str(context.parent / "go-cache"), "GOTELEMETRY": "off"})  # fmt: skip


def _with_shop(context: Path) -> None:
    make_shop(context)
    (context / "app.c").write_text(_BUYER)
    run("gcc", "-o", "app", "app.c", "-L.", "-l:libshop.so.1", cwd=context)


def _with_musl_shop(context: Path) -> None:
    make_musl_shop(context)
    (context / "app.c").write_text(_BUYER)
    run("musl-gcc", "-o", "app", "app.c", "-L.", "-l:libshop.so.1", cwd=context)


_GO = """\
package main

import (
	"fmt"
	"net"
	"net/http"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "fine")
	}))
}
"""
_BUYER = """\
#include <stdio.h>
int shop_count(void);
int main(void) { if (shop_count() == 2) puts("fine"); }
"""
_PYTHON = """\
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"fine\\n")

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print("port", server.server_address[1], flush=True)
server.serve_forever()
"""
_COPY = 'COPY app /app/app\nCMD ["/app/app"]\n'

APPLICATIONS = {
    "static Go server": Application(_go_server, _COPY, "full", "static", "runs", serves=True),
    "static C": Application(_compiled("gcc", "-static"), _COPY, "full", "static", "runs"),
    "static musl on musl": Application(
        _compiled("musl-gcc", "-static"), _COPY, "full", "musl", "runs"
    ),
    "C on a smaller root": Application(_compiled("gcc"), _COPY, "full", "slim", "runs"),
    "dynamic musl": Application(_compiled("musl-gcc"), _COPY, "musl-shop1", "musl", "runs"),
    "a newer library": Application(_with_shop, _COPY, "slim-shop2", "slim-shop2", "runs"),
    "Python server": Application(
        _files(app_py=_PYTHON),
        'COPY app.py /app/\nCMD ["python3", "/app/app.py"]\n',
        "full",
        "slim",
        "runs",
        serves=True,
    ),
    "shell script": Application(
        _files(app="#!/bin/sh\nset -e\ntest -d /etc\necho fine\n"), _COPY, "full", "slim", "runs"
    ),
    "glibc on musl": Application(
        _compiled("gcc"), _COPY, "full", "musl", "will not run", ("loader",)
    ),
    "musl on glibc": Application(
        _compiled("musl-gcc"), _COPY, "musl", "slim", "will not run", ("loader",)
    ),
    "a symbol that musl does not find": Application(
        _with_musl_shop, _COPY, "musl-shop2", "musl-shop1", "will not run", ("symbols",)
    ),
    "a version that the older library lacks": Application(
        _with_shop, _COPY, "slim-shop2", "slim-shop1", "will not run", ("symbols",)
    ),
    "a library that is not there": Application(
        _with_shop, _COPY, "slim-shop2", "slim", "will not run", ("libraries",)
    ),
    "a program that is not there": Application(
        _files(app_py=_PYTHON),
        'COPY app.py /app/\nCMD ["python3", "/app/app.py"]\n',
        "slim",
        "musl",
        "will not run",
        ("entrypoint",),
        serves=True,
    ),
    "a script's interpreter that is not there": Application(
        _files(app="#!/usr/bin/python3\nprint('fine')\n"),
        _COPY,
        "slim",
        "musl",
        "will not run",
        ("scripts",),
    ),
    "a module that the Python there lacks": Application(
        _files(app_py="import json\nprint(json.loads('\"fine\"'))\n"),
        'COPY app.py /app/\nCMD ["python3", "/app/app.py"]\n',
        "slim",
        "reduced",
        "will not run",
        ("python_runtime",),
    ),
    "shell form without a shell": Application(
        _compiled("gcc", "-static"),
        "COPY app /app/app\nCMD /app/app\n",
        "slim",
        "static",
        "will not run",
        ("shell", "entrypoint"),
    ),
    "a tool that sources name": Application(
        _files(
            app_py="import subprocess\nsubprocess.run(['node', '-e', 'console.log(\"fine\")'])\n"
        ),
        'COPY app.py /app/\nCMD ["python3", "/app/app.py"]\n',
        "full",
        "slim",
        "needs a test",
        ("source_calls", "tools"),
    ),
    "an account that is not there": Application(
        _compiled("gcc", "-static"),
        'COPY app /app/app\nUSER nobody\nCMD ["/app/app"]\n',
        "slim",
        "static",
        "runs",
        ("accounts",),
    ),
}
