from __future__ import annotations

import pytest

from lightship.rules.image.random_user import RULE
from lightship.testing import Dir, File
from rules.image.started import PROGRAM, judged

APP = File(PROGRAM, mode=0o755)
GOOD: dict[str, object] = {
    "usr/bin/app": APP,
    "usr/bin/sh": File(PROGRAM + b"s", mode=0o755),
    "srv": Dir(mode=0o775),
}


def test_a_program_that_anybody_may_run() -> None:
    assert judged(RULE, GOOD, Cmd=["app"], WorkingDir="/srv", User="1001") == ()


@pytest.mark.parametrize(
    ("mode", "gid", "is_fine"),
    [
        (0o755, 0, True),
        (0o750, 0, True),
        (0o700, 0, False),
        (0o750, 1000, False),
        (0o705, 1000, True),
        (0o744, 0, False),
    ],
)
def test_a_program_with_other_rights(mode: int, gid: int, is_fine: bool) -> None:
    found = judged(RULE, {"app": File(PROGRAM, mode=mode, gid=gid)}, Cmd=["/app"])
    assert bool(found) != is_fine
    for one in found:
        assert (one.severity, one.confidence) == ("warning", "certain")
        assert one.message == (f"A random user cannot start it: may not be run: {mode:04o} (app).")


def test_a_script_that_may_not_be_read() -> None:
    script = File(b"#!/usr/bin/sh\napp\n", mode=0o711)
    (one,) = judged(RULE, {**GOOD, "run": script}, Cmd=["/run"])
    assert one.evidence[0].note == "may not be read: 0711"
    assert one.evidence[0].path == "run"


def test_a_directory_that_is_closed_on_the_way() -> None:
    layer = {"shut": Dir(mode=0o700), "shut/app": APP}
    (one,) = judged(RULE, layer, Cmd=["/shut/app"])
    assert one.evidence[0].note == "/shut is closed to others"
    assert one.severity == "warning"


def test_directories_that_it_writes_to() -> None:
    layer = {
        **GOOD,
        "srv": Dir(mode=0o755, uid=1001, gid=1001),
        "data": Dir(mode=0o755),
        "home/app": Dir(mode=0o700, uid=1001),
    }
    (one,) = judged(
        RULE,
        layer,
        Cmd=["app"],
        WorkingDir="/srv",
        Volumes={"/data": {}, "/none": {}},
        Env=["HOME=/home/app"],
    )
    assert (one.severity, one.confidence) == ("info", "likely")
    assert {(piece.path, piece.note) for piece in one.evidence} == {
        ("data", "a volume, not writable: 0755, group 0"),
        ("home/app", "the home directory, not writable: 0700, group 0"),
        ("srv", "the working directory, not writable: 0755, group 1001"),
    }


def test_places_of_a_known_server() -> None:
    layer = {
        "usr/sbin/nginx": APP,
        "var/cache/nginx": Dir(mode=0o755),
        "run": Dir(mode=0o775),
        "var/log/nginx": Dir(mode=0o777),
    }
    (one,) = judged(RULE, layer, Cmd=["nginx"])
    assert [piece.path for piece in one.evidence] == ["var/cache/nginx"]


@pytest.mark.parametrize(
    ("port", "is_fine"),
    [("80/tcp", False), ("443", False), ("1024/tcp", True), ("8080", True), ("x/tcp", True)],
)
def test_ports(port: str, is_fine: bool) -> None:
    found = judged(RULE, GOOD, Cmd=["app"], ExposedPorts={port: {}})
    assert bool(found) != is_fine
    for one in found:
        assert one.severity == "info"
        assert port in one.message


def test_programs_that_change_the_user() -> None:
    layer = {**GOOD, "usr/bin/gosu": File(PROGRAM + b"g", mode=0o755)}
    (one,) = judged(RULE, layer, Cmd=["gosu", "nobody", "app"])
    assert one.evidence[0].note == "changes the user, which needs root"
    asks = b'#!/usr/bin/sh\nif [ "$(id -u)" = 0 ]; then exec gosu app "$@"; fi\nexec "$@"\n'
    layer["run"] = File(asks, mode=0o755)
    assert judged(RULE, layer, Entrypoint=["/run"], Cmd=["app"]) == ()


@pytest.mark.parametrize("command", [[], ["sh"]])
def test_a_base_image_is_not_judged(command: list[str]) -> None:
    assert judged(RULE, GOOD, Cmd=command, ExposedPorts={"80": {}}) == ()


def test_a_command_that_is_not_there() -> None:
    assert judged(RULE, GOOD, Cmd=["/gone"]) == ()


def test_an_application_that_may_not_be_read() -> None:
    layer: dict[str, object] = {
        **GOOD,
        "srv/a.py": File(b"1", mode=0o600),
        "srv/b.py": File(b"2", mode=0o640),
        "srv/c": Dir(mode=0o700),
        "srv/d.py": File(b"4", mode=0o640, gid=5),
    }
    (one,) = judged(RULE, layer, Cmd=["app"], WorkingDir="/srv")
    assert [(piece.path, piece.note) for piece in one.evidence] == [
        ("srv/a.py", "may not be read and 2 more")
    ]


def test_a_setuid_program() -> None:
    layer = {"usr/bin/ping": File(PROGRAM, mode=0o4755)}
    (one,) = judged(RULE, layer, Cmd=["ping", "a"])
    assert one.evidence[0].note == "changes the user, which needs root"
