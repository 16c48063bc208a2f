"""`copy`: an image at another place, as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from lightship.api.options import ReadKeywords, ReadOptions
from lightship.api.rewriting import Order, check_destination, open_destination, opened, shown
from lightship.api.rewritten import digest_text
from lightship.layers.scan import Codec
from lightship.model.results.rewrite import NewLayerRow, RewriteResult, Sizes
from lightship.rewrite.carrying import carry
from lightship.rewrite.listing import CarriedIndex, carried_index

if TYPE_CHECKING:
    from lightship.model.image import Image
    from lightship.rewrite.carrying import Carried
    from lightship.transports.storing import Committed


def copy(
    reference: str,
    destination: str,
    *,
    platform: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> RewriteResult:
    """Copy an image to another place.

    Config, layers and image ID stay the same; blobs and manifest too, where the destination can
    hold them: a docker-archive holds plain layers, and layers of a docker-archive are compressed
    for any other place.

    Args:
        reference: the image.
        destination: where it goes: `oci:DIR:TAG`, `docker-archive:FILE`, `registry:NAME:TAG`...
        platform: `linux/arm64`...
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: a reference is none.
        UnreachableError: the image is not there.
        CorruptInputError: it is damaged.
        DestinationError: the destination could not be written; it is as it was.
        InternalError: what was compressed anew does not unpack to what it was; nothing was kept.
    """
    order = Order(
        command="copy",
        reference=reference,
        destination=destination,
        platform=platform,
        options=ReadOptions(**reading),
    )
    return copy_order(order)[0]


def copy_order(order: Order) -> tuple[RewriteResult, ...]:
    """As `copy`, for one platform or for all."""
    check_destination(order)
    progress = order.options.progress
    with opened(order) as images:
        staging = open_destination(order, images)
        carried = CarriedIndex()
        try:
            done = []
            for image in images:
                with shown(progress, "copying layers", image):
                    done.append(carry(image, staging, progress, limits=order.options.limits))
            if order.all_platforms:
                carried = carried_index(images, [one.image for one in done], staging)
                carried = carried.explained(same_manifests=all(one.same for one in done))
        except BaseException:
            staging.discard()
            raise
        committed = staging.commit([one.image for one in done], carried.index)
        return tuple(
            _result(image, one, committed, carried) for image, one in zip(images, done, strict=True)
        )


def _result(
    image: Image, done: Carried, committed: Committed, carried: CarriedIndex
) -> RewriteResult:
    rows = tuple(
        _row(image, done, number, row.blob.stored_bytes) for number, row in enumerate(done.layers)
    )
    return RewriteResult(
        rewrite="copy",
        source=str(image.reference),
        destination=committed.reference,
        platform=str(image.platform),
        outcome="written",
        why=None,
        before=_sizes(done, [row.old_wire_bytes for row in rows]),
        after=_sizes(done, [row.wire_bytes for row in rows]),
        kept_layers=len(rows),
        layers=rows,
        source_digest=digest_text(image.digest),
        digest=digest_text(committed.digest),
        image_id=str(done.image_id),
        same_manifest=done.same,
        notes=(*carried.without_copied(done.notes), *carried.notes, *committed.notes),
    )


def _row(image: Image, done: Carried, number: int, stored_bytes: int) -> NewLayerRow:
    """A plain blob of an archive is compressed in a registry, to what nobody knows here."""
    layer, row, old = image.layers[number], done.layers[number], done.old[number]
    was_wire = image.stores_wire_blobs or old is not Codec.PLAIN
    old_wire = layer.stored_bytes if was_wire else None
    is_wire = row.codec is not Codec.PLAIN or (was_wire and row.codec is old)
    return NewLayerRow(
        position=number + 1,
        fate="kept" if row.codec is old else "recompressed",
        from_positions=(number + 1,),
        diff_id=str(row.diff_id),
        digest=str(row.blob.digest),
        codec=row.codec.value,
        wire_bytes=stored_bytes if is_wire else old_wire,
        wire_bytes_estimated=not is_wire,
        old_wire_bytes=old_wire,
        unpacked_bytes=None,
        old_unpacked_bytes=None,
    )


def _sizes(done: Carried, layers: list[int | None]) -> Sizes:
    blobs = dict(zip((str(row.blob.digest) for row in done.layers), layers, strict=True))
    known = [size for size in blobs.values() if size is not None]
    whole = len(known) == len(blobs)
    return Sizes(
        layers=len(layers),
        wire_bytes=sum(known) + len(done.config) if whole else None,
        wire_bytes_estimated=False,
        unpacked_bytes=None,
        visible_bytes=None,
        dead_bytes=None,
    )
