"""`squash`: layers above a cut become one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple, Unpack

from msgspec.structs import replace

from lightship.api.explaining import captures
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.api.removal_choice import removal_choice
from lightship.api.rewriting import (
    Order,
    base_end,
    carried_out,
    clamped_ns,
    source_date_text,
)
from lightship.api.rewritten import Planned
from lightship.api.squash_choices import choices, dead_above
from lightship.errors import UsageError
from lightship.filetree.merging import merge
from lightship.layers.captures import NO_CAPTURES
from lightship.rewrite.changes import Changes, stargz_leftovers, told_leftovers
from lightship.rewrite.plan import Plan
from lightship.rewrite.proving import visible_bytes
from lightship.rewrite.records import KeptLayer, NewLayer
from lightship.rewrite.removing import squashed_without
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.analysis.base_end import BaseEnd
    from lightship.api.measuring import Measured
    from lightship.api.removal_choice import Choice
    from lightship.api.removal_wanted import Wanted
    from lightship.layers.compressing import Compression
    from lightship.model.results.rewrite import RewriteResult

Keep = int | Literal["base", "none"]


def squash(
    reference: str,
    destination: str | None = None,
    *,
    keep: Keep = "base",
    base: str | None = None,
    compression: Compression | None = None,
    clean: Wanted | None = None,
    clamp_mtime: bool = False,
    platform: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> RewriteResult:
    """Make one layer of all that lie over the base image, and prove that the files are the same.

    Nothing is written where nothing would be won: the result then says why. `SOURCE_DATE_EPOCH`
    sets when the config was created.

    Args:
        reference: the image.
        destination: where the new one goes: `oci:DIR:TAG`, `docker-archive:FILE`...; None only
            plans.
        keep: which first layers stay as they are, so that nodes and registries go on sharing
            them: the base's, none, or so many. Where nobody knows the base, the first stays.
        base: a reference of the base image, or `auto`, as for `inspect`.
        compression: of the new layer; None for what the destination would have.
        clean: what is taken out as well, in the same pass, as `lightship.api.cleaning.wanted_of`
            gives it; None for nothing.
        clamp_mtime: no file is to be younger than `SOURCE_DATE_EPOCH`.
        platform: `linux/arm64`...
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: a reference is none, or there are not so many layers.
        UnreachableError: the image is not there.
        CorruptInputError: it is damaged, or has a hard link without a target.
        DestinationError: the destination could not be written; it is as it was.
        InternalError: the proof failed; nothing was kept.
    """
    order = Order(
        command="squash",
        reference=reference,
        destination=destination,
        platform=platform,
        options=ReadOptions(**reading),
        captures=captures() if clean is not None else NO_CAPTURES,
    )
    return squash_order(order, keep, base, compression, clean, clamp_mtime=clamp_mtime)[0]


def squash_order(
    order: Order,
    keep: Keep,
    base: str | None = None,
    compression: Compression | None = None,
    clean: Wanted | None = None,
    *,
    clamp_mtime: bool = False,
) -> tuple[RewriteResult, ...]:
    """As `squash`, for one platform or for all.

    To clean, the order's captures are `explaining.captures()`.
    """
    decide = partial(
        plan_squash,
        order=order,
        keep=keep,
        base=base,
        compression=compression,
        clean=clean,
        latest_ns=clamped_ns(clamp_mtime=clamp_mtime),
    )
    return carried_out(order, decide)


def plan_squash(
    measured: Measured,
    *,
    order: Order,
    keep: Keep,
    base: str | None,
    compression: Compression | None,
    clean: Wanted | None = None,
    latest_ns: int | None = None,
) -> Planned:
    """What squashing one image would be."""
    found = base_end(measured, base, order.options)
    end = found.layers if found is not None else None
    kept, notes = _kept(measured, keep, found)

    def squash_at(kept: int) -> _Squash:
        return _squash(measured, kept, clean, latest_ns)

    def told_at(kept: int) -> tuple[Plan, int]:
        squash = squash_at(kept)
        return squash.plan, visible - squash.saved

    chosen, visible = squash_at(kept), visible_bytes(measured.tree)
    plan = replace(
        chosen.plan,
        compression=compression,
        base_layers=end,
        notes=(*notes, *chosen.plan.notes, *chosen.notes),
    )
    return Planned(
        plan=plan,
        nothing=_nothing(measured, kept) if plan.changes_nothing else None,
        said=None if plan.changes_nothing else _said(measured, kept, end, chosen.saved),
        visible_bytes=visible - chosen.saved,
        removed=chosen.choice.rows if chosen.choice is not None else (),
        cleaning=chosen.choice.cleaning if chosen.choice is not None else None,
        choices=partial(choices, measured, end or 0, kept, told_at),
    )


class _Squash(NamedTuple):
    plan: Plan
    choice: Choice | None
    notes: tuple[str, ...]

    @property
    def saved(self) -> int:
        """By how much the tree shrinks, unpacked."""
        return self.choice.visible_bytes if self.choice is not None else 0


def _squash(measured: Measured, kept: int, clean: Wanted | None, latest_ns: int | None) -> _Squash:
    """All above the first `kept` layers as one, and what goes by the way."""
    below = merge([scan.index for scan in measured.scans[:kept]]) if kept else None
    choice = removal_choice(measured, below, clean) if clean is not None else None
    changes = Changes(latest_ns=latest_ns)
    if choice is not None:
        changes = replace(changes, removed=choice.names, edited=choice.edited)
    plan = squash_plan(measured, kept, changes, choice.contents if choice is not None else {})
    return _Squash(plan, choice, choice.notes if choice is not None else ())


def squash_plan(
    measured: Measured,
    kept: int,
    changes: Changes | None = None,
    contents: Mapping[bytes, bytes] | None = None,
) -> Plan:
    """The plan that makes one layer of all above the first `kept`.

    One layer alone is written anew only where bytes in it are dead, or something in it changes.

    Args:
        measured: the image.
        kept: layers that stay.
        changes: what is to differ, besides.
        contents: of files that are edited, by path.
    """
    changes = changes or Changes()
    tree, count = measured.tree, len(measured.scans)
    above = range(kept + 1, count + 1)
    layers: list[KeptLayer | NewLayer] = [KeptLayer(at) for at in range(1, kept + 1)]
    if not above or (len(above) == 1 and changes == Changes() and not dead_above(tree, kept)):
        return Plan([*layers, *map(KeptLayer, above)])
    below = merge([scan.index for scan in measured.scans[:kept]]) if kept else None
    left = stargz_leftovers(tree, above) - changes.removed
    changes = changes.without(left)
    new = squashed_without(tree, below, changes, contents or {})
    if not new.is_empty or not kept:  # no image is without any layer
        layers.append(new)
    return Plan(
        layers,
        changes,
        command="lightship squash",
        created=source_date_text(),
        old_layers=count,
        notes=told_leftovers(left),
    )


def _kept(measured: Measured, keep: Keep, base: BaseEnd | None) -> tuple[int, tuple[str, ...]]:
    """How many first layers stay, and what a person should know of it.

    Where nobody knows the base, its first layer is likely the first of all: it stays, since what
    ends sharing must be asked for.
    """
    layers = len(measured.scans)
    if keep == "none":
        return 0, ()
    if keep != "base":
        if type(keep) is not int or not 0 <= keep <= layers:
            raise UsageError(
                f"--keep {keep}: {measured.image.reference} has {_layers(layers)}",
                "Write base, none, or how many of them stay.",
            )
        return keep, ()
    if base is None:
        told = "nothing tells the base image, so layer 1 stays"
        return min(1, layers), (f"{told}; --base REFERENCE names it, --keep none makes one layer",)
    kept = min(base.layers, layers)
    if base.certain:
        return kept, ()
    told = f"taken for the base: {'layer 1' if kept == 1 else f'layers 1 to {kept}'} ({base.why})"
    return kept, (f"{told}; --base REFERENCE or --keep N makes sure",)


def _nothing(measured: Measured, kept: int) -> str:
    above = len(measured.scans) - kept
    if not measured.scans:
        return "it has no layers"
    if not kept:
        return "it has one layer already, and no dead bytes in it"
    stay, them = ("layer 1 stays", "it") if kept == 1 else (f"layers 1 to {kept} stay", "them")
    if not above:
        return f"{stay}, and none lies over {them}"
    return f"{stay}, and the one over {them} has no dead bytes"


def _said(measured: Measured, kept: int, end: int | None, saved: int) -> str:
    """What is won and what it costs, before it is done."""
    above = len(measured.scans) - kept
    dead = dead_above(measured.tree, kept)
    what = (
        f"layers {kept + 1} to {kept + above} become one" if above > 1 else "one layer is made anew"
    )
    gone = [f"{format_bytes(dead)} of dead bytes"] if dead else []
    gone += [f"{format_bytes(saved)} that is not needed"] if saved else []
    won = f"without {' and '.join(gone)}" if gone else "with no dead bytes to lose"
    said = f"{what}, {won}"
    if end and kept < end:
        lost = sum(scan.wire.wire_bytes for scan in measured.scans[kept:end])
        return f"{said}; {format_bytes(lost)} of the base are shared with no other image any more"
    return said


def _layers(count: int) -> str:
    return "1 layer" if count == 1 else f"{count} layers"
