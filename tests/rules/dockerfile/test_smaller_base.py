"""The rule about smaller bases, with what an image told; without one its cases are silent."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.dockerfile.build import Build
from lightship.rules.dockerfile.smaller_base import RULE
from lightship.rules.fixing import fix_file
from lightship.rules.savings import ESTIMATED
from lightship.rules.smell import JudgedBase, Matter

SLIM = JudgedBase(
    name="python:3.13-slim",
    answer="needs a test",
    image_wire_bytes=(412_000_000, 61_000_000),
    against=("git is named in app/fetch.py",),
    instructions=("RUN useradd app",),
)


def matter(text: str, base: JudgedBase | None = SLIM) -> Matter:
    return Matter(
        build=Build.read(text.encode()), judged_base=base, selected=frozenset((RULE.name,))
    )


def test_it_says_the_bytes_and_what_speaks_against_it() -> None:
    (smell,) = RULE.check(matter("FROM python:3.13 AS app\nUSER app\n"))
    assert "On python:3.13-slim the image would be ≈ 61.0 MB" in smell.message
    assert smell.fix is not None
    assert smell.fix.tier == "unsafe"
    assert smell.fix.notes[0] == "Git is named in app/fetch.py."
    assert smell.saving is not None
    saved = ESTIMATED.count(smell.saving)
    assert saved is not None
    assert saved.wire_bytes == 351_000_000
    assert saved.estimated


def test_its_fix_brings_along_what_has_to_come() -> None:
    before = matter("FROM python:3.13 AS app\r\nUSER app\r\n")
    fixed = fix_file(before, [RULE], frozenset(("safe", "unsafe")))
    assert not fixed.refused
    assert fixed.after == b"FROM python:3.13-slim AS app\r\nRUN useradd app\r\nUSER app\r\n"
    again = fix_file(
        replace(before, build=Build.read(fixed.after)), [RULE], frozenset(("safe", "unsafe"))
    )
    assert again.after == fixed.after


def test_it_is_silent_without_a_better_base() -> None:
    assert not list(RULE.check(matter("FROM python:3.13\n", None)))
    assert not list(RULE.check(matter("FROM python:3.13-slim\n")))


def test_a_name_of_arguments_is_left_to_a_person() -> None:
    (smell,) = RULE.check(matter("ARG V=3.13\nFROM python:$V\n"))
    assert smell.fix is None
    assert "build arguments" in (smell.unfixed or "")
