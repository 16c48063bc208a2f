"""An application on a base: what the judges are asked about."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.bases.indexes.index import NO_INDEXES, Indexes
from lightship.bases.landing import Landing, land
from lightship.bases.loads import Loads, loads_of
from lightship.bases.scene import Scene

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
    def before(self) -> Scene:
        """The image as it is, started without what goes with its old base."""
        application, landing = self.application, self.landing
        ours, own = application.inside.settings, application.own
        stays = own.entrypoint or (landing and landing.settings.entrypoint == ours.entrypoint)
        entrypoint = ours.entrypoint if stays or not own.command else ()
        healthcheck = ours.healthcheck if own.healthcheck else ()
        if (entrypoint, healthcheck) == (ours.entrypoint, ours.healthcheck):
            return application.scene
        settings = replace(ours, entrypoint=entrypoint, healthcheck=healthcheck)
        return Scene(records=application.inside.ledger.records, settings=settings)

    @cached_property
    def loads(self) -> Loads:
        """How its ELF files start there."""
        return loads_of(self)
