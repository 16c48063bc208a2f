from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.elf_parts import written
from analysis.recorded import records_of
from lightship.analysis.entrypoint import Entrypoint, entrypoint_requests, find_entrypoint
from lightship.analysis.run_settings import RunSettings, run_settings
from lightship.model.documents import Config
from lightship.testing import Layer, Symlink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.model.image import Image

ELF = written()
ROOT = {
    "bin": Symlink("usr/bin"),
    "usr/bin/sh": Symlink("dash"),
    "usr/bin/dash": ELF,
    "usr/bin/env": ELF + b"e",
    "usr/local/bin/python3": Symlink("python3.13"),
    "usr/local/bin/python3.13": ELF + b"p",
    "usr/sbin/nginx": ELF + b"n",
}


def settings_of(config: dict[str, object]) -> RunSettings:
    raw = json.dumps({"config": config}).encode()
    image = SimpleNamespace(config_bytes=raw, config=msgspec.json.decode(raw, type=Config))
    return run_settings(cast("Image", image))


def started(files: Mapping[str, object], **config: object) -> Entrypoint:
    layer: Layer = {**ROOT, **files}
    return find_entrypoint(records_of(layer, requests=entrypoint_requests()), settings_of(config))


def paths(found: Entrypoint) -> list[str]:
    return [file.path.decode() for file in found.files]


def test_a_program_by_the_configs_path() -> None:
    found = started({"opt/nginx": b"no"}, Cmd=["nginx", "-g", "daemon off;"])
    assert paths(found) == ["usr/sbin/nginx"]
    assert found.program is not None
    assert not found.is_open
    assert not found.is_partial
    found = started({"opt/nginx": ELF}, Cmd=["nginx"], Env=["PATH=/opt:/usr/sbin"])
    assert paths(found) == ["opt/nginx"]


def test_a_program_in_the_working_directory() -> None:
    found = started({"app/run": ELF}, Cmd=["./run"], WorkingDir="/app")
    assert paths(found) == ["app/run"]


def test_what_is_not_there_is_said() -> None:
    found = started({}, Entrypoint=["/app"], Cmd=["x"])
    assert found.missing == (b"/app",)
    assert found.program is None
    assert not found.is_open


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["/bin/sh"],
        ["sh", "-l"],
        ["python3"],
        ["/usr/bin/env", "sh"],
        ["/bin/sh", "-c", "exec sh"],
        ["/bin/sh", "-c", "/bin/sh -e"],
    ],
)
def test_a_shell_or_nothing_is_open(command: list[str]) -> None:
    assert started({}, Cmd=command).is_open


@pytest.mark.parametrize("command", [["sh", "/run.sh"], ["python3", "-m", "app"], ["nginx"]])
def test_a_shell_with_something_to_run_is_not_open(command: list[str]) -> None:
    assert not started({"run.sh": b"#!/bin/sh\nnginx\n"}, Cmd=command).is_open


def test_the_interpreters_of_scripts() -> None:
    script = {"usr/local/bin/gunicorn": b"#!/usr/local/bin/python3\nimport sys\n"}
    found = started(script, Cmd=["gunicorn", "app:app"])
    assert paths(found) == ["usr/local/bin/gunicorn", "usr/local/bin/python3.13"]
    script = {"usr/local/bin/gunicorn": b"#!/usr/bin/env -S python3 -u\nimport sys\n"}
    found = started(script, Cmd=["gunicorn", "app:app"])
    assert set(paths(found)) == {
        "usr/local/bin/gunicorn",
        "usr/bin/env",
        "usr/local/bin/python3.13",
    }
    assert not found.is_open


def test_the_shell_form() -> None:
    found = started({}, Cmd=["/bin/sh", "-c", "cd /app && exec nginx -g x"])
    assert paths(found) == ["usr/bin/dash", "usr/sbin/nginx"]


def test_an_entrypoint_script_that_runs_the_command() -> None:
    script = b'#!/bin/sh\nset -e\n. /setup.sh\nif [ "$1" = x ]; then exit; fi\nexec gosu app "$@"\n'
    found = started(
        {"entry.sh": script, "setup.sh": b"tool --now\n", "usr/bin/tool": ELF, "usr/bin/gosu": ELF},
        Entrypoint=["/entry.sh"],
        Cmd=["nginx", "-g", "x"],
    )
    assert paths(found)[0] == "entry.sh"
    assert set(paths(found)) >= {"entry.sh", "usr/bin/dash", "usr/bin/gosu", "usr/sbin/nginx"}
    # The other script has no `#!` line: what is in it was not captured.
    assert found.is_partial
    found = started(
        {"entry.sh": b'#!/bin/sh\nexec "$@"\n'}, Entrypoint=["/entry.sh"], Cmd=["/bin/sh"]
    )
    assert found.is_open


def test_busybox_is_a_shell_only_by_a_shells_name() -> None:
    layer: dict[str, object] = {
        "sbin/busybox": ELF,
        "sbin/httpd": Symlink("busybox"),
        "sbin/ash": Symlink("/sbin/busybox"),
        "run": b"#!/sbin/ash\nhttpd\nbusybox httpd -f\n",
    }
    for command in (["httpd", "-f"], ["busybox", "httpd"], ["/run"]):
        found = started(layer, Cmd=command)
        assert not found.is_open
        assert "sbin/busybox" in paths(found)
        assert not found.is_partial
    assert started(layer, Cmd=["busybox", "sh"]).is_open
    assert started(layer, Cmd=["busybox"] * 5000).is_partial
    assert started(layer, Cmd=["env"] * 5000).is_partial
    assert started(layer, Cmd=["ash"]).is_open


def test_the_health_check_runs_too() -> None:
    check = {"Test": ["CMD-SHELL", "curl -f localhost || exit 1"]}
    found = started({"usr/bin/curl": ELF}, Cmd=["nginx"], Healthcheck=check)
    assert paths(found) == ["usr/sbin/nginx", "usr/bin/dash", "usr/bin/curl"]
    assert not started({}, Cmd=["nginx"], Healthcheck={"Test": ["CMD", "/bin/sh"]}).is_open


def test_scripts_that_run_each_other_end() -> None:
    files: dict[str, object] = {
        "a.sh": b'#!/bin/sh\n/b.sh "$@"\n',
        "b.sh": b"#!/bin/sh\n/a.sh x$1\n. /b.sh\nsh /a.sh\n",
        "loop": b"#!/loop\n",
    }
    found = started(files, Cmd=["/a.sh", "y"])
    assert set(paths(found)) == {"a.sh", "b.sh", "usr/bin/dash"}
    assert paths(started(files, Cmd=["/loop"])) == ["loop"]


def test_a_bomb_of_commands_ends() -> None:
    text = "; ".join(["nginx"] * 9000)
    nested = ["sh", "-c", f"sh -c '{text}'; sh -c '{text}'; sh -c '{text}'"]
    assert started({}, Cmd=nested).is_partial


def test_a_long_shell_script_is_not_followed() -> None:
    found = started({"a.sh": b"#!/bin/sh\n" + b"true\n" * 20_000}, Cmd=["/a.sh"])
    assert paths(found) == ["a.sh", "usr/bin/dash"]
    assert found.is_partial


@pytest.mark.parametrize(
    "config",
    [
        {"Healthcheck": 1, "ExposedPorts": [], "Volumes": "x"},
        {"Healthcheck": {"Test": "x"}, "ExposedPorts": {"80/tcp": {}}, "Volumes": None},
        {"Healthcheck": {"Test": [1, 2]}},
        {"Healthcheck": {"Test": ["NONE"]}},
    ],
)
def test_members_of_the_wrong_kind_are_not_there(config: dict[str, object]) -> None:
    assert settings_of(config).healthcheck == ()
    assert settings_of(config).volumes == ()


def test_what_the_config_says() -> None:
    settings = settings_of(
        {
            "User": "1001:0",
            "Env": ["A=b=c", "A=d", "X", "LD_LIBRARY_PATH=/a::/b"],
            "WorkingDir": "app",
            "ExposedPorts": {"80/tcp": {}, "443": {}},
            "Volumes": {"/data": {}},
        }
    )
    assert settings.user == "1001:0"
    assert settings.environment[b"A"] == b"d"
    assert settings.library_path == [b"/a", b"/b"]
    assert settings.working_directory == b"/app"
    assert settings.ports == ("443", "80/tcp")
    assert settings.volumes == (b"/data",)


@given(
    st.lists(st.text(alphabet="ab/.$-;cx \n'\""), max_size=4),
    st.binary(max_size=60),
    st.binary(max_size=60),
)
def test_any_command_and_any_script(words: list[str], one: bytes, other: bytes) -> None:
    files: dict[str, object] = {"a": b"#!/" + one, "b": b"#!/bin/sh\n" + other, "c": Symlink("b")}
    found = started(files, Entrypoint=["/b"], Cmd=words, WorkingDir="/", Env=["PATH=/:."])
    assert found.files[0].path == b"b"
