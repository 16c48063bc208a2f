"""Strict reading of the JSON documents of an image.

Where two readers could read one document differently it is refused; otherwise Go's reading
(encoding/json, as in BuildKit, containerd and Docker) is followed: the keys of a structure match
whatever their case, null means absent, half a surrogate pair is U+FFFD. The keys of a map
(labels, annotations) are told apart by case, there as here.
"""

from __future__ import annotations

import functools
import json
import re
from typing import NoReturn, TypeVar

import msgspec
from msgspec import inspect as shapes

from lightship.errors import CorruptInputError
from lightship.units import format_bytes

T = TypeVar("T")

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def decode(data: bytes, type_: type[T], *, what: str, limit: int) -> T:
    """Read one whole document of at most `limit` bytes as a `type_`.

    Args:
        data: the raw bytes.
        type_: a structure of `model.documents`, or a list of them.
        what: names the document in messages: `index.json of x.tar`.
        limit: how many bytes such a document may have.

    Raises:
        CorruptInputError: for whatever is wrong with it.
    """
    return convert(parse(data, what=what, limit=limit), type_, what=what)


def parse(data: bytes, *, what: str, limit: int) -> object:
    """Read one whole document into plain values; `decode` without the types.

    Raises:
        CorruptInputError: too long, no UTF-8, no JSON, nested too deeply, or a key given twice.
    """
    if len(data) > limit:
        refuse_size(what, len(data), limit)
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
        return _mended(value) if _SURROGATE_ESCAPE.search(data) else value
    except UnicodeDecodeError as error:
        raise CorruptInputError(f"{what} is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise CorruptInputError(
            f"{what} is no JSON: {error.msg.lower()} at character {error.pos}"
        ) from None
    except RecursionError:
        raise CorruptInputError(f"{what} is nested too deeply") from None
    except _AmbiguousKeyError as error:
        raise CorruptInputError(
            f"{what} has the key {str(error)[:80]!r} twice", _TWO_READERS
        ) from None
    except ValueError:
        raise CorruptInputError(f"{what} holds a number that no reader takes") from None


def convert(value: object, type_: type[T], *, what: str) -> T:
    """Give plain values their types.

    Raises:
        CorruptInputError: something has another type, is missing, or a structure has two keys
            that differ in case only.
    """
    try:
        return msgspec.convert(_as_go_reads(value, _shape(type_)), type_)  # type: ignore[arg-type]
    except msgspec.ValidationError as error:
        raise CorruptInputError(f"{what} is not well-formed: {_lower(str(error))}") from None
    except _AmbiguousKeyError as error:
        raise CorruptInputError(
            f"{what} has keys that differ only in case: {str(error)[:80]!r}", _TWO_READERS
        ) from None
    except (RecursionError, OverflowError, ValueError):
        raise CorruptInputError(f"{what} is not well-formed") from None


def refuse_size(what: str, size: int, limit: int) -> NoReturn:
    """Raise the error for a document that is larger than its kind may be."""
    raise CorruptInputError(
        f"{what} has {size} bytes, more than the limit of {limit} ({format_bytes(limit)})",
        "No engine writes one so large, and lightship reads none.",
    )


_TWO_READERS = "Two readers would see two different images."


class _AmbiguousKeyError(Exception):
    """A key that not all readers would take the same value for."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _AmbiguousKeyError(key)
            seen.add(key)
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


def _mended(value: object) -> object:
    if isinstance(value, str):
        return _LONE_SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


@functools.cache
def _shape(type_: object) -> shapes.Type:
    return shapes.type_info(type_)


def _as_go_reads(value: object, shape: shapes.Type) -> object:
    """`value` with each structure's keys spelled as `shape` spells them, and nulls left out."""
    if isinstance(shape, shapes.UnionType):
        if value is None:
            return None
        shape = next((t for t in shape.types if not isinstance(t, shapes.NoneType)), shape)
    if isinstance(shape, shapes.ListType) and isinstance(value, list):
        return [_as_go_reads(item, shape.item_type) for item in value]
    if isinstance(shape, shapes.StructType) and isinstance(value, dict):
        return _structure(value, shape)
    return value


def _structure(value: dict[str, object], shape: shapes.StructType) -> dict[str, object]:
    fields = {field.encode_name.casefold(): field for field in shape.fields}
    result: dict[str, object] = {}
    seen: set[str] = set()
    for key, item in value.items():
        folded = key.casefold()
        if folded in seen:
            raise _AmbiguousKeyError(key)
        seen.add(folded)
        field = fields.get(folded)
        if field is not None and item is not None:
            result[field.encode_name] = _as_go_reads(item, field.type)
    return result


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
