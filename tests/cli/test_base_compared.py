"""`lightship base list` and `base compare` as command lines, on real images."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from api.base_images_made import debian, image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer

    Lightship = Callable[..., Answer]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list", "--for", "python", "--libc", "musl", "--max", "50MB"], 0),
        (["list", "--system", "debian:13", "--sort", "age", "--all"], 0),
        (["list", "--for", "klingon"], 2),
        (["list", "--max", "little"], 2),
        (["list", "-o", "list.pdf"], 2),
        (["compare"], 2),
        (["compare", "alpine:3.24", "debian:13-slim"], 0),
        (["compare", "image-1", "alpine:3.24"], 0),
        (["compare", "image-1", "nobody.example.com/has:this"], 3),
        (["compare", "broken.tar"], 4),
    ],
)
def test_exit_codes(arguments: list[str], code: int, lightship: Lightship, tmp_path: Path) -> None:
    image(tmp_path, debian(), name="example.com/debian:13")
    (tmp_path / "broken.tar").write_bytes(b"manifest.json".ljust(257, b"\0") + b"ustar" * 60)
    more = ["--offline", "--no-cache"] if arguments[0] == "compare" else []
    answer = lightship("base", *arguments, *more)
    assert answer.code == code, answer.err
    if code:
        assert answer.out == ""


def test_every_format(lightship: Lightship, tmp_path: Path) -> None:
    image(tmp_path, debian(), name="example.com/debian:13")
    for asked in (
        ("base", "list", "--for", "python"),
        ("base", "compare", "image-1", "alpine:3.24", "--offline", "--no-cache", "-q"),
    ):
        for suffix, begins in ((".json", "{"), (".md", "### lightship"), (".html", "<!doctype")):
            file = tmp_path / f"made{suffix}"
            assert lightship(*asked, "-o", str(file)).code == 0
            assert file.read_text().startswith(begins)
        told = json.loads((tmp_path / "made.json").read_text())
        assert told["schema"] == f"lightship.base-{asked[1]}/1"


def test_what_is_not_known_is_null_and_what_is_known_has_a_source(lightship: Lightship) -> None:
    told = json.loads(lightship("base", "list", "--format", "json").out)
    facts = [
        fact for base in told["bases"] for fact in base["facts"].values() if isinstance(fact, dict)
    ]
    assert {fact["state"] for fact in facts} == {"fresh", "stale", "unknown"}
    for fact in facts:
        assert (fact["value"] is None) == (fact["state"] == "unknown")
        assert (fact["source"] is None) == (fact["value"] is None)
        assert (fact["seen"] is None) == (fact["value"] is None)
        assert bool(fact["why"]) == (fact["state"] == "stale")
