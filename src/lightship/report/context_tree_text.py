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
from lightship.report.paper import Column, Look, Span, Style, long_table, shorten
from lightship.report.words import counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.model.results.context import ContextNode, ContextResult
    from lightship.report.paper import Line

_MOST_LINES = 3
_BESIDE = 60
"""Columns that what becomes of a row leaves to its name and sizes."""
_LEAST = 22
_OPEN, _ROW = 1 / 20, 1 / 200
"""Parts of all bytes that open a directory and that make a row."""


class _Fate(NamedTuple):
    """What becomes of a row: what is counted, in which style, and in words."""

    amount: Amount
    style: Style
    words: str


def tree_lines(result: ContextResult, look: Look, rows: int | None) -> Iterator[Line]:
    """The tree.

    Args:
        result: with the tree.
        look: of the screen.
        rows: a context of so many files is small, and of a larger one no more rows are shown,
            the heaviest; None to show all.
    """
    columns = [
        Column("BYTES", right=True),
        Column("FILES", right=True),
        Column(),
        Column("NAME", flexible=True),
        Column("WHAT BECOMES OF IT"),
    ]
    tree = result.tree
    children = _children(tree)
    is_small = rows is None or sum(node.kind != "directory" for node in tree) <= rows
    shown = set(range(len(tree))) if is_small else _heaviest(result, children, rows or 0)
    drawing = _Drawing(result, look)
    # A hundred thousand rows are not held.
    return long_table(columns, lambda: _rows(drawing, children, shown), look)


def _rows(drawing: _Drawing, children: list[list[int]], shown: set[int]) -> Iterator[list[Span]]:
    """Depth first, each with the guides in front of it."""
    tree = drawing.tree
    stack: list[tuple[int, str, str, str]] = [(0, "", "", "")]
    while stack:
        at, before, below, above = stack.pop()
        if at < 0:
            hidden = [child for child in children[-at - 1] if child not in shown]
            yield drawing.rest([tree[child] for child in hidden], before)
            continue
        yield drawing.row(tree[at], above, before)
        inside = [child for child in children[at] if child in shown]
        if not inside:
            continue
        if len(inside) == len(children[at]) - 1:
            # A row that says "and 1 more" would be no shorter.
            inside = children[at]
        elif len(inside) < len(children[at]):
            inside.append(-at - 1)
        branch, last, through = drawing.guides
        for place, child in reversed(list(enumerate(inside))):
            is_last = place == len(inside) - 1
            deeper = "   " if is_last else through
            beside = below + (last if is_last else branch)
            stack.append((child, beside, below + deeper, tree[at].path))


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
            node.ignored.content_bytes / self._ignored,
        )


def _leads(path: str, pointed: str) -> bool:
    """Whether a path is the one that is pointed at, or above it."""
    return pointed == path or pointed.startswith(path + "/")


class _Drawing:
    """How nodes become rows."""

    def __init__(self, result: ContextResult, look: Look) -> None:
        self.tree = result.tree
        self.guides = ("├─ ", "└─ ", "│  ") if look.unicode else ("|- ", "`- ", "|  ")
        self._look = look
        self._whole = max(result.transferred.content_bytes, 1)
        self._is_built = result.used is not None
        self._only_used = result.transferred is result.used
        self._behind = "not taken" if self._only_used else "sent for nothing"
        self._patterns = {one.line: one.pattern for one in result.lines}
        self._keywords = {one.line: one.instruction.partition(" ")[0] for one in result.uses}

    def row(self, node: ContextNode, above: str, before: str) -> list[Span]:
        """A node below the path `above`, with the guides before it."""
        if node.kind == "rest":
            return self.rest([node], before)
        slash = "/" if node.kind == "directory" and node.path else ""
        name = node.path.removeprefix(f"{above}/" if above else "") + slash
        ignored = "ignored"
        if node.line is not None:
            ignored = f"ignored by line {node.line}: {self._patterns.get(node.line, '')}"
        amounts = (node.sent, node.used, node.ignored)
        return self._cells(self._fate(*amounts, self._takers(node), ignored), before, name or ".")

    def rest(self, nodes: Sequence[ContextNode], before: str) -> list[Span]:
        """What is counted together."""
        files = sum(node.sent.files + node.ignored.files for node in nodes)
        sent, used, ignored = (
            Amount(sum(one.files for one in some), sum(one.content_bytes for one in some))
            for some in (
                [node.sent for node in nodes],
                [node.used for node in nodes],
                [node.ignored for node in nodes],
            )
        )
        fate = self._fate(sent, used, ignored, "", "ignored")
        return self._cells(fate, before, f"and {counted(files, 'more file')}")

    def _cells(self, fate: _Fate, before: str, name: str) -> list[Span]:
        look, size = self._look, fate.amount.content_bytes
        mark = "…" if look.unicode else "..."
        # The guides are ours; the name is foreign.
        safe = Span(before + look.ink(name).text, fate.style)
        room = max(look.width - _BESIDE, _LEAST)
        words = shorten(look.ink(fate.words).text, room, mark=mark)
        return [
            look.ink(format_bytes(size), fate.style),
            look.ink(f"{fate.amount.files:,}", "dim"),
            look.bar(size if fate.style != "dim" else 0, self._whole, 12, fate.style),
            safe,
            look.ink(words, "dim"),
        ]

    def _fate(
        self, sent: Amount, used: Amount, ignored: Amount, takers: str, left_out: str
    ) -> _Fate:
        if not sent.files:
            told = left_out if ignored.files or left_out != "ignored" else ""
            return _Fate(ignored, "dim", told)
        if self._is_built and not used.files:
            return _Fate(sent, "warn", self._behind)
        words = [takers] if takers else []
        behind = sent.content_bytes - used.content_bytes
        if self._is_built and behind:
            words.append(f"{format_bytes(behind)} {self._behind}")
        if ignored.content_bytes:
            words.append(f"{format_bytes(ignored.content_bytes)} ignored")
        return _Fate(used if self._only_used else sent, "plain", ", ".join(words))

    def _takers(self, node: ContextNode) -> str:
        if not node.uses or node.depth == 0:
            return ""
        told = ((self._keywords.get(line, "line"), line) for line in node.uses)
        return takers_words(told, _MOST_LINES)
