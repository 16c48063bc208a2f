"""JSON objects edited member by member: what is not edited keeps its very text (C10).

Keys of an image's documents are told apart as Go does it, whatever their case (model.jsontext).
The documents were read strictly before: here they are taken to be whole and without a key twice.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # not in the stubs; as json.loads
from typing import TYPE_CHECKING, Self

from lightship.errors import CorruptInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


class RawObject:
    """The members of a JSON object in their order, each with its key and value as written.

    Args:
        text: JSON.
        is_map: whether it is a map (annotations, labels), whose keys are told apart by case.

    Raises:
        CorruptInputError: the text is no JSON object.
    """

    def __init__(self, text: str = "{}", *, is_map: bool = False) -> None:
        self._fold = str if is_map else str.casefold
        self._members: dict[str, tuple[str, str]] = {}  # by folded key: key and value as written
        try:
            for key, raw_key, value in _members(text):
                self._members[self._fold(key)] = (raw_key, value)
        except (ValueError, IndexError, RecursionError):
            raise CorruptInputError("a document of the image is no JSON object") from None

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Read UTF-8.

        Raises:
            CorruptInputError: it is none, or no JSON object.
        """
        try:
            return cls(data.decode())
        except UnicodeDecodeError:
            raise CorruptInputError("a document of the image is not UTF-8") from None

    def __contains__(self, key: str) -> bool:
        return self._fold(key) in self._members

    def keys(self) -> list[str]:
        """The keys, in order, as they read."""
        return [json.loads(raw) for raw, _ in self._members.values()]

    def __len__(self) -> int:
        return len(self._members)

    def items(self) -> Iterator[tuple[str, str]]:
        """Each key, in lower case unless this is a map, with its value as written."""
        return ((key, value) for key, (_, value) in self._members.items())

    def get(self, key: str) -> str | None:
        """A value as written; None where it is absent or null, which Go takes for the same."""
        value = self._members.get(self._fold(key), ("", "null"))[1]
        return None if value == "null" else value

    def put(self, key: str, value: str) -> None:
        """Set a member's value to JSON text; a new one goes to the end."""
        folded = self._fold(key)
        raw_key = self._members[folded][0] if folded in self._members else dumped(key)
        self._members[folded] = (raw_key, value)

    def drop(self, key: str) -> None:
        """Take a member out, if it is there."""
        self._members.pop(self._fold(key), None)

    def __str__(self) -> str:
        return "{" + ",".join(f"{key}:{value}" for key, value in self._members.values()) + "}"


def elements(text: str) -> list[str]:
    """The elements of a JSON array, as written.

    Raises:
        CorruptInputError: the text is no array.
    """
    try:
        return list(_elements(text))
    except (ValueError, IndexError, RecursionError):
        raise CorruptInputError("a document of the image is not well-formed") from None


def array_of(values: list[str]) -> str:
    """A JSON array of texts that are JSON."""
    return "[" + ",".join(values) + "]"


def dumped(value: object) -> str:
    """JSON, as small as it goes; the same value gives the same text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _members(text: str) -> Iterator[tuple[str, str, str]]:
    place = _opening(text, "{")
    while text[place] != "}":
        if text[place] != '"':
            raise ValueError("no key")
        key, end = scanstring(text, place + 1, True)
        raw_key = text[place:end]
        place = _after(text, end)
        if text[place] != ":":
            raise ValueError("no colon")
        start = _after(text, place + 1)
        _, end = _DECODER.raw_decode(text, start)
        yield key, raw_key, text[start:end]
        place = _next(text, end, "}")


def _elements(text: str) -> Iterator[str]:
    place = _opening(text, "[")
    while text[place] != "]":
        _, end = _DECODER.raw_decode(text, place)
        yield text[place:end]
        place = _next(text, end, "]")


def _opening(text: str, bracket: str) -> int:
    place = _after(text, 0)
    if text[place] != bracket:
        raise ValueError("another value")
    return _after(text, place + 1)


def _next(text: str, end: int, bracket: str) -> int:
    place = _after(text, end)
    if text[place] == bracket:
        return place
    after = _after(text, place + 1)
    if text[place] != "," or text[after] == bracket:
        raise ValueError("no comma, or nothing behind it")
    return after


def _after(text: str, place: int) -> int:
    return _SPACE.match(text, place).end()  # type: ignore[union-attr]  # it matches anywhere
