"""What one pass over an image does to it: squash, clean and recompress in any combination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.rewrite.changes import Changes
from lightship.rewrite.records import KeptLayer, NewLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        command: what made new layers, as their history tells it.
        created: new `created` of the config, RFC 3339, and the latest date in its history; None
            leaves them.
        base_layers: how many of the old layers are the base image's; None where nobody knows.
        old_layers: how many the old image has, where a new layer need not stand for each of them.
        notes: what a person should know.
    """

    layers: Sequence[PlannedLayer]
    changes: Changes = Changes()
    compression: Compression | None = None
    recompresses: bool = False
    command: str = "lightship"
    created: str | None = None
    base_layers: int | None = None
    old_layers: int = 0
    notes: tuple[str, ...] = ()

    @property
    def has_new_layers(self) -> bool:
        """Whether any layer is written anew."""
        return any(isinstance(layer, NewLayer) for layer in self.layers)

    @property
    def keeps_base(self) -> bool:
        """Whether the base image's layers, as far as they are known, stay."""
        if not self.base_layers:
            return not self.has_new_layers
        kept = {layer.position for layer in self.layers if isinstance(layer, KeptLayer)}
        return all(position in kept for position in range(1, self.base_layers + 1))

    @property
    def changes_nothing(self) -> bool:
        """Whether all layers stay and none is compressed anew."""
        fewer = len(self.layers) < self.old_layers
        return not (self.recompresses or fewer or self.has_new_layers)
