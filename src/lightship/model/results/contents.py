"""What an image's bytes are, and whose: a part of what `inspect` answers."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

UNPACKAGED = "unpackaged"
REST = "the rest"
"""The last row of a list that is cut: what all rows left out take together."""
Dimension = Literal["package", "category", "instruction", "directory", "type"]


class Share(Struct, frozen=True):
    """What one group of files takes.

    Attributes:
        name: of the group: a category's or a type's; a directory's with its leading slash; an
            instruction as the history has it, foreign text; or `REST`.
        visible_bytes: content of the distinct inodes in it; all groups add up to the image's.
        wire_bytes: their share of the compressed blobs, an estimate of what they weigh there; all
            groups add up to `WireUse.live_bytes`.
        files: distinct inodes.
        layer: position of the layer that an instruction made; None for other groups.
    """

    name: str
    visible_bytes: int
    wire_bytes: int
    files: int
    layer: int | None = None
    name_base64: str | None = None


class PackageShare(Struct, frozen=True):
    """What one package takes; the rows with `system` None are `UNPACKAGED` and `REST`.

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
    """Every visible byte by package, category, instruction, directory and type; the largest first.

    Each list adds up to the image's visible bytes and to its live wire bytes. Lists of packages,
    directories and types are cut where they are too long, and then end with a row `REST`.

    Attributes:
        package_count: how many packages there are, also those without a visible file.
        directories: of the top two levels; what is below belongs to them.
        notes: package databases and files that could not be read, and why; foreign names inside.
    """

    wire: WireUse
    package_count: int
    packages: tuple[PackageShare, ...]
    categories: tuple[Share, ...]
    instructions: tuple[Share, ...]
    directories: tuple[Share, ...]
    types: tuple[Share, ...]
    notes: tuple[str, ...] = ()
