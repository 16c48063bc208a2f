"""A clean-up added to a script runs, and changes nothing else: asked of real shells."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lightship.dockerfile.build import Build
from lightship.dockerfile.editing import apply
from lightship.rules.clean_up import cleaned_up, stops_on_error

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)]
COMMANDS = {"good": 0, "bad": 1, "install": 0, "cleanup": 0}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs that say their name, and succeed or fail by it."""
    folder = tmp_path_factory.mktemp("programs")
    for name, status in COMMANDS.items():
        (folder / name).write_text(f"#!/bin/sh\necho {name}$1\nexit {status}\n")
        (folder / name).chmod(0o755)
    return folder


def _lists(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from([" && ", " || ", "; "])
    return st.lists(st.tuples(inner, operators), min_size=1, max_size=3).map(
        lambda parts: "".join(text + operator for text, operator in parts)[: -len(parts[-1][1])]
    )


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some = _lists(inner)
    return st.one_of(
        some.map("({})".format),
        some.map("{{ {}; }}".format),
        st.tuples(some, some).map(lambda two: f"if {two[0]}; then {two[1]}; fi"),
        some.map("for x in 1 2; do {}; done".format),
        inner.map("! {}".format),
        st.tuples(inner, inner).map(lambda two: f"{two[0]} | {two[1]}"),
    )


SIMPLE = st.sampled_from(["good 1", "good 2", "bad 3", "bad 4", "A=b", "[ -n a ]", "good 5 >&2"])
SCRIPTS = st.tuples(
    st.sampled_from(["", "", "set -e; ", "set -ex; ", "set -e && "]),
    st.lists(
        st.tuples(
            st.recursive(SIMPLE, _compound, max_leaves=4), st.sampled_from([" && ", " || ", "; "])
        ),
        max_size=3,
    ),
    st.lists(
        st.tuples(
            st.sampled_from([" && ", " || ", "; "]), st.recursive(SIMPLE, _compound, max_leaves=4)
        ),
        max_size=3,
    ),
    st.sampled_from(["", "", ";", " # done"]),
)


@pytest.mark.parametrize("shell", SHELLS)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(parts=SCRIPTS)
def test_nothing_changes_but_the_clean_up(
    shell: str, programs: Path, parts: tuple[str, list[tuple[str, str]], list[tuple[str, str]], str]
) -> None:
    first, before, after, end = parts
    script = "".join(
        (
            first,
            *(text + operator for text, operator in before),
            "install",
            *(operator + text for operator, text in after),
            end,
        )
    )
    build = Build.read(f"FROM debian:12\nRUN {script}\n".encode())
    step = build.steps[1]
    assert step.script is not None
    assume(step.script.exact)
    command = next(one for one in step.script.commands if one.name == "install")
    edits = cleaned_up(build, step, command, ["cleanup"])
    if isinstance(edits, str):
        return
    edited = Build.read(apply(build.dockerfile.text, edits).encode())
    body = edited.steps[1].body
    assert body is not None
    old, new = (_run(shell, text, programs) for text in (script, body.text))
    assert new.returncode == old.returncode
    said = new.stdout.splitlines()
    assert [line for line in said if line != "cleanup"] == old.stdout.splitlines()
    if new.returncode == 0 and "install" in said:
        assert "cleanup" in said[said.index("install") :]


def _run(shell: str, text: str, programs: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shell, "-c", text],
        env={"PATH": f"{programs}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("shell", "script", "stops"),
    [
        ('["/bin/sh", "-c"]', "a; b", False),
        ('["/bin/sh", "-ec"]', "a; b", True),
        ('["/bin/bash", "-o", "errexit", "-c"]', "a; b", True),
        ('["/bin/bash", "-o", "pipefail", "-c"]', "a; b", False),
        ('["/bin/bash", "--noprofile", "-c"]', "a; b", False),
        ('["/bin/sh", "-c"]', "set -x; a", False),
        ('["/bin/sh", "-c"]', "set -eux; a", True),
        ('["/bin/sh", "-c"]', "a; set -o errexit; b", True),
    ],
)
def test_whether_a_failure_ends_the_script(shell: str, script: str, *, stops: bool) -> None:
    build = Build.read(f"FROM debian:12\nSHELL {shell}\nRUN {script}\n".encode())
    assert stops_on_error(build.steps[2]) is stops
