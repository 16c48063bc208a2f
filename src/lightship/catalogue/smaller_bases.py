"""Which base images have a smaller sibling, and what goes with the rest."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class SmallerBase(Struct, frozen=True, forbid_unknown_fields=True):
    """One row of smaller_bases.toml, which says what each field means."""

    image: str
    full: str
    addition: str
    example: tuple[str, str]
    lacks: tuple[str, ...]
    loses: str
    wire_bytes: tuple[int, int] | None = None
    musl: tuple[str, int] | None = None

    def sibling(self, tag: str) -> str | None:
        """The smaller one's tag; None if this tag is not known to be a full variant's."""
        found = re.fullmatch(self.full, tag)
        if found is None:
            return None
        return tag[: found.start("at")] + self.addition + tag[found.end("at") :]


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    base: tuple[SmallerBase, ...]


@cache
def smaller_bases() -> dict[str, SmallerBase]:
    """The rows by repository."""
    text = files(__package__).joinpath("smaller_bases.toml").read_text(encoding="utf-8")
    return {row.image: row for row in msgspec.toml.decode(text, type=_Table).base}
