from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.rules.multistage.ignoring import ignored_by


@pytest.mark.parametrize(
    ("text", "path", "ignored"),
    [
        ("", "a", False),
        ("a", "a", True),
        ("a", "a/b", True),
        ("a", "b/a", False),
        ("/a/", "a/b", True),
        ("*.md", "a.md", True),
        ("*.md", "docs/a.md", False),
        ("**/*.md", "docs/a.md", True),
        ("**/*.md", "a.md", True),
        ("docs/**", "docs/a", True),
        ("docs/**", "docs", False),
        ("?.txt", "a.txt", True),
        ("# a", "# a", False),
        (" # a", "# a", None),
        (".", "a", False),
        ("[ab]", "a", None),
        ("a/**/b", "a/x/b", None),
        ("*\n!a", "a", None),
        ("*\n!a", "b", True),
        ("!a", "a", False),
        ("[x]\n*", "a", True),
        ("a.b", "aXb", False),
        ("a\r\n", "a", True),
    ],
)
def test_what_is_plain_is_told(text: str, path: str, ignored: bool | None) -> None:
    assert ignored_by(text)(path) is ignored


def test_too_many_patterns_are_not_looked_at() -> None:
    assert ignored_by("a\n" * 501)("a") is None


@given(st.text(), st.text())
def test_no_text_raises(text: str, path: str) -> None:
    ignored_by(text)(path)
