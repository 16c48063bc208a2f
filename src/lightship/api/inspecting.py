"""`inspect`: where an image's bytes go, what they are, and what need not be there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Unpack

from msgspec import Struct
from msgspec.structs import replace

from lightship.analysis.node import node_effect
from lightship.analysis.pulling import DEFAULT_BANDWIDTH
from lightship.analysis.treemap import fold
from lightship.api.bases import diff_ids_of, find_base, remember_layers
from lightship.api.explaining import captures, contents, explain, findings
from lightship.api.figures import EVERY_CLASS, Facts, figures
from lightship.api.measuring import Measured, measure, measure_all
from lightship.api.nodes import read_node
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.model.results.inspect import LISTED, InspectResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.ledger import Ledger
    from lightship.model.node import Node
    from lightship.model.results.node import NodeEffect
    from lightship.model.results.picture import Picture
    from lightship.rules.suppressing import Ignore


def inspect(
    reference: str,
    *,
    platform: str | None = None,
    bandwidth: int = DEFAULT_BANDWIDTH,
    listed: int = LISTED,
    base: str | None = None,
    node: str | None = None,
    ignores: Sequence[Ignore] = (),
    **reading: Unpack[ReadKeywords],
) -> InspectResult:
    """Say where an image's bytes go, what they are, and what need not be there.

    Args:
        reference: `docker-archive:FILE`, `oci:DIR:TAG`, `rootfs:DIR`, `-`, a path...
        platform: `linux/arm64`...; None for this machine's where there is a choice.
        bandwidth: bytes a second, for the estimated pull time.
        listed: rows of each list, and pieces of evidence of each finding, at most.
        base: a reference of the image that this one was built on, or `auto` for the one that its
            annotations name. Without, an image seen before or the history may tell.
        node: a node's disk, as `--node` has it: `disk=100GB,used=70GB`.
        ignores: findings that are suppressed, as `lightship.rules.suppressing` reads them.
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: the reference, platform or node is none, or the base is another image's.
        UnreachableError: the image is not there, or not for the platform.
        CorruptInputError: the image is damaged, contradicts itself, or exceeds a limit.
    """
    asked = _Asked(bandwidth, listed, base, _node(node), ignores, ReadOptions(**reading))
    return asked.answer(measure(reference, platform, asked.options, captures()), platform).result


def inspect_all_platforms(
    reference: str,
    *,
    bandwidth: int = DEFAULT_BANDWIDTH,
    listed: int = LISTED,
    base: str | None = None,
    node: str | None = None,
    ignores: Sequence[Ignore] = (),
    **reading: Unpack[ReadKeywords],
) -> tuple[InspectResult, ...]:
    """As `inspect`, for every platform that is stored, in the order of the index."""
    asked = _Asked(bandwidth, listed, base, _node(node), ignores, ReadOptions(**reading))
    images = measure_all(reference, asked.options, captures())
    return tuple(asked.answer(one, str(one.image.platform)).result for one in images)


class Pictured(NamedTuple):
    """An answer, and the picture that a report draws of it."""

    result: InspectResult
    picture: Picture


def inspect_with_picture(
    reference: str,
    *,
    platform: str | None = None,
    bandwidth: int = DEFAULT_BANDWIDTH,
    listed: int = LISTED,
    base: str | None = None,
    node: str | None = None,
    ignores: Sequence[Ignore] = (),
    **reading: Unpack[ReadKeywords],
) -> Pictured:
    """As `inspect`, with the tree of the image's files, folded so that a page can hold it."""
    asked = _Asked(bandwidth, listed, base, _node(node), ignores, ReadOptions(**reading))
    measured = measure(reference, platform, asked.options, captures())
    told = asked.answer(measured, platform)
    config_bytes = len(measured.image.config_bytes or b"")
    return Pictured(told.result, fold(told.ledger, told.facts.dead, config_bytes))


def _node(described: str | None) -> Node | None:
    return read_node(described) if described is not None else None


class _Told(NamedTuple):
    """An answer, and what it was made of."""

    result: InspectResult
    ledger: Ledger
    facts: Facts


class _Asked(Struct, frozen=True):
    """What is asked of each image."""

    bandwidth: int
    listed: int
    base: str | None
    node: Node | None
    ignores: Sequence[Ignore]
    options: ReadOptions

    def answer(self, measured: Measured, platform: str | None) -> _Told:
        diff_ids = [str(scan.diff_id) for scan in measured.scans]
        end = find_base(measured.image, diff_ids, measured.instructions, self.base, self.options)
        remember_layers(measured, self.options)
        facts = Facts(measured, EVERY_CLASS)
        ledger = explain(measured)
        result = figures(measured, facts, self.bandwidth, self.listed, end)
        found = findings(
            measured,
            ledger,
            facts,
            self.ignores,
            self.listed,
            platform=platform,
            base_layers=end.layers if end is not None else None,
        )
        result = replace(
            result,
            contents=contents(measured, ledger, self.listed),
            removable_bytes=found.removable_bytes,
            findings=found.findings,
            node=self._effect(measured, result),
        )
        return _Told(result, ledger, facts)

    def _effect(self, measured: Measured, result: InspectResult) -> NodeEffect | None:
        if self.node is None:
            return None
        return node_effect(
            self.node,
            result.layers,
            len(measured.image.config_bytes or b""),
            [
                diff_ids_of(has, str(measured.image.platform), self.options).diff_ids
                for has in self.node.has
            ],
            bandwidth=self.bandwidth,
            now=datetime.now(UTC),
        )
