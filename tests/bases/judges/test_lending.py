"""What a base lends to an application: accounts, tools, certificates, variables, runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from analysis.elf_parts import compiled
from bases.moving import ALPINE, DEBIAN, ROOT, dpkg, judged, moved, opened, this_machine
from lightship.api.base_opening import look_inside
from lightship.api.options import ReadOptions
from lightship.bases.application import application_of
from lightship.bases.candidate import Candidate
from lightship.bases.judging import verdict
from lightship.bases.move import Move
from lightship.model.results.base_verdict import answer_of
from lightship.testing import File, Symlink, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.base_verdict import Reason

Files = dict[str, object]
APP = b"app:x:1001:1002:App:/home/app:/bin/sh\n"


def one(reasons: list[Reason]) -> Reason:
    assert len(reasons) == 1, reasons
    return reasons[0]


# Accounts.


def run_as(tmp_path: Path, user: str, there: bytes, **tools: object) -> list[Reason]:
    base: Files = {"etc/passwd": ROOT, "etc/group": b"root:x:0:\n"}
    above = {"etc/passwd": ROOT + APP, "etc/group": b"root:x:0:\nstaff:x:50:\n", "a": b"1"}
    onto = {"etc/passwd": there, "etc/group": b"root:x:0:\n", **tools}
    return judged(moved(tmp_path, base, above, onto, config={"User": user}), "accounts")


@pytest.mark.parametrize(
    ("tools", "todo"),
    [
        ({"bin/sh": b"", "usr/sbin/useradd": b""}, "RUN useradd --uid 1001 --user-group"),
        ({"bin/sh": b"", "usr/sbin/adduser": b""}, "RUN adduser -D -u 1001 app"),
        ({"usr/sbin/useradd": b""}, "COPY --from=lightship.test/image:latest /etc/passwd /etc/"),
        ({}, "COPY --from=lightship.test/image:latest /etc/passwd /etc/group /etc/"),
    ],
)
def test_a_user_by_name_comes_along(tmp_path: Path, tools: Files, todo: str) -> None:
    found = one(run_as(tmp_path, "app", ROOT, **tools))
    assert found.weight == "carry"
    assert found.todo is not None
    assert found.todo.startswith(todo)


@pytest.mark.parametrize("user", ["", "0", "1001", "1001:0", "1000730000:0", "root", "app"])
def test_numbers_and_names_that_are_there_need_nothing(tmp_path: Path, user: str) -> None:
    assert run_as(tmp_path, user, ROOT + APP) == []
    if user != "app":
        assert run_as(tmp_path, user, ROOT) == []


def test_the_same_name_with_another_number_does_not_own_the_files(tmp_path: Path) -> None:
    found = one(run_as(tmp_path, "app", ROOT + b"app:x:7:7::/:/x\n"))
    assert (found.weight, found.todo) == ("carry", "USER 1001:1002")


def test_a_group_by_name_and_a_user_that_nobody_knows(tmp_path: Path) -> None:
    found = one(run_as(tmp_path, "1001:staff", ROOT, **{"bin/sh": b"", "sbin/groupadd": b""}))
    assert found.todo == "RUN groupadd --gid 50 staff"
    assert one(run_as(tmp_path, "ghost", ROOT)).weight == "unproven"


def test_a_base_that_runs_as_somebody_is_told_to_run_as_root(tmp_path: Path) -> None:
    base: Files = {"etc/passwd": ROOT}
    move = moved(tmp_path, base, {"a": b""}, dict(base), onto_config={"User": "65532"})
    assert one(judged(move, "accounts")).todo == "USER root"


def test_users_that_scripts_change_to(tmp_path: Path) -> None:
    script = File(content=b"#!/bin/sh\nexec gosu app:app server\n", mode=0o755)
    base = {"etc/passwd": ROOT + APP, "bin/sh": b"", "bin/gosu": b"", "bin/server": b""}
    move = moved(
        tmp_path, base, {"start": script}, {**base, "etc/passwd": ROOT}, config={"Cmd": ["/start"]}
    )
    assert "app" in one(judged(move, "accounts")).says


def test_lines_that_lie_are_no_accounts(tmp_path: Path) -> None:
    lies = ROOT + b"app:x:99999999999999:1::/:/x\napp\n\0\xff:::\n+::::::\n"
    assert one(run_as(tmp_path, "app", lies)).weight == "carry"


# Certificates, zones, locales.

BUNDLE: Files = {"etc/ssl/certs/ca-certificates.crt": b"-----BEGIN CERTIFICATE-----"}
ASKS = """const char *volatile at = "/etc/ssl/certs /usr/share/zoneinfo/";
void _start(void) { for (;;) ; }"""
ALONE = ("-static", "-nostdlib")


@pytest.mark.system("build-essential")
def test_certificates_come_along_where_somebody_asks_for_them(tmp_path: Path) -> None:
    base: Files = {"etc/passwd": ROOT}
    asks = compiled(*ALONE, source=ASKS)
    hello = compiled(*ALONE, source="void _start(void) { for (;;) ; }")
    full, config = {**base, **BUNDLE}, {"Cmd": ["/app"]}
    move = moved(tmp_path, full, {"app": asks}, dict(base), config=config)
    found = one(judged(move, "certificates"))
    assert (found.weight, found.evidence) == ("carry", ("app",))
    path = "/etc/ssl/certs/ca-certificates.crt"
    assert found.todo == f"COPY --from=lightship.test/image:latest {path} {path}"
    for above, there in (
        ({"app": hello}, base),
        ({"app": asks, **BUNDLE}, base),
        ({"app": asks}, full),
        ({"app": asks}, {**base, "etc/pki/tls/certs/ca-bundle.crt": b"x"}),
    ):
        assert (
            judged(moved(tmp_path, full, above, dict(there), config=config), "certificates") == []
        )
    assert judged(moved(tmp_path, base, {"app": asks}, dict(base)), "certificates") == []


@pytest.mark.system("build-essential")
def test_zones_come_along_where_somebody_asks_for_them(tmp_path: Path) -> None:
    base: Files = {"etc/passwd": ROOT}
    full = {**base, "usr/share/zoneinfo/Europe/Paris": b"TZif"}
    hello = compiled(*ALONE, source="void _start(void) { for (;;) ; }")
    config = {"Cmd": ["/app"]}
    paris = {**config, "Env": ["TZ=Europe/Paris"]}
    move = moved(tmp_path, full, {"app": hello}, dict(base), config=paris)
    found = one(judged(move, "zones"))
    assert (found.weight, found.evidence) == ("carry", ("TZ=Europe/Paris",))
    assert judged(moved(tmp_path, full, {"app": hello}, dict(base), config=config), "zones") == []
    asks = compiled(*ALONE, source=ASKS)
    move = moved(tmp_path, full, {"app": asks}, dict(base), config=config)
    assert one(judged(move, "zones")).weight == "carry"
    assert judged(moved(tmp_path, full, {"app": asks}, dict(full), config=config), "zones") == []


@pytest.mark.parametrize(
    ("value", "there", "weight"),
    [
        ("de_DE.UTF-8", {}, "unproven"),
        ("de_DE.UTF-8", {"usr/lib/locale/de_DE.utf8/LC_CTYPE": b"1"}, None),
        ("de_DE.UTF-8", {"usr/lib/locale/locale-archive": b"1"}, None),
        ("C.UTF-8", {}, None),
        ("fr_FR.UTF-8", {}, None),
    ],
)
def test_a_locale_that_is_asked_for(
    tmp_path: Path, value: str, there: Files, weight: str | None
) -> None:
    base: Files = {"usr/lib/locale/de_DE.utf8/LC_CTYPE": b"1"}
    config = {"Env": [f"LANG={value}"]}
    found = judged(moved(tmp_path, base, {"a": b""}, {"x": b"", **there}, config=config), "zones")
    assert [one.weight for one in found] == ([weight] if weight else [])


# Variables and entrypoints.


def test_variables_of_the_old_base_are_set_again(tmp_path: Path) -> None:
    config = {
        "Env": [
            "PATH=/opt/app/bin:/opt/gone/bin:/bin",
            "JAVA_HOME=/opt/java",
            "LANG=C.UTF-8",
            "GPG_KEY=1",
        ]
    }
    move = moved(
        tmp_path,
        {},
        {"opt/app/bin/x": b""},
        {"bin/y": b""},
        config=config,
        onto_config={"Env": ["PATH=/bin", "LANG=C.UTF-8"]},
    )
    found = judged(move, "environment")
    assert [(one.weight, one.todo) for one in found] == [
        ("carry", "ENV PATH=/opt/app/bin:$PATH"),
        ("carry", "ENV JAVA_HOME=/opt/java"),
        ("note", None),
    ]
    assert found[-1].evidence == ("GPG_KEY",)


def test_what_the_application_sets_itself_is_no_matter(tmp_path: Path) -> None:
    reference = build_image(
        [{"x": b""}, {"a": b""}],
        directory=tmp_path,
        config={"config": {"Env": ["PATH=/a:/bin", "LANG=x", "TZ=y"], "Entrypoint": ["/a"]}},
        history=[
            {"created_by": "FROM"},
            {"created_by": "ENV TZ=y", "empty_layer": True},
            {"created_by": "COPY a /a"},
            {"created_by": "/bin/sh -c #(nop)  ENV LANG=x PATH=/a:/bin", "empty_layer": True},
            {"created_by": 'ENTRYPOINT ["/a"]', "empty_layer": True},
        ],
    )

    image = replace(look_inside(reference, None, ReadOptions(cache=None)), base_layers=1)
    other = opened(tmp_path, [{"x": b""}], Entrypoint=["/y"])
    move = Move(application_of(image), Candidate(name="x", inside=other))
    assert [one.todo for one in judged(move, "environment")] == ["ENV TZ=y"]


@pytest.mark.parametrize(
    ("ours", "theirs", "todo"),
    [
        ({"Cmd": ["python", "a.py"]}, {"Entrypoint": ["/usr/bin/python"]}, "ENTRYPOINT []"),
        ({"Entrypoint": ["/e"], "Cmd": ["x"]}, {"Cmd": ["y"]}, 'ENTRYPOINT ["/e"]'),
        ({"Entrypoint": ["/e"], "Cmd": ["x"]}, {"Entrypoint": ["/e"]}, None),
        ({"Cmd": ["x"]}, {"Cmd": ["y"]}, None),
    ],
)
def test_an_entrypoint_of_a_base_is_not_taken_over_unseen(
    tmp_path: Path, ours: Files, theirs: Files, todo: str | None
) -> None:
    move = moved(tmp_path, {}, {"a": b""}, {"x": b""}, config=ours, onto_config=theirs)
    assert [one.todo for one in judged(move, "inherited") if one.todo] == ([todo] if todo else [])


def test_secrets_are_not_told(tmp_path: Path) -> None:
    config = {"Env": ["NODE_OPTIONS=ghp_" + "a1B2" * 9]}
    move = moved(tmp_path, {}, {"a": b""}, {"x": b""}, config=config)
    assert "ghp_" not in str(judged(move, "environment"))


# Sources.


def test_programs_that_sources_start(tmp_path: Path) -> None:
    base: Files = {"usr/bin/git": b"", "usr/bin/convert": b"", "usr/bin/ls": b""}
    above = {
        "app/a.py": b'import subprocess\nsubprocess.run(["git", "log"])\nos.system("ls -l")\n',
        "app/b.js": b"const {execFile} = require('x'); execFile('convert', []);",
        "app/c.py": b'print("git")\nname = "convert"\n',
    }
    found = one(judged(moved(tmp_path, base, above, {"bin/ls": b""}), "source_calls"))
    assert found.weight == "unproven"
    assert found.evidence == ("git: in app/a.py", "convert: in app/b.js")
    assert judged(moved(tmp_path, base, above, {**base}), "source_calls") == []
    assert judged(moved(tmp_path, {}, above, {"x": b""}), "source_calls") == []


def test_libraries_that_sources_open(tmp_path: Path) -> None:
    base: Files = {"usr/lib/libmagic.so.1": b"", "usr/lib/libz.so.1.3": b""}
    above = {
        "app/a.py": b'ctypes.CDLL("libmagic.so.1")\nctypes.util.find_library("z")\n',
        "app/b.py": b'ctypes.CDLL("libnowhere.so.1")\n',
    }
    found = one(judged(moved(tmp_path, base, above, {"x": b""}), "opened_names"))
    assert found.evidence == (
        "libmagic.so.1: named in app/a.py",
        "z: named in app/a.py",
    )
    there: Files = {"lib/libmagic.so.1": Symlink("x"), "lib/libz.so.1": b""}
    assert judged(moved(tmp_path, base, above, there), "opened_names") == []


@pytest.mark.system("build-essential")
def test_libraries_that_programs_open(tmp_path: Path) -> None:
    source = """#include <dlfcn.h>
    int main(void) { return dlopen("libplugin.so.3", 2) == 0; }"""
    base = this_machine()
    full = {**base, "usr/lib/libplugin.so.3": b""}
    above = {"app": compiled(source=source)}
    found = one(judged(moved(tmp_path, full, above, dict(base)), "opened_names"))
    assert (found.weight, found.evidence) == ("unproven", ("libplugin.so.3: named in app",))


# Tools.


def test_tools_that_scripts_may_call(tmp_path: Path) -> None:
    script = b'#!/bin/sh\nif [ -n "$X" ]; then curl -s x | jq . ; grep -P x y; fi\necho\n'
    base: Files = {
        "bin/sh": b"",
        **{f"usr/bin/{one}": b"" for one in ("curl", "jq", "grep", "echo", "wget")},
    }
    above = {"start": File(content=script, mode=0o755)}
    config = {"Cmd": ["/start"], "Healthcheck": {"Test": ["CMD", "wget", "x"]}}
    onto: Files = {"bin/busybox": b"", "bin/sh": Symlink("busybox"), "bin/grep": Symlink("busybox")}
    found = judged(moved(tmp_path, base, above, onto, config=config), "tools")
    assert [one.weight for one in found] == ["unproven", "unproven"]
    assert {one.evidence for one in found} == {("curl", "jq", "wget"), ("grep",)}


# Runtimes.


def packaged(
    tmp_path: Path, system: bytes, version: str, above: Files | None = None
) -> list[Reason]:
    """An interpreter of a package, its library of another, and a script for it."""

    def base(number: str) -> Files:
        return {
            **dpkg(("py", "3.13-1", "usr/bin/py"), ("libc", number, "lib/c"), depends="libc"),
            "usr/bin/py": b"\x7fELFpy",
            "lib/c": number.encode(),
        }

    old = {**base("2.41"), "etc/os-release": DEBIAN}
    app = {"app.x": File(content=b"#!/usr/bin/py\n", mode=0o755), **(above or {})}
    onto = {**base(version), "etc/os-release": system}
    return judged(moved(tmp_path, old, app, onto, config={"Cmd": ["/app.x"]}), "runtime")


def test_a_packaged_runtime_is_the_same_by_its_packages(tmp_path: Path) -> None:
    assert packaged(tmp_path, DEBIAN, "2.41") == []
    found = one(packaged(tmp_path, DEBIAN, "2.42"))
    assert (found.weight, found.evidence) == ("unproven", ("libc 2.41, there 2.42",))
    assert "another system" in one(packaged(tmp_path, ALPINE, "2.41")).says


def test_a_runtime_without_a_package_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    old: Files = {
        "usr/local/bin/python": b"\x7fELFpython",
        "usr/local/lib/python/os.py": b"1",
        "usr/local/lib/python/__pycache__/os.pyc": b"2",
        "usr/local/share/doc/x": b"3",
    }
    app = {"app.py": File(content=b"#!/usr/local/bin/python\n", mode=0o755)}
    kept = {name: old[name] for name in list(old)[:2]}
    for onto, weights in (
        (kept, []),
        ({**kept, "usr/local/lib/python/os.py": b"other"}, ["unproven"]),
        ({"usr/local/bin/python": old["usr/local/bin/python"]}, ["unproven"]),
    ):
        move = moved(tmp_path, old, app, onto, config={"Cmd": ["/app.py"]})
        assert [one.weight for one in judged(move, "runtime")] == weights


def test_scripts_of_bash_run_by_another_shell(tmp_path: Path) -> None:
    app = {"start": File(content=b"#!/bin/sh\nexec /bin/sh\n", mode=0o755)}
    for now, there, weights in (
        ("dash", "busybox", []),
        ("bash", "dash", ["unproven"]),
        ("bash", "bash", []),
    ):
        base: Files = {f"bin/{now}": b"1", "bin/sh": Symlink(now)}
        onto: Files = {f"bin/{there}": b"2", "bin/sh": Symlink(there)}
        move = moved(tmp_path, base, app, onto, config={"Cmd": ["/start"]})
        assert [one.weight for one in judged(move, "runtime")] == weights


@pytest.mark.system("build-essential")
def test_what_comes_along_leaves_no_doubt(tmp_path: Path) -> None:
    base = this_machine()
    asks = 'int main(void) { return "/etc/ssl/certs"[0] == 0; }'
    app = {"app": compiled("-O0", source=asks), "etc/passwd": ROOT + APP}
    full = {**base, **BUNDLE}
    config = {"Cmd": ["/app"], "User": "app", "Env": ["JAVA_HOME=/x"]}
    move = moved(tmp_path, full, app, dict(base), config=config)

    answer = verdict(move)
    assert {one.weight for one in answer.reasons} == {"carry"}
    assert answer.answer == answer_of(answer.reasons) == "runs"


@pytest.mark.parametrize(
    "script",
    [
        b'#!/bin/sh\nif [ -n "$X" ]; then exec py /x; fi\nexec true\n',
        b'#!/bin/sh\nif [ -n "$X" ]; then exit 1; fi\nexec "$@"\n',
        b'#!/bin/sh\nset -- py "$@"\nexec py "$@"\n',
    ],
)
def test_a_runtime_behind_a_branch_is_another_all_the_same(tmp_path: Path, script: bytes) -> None:
    def base(content: bytes) -> Files:
        return {"bin/sh": Symlink("dash"), "bin/dash": b"1", "bin/true": b"1", **named(content)}

    def named(content: bytes) -> Files:
        return {"usr/bin/python3": content, "usr/bin/py": Symlink("python3")}

    app = {"start": File(content=script, mode=0o755)}
    config = {"Entrypoint": ["/start"], "Cmd": ["py", "/x"]}
    for there, weights in ((b"old", []), (b"new", ["unproven"])):
        move = moved(tmp_path, base(b"old"), app, base(there), config=config)
        assert [one.weight for one in judged(move, "runtime")] == weights


def test_no_foreign_name_writes_an_instruction(tmp_path: Path) -> None:
    evil = "/a\nRUN evil"
    above = {f"{evil[1:]}/bin/x": b"", "etc/passwd": ROOT + b"a b$(x):x:5:5::/:/x\n"}
    config = {"Env": [f"PATH={evil}/bin:/bin"], "User": "a b$(x)"}
    onto: Files = {"bin/sh": b"", "usr/sbin/useradd": b"", "etc/passwd": ROOT}
    onto_config = {"Env": ["PATH=/bin:/usr/sbin"]}
    move = moved(tmp_path, {}, above, onto, config=config, onto_config=onto_config)
    todos = [one.todo or "" for kind in ("environment", "accounts") for one in judged(move, kind)]
    assert "ENV PATH=...:$PATH" in todos
    assert not any("\n" in one or "$(x)" in one for one in todos)
