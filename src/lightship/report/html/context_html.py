"""`context show` as a page: how much is sent, where it is, who takes it and what keeps it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.model.results.context import Amount
from lightship.model.results.picture import NodeKind
from lightship.printable import printable
from lightship.report.context_text import BUILDERS, facts_of, size_rows
from lightship.report.html.elements import Html, bar, cell, element, foreign, joined, table
from lightship.report.html.explorer import explorer
from lightship.report.html.heads import foot, head, warnings
from lightship.report.html.page import page
from lightship.report.words import counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.context import ContextFinding, ContextNode, ContextResult

_SCRIPTS = (
    "format.js",
    "theme.js",
    "tables.js",
    "tree.js",
    "context_tree.js",
    "squarify.js",
    "colours.js",
    "map.js",
    "details.js",
    "list.js",
    "search.js",
    "strip.js",
    "explorer.js",
    "start.js",
    "context.js",
)
_WEIGHTS = ("everything", "sent", "unused", "ignored")
_COLOURS = ("fate", "instruction", "line")
_KINDS = {"directory": NodeKind.DIRECTORY, "file": NodeKind.FILE, "rest": NodeKind.FOLDED}
_WORDS = (
    "Sizes are of files as they lie on disk. sent: what the builder gets or reads. unused: not"
    " ignored, and no instruction takes it. ignored: what the ignore file keeps out."
)
_CARDS = {"sent": "visible", "not taken": "removable", "unused": "removable", "ignored": "unpacked"}


class _Picture(Struct, frozen=True, kw_only=True):
    """The tree in columns, as `lightship.model.results.picture` has that of an image.

    Attributes:
        takers: the Dockerfile's line of the first instruction that takes it; 0 for none.
        lines: of the ignore file, that leaves it out; 0 for none.
    """

    names: tuple[str, ...]
    depths: tuple[int, ...]
    kinds: tuple[int, ...]
    files: tuple[int, ...]
    sent_bytes: tuple[int, ...]
    unused_bytes: tuple[int, ...]
    ignored_bytes: tuple[int, ...]
    takers: tuple[int, ...]
    lines: tuple[int, ...]


class _Data(Struct, frozen=True):
    """What the program draws: the picture, and words by line."""

    picture: _Picture
    instructions: tuple[tuple[int, str], ...]
    patterns: tuple[tuple[int, str], ...]
    fates: tuple[str, str, str]


def context_html(result: ContextResult) -> str:
    """The page of one build context; as `inspect_html`, it needs nothing from elsewhere."""
    told = [*result.warnings, *(f"not readable: {one}" for one in result.unreadable)]
    body = joined(
        head([("", f"Build context {result.folder}")], ", ".join(facts_of(result))),
        element(
            "main",
            warnings(told),
            _figures(result),
            explorer(_WEIGHTS, _COLOURS, "Who takes what, and which line keeps what out"),
            _findings(result),
            _uses(result),
            _lines(result),
        ),
        foot("lightship context show", _WORDS),
    )
    return page(f"{result.folder} - lightship", body, _SCRIPTS, _data(result))


def _data(result: ContextResult) -> _Data:
    tree = result.tree
    only_used = result.transferred is result.used
    # Only BuildKit leaves behind what is not used; others are sent it for nothing.
    fates = (
        f"taken by an instruction: {BUILDERS[result.builder]} is sent it"
        if result.used is not None
        else "sent: there is no Dockerfile",
        "not taken by any instruction" if only_used else "sent for nothing",
        "ignored",
    )
    picture = _Picture(
        names=tuple("" if one.kind == "rest" else _name(one) for one in tree),
        depths=tuple(one.depth for one in tree),
        kinds=tuple(int(_KINDS[one.kind]) for one in tree),
        files=tuple(one.sent.files + one.ignored.files for one in tree),
        sent_bytes=tuple(one.used.content_bytes for one in tree),
        unused_bytes=tuple(one.sent.content_bytes - one.used.content_bytes for one in tree),
        ignored_bytes=tuple(one.ignored.content_bytes for one in tree),
        takers=tuple(one.uses[0] if one.uses else 0 for one in tree),
        lines=tuple(one.line or 0 for one in tree),
    )
    return _Data(
        picture,
        tuple((one.line, printable(one.instruction)) for one in result.uses),
        tuple((one.line, printable(one.pattern)) for one in result.lines),
        fates,
    )


def _name(node: ContextNode) -> str:
    return printable(node.path.rpartition("/")[2])


def _figures(result: ContextResult) -> Html:
    rows = size_rows(result)
    ignored = result.ignored or Amount(0, 0)
    whole = result.sent.content_bytes + ignored.content_bytes
    cards = [
        element(
            "div",
            element("dt", name),
            element(
                "dd",
                element("b", format_bytes(amount.content_bytes)),
                bar(amount.content_bytes, whole, _CARDS[name]),
                element("small", f"{counted(amount.files, 'file')}: {words}"),
            ),
            class_=f"figure {_CARDS[name]}" if amount.files else f"figure {_CARDS[name]} none",
        )
        for name, amount, _, words in rows
    ]
    return element(
        "section",
        element("h2", "How much", class_="unseen"),
        element("dl", *cards, class_="figures"),
        id="figures",
    )


def _findings(result: ContextResult) -> Html:
    parts = [_finding(one) for one in result.findings]
    if not parts:
        parts = [element("p", "Nothing found that is worth acting on.", class_="good")]
    return element("section", element("h2", "What to act on"), *parts, id="findings")


def _finding(one: ContextFinding) -> Html:
    saves = Html()
    if one.amount is not None:
        size = element("b", format_bytes(one.amount.content_bytes))
        files = element("small", counted(one.amount.files, "file"))
        saves = element("div", size, files, class_="saves")
    places = [element("li", element("code", foreign(path), data_path=path)) for path in one.paths]
    return element(
        "article",
        element(
            "div",
            element(
                "h3",
                element("i", one.severity, class_=f"mark {one.severity}"),
                foreign(one.title),
            ),
            element("p", element("bdi", one.message)),
            element("p", element("bdi", one.advice), class_="advice"),
            element("ul", *places) if places else "",
            element("p", element("code", f"lightship explain {one.rule}"), class_="rule"),
        ),
        saves,
        class_=f"finding {one.severity}",
    )


def _uses(result: ContextResult) -> Html:
    rows = [_row(one.line, one.amount, one.instruction, "instruction", "") for one in result.uses]
    return _section("uses", "What each instruction takes", result.dockerfile, rows)


def _lines(result: ContextResult) -> Html:
    rows = []
    for one in result.lines:
        note = "lets in" if one.is_exception else ""
        if one.amount is not None and not one.amount.files and not one.is_exception:
            note = "keeps nothing out"
        rows.append(_row(one.line, one.amount, one.pattern, "line", note))
    return _section("lines", "What each line keeps out", result.ignore_file, rows)


def _row(line: int, amount: Amount | None, text: str, by: str, note: str) -> list[Html]:
    known = amount or Amount(0, 0)
    name = element("span", str(line), class_="name", data_by=by, data_key=line)
    return [
        cell(name, class_="n", value=line),
        cell(format_bytes(known.content_bytes), class_="n", value=known.content_bytes),
        cell(f"{known.files:,}", class_="n", value=known.files),
        cell(element("code", foreign(text)), class_="long"),
        cell(note),
    ]


def _section(identity: str, title: str, file: str | None, rows: list[list[Html]]) -> Html:
    if not rows:
        return Html()
    columns = [("line", "n"), ("bytes", "n"), ("files", "n"), ("", ""), ("", "")]
    heading = element("h2", title, " ", element("small", foreign(file or "")))
    content = table("sortable", title, columns, rows)
    return element("section", heading, content, id=identity)
