"""A base that an application might be put on: what a catalogue says of it, what was seen in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from lightship.bases.inside import Inside
    from lightship.catalogue.base_images import BaseRow


class Candidate(Struct, frozen=True):
    """A base; at least one of `row` and `inside` is there.

    Attributes:
        name: as a FROM instruction names it.
        row: what the catalogue says of it.
        inside: what was seen in it; None where nobody opened it.
    """

    name: str
    row: BaseRow | None = None
    inside: Inside | None = None
