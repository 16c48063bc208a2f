"""Results as JSON: versioned, with a published schema (docs/reference/schemas)."""

from __future__ import annotations

import re
from typing import Any, Protocol

import msgspec

from lightship.printable import is_hidden

# JSON leaves these raw, a terminal does not. They can only stand inside strings, where \u is the
# same text.
_SUSPECT = re.compile("[^\x00-\x7e]")


class Versioned(Protocol):
    """A result: a struct whose field `schema` names its shape."""

    @property
    def schema(self) -> str:
        """Such as `lightship.report/1`."""


def to_json(result: Versioned | tuple[Versioned, ...]) -> str:
    """A result as JSON text: the schema's name first, then the fields in their order.

    A tuple (an image for several platforms) becomes a `lightship.report-list/1`.
    """
    if isinstance(result, tuple):
        reports = [_document(one) for one in result]
        return _encode({"schema": "lightship.report-list/1", "reports": reports})
    return _encode(_document(result))


def document_json(fields: dict[str, Any]) -> str:
    """A small document that has no result type of its own, as JSON text."""
    return _encode(_without_surrogates(fields))


def _document(result: Versioned) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(result)
    return {"schema": fields.pop("schema"), **_without_surrogates(fields)}


def _without_surrogates(value: Any) -> Any:  # noqa: ANN401 # JSON is anything
    """Replace what UTF-8 cannot carry, as decoding a foreign path does."""
    if isinstance(value, str):
        if value.isascii():
            return value
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value


def _encode(document: dict[str, Any]) -> str:
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    return (text if text.isascii() and "\x7f" not in text else _SUSPECT.sub(_escaped, text)) + "\n"


def _escaped(match: re.Match[str]) -> str:
    if not is_hidden(match[0]):
        return match[0]
    pairs = match[0].encode("utf-16-be")
    return "".join(f"\\u{pairs[at]:02x}{pairs[at + 1]:02x}" for at in range(0, len(pairs), 2))
