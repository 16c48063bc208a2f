"""An image that was read: all that questions about bases need of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.ledger import Ledger
    from lightship.analysis.run_settings import RunSettings
    from lightship.layers.scan import LayerScan
    from lightship.model.documents import HistoryEntry
    from lightship.model.platform import Platform


class Inside(Struct, frozen=True, kw_only=True):
    """An image with what is in it.

    Attributes:
        name: as people call it: its reference, or the name that it bears.
        digest: of its manifest; None where it has none.
        created: as its config says, RFC 3339; None where it says nothing.
        scans: its layers, oldest first.
        ledger: its files, whose they are, and what was captured of them (`wanting.requests()`).
        settings: how a container of it is started.
        base_layers: how many of the lowest layers are its own base's; None if nobody knows.
        base_name: what these are called; foreign text, None where nothing tells.
        base_entries: how many of the first entries of the history are the base's; None where only
            the layers are known.
        base_settings: how a container of the base is started; None where nobody looked into it.
    """

    name: str
    digest: str | None
    platform: Platform
    created: str | None
    config_bytes: int
    history: Sequence[HistoryEntry]
    scans: Sequence[LayerScan]
    ledger: Ledger
    settings: RunSettings
    base_layers: int | None = None
    base_name: str | None = None
    base_entries: int | None = None
    base_settings: RunSettings | None = None

    @property
    def wire_bytes(self) -> int:
        """The config and the distinct layer blobs, compressed."""
        return self.config_bytes + sum(self.layer_wire_bytes.values())

    @property
    def layer_wire_bytes(self) -> dict[str, int]:
        """Compressed bytes of each distinct blob, by its digest."""
        return {str(scan.digest): scan.wire.wire_bytes for scan in self.scans}

    @property
    def unpacked_bytes(self) -> int:
        """Of all records of all positions."""
        return sum(scan.index.unpacked_bytes for scan in self.scans)

    @property
    def diff_ids(self) -> tuple[str, ...]:
        """Of its layers, oldest first."""
        return tuple(str(scan.diff_id) for scan in self.scans)
