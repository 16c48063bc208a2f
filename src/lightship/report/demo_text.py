"""The explanation of the demo: each mistake in the image, with the bytes found for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import wrap
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.demo import DemoImage, Lesson
    from lightship.model.results.inspect import InspectResult
    from lightship.report.paper import Line, Look, Style

_VENDORED = "app/vendor/"
_INDENT = "            "


def demo_text(demo: DemoImage, result: InspectResult, look: Look, *, kept: bool) -> str:
    """Explain what `inspect` shows of the demo image, which is still there if it was kept."""
    lines: list[Line] = [[look.ink("What you see", "title")]]
    for number, lesson in enumerate(demo.lessons, 1):
        size = format_bytes(_measured(lesson, result)).rjust(8)
        lines.append([look.ink(f"{number}. {size} ", "bold"), look.ink(_headline(lesson), "bold")])
        lines += _indented(lesson.meaning, look, "plain") + _indented(lesson.remedy, look, "good")
    lines.append([])
    if kept:
        lines.append([look.ink(f"Look closer: lightship inspect {demo.reference} --details")])
    lines.append([look.ink("Now your own: docker save IMAGE | lightship inspect -")])
    return look.render(lines)


def _indented(text: str, look: Look, style: Style) -> list[Line]:
    pieces = wrap(text, max(look.width - len(_INDENT), 20))
    return [[look.ink(_INDENT), look.ink(piece, style)] for piece in pieces]


def _headline(lesson: Lesson) -> str:
    return f" layer {lesson.layer}: {lesson.mistake}"


def _measured(lesson: Lesson, result: InspectResult) -> int:
    """The report's own figure for a lesson."""
    if not lesson.marker:
        return sum(
            duplicate.bytes
            for duplicate in result.duplicates
            if any(path.startswith(_VENDORED) for path in duplicate.paths)
        )
    dead = [
        place.bytes
        for place in result.largest_dead_directories
        if place.killed_by == lesson.layer and place.path.startswith(lesson.marker)
    ]
    visible = [file.bytes for file in result.largest_files if file.path == lesson.marker]
    return sum(dead) or sum(visible)
