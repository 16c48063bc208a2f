"""What holds for each instruction, and why a file or a RUN is not to be edited."""

from __future__ import annotations

import pytest

from lightship.dockerfile.build import Build


def build(text: str) -> Build:
    return Build.read(text.encode())


def test_scope_grows_from_instruction_to_instruction() -> None:
    made = build(
        "FROM a\nUSER 1001\nWORKDIR /app\nWORKDIR sub\nENV A=1 B=$A\nENV B=$A C=${B}x\n"
        'ARG D=${A}d\nSHELL ["/bin/bash", "-c"]\nRUN x\n'
    )
    scope = made.steps[-1].scope
    assert (scope.user, scope.workdir, scope.shell) == (
        "1001",
        "/app/sub",
        ("/bin/bash", "-c"),
    )
    assert dict(scope.environment) == {"A": "1", "B": "1", "C": "x", "D": "1d"}
    assert made.steps[1].scope.user is None


def test_values_of_one_env_are_those_from_before_it() -> None:
    scope = build("FROM a\nENV A=1\nENV A=2 B=$A\nRUN x\n").steps[-1].scope
    assert dict(scope.environment) == {"A": "2", "B": "1"}


def test_env_comes_before_arg_of_the_same_name() -> None:
    scope = build("FROM a\nENV A=env\nARG A=arg\nRUN x\n").steps[-1].scope
    assert scope.environment["A"] == "env"


def test_an_arg_of_the_file_is_seen_where_a_stage_names_it() -> None:
    made = build("ARG V=3\nFROM a\nRUN x\nARG V\nRUN y\n")
    assert "V" not in made.steps[2].scope.environment
    assert made.steps[4].scope.environment["V"] == "3"


def test_a_stage_inherits_env_user_workdir_and_shell_but_no_arg() -> None:
    made = build(
        "FROM a AS x\nARG A=1\nENV E=$A\nUSER u\nWORKDIR /w\n"
        'SHELL ["bash", "-c"]\nFROM x\nRUN r\nFROM b\nRUN s\n'
    )
    scope = made.steps[7].scope
    assert (scope.user, scope.workdir, scope.shell) == ("u", "/w", ("bash", "-c"))
    assert dict(scope.environment) == {"E": "1"}
    fresh = made.steps[9].scope
    assert (fresh.user, fresh.workdir, dict(fresh.environment)) == (None, None, {})


@pytest.mark.parametrize(
    ("lines", "workdir"),
    [
        ("WORKDIR app", None),
        ("WORKDIR /a/\nWORKDIR b/", "/a/b"),
        ("ENV H=/h\nWORKDIR $H/x", "/h/x"),
        ("ARG H\nWORKDIR $H", None),
        ('WORKDIR "/with blank"', "/with blank"),
        ("WORKDIR /", "/"),
    ],
)
def test_workdir(lines: str, workdir: str | None) -> None:
    assert build(f"FROM a\n{lines}\nRUN x\n").steps[-1].scope.workdir == workdir


def test_mounts_that_cover_a_path() -> None:
    step = build(
        "FROM a\nRUN --mount=type=cache,target=/var/lib/apt/ "
        '--mount=type=tmpfs,"dst=/tmp" --mount=type=bind,target=/src apt-get update\n'
    ).steps[1]
    assert step.covered("/var/lib/apt/lists")
    assert step.covered("/var/lib/apt")
    assert not step.covered("/var/lib/aptitude")
    assert not step.covered("/src/a")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FROM a\n", None),
        ("# syntax=docker/dockerfile:1.7\nFROM a\n", None),
        ("# syntax=docker.io/docker/dockerfile-upstream:master-labs\nFROM a\n", None),
        ("# syntax=example.com/mine:1\nFROM a\n", "its syntax is example.com/mine:1"),
        ("# escape=`\nFROM a\n", "backtick"),
        ("FROM {{ base }}\n", "template"),
        ("FROM a\n{% if x %}\nRUN y\n{% endif %}\n", "template"),
        ("FROM a\nRUN <%= x %>\n", "template"),
        ("FROM a\nNONSENSE x\n", "line 2: unknown instruction 'NONSENSE'"),
        ("FROM a\nRUN <<EOF\nls\n", "line 2: the here-document 'EOF' is not terminated"),
    ],
)
def test_files_that_are_not_to_be_edited(text: str, reason: str | None) -> None:
    found = build(text).untouchable
    assert found == reason or (reason is not None and found is not None and reason in found)


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ("RUN apt-get update && true", None),
        ('RUN ["apt-get", "update"]', "JSON form"),
        ("RUN <<EOF\nls\nEOF", "here-document"),
        ("RUN if true; then", "does not parse"),
        ('SHELL ["powershell"]\nRUN Get-Item', "powershell"),
        ('SHELL ["cmd", "/S", "/C"]\nRUN dir', "cmd"),
        ("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nRUN dir", "cmd"),
        ("FROM python:3.13-windowsservercore AS w\nFROM w\nRUN dir", "cmd"),
        ('SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a | b', None),
    ],
)
def test_runs_that_are_not_to_be_edited(run: str, reason: str | None) -> None:
    found = build(f"FROM a\n{run}\n").steps[-1].fixed_reason
    assert found == reason or (reason is not None and found is not None and reason in found)


@pytest.mark.parametrize(
    ("run", "body"),
    [
        ("RUN  a && \\\n  # c\n  b", "a &&   b"),
        ("RUN --network=none a", "a"),
        ("RUN <<EOF\na\nb\nEOF", "a\nb\n"),
        ("RUN cat <<EOF > /x && b\nhi\nEOF", "cat <<EOF > /x && b\nhi\nEOF\n"),
    ],
)
def test_the_text_that_the_shell_reads(run: str, body: str) -> None:
    made = build(f"FROM a\n{run}\n")
    found = made.steps[1].body
    assert found is not None
    assert found.text == body
    text = made.dockerfile.text
    for offset, char in enumerate(found.text):
        if char != "\n":
            assert text[found.joined.source(offset)] == char
