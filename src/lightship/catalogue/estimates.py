"""What resolving a smell saves where no image tells: the rows of estimates.toml.

Another base image has its row from smaller_bases.toml, as `slim-IMAGE`: the sizes that a registry
tells are compressed ones.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.catalogue.smaller_bases import smaller_bases

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNPACKED_PER_WIRE = 2.7
"""Of a minimal Debian 12: 164.0 MB of files, 60.5 MB as a gzip layer (level 6)."""


class Estimate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of estimates.toml, which says what each field means."""

    unpacked_bytes: int
    wire_bytes: int | None = None
    source: str


@cache
def estimates() -> dict[str, Estimate]:
    """The rows by name."""
    text = files(__package__).joinpath("estimates.toml").read_text(encoding="utf-8")
    return {**msgspec.toml.decode(text, type=dict[str, Estimate]), **dict(_smaller_bases())}


def other_base(wire_bytes: tuple[int, int], source: str) -> Estimate:
    """What another base saves, of which only the compressed sizes are known.

    Args:
        wire_bytes: of the base as it is, and of the other one, which is smaller.
        source: of these, in words.
    """
    saved = wire_bytes[0] - wire_bytes[1]
    return Estimate(
        unpacked_bytes=round(saved * _UNPACKED_PER_WIRE),
        wire_bytes=saved,
        source=f"{source}, unpacked {_UNPACKED_PER_WIRE} times as much",
    )


def _smaller_bases() -> Iterator[tuple[str, Estimate]]:
    for row in smaller_bases().values():
        if row.wire_bytes is None:
            continue
        full, smaller = row.example
        source = f"{row.image}:{full} and {row.image}:{smaller} as Docker Hub has them"
        yield f"slim-{row.image}", other_base(row.wire_bytes, source)
