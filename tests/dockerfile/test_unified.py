"""Diffs that `patch` and `git apply` take, and that give the new file."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lightship.dockerfile.unified import unified

lines = st.lists(st.sampled_from(["RUN a", "RUN b", "# c", "", "  x \\", "\\ y", "-- z", "é\r"]))
texts = st.builds(lambda parts, end: "\n".join(parts) + end, lines, st.sampled_from(["", "\n"]))


def applied(before: str, diff: str, name: str = "Dockerfile") -> bytes:
    """What git makes of the file."""
    with TemporaryDirectory() as folder:
        file = Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(before.encode("utf-8", "surrogateescape"))
        subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"],
            input=diff.encode("utf-8", "surrogateescape"),
            cwd=folder,
            check=True,
            capture_output=True,
            env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": folder, "HOME": folder},
        )
        return file.read_bytes()


@settings(max_examples=60, deadline=None)
@given(texts, texts)
@example("RUN a\nRUN a\nRUN b\nRUN a\nRUN a", "RUN a\nRUN b\nRUN a\nRUN b\nRUN a\nRUN a")
def test_git_makes_the_new_file_of_it(before: str, after: str) -> None:
    if before and after and before != after:
        assert applied(before, unified(before, after, "Dockerfile")) == after.encode()


def test_equal_texts_have_no_diff() -> None:
    assert unified("FROM a\n", "FROM a\n", "Dockerfile") == ""


def test_a_hunk_has_three_lines_around_it() -> None:
    before = "".join(f"line {at}\n" for at in range(1, 21))
    assert unified(before, before.replace("line 10\n", "new\n"), "./a/Dockerfile") == (
        "--- a/a/Dockerfile\n+++ b/a/Dockerfile\n@@ -7,7 +7,7 @@\n"
        " line 7\n line 8\n line 9\n-line 10\n+new\n line 11\n line 12\n line 13\n"
    )


def test_two_places_are_two_hunks() -> None:
    before = "".join(f"line {at}\n" for at in range(1, 41))
    after = before.replace("line 5\n", "").replace("line 30\n", "line 30\nmore\n")
    diff = unified(before, after, "Dockerfile")
    assert diff.count("\n@@ ") == 2
    assert "@@ -2,7 +2,6 @@" in diff
    assert "@@ -28,6 +27,7 @@" in diff
    assert applied(before, diff) == after.encode()


def test_a_file_without_a_last_line_end() -> None:
    diff = unified("FROM a\nRUN b", "FROM a\nRUN b && c", "Dockerfile")
    assert diff.count("\\ No newline at end of file\n") == 2
    assert applied("FROM a\nRUN b", diff) == b"FROM a\nRUN b && c"


def test_bytes_that_are_no_text_come_through() -> None:
    before = b"FROM a\n# caf\xe9\nRUN b\n".decode("utf-8", "surrogateescape")
    diff = unified(before, before.replace("RUN b", "RUN c"), "Dockerfile")
    assert applied(before, diff) == b"FROM a\n# caf\xe9\nRUN c\n"


@pytest.mark.parametrize("name", ["a b/Dockerfile", 'quo"te', "tab\there", "back\\slash", "néw"])
def test_names_that_git_quotes(name: str) -> None:
    assert applied("FROM a\n", unified("FROM a\n", "FROM b\n", name), name) == b"FROM b\n"


def test_many_equal_lines_are_told_at_once() -> None:
    before = "RUN a\n" * 300_000
    after = "RUN a\n" * 100_000 + "RUN b\n" + "RUN a\n" * 199_998 + "RUN c\n"
    assert len(unified(before, after, "Dockerfile").splitlines()) > 200_000
