"""`.dive-ci` read as dive 0.13.1 reads it, through viper and yaml.v3: texts, not yet limits.

Source: dive, cmd/ci.go; viper 1.20, `find`; yaml.v3, resolve.go. What those take is held against
the program by tests/e2e/test_dive_verdict.py.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

import yaml
from msgspec import Struct
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from lightship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from yaml.events import Event

MAX_FILE_BYTES = 64 * 1024
_MAX_DEPTH = 64
_RULES = "rules"
_BINARY, _OCTAL, _HEXADECIMAL = 2, 8, 16
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))
_PLAIN_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_INTEGERS = (
    (_BINARY, re.compile(r"([-+]?)0[bB]([01]{1,64})")),
    (_OCTAL, re.compile(r"([-+]?)0[oO]?([0-7]{1,22})")),
    (_HEXADECIMAL, re.compile(r"([-+]?)0[xX]([0-9a-fA-F]{1,16})")),
    (10, re.compile(r"([-+]?)([1-9][0-9]{0,19}|0)", re.ASCII)),
)
_TEXT_TAGS = frozenset(("!", "tag:yaml.org,2002:str"))


class _Scalar(Struct, frozen=True):
    """A scalar as it is written, and whether YAML may take it for something other than text."""

    text: str
    plain: bool


_Value: TypeAlias = "_Scalar | dict[str, _Value] | None"
"""Lists are None: nothing of ours is one."""


def read_texts(path: Path, names: Sequence[str]) -> tuple[dict[str, str], set[str]]:
    """The rules of a file, by name, as text; and the other names that stand beside them.

    Names are told apart by their letters, not by their case. A rule without a value is not there.
    Only the first document counts.

    Args:
        path: the file.
        names: those of the rules that are asked for.

    Raises:
        UsageError: the file cannot be read, is larger than 64 KiB, is no YAML, repeats a key, or
            uses an anchor or an alias; a rule's value is no scalar.
    """
    document = _parse(path, _content(path))
    top = _lowered(path, document)
    rules = top.get(_RULES)
    nested: dict[str, _Value] = {}
    if isinstance(rules, dict):
        nested = _lowered(path, rules)
    elif _RULES in top and not (isinstance(rules, _Scalar) and _text(rules) is None):
        raise UsageError(f"{path}: {_RULES} holds no rules", "Write one `rule: limit` a line.")
    # viper takes `rules.lowestEfficiency` at the top for the same, and prefers it.
    dotted = {
        key.removeprefix(f"{_RULES}."): value
        for key, value in top.items()
        if key.startswith(f"{_RULES}.")
    }
    texts: dict[str, str] = {}
    for name in names:
        for place in (dotted, nested):
            if name.lower() in place:
                text = _value(path, name, place[name.lower()])
                if text is not None:
                    texts[name] = text
                    break
    known = {name.lower() for name in names}
    return texts, (dotted.keys() | nested.keys()) - known


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "Name a file that can be read.") from None
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(
            f"{path} is larger than {MAX_FILE_BYTES // 1024} KiB", "Name a file of dive's rules."
        )
    return content


def _parse(path: Path, content: bytes) -> dict[str, _Value]:
    try:
        document = _Reader(path, yaml.parse(content, Loader=yaml.SafeLoader)).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", "it cannot be read")
        raise UsageError(
            f"{path}{line}: no YAML: {problem}", "Write it as dive's documentation shows."
        ) from None
    if isinstance(document, dict):
        return document
    if isinstance(document, _Scalar) and _text(document) is None:
        return {}
    raise UsageError(f"{path} holds no `rules`", "Write `rules:`, and one `rule: limit` a line.")


class _Reader:
    """Builds a document from PyYAML's events, which hold no aliases' expansions and no objects."""

    def __init__(self, path: Path, events: Iterator[Event]) -> None:
        self._path = path
        self._events = events
        self._depth = 0

    def document(self) -> _Value:
        """The first document; an empty text if there is none."""
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                return self._value(next(self._events))
            if isinstance(event, StreamEndEvent):
                break
        return _Scalar("", plain=True)

    def _value(self, event: Event) -> _Value:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._refusal(event, "an anchor or an alias", "Write the value out.")
        if isinstance(event, ScalarEvent):
            plain = event.style is None or event.tag is not None
            return _Scalar(event.value, plain=plain and event.tag not in _TEXT_TAGS)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._refusal(event, "more than 64 levels", "Write the rules at the second.")
        value: _Value = None
        if isinstance(event, MappingStartEvent):
            value = self._mapping()
        elif isinstance(event, SequenceStartEvent):
            self._skip_sequence()
        self._depth -= 1
        return value

    def _mapping(self) -> dict[str, _Value]:
        found: dict[str, _Value] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._value(event)
            if not isinstance(key, _Scalar):
                raise self._refusal(event, "a key that is no text", "Write a name.")
            if key.text in found:
                raise self._refusal(event, f"{key.text!r} twice", "Keep one of them.")
            found[key.text] = self._value(next(self._events))
        return found

    def _skip_sequence(self) -> None:
        while not isinstance(event := next(self._events), SequenceEndEvent):
            self._value(event)

    def _refusal(self, event: Event, what: str, hint: str) -> UsageError:
        line = event.start_mark.line + 1 if event.start_mark else 0
        return UsageError(f"{self._path}, line {line}: {what}", hint)


def _lowered(path: Path, mapping: dict[str, _Value]) -> dict[str, _Value]:
    lowered: dict[str, _Value] = {}
    for key, value in mapping.items():
        if key.lower() in lowered:
            raise UsageError(
                f"{path}: {key!r} twice, in upper and lower case",
                "Keep one: dive takes either, as chance will have it.",
            )
        lowered[key.lower()] = value
    return lowered


def _value(path: Path, name: str, value: _Value) -> str | None:
    if isinstance(value, _Scalar):
        return _text(value)
    raise UsageError(f"{path}: {name} is no single value", "Write a number, or `disabled`.")


def _text(scalar: _Scalar) -> str | None:
    """A scalar as viper hands it to dive: YAML's numbers written plainly, None for nothing."""
    text = scalar.text
    if not scalar.plain or _PLAIN_NUMBER.fullmatch(text):
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return text.lower()
    digits = text if text.startswith(".") else text.replace("_", "")
    for base, pattern in _INTEGERS:
        if match := pattern.fullmatch(digits):
            number = int(match[2], base)
            return str(-number if match[1] == "-" else number)
    return format(Decimal(repr(float(digits))), "f") if _FLOAT.fullmatch(digits) else text
