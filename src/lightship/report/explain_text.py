"""Rules for people: a list of them, or the page of one, its Markdown laid out as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from lightship.report.paper import Column, Line, Look, Style, table, wrap
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.model.finding import Remedy, Severity
    from lightship.model.results.rules import RulePage, RulesResult

_INDENT = "    "
_LEAST = 20
_STYLES: Mapping[Severity, Style] = {"error": "dead", "warning": "warn", "info": "dim"}
_REMEDIES: Mapping[Remedy, str] = {
    "remove": "remove the files",
    "rebuild": "build anew, or squash",
    "strip": "strip the files",
    "share": "share one copy",
    "move": "move the data out of the image",
    "change": "change a setting, a base or an instruction",
}
_PLACES = {"image": "image", "dockerfile": "Dockerfile", "context": "context"}
_Kind = Literal["text", "heading", "item", "row", "fence"]
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_ITEM = re.compile(r"(?P<mark>[-*]|[0-9]{1,3}\.) +(?P<text>.*)")


def rules_text(result: RulesResult, look: Look) -> str:
    """All rules, one a line."""
    rows = [
        [
            look.ink(page.name, "bold"),
            look.ink(_PLACES[page.looks_at], "dim"),
            look.ink(page.severity, _STYLES[page.severity]),
            look.ink(page.title),
        ]
        for page in result.rules
    ]
    columns = [
        Column("RULE"),
        Column("IN"),
        Column("SEVERITY"),
        Column("WHAT IT FINDS", flexible=True),
    ]
    return look.render(
        [*table(columns, rows, look), [], [look.ink("lightship explain RULE says more.", "dim")]]
    )


def rule_text(page: RulePage, look: Look) -> str:
    """One rule's page, and how to suppress its findings."""
    heading = f"{page.title} ({page.name})"
    lines: list[Line] = [[look.ink(piece, "title")] for piece in _pieces(heading, look, 0)]
    lines += [[look.ink(piece, "dim")] for piece in _pieces(_facts(page), look, 0)]
    laid_out = _laid_out(page.page, look)
    lines += [[], *laid_out, []] if laid_out else [[]]
    if page.looks_at != "image":
        where = "instruction in the Dockerfile"
        where += ", or the line of the ignore file" if page.looks_at == "context" else ""
        lines += _titled(f"To suppress it, above the {where}", look)
        lines.append(_literal(f"# lightship: ignore[{page.name}] why it may stay", look))
        lines += [[], *_titled("or in lightship.toml", look)]
    else:
        lines += _titled("To suppress it, in lightship.toml", look)
    example = ("[[rules.ignore]]", f'rule = "{page.name}"', 'reason = "why it may stay"')
    return look.render(lines + [_literal(line, look) for line in example])


def _facts(page: RulePage) -> str:
    if page.looks_at != "image":
        return _facts_of_lint(page)
    severity: str = page.severity
    if page.severity == "warning" and page.remedy != "change" and page.quiet_below_bytes:
        severity += f" from {format_bytes(page.quiet_below_bytes)}, else info"
    remedy = f"; to resolve: {_REMEDIES[page.remedy]}" if page.remedy else ""
    return f"{severity}; {page.confidence}{remedy}"


def _facts_of_lint(page: RulePage) -> str:
    fixes = " and ".join(page.fixes)
    facts: list[str] = [page.severity, page.confidence]
    if page.looks_at == "dockerfile":
        facts.append(f"lightship fix: {fixes}" if fixes else "no fix")
    if page.codes:
        facts.append(f"hadolint: {', '.join(page.codes)}")
    if not page.asked:
        where = "in lint " if page.looks_at == "context" else ""
        facts.append(f"{where}only with --select {page.name}")
    return "; ".join(facts)


def _laid_out(markdown: str, look: Look) -> list[Line]:
    """Headings, paragraphs, items, rows of tables and fences, an empty line between them.

    None stands after a heading, nor between neighbours that belong together.
    """
    lines: list[Line] = []
    before: _Kind | None = None
    for kind, block in _blocks(markdown):
        drawn = _drawn(kind, block, look)
        if not any(span.text for line in drawn for span in line):
            continue
        is_joined = before == kind and kind in ("item", "row")
        if before is not None and before != "heading" and not is_joined:
            lines.append([])
        lines += drawn
        before = kind
    return lines


def _blocks(markdown: str) -> Iterator[tuple[_Kind, list[str]]]:
    kind: _Kind = "text"
    block: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        is_fence = line.lstrip().startswith("```")
        if kind == "fence":
            if is_fence:
                yield kind, block
                kind, block = "text", []
            else:
                block.append(line)
            continue
        opens = _opens(line, is_fence=is_fence)
        if block and (opens or not line.strip()):
            yield kind, block
            kind, block = "text", []
        kind = opens or kind
        if line.strip() and not is_fence:
            block.append(line)
        if kind == "heading":
            yield kind, block
            kind, block = "text", []
    if block:
        yield kind, block


def _opens(line: str, *, is_fence: bool) -> _Kind | None:
    """What begins with this line, whatever stands before it."""
    if is_fence:
        return "fence"
    if line.startswith("#"):
        return "heading"
    if line.startswith("|"):
        return "row"
    return "item" if _ITEM.match(line) else None


def _drawn(kind: _Kind, block: list[str], look: Look) -> list[Line]:
    if kind == "fence":
        return [_literal(line, look) for line in block]
    text = _plain(" ".join(line.strip() for line in block))
    if kind == "heading":
        return _titled(text.lstrip("# "), look)
    item = _ITEM.match(text) if kind == "item" else None
    if item is None:
        return [[look.ink(piece)] for piece in _pieces(text, look, 0)]
    mark = f"{item['mark']} "
    pieces = _pieces(item["text"], look, len(mark))
    return [
        [look.ink((" " * len(mark) if at else mark) + piece)] for at, piece in enumerate(pieces)
    ]


def _titled(text: str, look: Look) -> list[Line]:
    return [[look.ink(piece, "bold")] for piece in _pieces(text, look, 0)]


def _literal(line: str, look: Look) -> Line:
    return [look.ink(f"{_INDENT}{line}" if line else "", "good")]


def _plain(text: str) -> str:
    """Inline Markdown as text: of a link to another rule's page only its words remain."""

    def told(link: re.Match[str]) -> str:
        is_page = "://" not in link[2]
        return link[1] if is_page or link[1] == link[2] else f"{link[1]} ({link[2]})"

    return _STRONG.sub(r"\1", _LINK.sub(told, text))


def _pieces(text: str, look: Look, indent: int) -> list[str]:
    # Escapes are longer than what they stand for: made first, then wrapped.
    return wrap(look.ink(text).text, max(look.width - indent, _LEAST))
