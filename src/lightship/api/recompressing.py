"""`recompress`: the same layers in smaller blobs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, Unpack

from lightship.api.options import ReadKeywords, ReadOptions
from lightship.api.rewriting import Order, base_end, carried_out
from lightship.api.rewritten import Planned
from lightship.errors import UsageError
from lightship.layers.compressing import Compression, checked_level
from lightship.layers.scan import Codec
from lightship.rewrite.plan import Plan
from lightship.rewrite.records import KeptLayer

if TYPE_CHECKING:
    from lightship.api.measuring import Measured
    from lightship.model.results.rewrite import RewriteResult
    from lightship.rewrite.rewriting import Rewritten


def recompress(
    reference: str,
    destination: str | None = None,
    *,
    codec: Literal["gzip", "zstd"] = "gzip",
    level: int | None = None,
    platform: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> RewriteResult:
    """Compress an image's layers anew, each where that makes its blob smaller.

    The layers' tars, their diff IDs and the image ID stay the same. Nothing is written where no
    blob would be smaller: the result then says why.

    Args:
        reference: the image.
        destination: where the new one goes: `oci:DIR:TAG`, `registry:NAME:TAG`...; None only plans.
        codec: `gzip` is understood everywhere.
        level: of gzip 1 to 12, by default 6; of zstd 1 to 22, by default 3.
        platform: `linux/arm64`...
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: a reference is none, or the codec has no such level.
        UnreachableError: the image is not there.
        CorruptInputError: it is damaged.
        DestinationError: the destination could not be written; it is as it was.
        InternalError: the proof failed; nothing was kept.
    """
    order = Order(
        command="recompress",
        reference=reference,
        destination=destination,
        platform=platform,
        options=ReadOptions(**reading),
    )
    try:
        chosen = Codec(codec)
    except ValueError:
        raise UsageError(f"{codec!r} is no codec", "Say gzip or zstd.") from None
    return recompress_order(order, Compression(chosen, checked_level(chosen, level)))[0]


def recompress_order(order: Order, compression: Compression) -> tuple[RewriteResult, ...]:
    """As `recompress`, for one platform or for all."""
    return carried_out(order, partial(_plan, order=order, compression=compression), compression)


def _plan(measured: Measured, *, order: Order, compression: Compression) -> Planned:
    layers = tuple(KeptLayer(position) for position in range(1, len(measured.scans) + 1))
    end = base_end(measured, None, order.options)
    return Planned(
        plan=Plan(
            layers,
            compression=compression,
            recompresses=True,
            command="lightship recompress",
            base_layers=end.layers if end is not None else None,
        ),
        nothing=None if layers else "it has no layers",
        pointless=partial(_pointless, measured),
    )


def _pointless(measured: Measured, done: Rewritten) -> str | None:
    old = [scan.digest for scan in measured.scans]
    if [row.blob.digest for row in done.layers] != old:
        return None
    return "no layer would have a smaller blob"
