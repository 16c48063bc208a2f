"""Is each file read as BuildKit reads it, and does printing give it back?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.oracle import can_be_asked, is_newer, ours, theirs
from lightship.dockerfile.instructions import KEYWORDS
from lightship.dockerfile.tree import Dockerfile, to_bytes

if TYPE_CHECKING:
    from corpus.oracle import Reading
    from corpus.outcome import Outcome

# In messages of what BuildKit refuses after its parser, or reads in a way nobody means.
LATER = ("instruction", "FROM", "HEALTHCHECK is neither", "is not ASCII", "nothing follows")
OTHER_REASON = "of these for a reason that its parser should have"
PARTS = ("instructions", "lines", "flags", "forms and values", "here-documents")


def check_reading(name: str, data: bytes, read: Dockerfile, outcome: Outcome) -> None:
    """Count disagreements with the package `dockerfile`, and what it cannot tell."""
    outcome.count("files")
    outcome.count("bytes", len(data))
    outcome.count("instructions", len(read.instructions))
    outcome.count("RUN", sum(one.keyword == "RUN" for one in read.instructions))
    outcome.count("here-documents", sum(len(one.heredocs) for one in read.instructions))
    if not is_lossless(data, read):
        outcome.note("not printed as read", name)
    if not can_be_asked(data):
        outcome.note("not UTF-8, or with NUL: not compared", name)
        return
    expected = theirs(read.text)
    if isinstance(expected, str):
        outcome.note("refused by BuildKit's parser", f"{name}: {expected[:100]}")
        if not read.problems:
            outcome.note("refused by BuildKit's parser, and not by lightship", name)
        return
    if read.problems:
        first = read.problems[0]
        outcome.note(
            "refused by lightship beyond BuildKit's parser", f"{name}:{first.line}: {first.message}"
        )
        if not any(mark in one.message for one in read.problems for mark in LATER):
            outcome.note(OTHER_REASON, name)
    _compare(name, read, expected, outcome)


def is_lossless(data: bytes, read: Dockerfile) -> bool:
    """Whether the nodes, one after the other, are the file."""
    position = 0
    for node in read.nodes:
        if node.start != position or node.end <= node.start:
            return False
        position = node.end
    return position == len(read.text) and to_bytes(read.text) == data


def unknown(read: Dockerfile) -> bool:
    """Whether there is an instruction that BuildKit does not know."""
    return any(one.keyword not in KEYWORDS for one in read.instructions)


def _compare(name: str, read: Dockerfile, expected: list[Reading], outcome: Outcome) -> None:
    found = ours(read)
    if found != expected and is_newer(read):
        outcome.note("differs, and uses what BuildKit reads differently since 0.12.5", name)
        return
    if len(found) != len(expected):
        outcome.note(f"disagreements on {PARTS[0]}", f"{name}: {len(found)}, not {len(expected)}")
        return
    for mine, its in zip(found, expected, strict=True):
        for part, one, other in zip(PARTS, mine.parts, its.parts, strict=True):
            if one != other:
                outcome.note(
                    f"disagreements on {part}",
                    f"{name}:{mine.line}: {one!r:.90}, not {other!r:.90}",
                )
