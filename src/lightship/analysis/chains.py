"""Chains of layers: how far two images begin alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def common_layers(diff_ids: Sequence[str], others: Sequence[str]) -> int:
    """How many of the first layers two images share: what a snapshotter keeps once for both.

    OCI image-spec, config.md, "Layer ChainID": a layer is another one on another layer below.
    """
    count = 0
    for ours, theirs in zip(diff_ids, others, strict=False):
        if ours != theirs:
            break
        count += 1
    return count
