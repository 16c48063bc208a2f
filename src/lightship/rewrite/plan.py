"""What one pass over an image does to it: squash, clean and recompress in any combination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from lightship.rewrite.changes import Changes
from lightship.rewrite.records import KeptLayer, NewLayer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.layers.compressing import Compression

PlannedLayer = KeptLayer | NewLayer


class Plan(Struct, frozen=True):
    """A rewrite, decided and not yet done.

    Attributes:
        layers: of the new image, oldest first.
        changes: what is announced of the file tree.
        compression: of layers that are written anew, and of plain ones that a destination wants
            compressed; None for what the destination would have.
        recompresses: whether layers that stay are compressed so too, where that makes their blobs
            smaller. Else they keep their blobs, since nodes and registries share these.
        history: new history of the config; None leaves it.
        created: new `created` of the config, RFC 3339; None leaves it.
        notes: what a person should know.
    """

    layers: Sequence[PlannedLayer]
    changes: Changes = Changes()
    compression: Compression | None = None
    recompresses: bool = False
    history: Sequence[Mapping[str, Any]] | None = None
    created: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether all layers stay and none is compressed anew."""
        return not self.recompresses and all(isinstance(layer, KeptLayer) for layer in self.layers)
