"""How images are read: what every public function takes besides its question.

Importing this brings no reader of layers along: `--manifest-only` needs none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

from msgspec import Struct, field
from msgspec.structs import replace

from lightship.layers.limits import Limits
from lightship.net.options import NetOptions
from lightship.progress import SILENT, Progress
from lightship.transports.access import Access

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.layers.cache import Cache, CachePlace
    from lightship.layers.reading import Reading


class ReadKeywords(TypedDict, total=False):
    """The fields of `ReadOptions`, as keyword arguments of the public functions."""

    exact: bool
    verify: bool
    limits: Limits
    cache: CachePlace | Literal["default"] | None
    jobs: int | None
    progress: Progress
    network: NetOptions
    auth_file: Path | None


class ReadOptions(Struct, frozen=True, kw_only=True):
    """How an image is read.

    Attributes:
        exact: compress plain layers whole for their wire size, instead of estimating it.
        verify: read every byte again, also where the cache knows them.
        limits: what the image may ask of this machine.
        cache: where layer indexes are kept; None for nowhere.
        jobs: layers read at the same time; None for as many as there are cores, up to four.
        progress: told what is being read; may be called from several threads.
        network: how registries are reached.
        auth_file: a file with registry credentials; None for the usual places.
    """

    exact: bool = False
    verify: bool = False
    limits: Limits = field(default_factory=Limits)
    cache: CachePlace | Literal["default"] | None = "default"
    jobs: int | None = None
    progress: Progress = SILENT
    network: NetOptions = NetOptions()
    auth_file: Path | None = None

    def cache_place(self) -> CachePlace | None:
        """Where the cache is; None for no cache."""
        if self.cache != "default":
            return self.cache
        from lightship.layers.cache import CachePlace  # noqa: PLC0415 - only who reads layers

        return CachePlace.default()

    def open_cache(self) -> Cache | None:
        """The cache, ready to use."""
        from lightship.layers.cache import Cache  # noqa: PLC0415 - likewise

        place = self.cache_place()
        return Cache(place) if place is not None else None

    def access(self) -> Access:
        """How registries and engines are reached."""
        return Access(network=self.network, auth_file=self.auth_file, progress=self.progress)

    def reading(self) -> Reading:
        """The reading of one image."""
        from lightship.layers.reading import Reading  # noqa: PLC0415 - likewise

        return replace(Reading.within(self.limits), exact_wire=self.exact, progress=self.progress)
