"""Wire bytes by directory: the shares of an image's live files, those of dead ones, and overhead.

Shares are estimates; the sums are exact: all together are the image's `wire_bytes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.places import find_places
from lightship.analysis.wire_files import wire_use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.filetree.tree import FileTree
    from lightship.layers.scan import LayerScan


class WireShares(Struct, frozen=True):
    """An image's `wire_bytes`, shared out.

    Attributes:
        directories: by the path of the directory that a visible inode's first name is in; the
            root is `b""`.
        dead: of records that have no name in the final tree any more.
        overhead: the config, and in the blobs what is no file's content.
    """

    directories: dict[bytes, int]
    dead: int
    overhead: int


def wire_shares(
    tree: FileTree, scans: Sequence[LayerScan], config_bytes: bytes | None
) -> WireShares:
    """Add up the files' shares, directory by directory.

    Args:
        tree: of all layers merged.
        scans: one a position of the tree.
        config_bytes: the raw config, where there is one.
    """
    use = wire_use(tree, scans)
    share = use.wire_of.__getitem__
    directories = {
        place.path: sum(map(share, place.records)) for place in find_places(tree) if place.records
    }
    return WireShares(
        directories=directories,
        dead=sum(use.dead_of),
        overhead=len(config_bytes or b"") + sum(use.overhead_of),
    )
