"""What an image's bytes are, and whose: a part of what `inspect` answers."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

UNPACKAGED = "unpackaged"
Dimension = Literal["package", "category", "instruction", "directory", "type"]


class Share(Struct, frozen=True):
    """What one group of files takes.

    Attributes:
        name: of the group, such as a category or a directory; foreign text where it is a path.
        visible_bytes: content of the distinct inodes in it; all groups add up to the image's.
        wire_bytes: their share of the compressed blobs, an estimate of what they weigh there; all
            groups add up to `WireUse.live_bytes`.
        files: distinct inodes.
    """

    name: str
    visible_bytes: int
    wire_bytes: int
    files: int
    name_base64: str | None = None


class PackageShare(Struct, frozen=True):
    """What one package takes; the row with `system` None is everything unpackaged.

    Attributes:
        requested: whether somebody asked for it by name; None where its system does not tell.
        layer: the lowest layer that holds one of its visible files; None if it has none.
    """

    name: str
    version: str | None
    system: str | None
    visible_bytes: int
    wire_bytes: int
    files: int
    requested: bool | None = None
    layer: int | None = None


class WireUse(Struct, frozen=True):
    """What the distinct layer blobs hold; with the config it adds up to the image's `wire_bytes`.

    Attributes:
        live_bytes: of contents that are visible.
        dead_bytes: of contents that are not.
        overhead_bytes: headers, padding, markers, directories, links, trailers.
        config_bytes: the config blob.
        estimated: whether a blob's own size is an estimate. The shares always are.
    """

    live_bytes: int
    dead_bytes: int
    overhead_bytes: int
    config_bytes: int
    estimated: bool


class Contents(Struct, frozen=True):
    """Every visible byte by package, category, instruction and type; the largest first.

    Attributes:
        packages: all of them, also those without a visible file.
        directories: of the top two levels, those that hold most; the last row is the rest.
        notes: package databases and files that could not be read, and why; foreign names inside.
    """

    wire: WireUse
    packages: tuple[PackageShare, ...]
    categories: tuple[Share, ...]
    instructions: tuple[Share, ...]
    directories: tuple[Share, ...]
    types: tuple[Share, ...]
    notes: tuple[str, ...] = ()
