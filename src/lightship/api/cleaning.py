"""`clean`: files that an image does not need go, from the layers that brought them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Unpack

from msgspec.structs import replace

from lightship.api.explaining import captures
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.api.removal_choice import removal_choice
from lightship.api.removal_wanted import Wanted
from lightship.api.rewriting import Order, base_end, carried_out, clamped_ns, source_date_text
from lightship.api.rewritten import Planned
from lightship.errors import UsageError
from lightship.filetree.merging import merge
from lightship.model.results.rewrite import Joined
from lightship.progress import SILENT
from lightship.rewrite.changes import Changes, told_leftovers
from lightship.rewrite.copying import Sources
from lightship.rewrite.deduping import Joins, find_joins
from lightship.rewrite.plan import Plan
from lightship.rewrite.proving import visible_bytes
from lightship.rewrite.removing import removed
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.api.measuring import Measured
    from lightship.api.removal_choice import Choice
    from lightship.layers.compressing import Compression
    from lightship.model.results.rewrite import RewriteResult
    from lightship.rewrite.removing import Removal
    from lightship.rules.suppressing import Ignore


def clean(
    reference: str,
    destination: str | None = None,
    *,
    rules: Sequence[str] = (),
    categories: Sequence[str] = (),
    paths: Sequence[bytes | str] = (),
    dedupe: bool = False,
    touch_base: bool = False,
    base: str | None = None,
    ignores: Sequence[Ignore] = (),
    compression: Compression | None = None,
    clamp_mtime: bool = False,
    platform: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> RewriteResult:
    """Take out what an image does not need, and prove that nothing else changed.

    Each file goes from the layer that brought it; the other layers stay. Without rules, categories
    and paths what is certainly not needed goes. Package databases stay truthful: a package's record
    goes with all of its files, or stays.

    Args:
        reference: the image.
        destination: where the new one goes: `oci:DIR:TAG`, `docker-archive:FILE`...; None only
            plans.
        rules: what these find goes, whatever their confidence; see `lightship explain`.
        categories: every file of one goes, licences excepted.
        paths: names, each with everything below it.
        dedupe: files that are equal in content, mode, owner, time and extended attributes become
            hard links, within a layer; see `rewrite.deduping` for where.
        touch_base: take out of the base image's layers, too; nobody shares these any more then.
        base: a reference of the base image, or `auto`, as for `inspect`.
        ignores: findings that are suppressed, as `lightship.rules.suppressing` reads them.
        compression: of new layers; None for what the destination would have.
        clamp_mtime: in layers that lose files, none is to be younger than `SOURCE_DATE_EPOCH`.
        platform: `linux/arm64`...
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: a reference is none; there is no such rule, category or path; a path must stay.
        UnreachableError: the image is not there.
        CorruptInputError: it is damaged, or has a hard link without a target.
        DestinationError: the destination could not be written; it is as it was.
        InternalError: the proof failed; nothing was kept.
    """
    order = Order(
        command="clean",
        reference=reference,
        destination=destination,
        platform=platform,
        options=ReadOptions(**reading),
        captures=captures(),
    )
    wanted = wanted_of(rules, categories, paths, ignores)
    return clean_order(
        order,
        wanted,
        base,
        compression,
        dedupe=dedupe,
        touch_base=touch_base,
        clamp_mtime=clamp_mtime,
    )[0]


def wanted_of(
    rules: Sequence[str] = (),
    categories: Sequence[str] = (),
    paths: Sequence[bytes | str] = (),
    ignores: Sequence[Ignore] = (),
) -> Wanted:
    """What is to go, as `clean` takes it.

    Raises:
        UsageError: one name stands where several may: its letters would be taken for names.
    """
    for several in (rules, categories, paths):
        if isinstance(several, (str, bytes)):
            raise UsageError(f"{several!r} is one name", "Put it in a list.")
    return Wanted(
        rules=tuple(rules),
        categories=tuple(categories),
        paths=tuple(map(clean_path, paths)),
        ignores=ignores,
    )


def clean_path(path: bytes | str) -> bytes:
    """A path as trees have them: relative to the root, without doubled or final slashes."""
    data = path.encode("utf-8", "surrogateescape") if isinstance(path, str) else path
    return b"/".join(part for part in data.split(b"/") if part not in (b"", b"."))


def clean_order(
    order: Order,
    wanted: Wanted,
    base: str | None = None,
    compression: Compression | None = None,
    *,
    dedupe: bool = False,
    touch_base: bool = False,
    clamp_mtime: bool = False,
) -> tuple[RewriteResult, ...]:
    """As `clean`, for one platform or for all; the order's captures are `explaining.captures()`."""
    decide = partial(
        plan_clean,
        order=order,
        wanted=wanted,
        base=base,
        compression=compression,
        dedupe=dedupe,
        touch_base=touch_base,
        latest_ns=clamped_ns(clamp_mtime=clamp_mtime),
    )
    return carried_out(order, decide)


def plan_clean(
    measured: Measured,
    *,
    order: Order,
    wanted: Wanted,
    base: str | None,
    compression: Compression | None,
    dedupe: bool,
    touch_base: bool,
    latest_ns: int | None = None,
) -> Planned:
    """What cleaning one image would be."""
    found = base_end(measured, base, order.options)
    end = found.layers if found is not None else None
    kept, told = untouched_layers(measured, end, touch_base=touch_base)
    below = merge([scan.index for scan in measured.scans[:kept]]) if kept else None
    choice = removal_choice(measured, below, wanted)
    joins = _joins(measured, kept, choice) if dedupe else None
    changes = Changes(
        removed=choice.names,
        edited=choice.edited,
        linked=joins.linked if joins else {},
        latest_ns=latest_ns,
    )
    removal = removed(measured.tree, below, changes, choice.contents)
    unmade = removal.remade and joins is not None and joins.linked
    cleaning = replace(
        choice.cleaning, joined=_joined(joins, unmade=bool(unmade)) if joins else None
    )
    left = told_leftovers(removal.changes.removed - choice.names)
    notes = (*told, *choice.notes, *left, *_notes(removal, unmade=bool(unmade)))
    plan = Plan(
        removal.layers,
        removal.changes,
        compression=compression,
        command="lightship clean",
        created=source_date_text(),
        base_layers=end,
        old_layers=len(measured.scans),
        notes=(*notes, *told_leftovers(removal.changes.removed - changes.removed)),
    )
    saved = choice.visible_bytes
    saved += cleaning.joined.content_bytes if cleaning.joined else 0
    return Planned(
        plan=plan,
        nothing=_nothing(choice) if plan.changes_nothing else None,
        said=None if plan.changes_nothing else _said(choice, saved),
        visible_bytes=visible_bytes(measured.tree) - saved,
        removed=choice.rows,
        cleaning=cleaning,
    )


def untouched_layers(
    measured: Measured, base: int | None, *, touch_base: bool
) -> tuple[int, tuple[str, ...]]:
    """How many of the first layers stay as they are, and what a person should know of it.

    Where nobody knows the base, its first layer is likely the first of several.
    """
    layers = len(measured.scans)
    if touch_base:
        return 0, ()
    if base is not None:
        return min(base, layers), ()
    if layers <= 1:
        return 0, ()
    told = "nothing tells the base image, so layer 1 is not touched"
    return 1, (f"{told}; --base REFERENCE names it, --touch-base cleans every layer",)


def _joins(measured: Measured, kept: int, choice: Choice) -> Joins:
    sources = Sources(measured.image.layers, measured.scans, SILENT)
    return find_joins(measured.tree, kept, choice.freed.records, sources, choice.volumes)


def _joined(joins: Joins, *, unmade: bool) -> Joined:
    return Joined(
        names=0 if unmade else len(joins.linked),
        content_bytes=0 if unmade else joins.content_bytes,
        other_facts_bytes=joins.other_facts_bytes,
        other_layer_bytes=joins.other_layer_bytes,
        other_place_bytes=joins.other_place_bytes,
    )


def _notes(removal: Removal, *, unmade: bool) -> Iterator[str]:
    if removal.remade:
        yield (
            "the layers build upon each other so that all above the base were written anew, each "
            "with what is left of it"
        )
    if unmade:
        yield "copies were left as they are for that reason; clean the new image with --dedupe"


def _nothing(choice: Choice) -> str:
    if choice.cleaning.base_names:
        size = format_bytes(choice.cleaning.base_bytes)
        return f"all that could go, {size}, lies in the base image (--touch-base)"
    if choice.cleaning.must_stay_count:
        return "all that could go must stay"
    return "nothing was found that could go"


def _said(choice: Choice, saved: int) -> str:
    count = len(choice.names)
    names = "1 name goes" if count == 1 else f"{count:,} names go"
    return f"{names}, {format_bytes(saved)} unpacked"
