"""The bases that are known: the shipped rows, with what `base update` learnt laid over them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.bases.refreshed import Refreshed, read_refreshed
from lightship.catalogue.base_images import BaseRow, Origin, base_images
from lightship.dockerfile.image_name import image_name
from lightship.errors import LightshipError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from lightship.bases.inside import Inside
    from lightship.bases.refreshed import RefreshedProduct, RefreshedRow

_PLAIN = ("created", "version", "user", "system", "libc", "package_manager", "shell", "packages")
_BY_PLATFORM = ("wire_bytes", "unpacked_bytes", "layer_wire_bytes", "digest")
_CLOSE = 0.75
_FACT_OF = {"digest": "digests"}
_ALSO_CALLED = {
    "node": "javascript",
    "nodejs": "javascript",
    "node.js": "javascript",
    "js": "javascript",
    "typescript": "javascript",
    "golang": "go",
    "jdk": "java",
    "jre": "java",
    "kotlin": "java",
    "scala": "java",
    "clojure": "java",
    ".net": "dotnet",
    "csharp": "dotnet",
    "c#": "dotnet",
    "c++": "c",
    "py": "python",
}


class Known(Struct, frozen=True, kw_only=True):
    """What is known of bases on a day.

    Attributes:
        rows: of all of them.
        today: the day by which facts are fresh or stale.
        products: what was learnt of the end of products' support, by `Release.product`.
        notes: what could not be used, one line each.
    """

    rows: tuple[BaseRow, ...]
    today: date
    products: Mapping[str, RefreshedProduct] = {}
    notes: tuple[str, ...] = ()
    by_name: Mapping[str, BaseRow] = {}
    by_digest: Mapping[str, BaseRow] = {}

    def find(self, name: str) -> BaseRow | None:
        """The row of an image, by its name in any spelling; None if it is not known.

        Args:
            name: as a FROM instruction has it: `python:3.13-slim`, `docker.io/library/python`,
                `python:3.13@sha256:...`. With a tag and a digest, the tag's row serves also where
                the digest is of another build of it.
        """
        parsed = image_name(name)
        exact = self.by_digest.get(parsed.digest) if parsed.digest is not None else None
        tag = parsed.tag or ("latest" if parsed.digest is None else "")
        return exact or self.by_name.get(f"{parsed.repository}:{tag}")

    def find_image(self, inside: Inside) -> BaseRow | None:
        """The row of an image that was read, where it is certain: by its manifest's digest."""
        return self.by_digest.get(inside.digest) if inside.digest is not None else None

    def for_language(self, language: str) -> tuple[BaseRow, ...]:
        """The rows of bases for programs in a language, `python`, without regard to case.

        Other names of a language mean the same: `node`, `golang`, `.net`.
        """
        wanted = language.strip().lower()
        wanted = _ALSO_CALLED.get(wanted, wanted)
        return tuple(row for row in self.rows if wanted in row.languages)

    def not_known(self, name: str, hint: str | None) -> str:
        """What to do about a name that neither an engine, a registry nor the catalogue has.

        Args:
            name: as it was written.
            hint: what is to be done besides; None for nothing.
        """
        close = get_close_matches(name, self.by_name, 1, _CLOSE)
        meant = f": did you mean {close[0]}?" if close else "."
        return f"{hint or ''} The catalogue of bases does not know it either{meant}".strip()

    @property
    def languages(self) -> tuple[str, ...]:
        """That there are rows for."""
        return tuple(sorted({language for row in self.rows for language in row.languages}))


def known_bases(folder: Path | None, today: date) -> Known:
    """All that is known; nothing is raised, a file that cannot be used is a note.

    Args:
        folder: the user's data folder, where `base update` writes; None for the shipped rows alone.
        today: the day by which facts are fresh or stale.
    """
    refreshed, notes = _refreshed(folder)
    rows = tuple(_laid_over(base_images(), refreshed.rows))
    return Known(
        rows=rows,
        today=today,
        products={product.name: product for product in refreshed.products},
        notes=notes,
        by_name={row.name: row for row in reversed(rows)},
        by_digest={digest: row for row in reversed(rows) for digest in row.digests.values()},
    )


def _refreshed(folder: Path | None) -> tuple[Refreshed, tuple[str, ...]]:
    if folder is None:
        return Refreshed(), ()
    try:
        return read_refreshed(folder) or Refreshed(), ()
    except LightshipError as problem:
        return Refreshed(), (str(problem),)


def _laid_over(
    shipped: tuple[BaseRow, ...], refreshed: tuple[RefreshedRow, ...]
) -> Iterator[BaseRow]:
    newest = {(row.image, row.tag): row for row in refreshed}
    for row in shipped:
        newer = newest.pop((row.image, row.tag), None)
        yield row if newer is None or newer.seen < row.seen else _with(row, newer)
    for one in newest.values():
        yield _with(BaseRow(image=one.image, tag=one.tag, source=one.source, seen=one.seen), one)


def _with(row: BaseRow, newer: RefreshedRow) -> BaseRow:
    """A row with the facts that were learnt since, each with its own origin."""
    origin = Origin(newer.source, newer.seen)
    facts = {f: value for f in _PLAIN if (value := getattr(newer, f)) is not None}
    origins = {**row.origins, **dict.fromkeys(facts, origin)}
    for fact in _BY_PLATFORM:
        name = _FACT_OF.get(fact, fact)
        values = {
            platform: value
            for platform, said in newer.platforms.items()
            if (value := getattr(said, fact)) not in (None, ())
        }
        origins |= {f"{name} {platform}": origin for platform in values}
        facts[name] = {**getattr(row, name), **values}
    if newer.platforms:
        facts["platforms"], origins["platforms"] = tuple(newer.platforms), origin
        lists = (said.layer_wire_bytes for said in newer.platforms.values())
        if layers := next((len(one) for one in lists if one), None):
            facts["layers"], origins["layers"] = layers, origin
    rounded = tuple(fact for fact in row.rounded if fact not in newer.platforms)
    return msgspec.structs.replace(row, **facts, origins=origins, rounded=rounded)
