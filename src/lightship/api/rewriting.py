"""From a reference to another place: what `squash`, `clean`, `recompress` and `copy` share.

Opens, measures, plans, carries out, proves, commits, in this order; every failure before the commit
leaves the destination as it was.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from lightship.api.bases import find_base, remember_layers
from lightship.api.measuring import Measured, measured_from, measured_image
from lightship.api.opening import parse_platform
from lightship.api.proofs import proof_document
from lightship.api.rewritten import Planned, done_result, planned_result
from lightship.errors import CorruptInputError, UsageError
from lightship.layers.captures import NO_CAPTURES, Captures
from lightship.layers.indexing import LayerReader
from lightship.rewrite.listing import CarriedIndex, carried_index
from lightship.rewrite.recompressing import recompress_layers
from lightship.rewrite.rewriting import Rewritten, rewrite
from lightship.transports.destinations import open_staging, parse_destination
from lightship.transports.spooling import open_all_rereadable, open_rereadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lightship.analysis.base_end import BaseEnd
    from lightship.api.options import ReadOptions
    from lightship.layers.compressing import Compression
    from lightship.model.image import Image
    from lightship.model.results.proof import ProofDocument
    from lightship.model.results.rewrite import Outcome, Rewrite, RewriteResult
    from lightship.progress import Progress
    from lightship.rewrite.documents import LayerRow
    from lightship.rewrite.evidence import Part
    from lightship.transports.storing import Staging

_LATEST = 253402300799  # the last second of the year 9999, which RFC 3339 can write


class Order(Struct, frozen=True, kw_only=True):
    """What is asked for, whatever is done to the image.

    Attributes:
        command: whose result it is.
        reference: the image.
        destination: where the new one goes; None only plans.
        options: how images are read.
        platform: which of several; None for this machine's.
        all_platforms: every platform that is stored, each by itself; stored as one index.
        captures: what is to be kept of files' contents while layers are read.
        keep_proofs: takes what was proven, once the image is visible; not called where nothing was
            written.
    """

    command: Rewrite
    reference: str
    destination: str | None
    options: ReadOptions
    platform: str | None = None
    all_platforms: bool = False
    captures: Captures = NO_CAPTURES
    keep_proofs: Callable[[tuple[ProofDocument, ...]], object] | None = None


class _Job(NamedTuple):
    measured: Measured
    planned: Planned
    staged: Sequence[tuple[LayerRow, Part]] | None = None


def carried_out(
    order: Order, decide: Callable[[Measured], Planned], recompression: Compression | None = None
) -> tuple[RewriteResult, ...]:
    """Rewrite an image, for one platform or for all; one result for each.

    Args:
        order: what is asked for.
        decide: what to do with an image that was read.
        recompression: where nothing else is to be done than to compress layers so: each is then
            read once.

    Raises:
        LightshipError: as `lightship.squash`.
    """
    check_destination(order)
    with opened(order) as images:
        if recompression is not None and order.destination is not None:
            return _recompressed(order, images, decide, recompression)
        jobs = [_job(image, order, decide) for image in images]
        if order.destination is None:
            return _results(order, jobs, "planned")
        if all(job.planned.nothing for job in jobs):
            return _results(order, jobs, "nothing")
        for job in jobs:
            if job.planned.said:
                order.options.progress.note(job.planned.said)
        return _committed(order, images, jobs, open_destination(order, images))


def _recompressed(
    order: Order,
    images: Sequence[Image],
    decide: Callable[[Measured], Planned],
    compression: Compression,
) -> tuple[RewriteResult, ...]:
    """Layers are staged while they are read."""
    staging = open_destination(order, images)
    try:
        jobs = [_read_and_staged(image, order, decide, staging, compression) for image in images]
    except BaseException:
        staging.discard()
        raise
    if all(job.planned.nothing for job in jobs):
        staging.discard()
        return _results(order, jobs, "nothing")
    return _committed(order, images, jobs, staging)


def _committed(
    order: Order, images: Sequence[Image], jobs: Sequence[_Job], staging: Staging
) -> tuple[RewriteResult, ...]:
    """Carry out what was decided, and make it visible; or nothing, where it is not worth it."""
    carried = CarriedIndex()
    try:
        done = [_carry_out(job, staging, order.options) for job in jobs]
        pointless = [job.planned.pointless(one) for job, one in zip(jobs, done, strict=True)]
        if order.all_platforms and not all(pointless):
            carried = carried_index(images, [one.image for one in done], staging)
            done = [replace(one, notes=carried.without_copied(one.notes)) for one in done]
    except BaseException:
        staging.discard()
        raise
    if all(pointless):
        staging.discard()
        told = [replace(job.planned, nothing=why) for job, why in zip(jobs, pointless, strict=True)]
        return _results(order, list(map(_Job, (j.measured for j in jobs), told)), "nothing")
    committed = staging.commit([one.image for one in done], carried.index)
    committed = replace(committed, notes=(*carried.notes, *committed.notes))
    if order.keep_proofs is not None:
        order.keep_proofs(_proofs(order, jobs, done))
    return tuple(
        done_result(order.command, job.measured, job.planned, one, committed)
        for job, one in zip(jobs, done, strict=True)
    )


def _proofs(
    order: Order, jobs: Sequence[_Job], done: Sequence[Rewritten]
) -> tuple[ProofDocument, ...]:
    return tuple(
        proof_document(order.command, job.measured.image, job.measured.scans, job.planned.plan, one)
        for job, one in zip(jobs, done, strict=True)
    )


def check_destination(order: Order) -> None:
    """See that a destination is one: better said before the work.

    Raises:
        UsageError: it is none.
    """
    if order.destination is not None:
        parse_destination(order.destination)


def open_destination(order: Order, images: Sequence[Image]) -> Staging:
    """The destination, open for writing."""
    names = dict.fromkeys(name for image in images for name in image.names)
    place = parse_destination(order.destination or "")
    return open_staging(place, tuple(names), order.options.access())


def _results(order: Order, jobs: Sequence[_Job], outcome: Outcome) -> tuple[RewriteResult, ...]:
    return tuple(planned_result(order.command, job.measured, job.planned, outcome) for job in jobs)


@contextmanager
def opened(order: Order) -> Iterator[tuple[Image, ...]]:
    """The images that are asked for, whose layers can be opened as often as one likes."""
    access, limits = order.options.access(), order.options.limits
    if order.all_platforms:
        if order.platform is not None:
            raise UsageError("one platform is named, and all are asked for", "Leave out one.")
        with open_all_rereadable(order.reference, access=access, limits=limits) as images:
            yield images
        return
    wanted = parse_platform(order.platform)
    with open_rereadable(order.reference, platform=wanted, access=access, limits=limits) as image:
        yield (image,)


def _job(image: Image, order: Order, decide: Callable[[Measured], Planned]) -> _Job:
    reading = replace(order.options.reading(), captures=order.captures)
    measured = measured_image(image, order.options, reading)
    remember_layers(measured, order.options)
    return _Job(measured, decide(measured))


def _read_and_staged(
    image: Image,
    order: Order,
    decide: Callable[[Measured], Planned],
    staging: Staging,
    compression: Compression,
) -> _Job:
    options = order.options
    if image.config_bytes is None:
        raise CorruptInputError(f"{image.reference} has no config")
    reading = replace(
        options.reading(), captures=order.captures, stores_wire_blobs=image.stores_wire_blobs
    )
    cache = options.open_cache()
    reader = LayerReader(reading, cache, trust_cache=not options.verify)
    with shown(options.progress, "compressing layers", image):
        read = recompress_layers(
            image,
            reader,
            compression,
            staging,
            limits=options.limits,
            progress=options.progress,
        )
    if cache is not None:
        cache.prune()
    measured = measured_from(image, read.scans)
    remember_layers(measured, options)
    return _Job(measured, decide(measured), read.made)


def _carry_out(job: _Job, staging: Staging, options: ReadOptions) -> Rewritten:
    measured, plan = job.measured, job.planned.plan
    bar = shown(options.progress, "writing layers", measured.image)
    with bar if job.staged is None else nullcontext():
        return rewrite(
            measured.image,
            measured.scans,
            measured.tree,
            plan,
            staging,
            limits=options.limits,
            progress=options.progress,
            made=job.staged,
        )


@contextmanager
def shown(progress: Progress, what: str, image: Image) -> Iterator[None]:
    """A bar as long as the image's layers are as they are stored."""
    sizes = [layer.stored_bytes for layer in image.layers]
    known = [size for size in sizes if size is not None]
    progress.begin(what, sum(known) if len(known) == len(sizes) else None)
    try:
        yield
    finally:
        progress.end()


def base_end(measured: Measured, base: str | None, options: ReadOptions) -> BaseEnd | None:
    """Where the base image ends; None where nothing tells.

    Raises:
        LightshipError: a base is named, and is not there, or not this image's.
    """
    diff_ids = [str(scan.diff_id) for scan in measured.scans]
    return find_base(measured.image, diff_ids, measured.instructions, base, options)


def source_date() -> int | None:
    """SOURCE_DATE_EPOCH in seconds, or None (reproducible-builds.org's specification).

    Raises:
        UsageError: it is set to something that is no time.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= _LATEST):
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {text[:40]!r}", "It is a number of seconds since 1970."
        )
    return int(text)


def source_date_text() -> str | None:
    """SOURCE_DATE_EPOCH as RFC 3339 has it, for a config."""
    seconds = source_date()
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clamped_ns(*, clamp_mtime: bool) -> int | None:
    """The latest modification time that files may have, in ns; None where none is set.

    Raises:
        UsageError: times are to be clamped, and no time is given.
    """
    if not clamp_mtime:
        return None
    seconds = source_date()
    if seconds is None:
        raise UsageError("--clamp-mtime needs a time to clamp to", "Set SOURCE_DATE_EPOCH to one.")
    return seconds * 1_000_000_000
