"""Which layer each instruction of a Dockerfile made, in an image that it may have built.

The history of an image ends with the instructions of its Dockerfile; the base's come before. So
both are followed from their ends: every RUN, COPY and ADD that ends up in the image must be there,
in order, and nothing else between them that made a layer. Where that does not hold, the image was
built from another file, or from another state of this one.

Builders that make one layer of several instructions (buildah without `--layers`, `docker build
--squash`) mark all entries but one as empty: OCI image-spec, config.md, "history".
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.history_says import LAYERED, Likeness, Sayings, Told, told_by
from lightship.analysis.instructions import map_history

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.dockerfile.build import Build, Step
    from lightship.model.documents import HistoryEntry

_MOST_SKIPPED = 64
"""Entries that may have made a layer, passed over in search of one instruction's."""
_MOST_MISSED = 64
_MOST_REASONS = 5
_LONGEST_TEXT = 80
_FROM = "FROM "
_SQUASHED = "merge "


class BuiltFrom(Struct, frozen=True, kw_only=True):
    """How a Dockerfile's instructions and an image's layers belong together.

    Attributes:
        layers: of each step (by its position in the file) the position (1..n) of the layer that it
            made; None for one that made none, or whose layer is not known.
        known: positions of the steps of which it is known.
        shared: positions of layers that several steps made together.
        matched: whether the image was built from this very file, as far as its history tells.
        reasons: why not; each a clause without a full stop, which may hold foreign text.
    """

    layers: tuple[int | None, ...]
    known: frozenset[int]
    shared: frozenset[int]
    matched: bool
    reasons: tuple[str, ...] = ()

    def layers_of(self, positions: Sequence[int]) -> frozenset[int] | None:
        """The layers of several steps; None if one of them is not known."""
        if not self.known.issuperset(positions):
            return None
        made = (self.layers[position] for position in positions)
        return frozenset(layer for layer in made if layer is not None)


def map_instructions(
    build: Build, history: Sequence[HistoryEntry], layer_entries: Sequence[int]
) -> BuiltFrom:
    """Find the layer of each instruction that ends up in the image.

    Args:
        build: the Dockerfile.
        history: of the image, oldest first.
        layer_entries: number of tar records of each layer, oldest first.
    """
    told = [told_by(entry) for entry in history]
    mapped = map_history(history, layer_entries)
    maker = {entry: at for at, entry in enumerate(mapped.entries, 1) if entry is not None}
    followed = _Followed(told, maker)
    steps = [step for step in build.shipped() if step.keyword in LAYERED]
    entry_of = followed.follow(steps)
    reasons = list(followed.reasons(history))
    if mapped.guessed or not history:
        reasons.append("the image's history does not tell which layer is whose")
    layer_of, shared = _layers(history, told, entry_of, maker)
    idle = {s.position for s in build.shipped() if s.keyword not in LAYERED}
    return BuiltFrom(
        layers=tuple(layer_of.get(step.position) for step in build.steps),
        known=frozenset(layer_of) | idle,
        shared=shared,
        matched=not reasons and bool(entry_of),
        reasons=tuple(reasons) if reasons or entry_of else ("the file makes no layer",),
    )


class _Followed:
    """A history, followed from its end."""

    def __init__(self, told: Sequence[Told], maker: Mapping[int, int]) -> None:
        self._told = told
        self._maker = maker
        self._misses = 0
        self._missing: list[Step] = []
        self._strange: list[int] = []

    def follow(self, steps: Sequence[Step]) -> dict[int, int]:
        """The history entry of each step that has one, by the step's position."""
        found: dict[int, int] = {}
        before = len(self._told)
        for step in reversed(steps):
            if not before or self._misses >= _MOST_MISSED:
                self._miss(step)
                continue
            entry, skipped = self._find(Sayings(step), before)
            if entry is None:
                self._miss(step)
                continue
            found[step.position] = before = entry
            self._strange += skipped
        return found

    def _find(self, sayings: Sayings, before: int) -> tuple[int | None, list[int]]:
        skipped: list[int] = []
        for entry in range(before - 1, -1, -1):
            told = self._told[entry]
            likeness = sayings.likeness(told)
            if likeness is Likeness.SURE or (likeness is Likeness.SOME and not skipped):
                return entry, skipped
            if told.layered or entry in self._maker:
                skipped.append(entry)
                if len(skipped) > _MOST_SKIPPED:
                    break
        return None, skipped

    def _miss(self, step: Step) -> None:
        self._misses += 1
        # A directory that is there already needs no layer, and no entry in some histories.
        if step.keyword != "WORKDIR":
            self._missing.append(step)

    def reasons(self, history: Sequence[HistoryEntry]) -> Iterator[str]:
        """Why the image was not built from these steps."""
        for step in sorted(self._missing, key=lambda step: step.position)[:_MOST_REASONS]:
            yield f"its history has no {step.keyword} as in line {step.line}"
        strange = [one for one in self._strange if self._is_strange(one, history[one])]
        for entry in sorted(strange)[:_MOST_REASONS]:
            yield f"its history has a step that the file has not: {self._text(entry)}"

    def _text(self, entry: int) -> str:
        return self._told[entry].text[:_LONGEST_TEXT] or "one that says nothing"

    def _is_strange(self, entry: int, row: HistoryEntry) -> bool:
        """Not the layer of a whole build, which bears the name of its last instruction or none."""
        if (row.comment or "").startswith(_SQUASHED):
            return False
        return self._told[entry].layered or not self._told[entry].text


def _layers(
    history: Sequence[HistoryEntry],
    told: Sequence[Told],
    entry_of: Mapping[int, int],
    maker: Mapping[int, int],
) -> tuple[dict[int, int | None], frozenset[int]]:
    """Each step's layer, and the layers that are of several steps."""
    layers: dict[int, int | None] = {}
    shared: set[int] = set()
    for bearing, group in _groups(entry_of, maker).items():
        if not _bears_all(history, told, bearing, [entry_of[position] for position in group]):
            layers.update((position, maker.get(entry_of[position])) for position in group)
            continue
        layers.update(dict.fromkeys(group, maker[bearing]))
        if len(group) > 1:
            shared.add(maker[bearing])
    return layers, frozenset(shared)


def _groups(entry_of: Mapping[int, int], maker: Mapping[int, int]) -> dict[int, list[int]]:
    """Steps by the first entry from theirs on that bears a layer; -1 where none does."""
    makers = sorted(maker)
    groups: dict[int, list[int]] = {}
    for position, entry in entry_of.items():
        at = bisect_left(makers, entry)
        groups.setdefault(makers[at] if at < len(makers) else -1, []).append(position)
    return groups


def _bears_all(
    history: Sequence[HistoryEntry], told: Sequence[Told], bearing: int, entries: Sequence[int]
) -> bool:
    """Whether a layer holds what the steps of all these entries did, and not one of them alone.

    COPY and ADD always make a layer; where they are marked as empty, another entry has theirs. So
    it is where an entry bears a layer that made none. buildah notes what each layer was built upon:
    with layers at every entry, else at a stage's last, and not at an image's very first layer.
    """
    if bearing < 0:
        return False
    if any(one != bearing and told[one].keyword in ("COPY", "ADD") for one in entries):
        return True
    noted = [(history[one].comment or "").startswith(_FROM) for one in {*entries, bearing} if one]
    if any(noted) and not all(noted):
        return True
    row = history[bearing]
    squashed = (row.comment or "").startswith(_SQUASHED)
    return squashed or (bool(told[bearing].keyword) and not told[bearing].layered)
