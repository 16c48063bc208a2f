"""`squash`: layers above a cut become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Unpack

from lightship.api.options import ReadKeywords, ReadOptions
from lightship.api.rewriting import base_layers, carried_out
from lightship.errors import UsageError
from lightship.filetree.merging import merge
from lightship.rewrite.changes import Changes
from lightship.rewrite.history import squashed_history
from lightship.rewrite.plan import Plan
from lightship.rewrite.records import KeptLayer
from lightship.rewrite.squashing import squashed

if TYPE_CHECKING:
    from lightship.api.measuring import Measured
    from lightship.model.results.rewrite import RewriteResult

Keep = int | Literal["base", "none"]


def squash(
    reference: str,
    destination: str | None = None,
    *,
    keep: Keep = "base",
    base: str | None = None,
    platform: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> RewriteResult:
    """Make one layer of all that lie over the base image, and prove that the files are the same.

    Args:
        reference: the image.
        destination: where the new one goes: `oci:DIR:TAG`, `docker-archive:FILE`...; None only
            plans.
        keep: which first layers stay as they are, so that nodes and registries go on sharing
            them: the base's, none, or so many.
        base: a reference of the base image, or `auto`, as for `inspect`.
        platform: `linux/arm64`...
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: a reference is none, or there are not so many layers.
        UnreachableError: the image is not there.
        CorruptInputError: it is damaged, or has a hard link without a target.
        DestinationError: the destination could not be written; it is as it was.
        InternalError: the proof failed; nothing was kept.
    """
    options = ReadOptions(**reading)

    def make_plan(measured: Measured) -> Plan:
        count = _kept(measured, keep, base, options)
        return squash_plan(measured, count)

    return carried_out(
        "squash", reference, destination, make_plan, platform=platform, options=options
    )


def squash_plan(measured: Measured, kept: int, changes: Changes | None = None) -> Plan:
    """The plan that makes one layer of all above the first `kept`."""
    changes = changes or Changes()
    indexes = [scan.index for scan in measured.scans]
    stay = tuple(KeptLayer(position) for position in range(1, kept + 1))
    if len(indexes) - kept < 2:
        return Plan(tuple(KeptLayer(position) for position in range(1, len(indexes) + 1)))
    below = merge(indexes[:kept]) if kept else None
    new = squashed(measured.tree, below, changes)
    layer_of: list[int | None] = [None] * len(measured.history)
    for position, entry in enumerate(measured.instructions.entries, 1):
        if entry is not None:
            layer_of[entry] = position
    comment = f"layers {kept + 1} to {len(indexes)}"
    history = squashed_history(measured.history, layer_of, kept, comment)
    return Plan((*stay, new), changes, history=history)


def _kept(measured: Measured, keep: Keep, base: str | None, options: ReadOptions) -> int:
    layers = len(measured.scans)
    if keep == "none":
        return 0
    if keep == "base":
        return base_layers(measured, base, options)
    if not 0 <= keep <= layers:
        raise UsageError(f"the image has {layers} layers, so {keep} cannot stay")
    return keep
