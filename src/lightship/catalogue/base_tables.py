"""Reads the tables of `bases/`, which say each thing once: of a system, of an image, of a tag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping  # noqa: TC003 - msgspec reads the annotations
from datetime import date  # noqa: TC003 - as well
from importlib.resources import files

import msgspec
from msgspec import Struct

from lightship.catalogue.base_images import BaseRow, Kind, Libc, Origin

_TABLES: dict[str, Kind] = {"systems": "system", "languages": "language", "servers": "server"}
_PAGES = "docker-library/repo-info repos"
_WITHOUT_SHELL = ("libc", "package_manager")
_OF_SYSTEM = (*_WITHOUT_SHELL, "shell", "shells")


class _System(Struct, frozen=True, forbid_unknown_fields=True):
    """What all images of a system have, if their row says nothing else."""

    name: str
    source: str
    seen: date
    libc: Libc | None = None
    package_manager: str | None = None
    shell: str | None = None
    shells: tuple[str, ...] = ()


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    """One tag, as systems.toml says."""

    tag: str
    variant: str
    commit: str = ""
    excerpt: bool = False
    source: str = ""
    seen: date | None = None
    created: date | None = None
    system: str | None = None
    version: str | None = None
    libc: Libc | None = None
    package_manager: str | None = None
    shell: str | None = None
    shells: tuple[str, ...] = ()
    user: str | None = None
    layers: int | None = None
    packages: int | None = None
    wire_bytes: Mapping[str, int] = {}
    unpacked_bytes: Mapping[str, int] = {}
    layer_wire_bytes: Mapping[str, tuple[int, ...]] = {}
    platforms: str = ""
    digests: Mapping[str, str] = {}
    origins: Mapping[str, Origin] = {}
    rounded: tuple[str, ...] = ()
    stale: str | None = None
    unverified: str | None = None
    notes: tuple[str, ...] = ()


class _Image(Struct, frozen=True, forbid_unknown_fields=True):
    image: str
    row: tuple[_Row, ...]
    languages: tuple[str, ...] = ()
    product: str = ""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    image: tuple[_Image, ...]
    system: tuple[_System, ...] = ()


def read_rows() -> Iterator[BaseRow]:
    """The rows of all tables, with what their systems and images add."""
    folder = files(__package__).joinpath("bases")
    texts = {name: folder.joinpath(f"{name}.toml").read_text(encoding="utf-8") for name in _TABLES}
    tables = {name: msgspec.toml.decode(text, type=_Table) for name, text in texts.items()}
    systems = {system.name: system for table in tables.values() for system in table.system}
    for name, table in tables.items():
        for image in table.image:
            for row in image.row:
                system = systems.get((row.system or "").partition(" ")[0])
                yield _whole(row, image, system, _TABLES[name])


def _whole(row: _Row, image: _Image, system: _System | None, kind: Kind) -> BaseRow:
    facts = msgspec.structs.asdict(row)
    del facts["commit"], facts["excerpt"]
    seen = row.seen or row.created
    if seen is None:
        raise ValueError(f"{image.image}:{row.tag} says nothing of its day")
    facts |= {"image": image.image, "languages": image.languages, "seen": seen}
    facts |= {
        "kind": kind,
        "product": image.product or image.image,
        "source": _source(row, image.image),
    }
    facts["platforms"] = tuple(f"linux/{one}" for one in row.platforms.split())
    for fact in ("wire_bytes", "unpacked_bytes", "layer_wire_bytes", "digests"):
        facts[fact] = {f"linux/{one}": value for one, value in facts[fact].items()}
    facts["layers"] = _layers(row)
    return BaseRow(**facts | _inherited(row, system))


def _layers(row: _Row) -> int | None:
    if row.layers is not None:
        return row.layers
    return next((len(layers) for layers in row.layer_wire_bytes.values()), None)


def _inherited(row: _Row, system: _System | None) -> dict[str, object]:
    if system is None:
        return {}
    # Who names a shell of its own has not the system's.
    lacks = _OF_SYSTEM if row.shell is None else _WITHOUT_SHELL
    missing = {f: getattr(system, f) for f in lacks if getattr(row, f) in (None, ())}
    missing = {fact: value for fact, value in missing.items() if value not in (None, ())}
    origin = Origin(system.source, system.seen)
    return {**missing, "origins": {**dict.fromkeys(missing, origin), **row.origins}}


def _source(row: _Row, image: str) -> str:
    if row.source:
        return row.source
    page = f"{_PAGES}/{image}/remote/{row.tag}.md"
    return f"{page}, excerpt" if row.excerpt else f"{page} @{row.commit}"
