"""The tree of a build context on a screen.

A small context stays whole. Of a larger one the rows are where the bytes are: a directory is opened
if it has a twentieth of what is sent or of what is ignored, and what has less than a two-hundredth
of either is counted in a last row. Told in any case are a directory that is ignored as a whole, in
those that are open, and the first path of each finding to act on.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from lightship.model.results.context import Amount
from lightship.report.context_takers import takers_words
from lightship.report.paper import Column, Look, Span, Style, shorten, table
from lightship.report.words import counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.context import ContextNode, ContextResult
    from lightship.report.paper import Line

_NONE = Amount(0, 0)
_MOST_LINES = 3
_BESIDE = 60
"""Columns that what becomes of a row leaves to its name and sizes."""
_OPEN, _ROW = 1 / 20, 1 / 200
"""Parts of all bytes that open a directory and that make a row."""


class _Fate(NamedTuple):
    """What becomes of a row: what is counted, in which style, and in words."""

    amount: Amount
    style: Style
    words: str


def tree_lines(result: ContextResult, look: Look, rows: int | None) -> list[Line]:
    """The tree.

    Args:
        result: with the tree.
        look: of the screen.
        rows: a tree of so many nodes is small, and of a larger one no more are shown, the
            heaviest; None to show all.
    """
    tree = result.tree
    children = _children(tree)
    is_small = rows is None or len(tree) <= rows
    shown = set(range(len(tree))) if is_small else _heaviest(result, children, rows or 0)
    whole = max(result.transferred.content_bytes, 1)
    lines: list[list[Span]] = []
    # Depth first; each with the guides in front of it.
    stack: list[tuple[int, str, str, str]] = [(0, "", "", "")]
    while stack:
        at, before, below, above = stack.pop()
        if at < 0:
            hidden = [child for child in children[-at - 1] if child not in shown]
            lines.append(_rest(result, [tree[child] for child in hidden], before, look, whole))
            continue
        lines.append(_row(result, tree[at], above, before, look, whole))
        inside = [child for child in children[at] if child in shown]
        if not inside:
            continue
        if len(inside) == len(children[at]) - 1:
            # A row that says "and 1 more" would be no shorter.
            inside = children[at]
        elif len(inside) < len(children[at]):
            inside.append(-at - 1)
        branch, last, through = ("├─ ", "└─ ", "│  ") if look.unicode else ("|- ", "`- ", "|  ")
        for place, child in reversed(list(enumerate(inside))):
            is_last = place == len(inside) - 1
            deeper = "   " if is_last else through
            beside = below + (last if is_last else branch)
            stack.append((child, beside, below + deeper, tree[at].path))
    columns = [
        Column("BYTES", right=True),
        Column("FILES", right=True),
        Column(),
        Column("NAME", flexible=True),
        Column("WHAT BECOMES OF IT"),
    ]
    return table(columns, lines, look)


def _children(tree: Sequence[ContextNode]) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in tree]
    above: list[int] = []
    for at, node in enumerate(tree):
        del above[node.depth :]
        if above:
            children[above[-1]].append(at)
        above.append(at)
    return [[_end(tree, children, child) for child in inside] for inside in children]


def _end(tree: Sequence[ContextNode], children: list[list[int]], at: int) -> int:
    """Directories in a row, each the only one in the other, are one row: its last."""
    while len(children[at]) == 1 and tree[children[at][0]].kind != "rest":
        at = children[at][0]
    return at


def _heaviest(result: ContextResult, children: list[list[int]], rows: int) -> set[int]:
    """The root, and so many more, each with the directories above it."""
    tree = result.tree
    share = _Shares(tree[0])
    pointed = {one.paths[0] for one in result.findings if one.paths and one.severity != "info"}
    shown = {0}
    waiting: list[tuple[bool, float, int]] = []

    def offer(inside: list[int]) -> None:
        alone = len(inside) == 1
        for at in inside:
            node = tree[at]
            is_pointed = any(_leads(node.path, path) for path in pointed)
            is_whole = node.kind == "directory" and node.line is not None
            if node.kind != "rest" and (alone or is_pointed or is_whole or share(node) >= _ROW):
                heapq.heappush(waiting, (not is_pointed, -share(node), at))

    offer(children[0])
    while waiting and len(shown) <= rows:
        _, negative, at = heapq.heappop(waiting)
        shown.add(at)
        is_above = any(path.startswith(tree[at].path + "/") for path in pointed)
        if is_above or -negative >= _OPEN:
            offer(children[at])
    return shown


class _Shares:
    """How large a part of a context something is: of what is sent, or of what is ignored."""

    def __init__(self, root: ContextNode) -> None:
        self._used, self._sent, self._ignored = (
            max(amount.content_bytes, 1) for amount in (root.used, root.sent, root.ignored)
        )

    def __call__(self, node: ContextNode) -> float:
        return max(
            node.used.content_bytes / self._used,
            node.sent.content_bytes / self._sent,
            # It is told for its size, but what is sent comes first.
            node.ignored.content_bytes / self._ignored / 2,
        )


def _leads(path: str, pointed: str) -> bool:
    """Whether a path is the one that is pointed at, or above it."""
    return pointed == path or pointed.startswith(path + "/")


def _row(  # noqa: PLR0917 - the node, where it stands, and how it is drawn
    result: ContextResult, node: ContextNode, above: str, before: str, look: Look, whole: int
) -> list[Span]:
    if node.kind == "rest":
        return _rest(result, [node], before, look, whole)
    name = node.path.removeprefix(f"{above}/" if above else "") + (
        "/" if node.kind == "directory" and node.path else ""
    )
    return _cells(_fate(result, node), before, name or ".", look, whole)


def _rest(
    result: ContextResult, nodes: Sequence[ContextNode], before: str, look: Look, whole: int
) -> list[Span]:
    files = sum(node.sent.files + node.ignored.files for node in nodes)
    summed = _Fate(*_summed(result, nodes))
    name = f"and {counted(files, 'more file')}"
    return _cells(summed, before, name, look, whole)


def _cells(fate: _Fate, before: str, name: str, look: Look, whole: int) -> list[Span]:
    size = fate.amount.content_bytes
    mark = "…" if look.unicode else "..."
    # The guides are ours; the name is foreign.
    safe = Span(before + look.ink(name).text, fate.style)
    words = shorten(look.ink(fate.words).text, max(look.width - _BESIDE, _BESIDE // 2), mark=mark)
    return [
        look.ink(format_bytes(size), fate.style),
        look.ink(f"{fate.amount.files:,}", "dim"),
        look.bar(size if fate.style != "dim" else 0, whole, 12, fate.style),
        safe,
        look.ink(words, "dim"),
    ]


def _summed(result: ContextResult, nodes: Sequence[ContextNode]) -> tuple[Amount, Style, str]:
    used, sent, ignored = (
        Amount(sum(one.files for one in some), sum(one.content_bytes for one in some))
        for some in (
            [node.used for node in nodes],
            [node.sent for node in nodes],
            [node.ignored for node in nodes],
        )
    )
    return _judged(result, sent, used, ignored, "", "ignored")


def _fate(result: ContextResult, node: ContextNode) -> _Fate:
    takers = _takers(result, node)
    ignored = "ignored"
    if node.line is not None:
        pattern = next((one.pattern for one in result.lines if one.line == node.line), "")
        ignored = f"ignored by line {node.line}: {pattern}"
    return _Fate(*_judged(result, node.sent, node.used, node.ignored, takers, ignored))


def _judged(  # noqa: PLR0917 - the three amounts, and the words for each
    result: ContextResult, sent: Amount, used: Amount, ignored: Amount, takers: str, left_out: str
) -> tuple[Amount, Style, str]:
    if not sent.files:
        return ignored, "dim", left_out if ignored.files or left_out != "ignored" else ""
    behind = sent.content_bytes - used.content_bytes
    told = []
    if result.used is not None and not used.files:
        words = "not taken" if result.transferred is result.used else "sent for nothing"
        return sent, "warn", words
    if takers:
        told.append(takers)
    if result.used is not None and behind:
        words = "not taken" if result.transferred is result.used else "sent for nothing"
        told.append(f"{format_bytes(behind)} {words}")
    if ignored.content_bytes:
        told.append(f"{format_bytes(ignored.content_bytes)} ignored")
    only_used = result.transferred is result.used
    return used if only_used else sent, "plain", ", ".join(told)


def _takers(result: ContextResult, node: ContextNode) -> str:
    if not node.uses or node.depth == 0:
        return ""
    keywords = {one.line: one.instruction.partition(" ")[0] for one in result.uses}
    told = ((keywords.get(line, "line"), line) for line in node.uses)
    return takers_words(told, _MOST_LINES)
