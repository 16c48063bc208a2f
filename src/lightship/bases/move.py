"""An application on a base: what the judges are asked about."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.bases.indexes.index import NO_INDEXES, Indexes
from lightship.bases.landing import Landing, land
from lightship.bases.loads import Loads, loads_of

if TYPE_CHECKING:
    from lightship.bases.application import Application
    from lightship.bases.candidate import Candidate


class Move(Struct, frozen=True, dict=True):
    """One application, one candidate, and the indexes of packages that are at hand."""

    application: Application
    candidate: Candidate
    indexes: Indexes = NO_INDEXES

    @cached_property
    def landing(self) -> Landing | None:
        """The two merged; None where nobody looked into the candidate, or they make no tree."""
        if self.candidate.inside is None:
            return None
        return land(self.application, self.candidate.inside)

    @cached_property
    def loads(self) -> Loads:
        """How its ELF files start there."""
        return loads_of(self)
