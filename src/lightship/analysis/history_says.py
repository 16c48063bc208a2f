"""Whether a history entry says what an instruction of a Dockerfile says.

How builders write `created_by`, each read from what it wrote:

- BuildKit: `RUN |1 A=b /bin/sh -c make # buildkit`, `COPY . /app # buildkit`, `WORKDIR /app`;
- the classic builder: `|1 A=b /bin/sh -c make`, `/bin/sh -c #(nop) COPY dir:4f... in /app `;
- buildah: as the classic one, with variables as written, and SHELL left out of account;
- kaniko: the instruction on one line, as written.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.words import expand, split_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.dockerfile.build import Step
    from lightship.model.documents import HistoryEntry

LAYERED = frozenset(("RUN", "COPY", "ADD", "WORKDIR"))
"""Instructions that can make a layer."""
_SHELL = re.compile(
    r"(?:/(?:usr/)?bin/)?(?:ba|da|a|z|k)?sh(?: [-+][A-Za-z-]+(?: pipefail)?)*|/bin/busybox sh -c"
)
# Build arguments stand before the shell: `|2 NAME=value OTHER=value /bin/sh -c ...`.
_ARGUMENTS = re.compile(r"\|[0-9]+ ")
_ENDING_SHELL = re.compile(rf"(?:{_SHELL.pattern})\Z")
_NO_OPERATION = "#(nop) "
_BUILDKIT = " # buildkit"
_LONGEST_SHELL = 500
_SCRIPT_FILE = "/dev/pipes/"


class Likeness(IntEnum):
    """How surely an entry is an instruction's."""

    NONE = 0
    SOME = 1
    """The keyword is the same, and nothing speaks against it."""
    SURE = 2


class Told(Struct, frozen=True):
    """A history entry, read.

    Attributes:
        keyword: of the instruction; empty for text that is none.
        text: on one line, single blanks, without what builders put around it.
        layered: whether it can have made a layer.
    """

    keyword: str
    text: str
    layered: bool


def told_by(entry: HistoryEntry) -> Told:
    """Read an entry."""
    text = _on_one_line(entry.created_by or "").removesuffix(_BUILDKIT)
    at = text[:_LONGEST_SHELL].find(_NO_OPERATION)
    bare = at >= 0
    if bare:
        text = text[at + len(_NO_OPERATION) :].lstrip()
    keyword = text.partition(" ")[0]
    known = keyword.isascii() and keyword.isupper()
    if not known:
        keyword = "" if bare or not text else "RUN"
    return Told(keyword, text, keyword in LAYERED)


class Sayings:
    """What an instruction that can make a layer reads like in a history."""

    def __init__(self, step: Step) -> None:
        self._keyword = step.keyword
        self._written = _on_one_line(step.instruction.joined.text)
        self._shell = " ".join(step.scope.shell)
        self._bodies = frozenset(map(_on_one_line, _bodies(step)))
        json = step.instruction.json
        self._program = _on_one_line(" ".join(json)) if json is not None else None
        self._is_script_file = _is_script_file(step)
        self._places, self._is_place_known = _places(step)

    def likeness(self, told: Told) -> Likeness:
        """How surely that entry is this instruction's."""
        if told.keyword != self._keyword:
            return Likeness.NONE
        if told.text == self._written:
            return Likeness.SURE
        if self._keyword == "RUN":
            return Likeness.SURE if self._runs(told.text) else Likeness.NONE
        return self._place_likeness(told.text)

    def _runs(self, text: str) -> bool:
        text = text.removeprefix("RUN ")
        if self._is_script_file and _SCRIPT_FILE in text:
            return True
        return any(
            text == body
            or (text.endswith(" " + body) and self._goes_before(text[: -len(body) - 1], body))
            for body in self._bodies
            if body
        )

    def _goes_before(self, prefix: str, body: str) -> bool:
        """Whether text before a command is the shell and build arguments, and nothing more."""
        arguments = _ARGUMENTS.match(prefix)
        if arguments is None:
            return prefix == self._shell or _SHELL.fullmatch(prefix) is not None
        if prefix.endswith(" " + self._shell):
            # The first shell begins the command: what follows another one is a part of it.
            return prefix.find(f" {self._shell} ") < 0
        ending = _ENDING_SHELL.search(prefix[-_LONGEST_SHELL:])
        if ending is not None:
            return f" {ending[0]} " not in prefix
        return body == self._program

    def _place_likeness(self, text: str) -> Likeness:
        place = text.rpartition(" in ")[2] if " in " in text and ":" in text else text
        place = place if place.endswith(" /") else place.rstrip("/") or place
        for one in self._places:
            if place == one or place.endswith((" " + one, "/" + one.removeprefix("./"))):
                return Likeness.SURE
        return Likeness.NONE if self._is_place_known else Likeness.SOME


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _bodies(step: Step) -> Iterable[str]:
    """What a RUN's command may read like."""
    if step.keyword != "RUN":
        return
    yield step.instruction.value
    if step.instruction.json is not None:
        yield " ".join(step.instruction.json)
    if step.instruction.heredocs and step.body is not None:
        yield step.body.text


def _is_script_file(step: Step) -> bool:
    """Whether BuildKit runs a here-document as a file."""
    return bool(
        step.instruction.heredocs
        and step.body is not None
        and step.body.text.lstrip().startswith("#!")
    )


def _places(step: Step) -> tuple[tuple[str, ...], bool]:
    """Where COPY, ADD and WORKDIR lead, and whether nothing else could be meant."""
    instruction = step.instruction
    if step.keyword == "RUN":
        return (), True
    if instruction.json:
        written = instruction.json[-1]
    elif step.keyword == "WORKDIR":
        written = instruction.value.strip("\"'")
    else:
        words = split_words(instruction.value)
        if not words:
            return (), False
        written = words[-1].text
    found = dict.fromkeys((written, expand(written, step.scope.environment) or written))
    places = tuple(_on_one_line(place).rstrip("/") or "/" for place in found)
    return places, "$" not in written and bool(written)
