"""Commands that unpack an archive, and which one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.rules.traces import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Step
    from lightship.dockerfile.shell.script import Command, Word

SUFFIX = re.compile(r"\.(?:tar(?:\.(?:gz|bz2|xz|zst|lz|lzma|Z))?|tgz|tbz2?|txz|zip|7z|rar)\Z")
_TAR_VALUES = (
    *("-C", "--directory", "-f", "--file", "--strip-components", "--exclude", "--strip", "-X"),
    *("--transform", "--owner", "--group", "-T", "--wildcards-match-slash"),
)


class Unpacking(Struct, frozen=True):
    """One command.

    Attributes:
        word: the archive as named.
        path: the same, absolute; None where it cannot be known.
    """

    command: Command
    word: Word
    path: str | None


def unpackings(step: Step) -> Iterator[Unpacking]:
    """The commands of a RUN's own shell that unpack an archive and keep it."""
    script = step.script
    folder = step.scope.workdir
    for command in script.commands if script is not None else ():
        if command.name in ("cd", "pushd", "popd"):
            operands = command.operands()
            one = operands[0].text if len(operands) == 1 and command.name == "cd" else None
            folder = absolute(step, folder, one) if one and not command.within else None
            continue
        word = _archive(command)
        if word is not None:
            yield Unpacking(command, word, absolute(step, folder, word.text))


def _archive(command: Command) -> Word | None:
    name, words = command.name, command.arguments
    if name in ("unzip", "7z", "7za", "7zr", "unrar"):
        operands = command.operands("-d", "-x")
        operands = operands[1:] if name != "unzip" else operands
        return operands[0] if operands else None
    if name not in ("tar", "bsdtar", "gtar") or not words:
        return None
    first = words[0].text
    bundled = not first.startswith("-")
    letters = "".join(
        word.text.removeprefix("-")
        for at, word in enumerate(words)
        if (at == 0 and bundled) or re.match(r"-[A-Za-z]+\Z", word.text)
    )
    if "x" not in letters and not any(word.text in ("--extract", "--get") for word in words):
        return None
    for at, word in enumerate(words):
        text = word.text
        takes = text.endswith("f") and not text.startswith("--") and (at == 0 or text[0] == "-")
        if (takes or text == "--file") and at + 1 < len(words):
            return words[at + 1] if words[at + 1].text != "-" else None
        if text.startswith("--file="):
            return None
    return None
