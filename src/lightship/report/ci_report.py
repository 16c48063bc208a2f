"""What systems for continuous integration show: judged items, each with a place in a file."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from lightship.printable import printable

LONGEST_NAME = 300
"""Characters of a foreign name, or of a sentence that may hold one, that a report keeps."""
LONGEST_SENTENCE = 2_000

ItemVerdict = Literal["pass", "fail", "warn", "note", "unjudged", "off"]
"""`note`: good to know; `unjudged`: nothing to hold it against; `off`: not asked for."""


class Place(Struct, frozen=True):
    """Lines of a file, from 1; columns in characters, from 1. `file` is printable."""

    file: str
    line: int = 1
    end_line: int | None = None
    column: int | None = None


class Item(Struct, frozen=True, kw_only=True):
    """One thing that was judged. Every text is printable and on one line.

    Attributes:
        rule: stable; whoever stores results knows them again by it.
        name: for people: `max-wire`.
        key: different for each item of a report.
        title: of the rule, a few words.
        about: of the rule, a sentence.
        level: how its rule's items stand where they do not pass, unless they say otherwise.
        verdict: how it stands.
        fails: whether it is among what makes the command fail.
        fingerprint: the same from build to build, whatever the figures and line numbers.
    """

    rule: str
    name: str
    key: str
    title: str
    about: str
    level: ItemVerdict = "fail"
    verdict: ItemVerdict
    fails: bool
    message: str
    advice: str
    causes: tuple[str, ...] = ()
    place: Place
    fingerprint: str

    @property
    def text(self) -> str:
        """Message, advice and causes, a line each."""
        return "\n".join(filter(None, (self.message, self.advice, *self.causes)))


class Report(Struct, frozen=True, kw_only=True):
    """A command's answer. Every text is printable.

    Attributes:
        command: `lightship check`.
        verdict: in a word.
        headline: in a line.
        subject: what was judged, if it is one thing; empty for what `Item.place` says.
        place: of the answer as a whole; None where it has none.
        suite: names what was judged where many reports come together.
        category: tells analyses of one repository apart.
        fingerprints: names the kind of the fingerprints and their version.
        items: in order.
        notes: what else there is to say.
        facts: names and values.
    """

    command: str
    verdict: str
    headline: str
    subject: str
    place: Place | None
    suite: str
    category: str
    fingerprints: str
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def sentence(text: str) -> str:
    """A foreign sentence: printable, not too long, with a full stop."""
    said = short(text, LONGEST_SENTENCE)
    return said if not said or said.endswith((".", "…")) else f"{said}."


def short(text: str, longest: int = LONGEST_NAME) -> str:
    """A foreign text: printable, not too long."""
    safe = printable(text[:longest])
    return safe if len(text) <= longest and len(safe) <= longest else safe[: longest - 1] + "…"


def file_name(path: str) -> str:
    """A file as forges write it: without a leading `./`."""
    return printable(path).removeprefix("./")
