"""Which instruction of one image became which of another: two lists of layers side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence


_LONGEST = 1024
# Digests and build arguments differ from build to build though the instruction is the same.
_HEX = re.compile(r"\b[0-9a-f]{32,}\b")
_NO_OPERATION = re.compile(r"(?:/bin/sh -c|cmd /S /C) #\(nop\) +")
_SHELL = re.compile(r"(?:RUN )?(?:\|[0-9]+ .*?)?/bin/\S+ (?:-\S+ )*")
_WORDS = re.compile(r"[\w./:=@-]+")
# Same layer before same text before same kind, however many of the lesser there are.
_SAME_LAYER, _SAME_TEXT = 10**9, 10**4
_ALIKE = 0.4
# A table of all pairs: more layers than real images have would cost minutes.
_MOST_PAIRS = 250_000


class Step(Struct, frozen=True):
    """A layer and the instruction that made it; `created_by` is None where nobody says."""

    diff_id: str
    created_by: str | None


class _Read(Struct, frozen=True):
    step: Step
    text: str
    kind: str
    words: frozenset[str]


def align(a: Sequence[Step], b: Sequence[Step]) -> list[tuple[int | None, int | None]]:
    """Pair the layers of two images, both in their order; numbers count from 0.

    Layers with one diff ID belong together, then those whose instruction reads the same (digests
    in it aside), then those of one kind (RUN, COPY...) whose texts have many words in common. Of
    all ways to pair them without crossing, the one with most of the former wins. What has no
    partner is paired with None, at its place.
    """
    start = 0
    while start < min(len(a), len(b)) and a[start].diff_id == b[start].diff_id:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end].diff_id == b[-1 - end].diff_id:
        end += 1
    middle_a, middle_b = a[start : len(a) - end], b[start : len(b) - end]
    pairs = _best(middle_a, middle_b) if middle_a and middle_b else []
    rows: list[tuple[int | None, int | None]] = [(at, at) for at in range(start)]
    at_a = at_b = start
    ends = [(len(a) - back, len(b) - back) for back in range(end, 0, -1)]
    for one, other in [*((start + i, start + j) for i, j in pairs), *ends, (len(a), len(b))]:
        rows += [(at, None) for at in range(at_a, one)]
        rows += [(None, at) for at in range(at_b, other)]
        if one < len(a):
            rows.append((one, other))
        at_a, at_b = one + 1, other + 1
    return rows


def is_same_instruction(a: Step, b: Step) -> bool:
    """Whether two instructions read the same, digests in them aside."""
    return _read(a).text == _read(b).text


def _best(a: Sequence[Step], b: Sequence[Step]) -> list[tuple[int, int]]:
    """The heaviest pairing without crossings (an alignment after Needleman and Wunsch, 1970)."""
    if len(a) * len(b) > _MOST_PAIRS:
        return _in_order(a, b)
    read_a, read_b = list(map(_read, a)), list(map(_read, b))
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    scores = [[_score(one, other) for other in read_b] for one in read_a]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            together = best[i + 1][j + 1] + scores[i][j] if scores[i][j] else 0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], together)
    pairs = []
    i = j = 0
    while i < len(a) and j < len(b):
        if scores[i][j] and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _in_order(a: Sequence[Step], b: Sequence[Step]) -> list[tuple[int, int]]:
    """Equal layers only, each with the next one of the other image."""
    places: dict[str, list[int]] = {}
    for at in range(len(b) - 1, -1, -1):
        places.setdefault(b[at].diff_id, []).append(at)
    pairs: list[tuple[int, int]] = []
    for at, step in enumerate(a):
        waiting = places.get(step.diff_id, [])
        while waiting and pairs and waiting[-1] <= pairs[-1][1]:
            waiting.pop()
        if waiting:
            pairs.append((at, waiting.pop()))
    return pairs


def _score(a: _Read, b: _Read) -> int:
    if a.step.diff_id == b.step.diff_id:
        return _SAME_LAYER
    if a.kind != b.kind:
        return 0
    if a.text == b.text:
        return _SAME_TEXT if a.text else 1
    together = len(a.words | b.words)
    alike = len(a.words & b.words) / together if together else 0.0
    return round(alike * 100) if alike >= _ALIKE else 0


def _read(step: Step) -> _Read:
    text = " ".join((step.created_by or "")[:_LONGEST].split())
    text = _HEX.sub("*", text).removesuffix(" # buildkit")
    if bare := _NO_OPERATION.match(text):
        text = text[bare.end() :]
    elif run := _SHELL.match(text):
        text = "RUN " + text[run.end() :]
    kind = text.partition(" ")[0].upper()
    return _Read(step, text, kind, frozenset(_WORDS.findall(text)))
