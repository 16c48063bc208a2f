"""The config of a new image against the old one, field by field, as it was stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.model import jsontext
from lightship.model.digest import Digest
from lightship.model.documents import MAX_CONFIG_BYTES
from lightship.rewrite.differences import Difference
from lightship.rewrite.rawjson import RawObject, dumped, elements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.transports.storing import StagedBlob

_Key = tuple[str, ...]

_MOST_SHOWN = 200
_ABSENT = "absent"  # no JSON
_OBJECT = "an object"
_OPENED = ("config", "rootfs")  # objects whose members are fields of their own
_ROOTFS, _DIFF_IDS = ("rootfs", ""), ("rootfs", "diff_ids")


def compare_configs(
    old: bytes,
    new: StagedBlob,
    diff_ids: Sequence[Digest],
    *,
    history: str | None,
    created: str | None,
) -> tuple[int, list[Difference]]:
    """Hold every field of the stored config against the old one, or what was announced of it.

    A field is equal if its text is: numbers and unknown values are what they were to the letter.

    Args:
        old: the raw config of the old image.
        new: the new one, which is read back.
        diff_ids: of the new layers.
        history: what was announced, as JSON; None where it stays.
        created: likewise, RFC 3339.

    Returns:
        How many fields were compared, and what differs.
    """
    with new.open() as stream:
        data = stream.read(MAX_CONFIG_BYTES + 1)
    try:
        jsontext.parse(data, what="the new config", limit=MAX_CONFIG_BYTES)
        after = _fields(data)
    except CorruptInputError as problem:
        return 0, [Difference(b"", "config", "a config", problem.what)]
    wanted = _fields(old)
    ids = [dumped(str(diff_id)) for diff_id in diff_ids]
    old_ids = wanted.get(_DIFF_IDS, "null")
    if (elements(old_ids) if old_ids != "null" else []) != ids:
        if wanted.pop(("rootfs",), None) is not None or _ROOTFS not in wanted:
            wanted |= {_ROOTFS: _OBJECT, ("rootfs", "type"): dumped("layers")}
        wanted[_DIFF_IDS] = "[" + ",".join(ids) + "]"
    if history is not None:
        wanted[("history",)] = history
    if created is not None:
        wanted[("created",)] = dumped(created)
    wrong = []
    for key in {**wanted, **after}:
        before, found = wanted.get(key, _ABSENT), after.get(key, _ABSENT)
        if before != found:
            name = ".".join(key).encode("utf-8", "replace")
            shown = (before[:_MOST_SHOWN], found[:_MOST_SHOWN])
            wrong.append(Difference(name, "config", *shown))
    if new.digest.algorithm == "sha256" and new.digest != Digest.of(data):
        wrong.append(Difference(b"", "config", new.digest, "bytes of another digest"))
    return len(wanted), wrong


def _fields(data: bytes) -> dict[_Key, str]:
    """The fields' texts by their keys, which are told apart whatever their case, as Go does it."""
    fields: dict[_Key, str] = {}
    for key, text in RawObject.of(data).items():
        if key in _OPENED and text.startswith("{"):
            fields[(key, "")] = _OBJECT
            fields |= {(key, inner): value for inner, value in RawObject(text).items()}
        else:
            fields[(key,)] = text
    return fields
