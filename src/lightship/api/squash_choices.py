"""What each choice of `--keep` would give: the base's layers, none, or as many as cost nothing."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from lightship.analysis.wire_files import wire_use
from lightship.model.results.rewrite import Choice
from lightship.rewrite.predicting import predicted

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.analysis.ledger import WireUse
    from lightship.api.measuring import Measured
    from lightship.filetree.tree import FileTree
    from lightship.rewrite.plan import Plan

_NEARLY_ALL = 0.95
"""Of the wire bytes that can be won: who keeps more layers for less than the rest does well."""


def dead_above(tree: FileTree, kept: int) -> int:
    """Unpacked dead bytes that were born above the first `kept` layers."""
    return sum(
        sum(compress(index.columns.content_bytes, tree.deaths[base : base + len(index)]))
        for base, index in list(zip(tree.bases, tree.indexes, strict=True))[kept:]
    )


def choices(
    measured: Measured, base_layers: int, chosen: int, squash: Callable[[int], tuple[Plan, int]]
) -> tuple[Choice, ...]:
    """The base's layers, none, the best number, and what was chosen, most layers kept first.

    The best number keeps as many layers as it can and still wins nearly all that can be won.

    Args:
        measured: the image.
        base_layers: so many are the base's; 0 where nobody knows.
        chosen: how many stay by what was asked for.
        squash: the plan that keeps so many, and the visible bytes of its tree.
    """
    use = wire_use(measured.tree, measured.scans)
    found = {_best(use), chosen, 0, base_layers}
    return tuple(
        _choice(measured, use, squash(kept), kept, base_layers, chosen=kept == chosen)
        for kept in sorted(found, reverse=True)
    )


def _best(use: WireUse) -> int:
    whole, won = sum(use.dead_of), 0
    for kept in range(len(use.dead_of) - 1, 0, -1):
        won += use.dead_of[kept]
        if won and won >= whole * _NEARLY_ALL:
            return kept
    return 0


def _choice(
    measured: Measured,
    use: WireUse,
    squash: tuple[Plan, int],
    kept: int,
    base_layers: int,
    *,
    chosen: bool,
) -> Choice:
    plan, visible = squash
    layers = predicted(plan, measured.scans, measured.tree, use)
    wire = len(measured.image.config_bytes or b"") + sum(layer.wire_bytes for layer in layers)
    unpacked = sum(layer.unpacked_bytes for layer in layers)
    shared = {str(scan.digest): scan for scan in measured.scans[: min(kept, base_layers)]}
    return Choice(
        keep="none" if kept == 0 else "base" if kept == base_layers else str(kept),
        kept_layers=kept,
        layers=len(layers),
        wire_bytes=wire,
        unpacked_bytes=unpacked,
        dead_bytes=unpacked - visible,
        pull_with_base_bytes=wire - sum(scan.wire.wire_bytes for scan in shared.values()),
        chosen=chosen,
    )
