"""Records of OSV, one, many, or a whole ecosystem's zip (ossf.github.io/osv-schema)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec import Struct

from lightship.bases.advisories.advisory import Advisory
from lightship.bases.advisories.osv_ecosystems import (
    Key,
    key_of,
    key_of_osv_name,
    package_name,
    wanted,
)
from lightship.bases.advisories.osv_ranges import affects
from lightship.bases.advisories.osv_record import OsvRecord
from lightship.bases.advisories.unusable import unusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.bases.advisories.advisory import Book, Ecosystem, Source, Subject
    from lightship.bases.advisories.osv_record import Affected


class Store(Protocol):
    """Records by number; of each only its number is remembered."""

    @property
    def is_whole(self) -> bool:
        """Whether it is what OSV publishes of an ecosystem, not a choice of it."""

    def __iter__(self) -> Iterator[tuple[int, bytes | bytearray | memoryview]]:
        """Every record with its number.

        Raises:
            LightshipError: the store cannot be read.
        """

    def read(self, number: int) -> bytes | bytearray | memoryview:
        """One record again."""


class Listed(Struct, frozen=True):
    """Records that are in memory."""

    raws: Sequence[bytes | bytearray | memoryview]
    is_whole: bool = False

    def __iter__(self) -> Iterator[tuple[int, bytes | bytearray | memoryview]]:
        """Every record with its number."""
        return iter(enumerate(self.raws))

    def read(self, number: int) -> bytes | bytearray | memoryview:
        """One record again."""
        return self.raws[number]


class _Name(Struct, gc=False):
    ecosystem: str
    name: str


class _Place(Struct):
    package: _Name | None = None


class _Outline(Struct):
    id: str
    withdrawn: str | None = None
    affected: list[_Place] | None = None


_OUTLINE = msgspec.json.Decoder(_Outline)
_RECORD = msgspec.json.Decoder(OsvRecord)
_BROKEN = (msgspec.DecodeError, UnicodeError, RecursionError)


class Osv:
    """Records, found by the packages that they are about."""

    def __init__(self, source: Source, store: Store) -> None:
        """Read all of them once.

        Raises:
            CorruptInputError: none of them is a record of OSV, or the store cannot be read.
        """
        self.source = source
        self._store = store
        self._numbers: dict[Key, dict[str, list[int]]] = {}
        self._broken = 0
        problem = self._index()
        if problem and not self._numbers:
            raise unusable(source.place, problem)

    def covers(self, ecosystem: Ecosystem) -> bool:
        """Whether any record is about packages of the ecosystem."""
        return key_of(ecosystem) in self._numbers

    def missing(self, ecosystem: Ecosystem, asked: Sequence[Book]) -> str:  # noqa: ARG002 - others say it
        """That these are some records, not an ecosystem's, or that some are broken."""
        if self._broken:
            return f"{self._broken} of the records cannot be read"
        if self._store.is_whole:
            return ""
        numbers = self._numbers[key_of(ecosystem)].values()
        count = len({number for some in numbers for number in some})
        return f"there are only {count} records about {ecosystem.name}, not all of them"

    def found(self, ecosystem: Ecosystem, subjects: Sequence[Subject]) -> Iterator[Advisory]:
        """What the records say of the packages."""
        by_name = self._numbers.get(key_of(ecosystem), {})
        records: dict[int, OsvRecord | None] = {}
        for subject in subjects:
            name, version = wanted(ecosystem, subject)
            told: dict[str, Advisory] = {}
            for number in by_name.get(name, ()):
                if number not in records:
                    records[number] = _record(self._store.read(number))
                record = records[number]
                if record is not None:
                    _add(told, _judged(record, ecosystem, subject, name, version))
            yield from told.values()

    def _index(self) -> str:
        problem = ""
        for number, raw in self._store:
            try:
                outline = _OUTLINE.decode(raw)
            except _BROKEN as broken:
                self._broken += 1
                problem = problem or str(broken)
                continue
            if outline.withdrawn is None:
                self._remember(number, outline)
        return problem

    def _remember(self, number: int, outline: _Outline) -> None:
        for place in outline.affected or ():
            package = place.package
            key = key_of_osv_name(package.ecosystem) if package is not None else None
            if package is None or key is None:
                continue
            numbers = self._numbers.setdefault(key, {}).setdefault(
                package_name(key[0], package.name), []
            )
            if not numbers or numbers[-1] != number:
                numbers.append(number)


def _record(raw: bytes | bytearray | memoryview) -> OsvRecord | None:
    try:
        return _RECORD.decode(raw)
    except _BROKEN:
        return None


def _judged(
    record: OsvRecord, ecosystem: Ecosystem, subject: Subject, name: str, version: str
) -> Iterator[Advisory]:
    """What a record says of a package: a line for each vulnerability that it is about."""
    about = [one for one in record.affected or () if _is_about(one, ecosystem, name)]
    answers = [(one, *affects(one, ecosystem.system, version)) for one in about]
    for affected, answer, fixed in answers:
        if answer is False:
            continue
        for identity in record.identities(of_distribution=bool(ecosystem.distribution)):
            yield Advisory(
                id=identity,
                package=subject.name,
                severity=record.level(affected),
                fixed_version=fixed,
                undetermined=answer is None,
            )


def _is_about(affected: Affected, ecosystem: Ecosystem, name: str) -> bool:
    package = affected.package
    return (
        package is not None
        and key_of_osv_name(package.ecosystem) == key_of(ecosystem)
        and package_name(ecosystem.system, package.name) == name
    )


def _add(told: dict[str, Advisory], news: Iterable[Advisory]) -> None:
    """Several records tell of one vulnerability: what one says counts where another is silent."""
    for one in news:
        before = told.get(one.id)
        if before is None or (before.undetermined and not one.undetermined):
            told[one.id] = one
        elif before.undetermined == one.undetermined:
            told[one.id] = msgspec.structs.replace(
                before,
                severity=before.severity or one.severity,
                fixed_version=before.fixed_version or one.fixed_version,
            )
