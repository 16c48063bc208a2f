"""What a command runs, step by step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.recorded import records_of
from lightship.analysis.entrypoint import entrypoint_requests
from lightship.analysis.lookup import Lookup
from lightship.analysis.run_settings import RunSettings
from lightship.bases.started import Started, find_started

_PROGRAMS = {f"bin/{name}": b"" for name in ("sh", "a", "b", "gosu", "env", "tini", "python3")}


def started(script: bytes, *arguments: bytes, words: tuple[bytes, ...] = (b"/start",)) -> Started:
    records = records_of({**_PROGRAMS, "start": script}, requests=entrypoint_requests())
    settings = RunSettings(environment={b"V": b"/bin/b"}, entrypoint=words, command=arguments)
    return find_started(records, Lookup(records.tree), settings)


def certain(found: Started) -> list[str]:
    return [one.word.decode() for one in found.steps if one.is_certain]


def ends(found: Started) -> list[str]:
    return [one.word.decode() for one in found.steps if one.stays]


@pytest.mark.parametrize(
    ("script", "arguments", "steps"),
    [
        (b"#!/bin/sh\nexec a\n", [], ["/start", "/bin/sh", "a"]),
        (b"#!/usr/bin/env python3\n", [], ["/start", "/usr/bin/env", "python3"]),
        (b'#!/bin/sh\nexec "$@"\n', [b"a", b"-x"], ["/start", "/bin/sh", "a"]),
        (b'#!/bin/sh\nexec gosu me "$@"\n', [b"a"], ["/start", "/bin/sh", "gosu", "a"]),
        (b"#!/bin/sh\nexec tini -- a\n", [], ["/start", "/bin/sh", "tini", "a"]),
        (b"#!/bin/sh\nexec $V x\n", [], ["/start", "/bin/sh", "/bin/b"]),
        (b"#!/bin/sh\nexec $UNKNOWN x\n", [], ["/start", "/bin/sh"]),
        (b"#!/bin/sh\nexec sh -c 'a 1'\n", [], ["/start", "/bin/sh", "sh", "a"]),
        (b"#!/bin/sh\nb & \nexec a\n", [], ["/start", "/bin/sh", "a"]),
        (b"#!/bin/sh\nb\nexec a\n", [], ["/start", "/bin/sh", "a"]),
        (b"#!/bin/sh\nexit 0\na\n", [], ["/start", "/bin/sh"]),
        (b"#!/bin/sh\nexec 3>log\nexec a\n", [], ["/start", "/bin/sh", "a"]),
    ],
)
def test_certain_steps(script: bytes, arguments: list[bytes], steps: list[str]) -> None:
    assert certain(started(script, *arguments)) == steps


def test_where_the_start_ends() -> None:
    assert ends(started(b"#!/bin/sh\nset -e\nb\nexec a\n")) == ["/start", "a"]
    assert ends(started(b"", words=(b"sh", b"-c", b"b; a"))) == ["sh", "a"]


def test_a_script_that_calls_itself_ends() -> None:
    script = b'#!/bin/sh\nexec /start "$@" x\n'
    assert len(started(script, b"a").steps) <= 200
    assert len(started(b"#!/bin/sh\nset -e\n" + b"sh /start\n" * 5000).steps) <= 200
    assert len(started(b"", words=(b"env",) * 500).steps) <= 200


@given(st.text("ab/sh-ec $\"'@;&|(){}\n#!if then fi exec set", max_size=200))
def test_any_script_is_followed(text: str) -> None:
    found = started(b"#!/bin/sh\n" + text.encode(), b"a")
    assert certain(found)[:2] == ["/start", "/bin/sh"]
