"""The `index.json` of an OCI layout, edited: one name stands for something else, the rest stays.

Format: OCI image-spec v1.1, image-layout.md ("index.json file") and image-index.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lightship.errors import CorruptInputError, DestinationError
from lightship.model import jsontext
from lightship.model.documents import MAX_MANIFEST_BYTES, Descriptor, Index
from lightship.transports.image_names import FULL_NAME, TAG, ImageName
from lightship.transports.index_entries import dumped
from lightship.transports.layout_directory import read_beginning
from lightship.transports.store import blob_name, check_digest, checked_digest

if TYPE_CHECKING:
    from collections.abc import Mapping

_Object = dict[str, object]
_MEND = "Write to another directory, or mend this one first."


class LayoutIndex:
    """An `index.json` that is being edited.

    Args:
        data: the raw file; None where there is none.
        where: its path, for messages.

    Raises:
        DestinationError: it breaks its format.
    """

    def __init__(self, data: bytes | None, where: str) -> None:
        self._where = where
        self._document: _Object = {"schemaVersion": 2}
        self._key = "manifests"
        self._rows: list[tuple[_Object, Descriptor]] = []
        if data is not None:
            self._read(data)

    def named(self, name: ImageName) -> list[Descriptor]:
        """The entries of a name.

        Raises:
            DestinationError: it is the tag of several images with different full names.
        """
        found = [self._rows[number][1] for number in self._numbers(name)]
        names = {(view.annotations or {}).get(FULL_NAME, "") for view in found}
        if len(names) > 1:
            raise DestinationError(
                f"{self._where} has {len(names)} images with the tag {name.tag!r}: "
                f"{', '.join(sorted(names))}",
                "Write the full name of the one to replace.",
            )
        return found

    def raw(self, name: ImageName) -> list[_Object]:
        """The same, as they are in the file, without their names."""
        return [_unnamed(self._rows[number][0]) for number in self._numbers(name)]

    def document(self, descriptor: Descriptor, directory: str) -> bytes | None:
        """The raw document that an entry points at; None where it is not stored.

        Raises:
            DestinationError: it is corrupt.
            OSError: it cannot be read.
        """
        try:
            digest = checked_digest(descriptor.digest, what=self._where)
            path = f"{directory}/{blob_name(digest)}"
            data = read_beginning(path, MAX_MANIFEST_BYTES + 1)
            if data is not None:
                check_digest(data, digest, what=path)
        except CorruptInputError as error:
            raise DestinationError(error.what, _MEND) from None
        return data

    def shortest(self, name: ImageName) -> str:
        """What selects a name: its tag, where no other image has that."""
        return name.tag if len(self._numbers(ImageName(name.tag))) == 1 else name.full or name.tag

    def point(self, name: ImageName, descriptor: Mapping[str, object]) -> None:
        """Let a name stand for something, in the place of what it stood for."""
        numbers = self._numbers(name)
        old: dict[str, str] = {}
        for number in numbers:
            old |= self._rows[number][1].annotations or {}
        kept = {key: old[key] for key in (FULL_NAME, TAG) if key in old}
        entry = self._row({**descriptor, "annotations": {**name.annotations, **kept}})
        first = numbers[0] if numbers else len(self._rows)
        rest = [row for n, row in enumerate(self._rows) if n > first and n not in numbers]
        self._rows = [*self._rows[:first], entry, *rest]

    def add_unnamed(self, descriptor: Mapping[str, object]) -> None:
        """List something that has no name."""
        if descriptor["digest"] not in {view.digest for _, view in self._rows}:
            self._rows.append(self._row(dict(descriptor)))

    def data(self) -> bytes:
        """The raw file.

        Raises:
            DestinationError: it holds what JSON cannot.
        """
        return dumped({**self._document, self._key: [raw for raw, _ in self._rows]}, self._where)

    def _read(self, data: bytes) -> None:
        try:
            value = jsontext.parse(data, what=self._where, limit=MAX_MANIFEST_BYTES)
            index = jsontext.convert(value, Index, what=self._where)
        except CorruptInputError as error:
            raise DestinationError(error.what, _MEND) from None
        self._document = cast("_Object", value)  # `convert` takes no other shape
        keys = [key for key in self._document if key.casefold() == "manifests"]
        self._key = keys[0] if keys else "manifests"
        raw = cast("list[_Object]", self._document.get(self._key) or [])
        self._rows = list(zip(raw, index.manifests or [], strict=True))

    def _numbers(self, name: ImageName) -> list[int]:
        return [
            number
            for number, (_, view) in enumerate(self._rows)
            if name.is_that_of(view.annotations or {})
        ]

    def _row(self, entry: _Object) -> tuple[_Object, Descriptor]:
        return entry, jsontext.convert(entry, Descriptor, what=self._where)


def _unnamed(entry: _Object) -> _Object:
    made = dict(entry)
    for key, value in entry.items():
        if key.casefold() == "annotations" and isinstance(value, dict):
            made[key] = {k: v for k, v in value.items() if k not in (FULL_NAME, TAG)}
    return made
