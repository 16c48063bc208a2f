"""Seven real images, made of real packages: what each package system leaves in an image.

Each is a folder for `docker build`, with a command that shows that the image still works.
"""

from __future__ import annotations

import json
import platform
import random
import shutil
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .programs import run

if TYPE_CHECKING:
    from collections.abc import Callable

_NODE_PACKAGES = ("express@4", "left-pad@1")
_PYTHON_PACKAGES = ("flask", "msgspec")


@dataclass(frozen=True)
class Recipe:
    """How an image is made and tried.

    Attributes:
        make: writes the context into an empty folder; gets the folder with the shared Debian root.
        dockerfile: text.
        systems: package systems that must be found in it.
        says: what its command prints.
    """

    make: Callable[[Path, Path], None]
    dockerfile: str
    systems: tuple[str, ...]
    says: str


def debian_root(folder: Path) -> None:
    """A Debian with python3, node, git and a compiler: the root of several of the images."""
    folder.mkdir()
    sources = next(
        path
        for path in (
            Path("/etc/apt/sources.list.d/debian.sources"),
            Path("/etc/apt/sources.list"),
        )
        if path.exists()
    )
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    for name, packages in (("apt", "ca-certificates,git,gcc,libc6-dev"), ("run", "python3,nodejs")):
        run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", suite,
            folder / f"{name}.tar", sources)  # fmt: skip


def _link(source: Path, target: Path) -> None:
    target.hardlink_to(source)


def _apt(context: Path, roots: Path) -> None:
    _link(roots / "apt.tar", context / "root.tar")


def _python(context: Path, roots: Path) -> None:
    _link(roots / "run.tar", context / "root.tar")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--root-user-action=ignore", "--python-version", "3.11", "--only-binary=:all:",
        "--target", context / "site", *_PYTHON_PACKAGES)  # fmt: skip
    (context / "app.py").write_text("import flask\nprint('flask', bool(flask.Flask(__name__)))\n")


def _node(context: Path, roots: Path) -> None:
    _link(roots / "run.tar", context / "root.tar")
    app = context / "app"
    app.mkdir()
    package = {"name": "app", "version": "1.0.0", "dependencies": {}, "private": True}
    (app / "package.json").write_text(json.dumps(package))
    (app / "app.js").write_text("console.log('express', typeof require('express'))\n")
    npm = ("npm", "install", "--no-audit", "--no-fund", "--silent")
    run(*npm, "--save", _NODE_PACKAGES[0], cwd=app)
    run(*npm, "--save-dev", _NODE_PACKAGES[1], cwd=app)


def _conda(context: Path, roots: Path) -> None:
    """A prefix as conda's own documentation describes it; no conda package is to be had."""
    _link(roots / "run.tar", context / "root.tar")
    prefix = context / "conda"
    for path, content in {
        "bin/tool": b"#!/bin/sh\necho conda tool\n",
        "lib/libtool.a": random.Random(1).randbytes(1_200_000),  # noqa: S311 - the same each time
        "include/tool.h": b"#define TOOL 1\n" * 90_000,
        "conda-meta/history": b"==> 2026-01-01 00:00:00 <==\n# update specs: ['tool']\n",
        "pkgs/tool-1.0-0.tar.bz2": random.Random(2).randbytes(1_500_000),  # noqa: S311 - likewise
    }.items():
        (prefix / path).parent.mkdir(parents=True, exist_ok=True)
        (prefix / path).write_bytes(content)
    (prefix / "bin/tool").chmod(0o755)
    record = {
        "name": "tool",
        "version": "1.0",
        "build": "0",
        "channel": "conda-forge",
        "depends": [],
        "files": ["bin/tool", "lib/libtool.a", "include/tool.h"],
    }
    (prefix / "conda-meta/tool-1.0-0.json").write_text(json.dumps(record))


def _rpm(context: Path, roots: Path) -> None:  # noqa: ARG001 - as all recipes
    """A root whose packages the real rpm installed."""
    build, root = context / "build", context / "root"
    for folder in ("SPECS", "BUILD", "RPMS", "SOURCES"):
        (build / folder).mkdir(parents=True)
    shutil.copy("/bin/busybox", build / "SOURCES/busybox")
    (build / "SPECS/tool.spec").write_text(_SPEC)
    run("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {build}",
        "--define", "_build_id_links none", build / "SPECS/tool.spec")  # fmt: skip
    packages = sorted((build / "RPMS").rglob("*.rpm"))
    root.mkdir()
    run("rpm", "--root", root, "--define", "_db_backend sqlite", "--dbpath", "/var/lib/rpm",
        "--initdb")  # fmt: skip
    run("rpm", "--root", root, "--define", "_db_backend sqlite", "--dbpath", "/var/lib/rpm",
        "-i", "--nodeps", "--noscripts", "--ignorearch", *packages)  # fmt: skip
    for folder in ("dev", "proc", "sys", "etc", "tmp"):
        (root / folder).mkdir(exist_ok=True)
    run("tar", "--numeric-owner", "-C", root, "-cf", context / "root.tar", ".")
    shutil.rmtree(build)
    shutil.rmtree(root)


_SPEC = """\
Name: tool
Version: 1.0
Release: 1
Summary: A tool
License: MIT
%global debug_package %{nil}
%global __strip /bin/true
%description
A tool.
%package devel
Summary: Its headers
%description devel
Headers.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/include %{buildroot}/bin
cp %{_sourcedir}/busybox %{buildroot}/bin/busybox
ln -s busybox %{buildroot}/bin/sh
printf '#!/bin/sh\\necho rpm tool\\n' > %{buildroot}/usr/bin/tool
chmod 755 %{buildroot}/usr/bin/tool
seq -f '#define TOOL_%%g 1' 40000 > %{buildroot}/usr/include/tool.h
%files
/bin/busybox
/bin/sh
/usr/bin/tool
%files devel
/usr/include/tool.h
"""


def _go(context: Path, roots: Path) -> None:  # noqa: ARG001 - as all recipes
    """A Go program on nothing; built without a network."""
    (context / "go.mod").write_text("module example.org/hello\n\ngo 1.19\n")
    (context / "main.go").write_text(
        'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello from go") }\n'
    )
    run("go", "build", "-o", "hello", ".", cwd=context,
        env={"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off",
             "GOCACHE": str(context.parent / "go-cache"), "GOTELEMETRY": "off"})  # fmt: skip


def _data(context: Path, roots: Path) -> None:  # noqa: ARG001 - as all recipes
    """An application with its data, its history and an archive beside its content."""
    app = context / "app"
    (app / "data").mkdir(parents=True)
    (app / "data/measured.csv").write_bytes(b"time,value\n" + b"1,0.25\n" * 2_000_000)
    (app / "data/model.safetensors").write_bytes(
        (16).to_bytes(8, "little") + b'{"__meta__": {}}' + random.Random(3).randbytes(12_000_000)  # noqa: S311 - likewise
    )
    (app / "tool-1.0").mkdir()
    (app / "tool-1.0/tool.sh").write_text("echo tool\n" * 100)
    (app / "tool-1.0/blob").write_bytes(random.Random(4).randbytes(2_000_000))  # noqa: S311 - likewise
    with tarfile.open(app / "tool-1.0.tar.gz", "w:gz") as archive:
        archive.add(app / "tool-1.0", "tool-1.0")
    (app / "run.sh").write_text("#!/bin/sh\necho app runs\n")
    (app / "run.sh").chmod(0o755)
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    run(*git, "init", "-q", cwd=app)
    run(*git, "add", ".", cwd=app)
    run(*git, "commit", "-q", "-m", "all of it", cwd=app)
    shutil.copy("/bin/busybox", context / "busybox")


RECIPES = {
    "apt": Recipe(
        _apt,
        """\
FROM scratch
ADD root.tar /
RUN rm -rf /usr/share/locale && touch /etc/new && chown -R 1:1 /usr/share/zoneinfo
CMD ["git", "--version"]
""",
        ("dpkg",),
        "git version",
    ),
    "python": Recipe(
        _python,
        """\
FROM scratch
ADD root.tar /
COPY site /app/site
COPY app.py /app/
ENV PYTHONPATH=/app/site
CMD ["python3", "/app/app.py"]
""",
        ("dpkg", "python"),
        "flask True",
    ),
    "node": Recipe(
        _node,
        """\
FROM scratch
ADD root.tar /
COPY app /app
WORKDIR /app
CMD ["node", "app.js"]
""",
        ("dpkg", "npm"),
        "express function",
    ),
    "conda": Recipe(
        _conda,
        """\
FROM scratch
ADD root.tar /
COPY conda /opt/conda
ENV PATH=/opt/conda/bin:/usr/bin:/bin
CMD ["tool"]
""",
        ("dpkg", "conda"),
        "conda tool",
    ),
    "rpm": Recipe(
        _rpm,
        """\
FROM scratch
ADD root.tar /
CMD ["/usr/bin/tool"]
""",
        ("rpm",),
        "rpm tool",
    ),
    "go": Recipe(
        _go,
        """\
FROM scratch
COPY hello /hello
CMD ["/hello"]
""",
        ("go",),
        "hello from go",
    ),
    "data": Recipe(
        _data,
        """\
FROM scratch
COPY busybox /bin/sh
COPY app /app
CMD ["/app/run.sh"]
""",
        (),
        "app runs",
    ),
}
