"""`context show` for people: what is sent first, then where it is and what keeps what out."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.model.results.context import Amount
from lightship.report.context_tree_text import tree_lines
from lightship.report.findings_text import MARKS
from lightship.report.paper import Column, Line, Look, Span, Style, table, wrap, wrapped
from lightship.report.words import counted, warning_lines
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.context import ContextFinding, ContextResult, IgnoreLine

BUILDERS = {"buildkit": "BuildKit", "legacy": "the legacy builder", "buildah": "buildah"}
_INDENT = 7
_NARROW, _NARROWEST = 100, 80
TOP = 10


def context_text(
    result: ContextResult, look: Look, *, top: int = TOP, everything: bool = False
) -> str:
    """The report.

    Args:
        result: what is sent and what is not.
        look: of the screen.
        top: rows of each list, at most; the tree has twice as many.
        everything: every node, line and finding.
    """
    if look.width < _NARROWEST:
        look = replace(look, bars=False)
    lines = [*_head(result, look), [], *_sizes(result, look)]
    note = "" if everything else " (largest first; --all shows every file)"
    lines += [[], [look.ink("Where the bytes are", "title"), look.ink(note, "dim")]]
    tree = tree_lines(result, look, None if everything else 2 * top)
    below = _ignore_lines(result, look, None if everything else top)
    below += _uses(result, look, None if everything else top)
    below += _findings(result, look, everything=everything)
    return look.render(chain(lines, tree, below))


def facts_of(result: ContextResult) -> list[str]:
    """What was read, and for which builder."""
    facts = [result.dockerfile or "no Dockerfile"]
    if result.target is not None:
        facts.append(f"target {result.target}")
    if result.ignore_file is None:
        facts.append("no .dockerignore")
    else:
        facts.append(f"{result.ignore_file} of {counted(len(result.lines), 'line')}")
    facts.append(BUILDERS[result.builder])
    if result.others:
        one, many = "link or special file", "links or special files"
        facts.append(f"{result.others:,} {one if result.others == 1 else many}")
    return facts


def _head(result: ContextResult, look: Look) -> list[Line]:
    lines = wrapped(f"Build context {result.folder}", look, "title")
    facts = ", ".join(facts_of(result))
    return lines + wrapped(facts, look, "dim") + warning_lines(warnings_of(result), look)


def warnings_of(result: ContextResult) -> list[str]:
    """What a person should know first."""
    return [*result.warnings, *(f"not readable: {one}" for one in result.unreadable)]


def heaviest_lines(result: ContextResult) -> list[IgnoreLine]:
    """The ignore file's lines, first those that keep most out."""
    return sorted(
        result.lines,
        key=lambda one: (-one.amount.content_bytes, one.line) if one.amount else (0, one.line),
    )


def size_rows(result: ContextResult) -> list[tuple[str, Amount, Style, str]]:
    """Name, amount, style and meaning of what is sent first, then of what is not."""
    sent, used = result.sent, result.used
    only_used = used is not None and result.transferred is used
    rows: list[tuple[str, Amount, Style, str]] = [
        ("sent", result.transferred, "good", _sent_words(result, only_used=only_used))
    ]
    if used is not None:
        behind = Amount(sent.files - used.files, sent.content_bytes - used.content_bytes)
        if only_used:
            words = "instructions take everything"
            if behind.files:
                words = "the legacy builder would send it"
            rows.append(("not taken", behind, "warn", words))
        else:
            rows.append(("unused", behind, "warn", "of it no instruction takes: for nothing"))
    if result.ignored is not None:
        rows.append(("ignored", result.ignored, "plain", _ignored_words(result)))
    return rows


def _sizes(result: ContextResult, look: Look) -> list[Line]:
    ignored = result.ignored.content_bytes if result.ignored is not None else 0
    whole = max(result.sent.content_bytes + ignored, 1)
    cells = 16 if look.width < _NARROW else 30
    spans = [
        [
            look.ink(name, "bold"),
            look.ink(format_bytes(amount.content_bytes)),
            look.ink(counted(amount.files, "file")),
            look.bar(amount.content_bytes, whole, cells, style),
            look.ink(words),
        ]
        for name, amount, style, words in size_rows(result)
    ]
    columns = [
        Column(least=9),
        Column(right=True, least=8),
        Column(right=True),
        Column(),
        Column(flexible=True),
    ]
    return table(columns, spans, look)


def _sent_words(result: ContextResult, *, only_used: bool) -> str:
    if only_used:
        return "what instructions of the Dockerfile take"
    verb = "reads" if result.builder == "buildah" else "is sent"
    if result.used is None:
        return "everything that is not ignored, for there is no Dockerfile"
    return f"{BUILDERS[result.builder]} {verb} everything that is not ignored"


def _ignored_words(result: ContextResult) -> str:
    if result.ignore_file is None:
        return "nothing: there is no .dockerignore"
    busy = sum(1 for one in result.lines if one.amount is not None and one.amount.files)
    return f"by {busy} of {counted(len(result.lines), 'line')} of {result.ignore_file}"


def _ignore_lines(result: ContextResult, look: Look, top: int | None) -> list[Line]:
    if not result.lines:
        return []
    weigh = heaviest_lines(result)
    shown = weigh if top is None else weigh[:top]
    title = [
        look.ink("What each line keeps out", "title"),
        look.ink(f" ({result.ignore_file})", "dim"),
    ]
    columns = [
        Column("LINE", right=True),
        Column("BYTES", right=True),
        Column("FILES", right=True),
        Column("PATTERN", flexible=True),
        Column(),
    ]
    lines = table(columns, [_ignore_line(one, look) for one in shown], look)
    more = weigh[len(shown) :]
    if more:
        idle = sum(1 for one in more if one.amount is not None and not one.amount.files)
        told = f"and {counted(len(more), 'more line')}, {idle} of which keep nothing out"
        lines.append([look.ink(told, "dim")])
    return [[], title, *lines]


def _ignore_line(one: IgnoreLine, look: Look) -> list[Span]:
    size = files = note = ""
    if one.is_exception:
        note = "lets in"
    elif one.amount is not None:
        size, files = format_bytes(one.amount.content_bytes), f"{one.amount.files:,}"
        note = "" if one.amount.files else "keeps nothing out"
    return [
        look.ink(str(one.line), "dim"),
        look.ink(size, "bold"),
        look.ink(files, "dim"),
        look.ink(one.pattern),
        look.ink(note, "warn" if note == "keeps nothing out" else "dim"),
    ]


def _uses(result: ContextResult, look: Look, top: int | None) -> list[Line]:
    if not result.uses:
        return []
    shown = result.uses if top is None else result.uses[:top]
    columns = [
        Column("LINE", right=True),
        Column("BYTES", right=True),
        Column("FILES", right=True),
        Column("INSTRUCTION", flexible=True),
    ]
    rows = [
        [
            look.ink(str(one.line), "dim"),
            look.ink(format_bytes(one.amount.content_bytes), "bold"),
            look.ink(f"{one.amount.files:,}", "dim"),
            look.ink(one.instruction),
        ]
        for one in shown
    ]
    title = [
        look.ink("What each instruction takes", "title"),
        look.ink(f" ({result.dockerfile})", "dim"),
    ]
    lines: list[Line] = [[], title, *table(columns, rows, look)]
    if len(shown) < len(result.uses):
        lines.append([look.ink(f"and {len(result.uses) - len(shown):,} more", "dim")])
    return lines


def _findings(result: ContextResult, look: Look, *, everything: bool) -> list[Line]:
    matter = [one for one in result.findings if one.severity != "info" or everything]
    more = len(result.findings) - len(matter)
    hint = f"--all shows {counted(more, 'info')} more" if more else ""
    if not matter:
        good = look.ink("Nothing found that is worth acting on.", "good")
        return [[], [good], *([[look.ink(hint, "dim")]] if hint else [])]
    lines: list[Line] = [[], [look.ink("What to act on", "title")]]
    for one in matter:
        lines += _finding(one, look)
    hints = "; ".join(filter(None, (hint, "lightship explain RULE says more")))
    return [*lines, [look.ink(hints, "dim")]]


def _finding(one: ContextFinding, look: Look) -> list[Line]:
    mark, style = MARKS[one.severity]
    place = "" if one.file is None or one.line is None else f"  {one.file}:{one.line}"
    size = f"  {format_bytes(one.amount.content_bytes)}" if one.amount is not None else ""
    head = [
        look.ink(f"{mark:{_INDENT}}", style),
        look.ink(one.rule, "bold"),
        look.ink(size, "bold"),
        look.ink(place, "dim"),
    ]
    return [head, *_told(one.message, look), *_told(one.advice, look, good=True)]


def _told(text: str, look: Look, *, good: bool = False) -> list[Line]:
    pieces = wrap(look.ink(text).text, max(look.width - _INDENT, 20)) if text else []
    return [[Span(" " * _INDENT), look.ink(piece, "good" if good else "plain")] for piece in pieces]
