"""The tree of a build context on a screen: the heaviest rows, what is small folded."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from lightship.model.results.context import Amount
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
        rows: how many nodes are shown, the heaviest; None for all.
    """
    tree = result.tree
    children = _children(tree)
    shown = set(range(len(tree))) if rows is None else _heaviest(tree, children, rows)
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
        if len(inside) < len(children[at]):
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


def _heaviest(tree: Sequence[ContextNode], children: list[list[int]], rows: int) -> set[int]:
    """The root, and so many more, each with the directories above it."""
    root = tree[0]
    unused = root.sent.content_bytes - root.used.content_bytes

    def share(node: ContextNode) -> float:
        # What is ignored as a whole is told for its size, but what is sent comes first.
        behind = node.sent.content_bytes - node.used.content_bytes
        ignored = node.ignored.content_bytes / max(root.ignored.content_bytes, 1)
        return max(
            node.used.content_bytes / max(root.used.content_bytes, 1),
            behind / max(unused, 1),
            ignored / 2,
        )

    shown = {0}
    waiting = [(-share(tree[at]), at) for at in children[0]]
    heapq.heapify(waiting)
    while waiting and len(shown) <= rows:
        _, at = heapq.heappop(waiting)
        if tree[at].kind == "rest":
            continue
        shown.add(at)
        for child in children[at]:
            heapq.heappush(waiting, (-share(tree[child]), child))
    return shown


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
    told = [f"{keywords.get(line, 'line')} in line {line}" for line in node.uses[:_MOST_LINES]]
    more = len(node.uses) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")
