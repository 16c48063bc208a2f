"""Open an image, read its layers, merge them: what every question about an image begins with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from lightship.analysis.instructions import Instructions, map_history
from lightship.api.opening import parse_platform
from lightship.filetree.merging import merge
from lightship.layers.captures import NO_CAPTURES
from lightship.layers.indexing import index_layers
from lightship.layers.reading import read_layer
from lightship.transports.opening import open_all_platforms, open_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.api.options import ReadOptions
    from lightship.filetree.tree import FileTree
    from lightship.layers.captures import Captures
    from lightship.layers.reading import Reading
    from lightship.layers.scan import LayerScan
    from lightship.model.documents import HistoryEntry
    from lightship.model.image import Image

_MOST_JOBS = 4


class Measured(Struct, frozen=True, kw_only=True):
    """An image with everything that its layers hold."""

    image: Image
    scans: Sequence[LayerScan]
    tree: FileTree
    instructions: Instructions

    @property
    def history(self) -> Sequence[HistoryEntry]:
        """The config's history, oldest first; empty where there is none."""
        return self.image.config.history or ()


def measure(
    reference: str,
    platform: str | None,
    options: ReadOptions,
    captures: Captures = NO_CAPTURES,
) -> Measured:
    """Open one image and read it; `captures` are what is to be kept of its files' contents.

    Raises:
        LightshipError: the reference is wrong, the image cannot be reached, or it is damaged.
    """
    image, reading = _opened(reference, platform, options, captures)
    return measured_image(image, options, reading)


def open_read(reference: str, platform: str | None, options: ReadOptions) -> Image:
    """Open one image for its documents; layers are read only where they come by anyway.

    Raises:
        LightshipError: as `measure`.
    """
    return _opened(reference, platform, options, NO_CAPTURES)[0]


def _opened(
    reference: str, platform: str | None, options: ReadOptions, captures: Captures
) -> tuple[Image, Reading]:
    wanted = parse_platform(platform)
    pipe = _Pipe(replace(options.reading(), captures=captures))
    try:
        image = open_image(
            reference, platform=wanted, read_layer=pipe.read, access=options.access()
        )
    finally:
        pipe.close()
    return image, pipe.reading


def measure_all(
    reference: str, options: ReadOptions, captures: Captures = NO_CAPTURES
) -> tuple[Measured, ...]:
    """Open an image for every platform that is stored, and read them all.

    Raises:
        LightshipError: as `measure`.
    """
    pipe = _Pipe(replace(options.reading(), captures=captures))
    try:
        images = open_all_platforms(reference, read_layer=pipe.read, access=options.access())
    finally:
        pipe.close()
    return tuple(
        measured_image(image, options, replace(options.reading(), captures=captures))
        for image in images
    )


def measured_image(image: Image, options: ReadOptions, reading: Reading | None = None) -> Measured:
    """Read an image that is open."""
    reading = reading or options.reading()
    scans = index_layers(
        image,
        replace(reading, stores_wire_blobs=image.stores_wire_blobs),
        cache=options.open_cache(),
        jobs=options.jobs or min(_MOST_JOBS, os.cpu_count() or 1),
        trust_cache=not options.verify,
    )
    return measured_from(image, scans)


def measured_from(image: Image, scans: Sequence[LayerScan]) -> Measured:
    """An image whose layers were read."""
    return Measured(
        image=image,
        scans=scans,
        tree=merge([scan.index for scan in scans]),
        instructions=map_history(image.config.history or (), [len(scan.index) for scan in scans]),
    )


class _Pipe:
    """Reads layers that come through a pipe, and shows it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._begun = False

    def read(self, stream: BinaryIO) -> LayerScan:
        if not self._begun:
            self._begun = True
            self.reading.progress.begin("reading layers", None)
        return read_layer(stream, self.reading)

    def close(self) -> None:
        if self._begun:
            self.reading.progress.end()
