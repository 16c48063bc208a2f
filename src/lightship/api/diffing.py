"""`diff`: what happened between two images, and what it costs a node that has the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from msgspec.structs import replace

from lightship.analysis.growth import grow
from lightship.analysis.growth_directories import add_wire, below, explaining
from lightship.analysis.growth_layers import (
    Stack,
    chain_wire,
    compare_layers,
    pulled_wire,
    wire_delta,
)
from lightship.analysis.growth_wire import wire_shares
from lightship.analysis.pulling import DEFAULT_BANDWIDTH, pull_time
from lightship.api.changed_names import changed_name, moved_names, tallied
from lightship.api.diffed_layers import instruction_rows
from lightship.api.figures import inspect_measured
from lightship.api.measuring import Measured, measure
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.errors import UsageError
from lightship.model.results.diff import (
    LISTED,
    Changes,
    Deltas,
    DiffResult,
    DirectoryGrowth,
    Elsewhere,
    PullGrowth,
    SharedWithA,
)
from lightship.printable import base64_of, decode_path
from lightship.transports.references import STDIN, parse
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.analysis.growth import Growth
    from lightship.analysis.growth_layers import SharedLayers
    from lightship.layers.scan import LayerScan
    from lightship.model.results.diff import InstructionGrowth
    from lightship.model.results.inspect import ImageFigures, InspectResult

_DIRECTORIES = 12


def diff(
    reference_a: str,
    reference_b: str,
    *,
    platform: str | None = None,
    bandwidth: int = DEFAULT_BANDWIDTH,
    listed: int = LISTED,
    mtimes: bool = False,
    **reading: Unpack[ReadKeywords],
) -> DiffResult:
    """Say what differs between two images.

    Args:
        reference_a: the image before, as for `inspect`.
        reference_b: the image after. At most one of them comes through standard input.
        platform: of both; None for this machine's where there is a choice.
        bandwidth: bytes a second, for the estimated pull time.
        listed: rows of each list, at most.
        mtimes: whether names of which only the modification time differs are listed too. They are
            always counted by themselves: a rebuild touches every file.
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: a reference or the platform is none, or both images are standard input.
        UnreachableError: an image is not there, or not for the platform.
        CorruptInputError: an image is damaged, contradicts itself, or exceeds a limit.
    """
    if parse(reference_a).location == parse(reference_b).location == STDIN:
        raise UsageError(
            "only one of two images can come through standard input", "Save the other to a file."
        )
    options = ReadOptions(**reading)
    a = measure(reference_a, platform, options)
    b = measure(reference_b, platform, options)
    return diff_measured(a, b, bandwidth, listed, mtimes=mtimes)


def diff_measured(
    a: Measured,
    b: Measured,
    bandwidth: int = DEFAULT_BANDWIDTH,
    listed: int = LISTED,
    *,
    mtimes: bool = False,
) -> DiffResult:
    """The answer for two images that were read; `listed` bounds each list."""
    a, b = _side_by_side(a, b)
    told_a, told_b = inspect_measured(a, bandwidth, 0), inspect_measured(b, bandwidth, 0)
    stack_a, stack_b = _stack(a), _stack(b)
    shared = compare_layers(stack_a, stack_b)
    growth = grow(a.tree, b.tree, listed)
    directories, elsewhere = _directories(a, b, growth, min(listed, _DIRECTORIES))
    lists = {
        what: tuple(changed_name(change, a.tree, b.tree) for change in found)
        for what, found in growth.listed.items()
    }
    instructions = instruction_rows(
        told_a.layers, told_b.layers, (stack_a, stack_b), shared.sharing
    )
    same_layers = all(row.status == "same" and row.sharing == "chain" for row in instructions)
    return DiffResult(
        verified="cached" if "cached" in (told_a.verified, told_b.verified) else "read",
        a=told_a.image,
        b=told_b.image,
        identical=same_layers and a.image.config_bytes == b.image.config_bytes,
        same_files=growth.is_nothing,
        delta=_deltas(told_a.image, told_b.image, stack_a, stack_b),
        shared=SharedWithA(
            chain_layers=shared.chain,
            chain_unpacked_bytes=_unpacked(b.scans[: shared.chain]),
            blobs=len(shared.reused),
            blobs_wire_bytes=sum(scan.wire.wire_bytes for scan in shared.reused),
        ),
        pull=_pull(stack_b, shared, bandwidth),
        instructions=instructions,
        directories=directories,
        elsewhere=elsewhere,
        changes=Changes(**{what: tallied(tally) for what, tally in growth.tallies.items()}),
        added=lists["added"],
        removed=lists["removed"],
        changed=lists["changed"],
        metadata=lists["metadata"],
        touched=lists["touched"] if mtimes else (),
        moved=tuple(map(moved_names, growth.moves[:listed])),
        warnings=tuple(_warnings(told_a, told_b, instructions)),
    )


def _side_by_side(a: Measured, b: Measured) -> tuple[Measured, Measured]:
    """Both images with the most that is known of the layers they share.

    Equal layers get one index object: less to keep, less to compare. Where one image knows a
    layer's blob and the other has it plain, the blob's size counts for both: pushed or pulled, it
    would be that blob.
    """
    stack_a, stack_b = _stack(a), _stack(b)
    indexes = {scan.diff_id: scan.index for scan in a.scans}
    scans_b = [replace(scan, index=indexes.get(scan.diff_id, scan.index)) for scan in b.scans]
    scans_b = _with_known_blobs(stack_b, scans_b, stack_a)
    tree_b = replace(b.tree, indexes=[scan.index for scan in scans_b])
    return (
        replace(a, scans=_with_known_blobs(stack_a, a.scans, stack_b)),
        replace(b, scans=scans_b, tree=tree_b),
    )


def _with_known_blobs(stack: Stack, scans: Sequence[LayerScan], other: Stack) -> list[LayerScan]:
    known = {scan.diff_id: scan for scan in other.scans if other.blob(scan) is not None}
    found = [known.get(scan.diff_id, scan) for scan in scans]
    return [
        scan if stack.blob(scan) else replace(scan, wire=same.wire, wire_map=same.wire_map)
        for scan, same in zip(scans, found, strict=True)
    ]


def _stack(measured: Measured) -> Stack:
    image = measured.image
    return Stack(measured.scans, image.stores_wire_blobs, image.config_bytes)


def _unpacked(scans: Sequence[LayerScan]) -> int:
    return sum(scan.index.unpacked_bytes for scan in scans)


def _deltas(a: ImageFigures, b: ImageFigures, stack_a: Stack, stack_b: Stack) -> Deltas:
    wire = wire_delta(stack_a, stack_b)
    return Deltas(
        wire_bytes=b.wire_bytes - a.wire_bytes,
        wire_bytes_estimated=wire.estimated,
        wire_bytes_error=wire.error_bytes,
        unpacked_bytes=b.unpacked_bytes - a.unpacked_bytes,
        visible_bytes=b.visible_bytes - a.visible_bytes,
        dead_bytes=b.dead_bytes - a.dead_bytes,
        duplicate_bytes=b.duplicate_bytes - a.duplicate_bytes,
        files=b.files - a.files,
        layers=b.layers - a.layers,
    )


def _pull(stack: Stack, shared: SharedLayers, bandwidth: int) -> PullGrowth:
    wire = pulled_wire(stack, shared)
    unpacked = stack.scans[shared.chain :]
    unpacked_bytes, files = _unpacked(unpacked), sum(scan.index.files for scan in unpacked)
    return PullGrowth(
        wire_bytes=wire.wire_bytes,
        wire_bytes_estimated=wire.estimated,
        wire_bytes_error=wire.error_bytes,
        config_bytes=len(stack.config_bytes or b"") if shared.config_is_new else 0,
        blobs=len(shared.fetched),
        unpacked_bytes=unpacked_bytes,
        layers=len(unpacked),
        files=files,
        chain_wire_bytes=chain_wire(stack, shared).wire_bytes,
        time=pull_time(wire.wire_bytes, unpacked_bytes, files, bandwidth=bandwidth),
    )


def _directories(
    a: Measured, b: Measured, growth: Growth, count: int
) -> tuple[tuple[DirectoryGrowth, ...], Elsewhere]:
    shares_a, shares_b = (
        wire_shares(measured.tree, measured.scans, measured.image.config_bytes)
        for measured in (a, b)
    )
    add_wire(growth.directories, shares_a, shares_b)
    sums = below(growth.directories)
    places = explaining(sums, count)
    rest = sums[b""].less(grown for _, grown in places)
    rows = tuple(
        DirectoryGrowth(
            path=decode_path(path),
            visible_bytes=grown.visible_bytes,
            wire_bytes=grown.wire_bytes,
            files=grown.files,
            path_base64=base64_of(path),
        )
        for path, grown in places
    )
    return rows, Elsewhere(
        visible_bytes=rest.visible_bytes,
        files=rest.files,
        wire_bytes=rest.wire_bytes,
        dead_wire_bytes=shares_b.dead - shares_a.dead,
        overhead_wire_bytes=shares_b.overhead - shares_a.overhead,
    )


def _warnings(
    a: InspectResult,
    b: InspectResult,
    rows: Sequence[InstructionGrowth],
) -> Iterator[str]:
    again = [row for row in rows if row.sharing == "recompressed"]
    if again:
        positions = ", ".join(str(row.b_layer) for row in again)
        wire = format_bytes(sum(row.b_wire_bytes for row in again))
        layers = f"layer {positions} is" if len(again) == 1 else f"layers {positions} are"
        yield (
            f"B: {layers} the same as in A but compressed otherwise: "
            f"a node that has A pulls {wire} again"
        )
    in_both = set(a.warnings) & set(b.warnings)
    yield from (f"A and B: {text}" for text in a.warnings if text in in_both)
    yield from (f"A: {text}" for text in a.warnings if text not in in_both)
    yield from (f"B: {text}" for text in b.warnings if text not in in_both)
