"""Patterns of the tables: choices, homes and variables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.catalogue.patterns import choices, directory_in, expanded
from lightship.catalogue.removable import pattern_texts, rows, variable_names
from lightship.filetree.patterns import Matcher

HOMES = [f"/{home}/.npm" for home in ("root", "home/*")]


def written(text: str, **variables: str) -> list[str]:
    return [pattern.written for pattern in expanded(text, variables)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ["a"]),
        ("/{usr/,}lib", ["/usr/lib", "/lib"]),
        ("*.{a,b}", ["*.a", "*.b"]),
        ("{a,b}{1,2}", ["a1", "a2", "b1", "b2"]),
        ("{a,{b,c}}", ["a", "b", "a", "c"]),
        ("{a", ["{a"]),
    ],
)
def test_choices(text: str, expected: list[str]) -> None:
    assert list(choices(text)) == expected


def test_a_home_is_every_home() -> None:
    assert written("~/.npm") == HOMES
    assert written("~/.npm", HOME="/srv/me/") == [*HOMES, "/srv/me/.npm"]
    assert written("~/.npm", HOME="/") == [*HOMES, "/.npm"]
    assert written("~x") == ["~x"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/cache/pip", ["/cache/pip/*"]),
        ("/cache/./pip//", ["/cache/pip/*"]),
        ("/ca*he", ["/ca[*]he/*"]),
        ("/", []),
        ("", []),
        ("cache", []),
        ("~/cache", []),
        ("/a/../etc", []),
        ("/usr", []),
        ("/usr/local/", []),
        ("/home/app", []),
        ("/app", []),
        ("/root", []),
        ("/x" * 200, []),
    ],
)
def test_a_variable_is_the_directory_that_it_names(value: str, expected: list[str]) -> None:
    assert written("$CACHE/*", CACHE=value) == expected


def test_what_several_tools_share_may_hold_a_cache_of_one() -> None:
    assert written("$CARGO_HOME/registry", CARGO_HOME="/usr/local/cargo") == [
        "/usr/local/cargo/registry"
    ]
    assert written("$X/cache", X="/") == []


@given(value=st.text(max_size=40))
def test_a_value_stands_for_itself(value: str) -> None:
    directory = directory_in("X", {"X": value})
    if not directory or ".." in directory.split("/"):
        return
    (pattern,) = expanded("$X/inside", {"X": value})
    path = "/".join(part for part in value.split("/") if part not in ("", ".")) + "/inside"
    # As in a shell, blanks at the ends do not count.
    if path.strip() == path:
        assert Matcher([pattern]).match(path.encode("utf-8", "surrogatepass")) is not None


def test_the_variables_of_all_rows_are_known() -> None:
    assert {"HOME", "LANG", "GOPATH", "PIP_CACHE_DIR", "npm_config_cache"} <= variable_names()


def test_rows_are_well_formed() -> None:
    names = [row.name for row in rows()]
    assert len(names) == len(set(names))
    for row in rows():
        assert row.name == row.name.lower().replace("_", "-")
        assert row.title[0].isupper()
        assert row.advice.endswith(".")
        assert row.fix.strip()
        for text in (*row.patterns, *row.keep):
            # Nothing may match by accident at any depth: `**/` says so where it is meant.
            assert "/" in text or text.startswith("*."), text


def test_patterns_for_other_tables_name_no_variables() -> None:
    assert pattern_texts("pip-cache") == ("~/.cache/pip", "~/.cache/pip-tools")
    with pytest.raises(KeyError):
        pattern_texts("no-such-row")
