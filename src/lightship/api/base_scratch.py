"""`scratch` as a base: nothing at all, which a FROM instruction can begin from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.run_settings import run_settings
from lightship.api.explaining import explain
from lightship.api.measuring import measured_from
from lightship.bases.candidate import Candidate
from lightship.bases.inside import Inside
from lightship.model.documents import Config
from lightship.model.platform import Platform
from lightship.model.reference import Reference

if TYPE_CHECKING:
    from lightship.model.image import Layer

SCRATCH = "scratch"


class _Nothing(Struct, frozen=True):
    """An image without layers (`model.image.Image`)."""

    platform: Platform
    reference: Reference = Reference(SCRATCH, "", "")
    digest: None = None
    config_bytes: None = None
    names: tuple[str, ...] = ()
    stores_wire_blobs: bool = True
    layers: tuple[Layer, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def config(self) -> Config:
        """An empty one."""
        return Config()


def scratch(platform: str) -> Candidate:
    """The empty base for a platform: everything is known of it, for there is nothing in it."""
    image = _Nothing(Platform.parse(platform))
    measured = measured_from(image, [])
    inside = Inside(
        name=SCRATCH,
        digest=None,
        platform=image.platform,
        created=None,
        config_bytes=0,
        history=(),
        scans=(),
        ledger=explain(measured),
        settings=run_settings(image),
    )
    return Candidate(name=SCRATCH, inside=inside)
