"""The lists of `diff`: names added, removed, changed, changed in metadata, moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.diff_tables import signed_bytes
from lightship.report.paper import Column, Line, Look, Span, table
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.diff import (
        ChangedName,
        DiffResult,
        Fact,
        FileFacts,
        MovedNames,
    )

_PLAIN_FACTS: dict[Fact, str] = {
    "content": "content",
    "xattrs": "extended attributes",
    "links": "hard links",
    "mtime": "time",
}


def details(result: DiffResult, look: Look, top: int) -> list[Line]:
    """Every list that is not empty, each under its title and at most `top` rows long."""
    changes = result.changes
    lists = (
        ("Added", changes.added, result.added),
        ("Removed", changes.removed, result.removed),
        ("Changed", changes.changed, result.changed),
        ("Changed in metadata only", changes.metadata, result.metadata),
        ("Changed in time only", changes.touched, result.touched),
    )
    lines: list[Line] = []
    for title, names, rows in lists:
        if rows:
            lines += [[], [look.ink(title, "title")]]
            lines += table(_columns(), [_changed(row, look) for row in rows[:top]], look)
            lines += _more(names.names, min(top, len(rows)), look)
    if result.moved:
        lines += [[], [look.ink("Moved", "title")]]
        lines += table(_columns(), [_moved(row, look) for row in result.moved[:top]], look)
        if len(result.moved) > top:
            lines.append([look.ink(f"{len(result.moved) - top} more: --top, --format json", "dim")])
    return lines


def foremost(result: DiffResult, look: Look, most: int) -> list[Line]:
    """The names that grew or shrank most, what moved, and what changed in metadata."""
    weighed = [*result.added, *result.removed, *result.changed]
    weighed = [row for row in weighed if row.a is None or row.b is None or grown_bytes(row)]
    weighed.sort(key=lambda row: -abs(grown_bytes(row)))
    moved = [_moved(row, look, word="moved") for row in result.moved[:most]]
    metadata = [_changed(row, look, word="metadata") for row in result.metadata[:most]]
    # One of each kind is seen, whatever the others weigh.
    room = most - bool(moved) - bool(metadata)
    rows = [_changed(row, look, word=_word(row)) for row in weighed[:room]]
    rows += moved[: most - len(rows) - bool(metadata)]
    rows += metadata[: most - len(rows)]
    return table([Column(), *_columns(heads=False)], rows, look)


def _word(row: ChangedName) -> str:
    return "added" if row.a is None else "removed" if row.b is None else "changed"


def _columns(*, heads: bool = True) -> list[Column]:
    columns = [
        Column("VISIBLE", right=True, least=9),
        Column("PATH", flexible=True, keep_end=0.7),
        Column("WHAT DIFFERS"),
    ]
    return columns if heads else [Column(right=True, least=9), Column(flexible=True, keep_end=0.7)]


def _more(names: int, shown: int, look: Look) -> list[Line]:
    return [[look.ink(f"{names - shown:,} more names: --top", "dim")]] if names > shown else []


def grown_bytes(row: ChangedName) -> int:
    """Content bytes of a name in B less those in A, counted where the inode is carried."""
    return _bytes(row.b, row.path) - _bytes(row.a, row.path)


def _bytes(facts: FileFacts | None, path: str) -> int:
    """Content bytes, counted at the name that carries the inode."""
    if facts is None or facts.linked_to not in (None, path):
        return 0
    return facts.content_bytes


def _changed(row: ChangedName, look: Look, word: str | None = None) -> list[Span]:
    grown = grown_bytes(row)
    weight = signed_bytes(grown, look)
    if not grown and row.b is not None:
        weight = look.ink(format_bytes(_bytes(row.b, row.path)), "dim")
    path = look.ink(f"/{row.path}")
    if word is not None:
        return [look.ink(word, "dim"), weight, path]
    return [weight, path, look.ink(what_differs(row), "dim")]


def _moved(row: MovedNames, look: Look, word: str | None = None) -> list[Span]:
    weight = look.ink(format_bytes(row.content_bytes), "dim")
    slash = "/" if row.names > 1 else ""
    path = look.ink(f"/{row.source}{slash} → /{row.target}{slash}")
    if word is not None:
        return [look.ink(word, "dim"), weight, path]
    counted = f"{row.names:,} names" if row.names != 1 else ""
    return [weight, path, look.ink(counted, "dim")]


def what_differs(row: ChangedName) -> str:
    """What of a name is not the same, in words."""
    old, new = row.a, row.b
    if old is None or new is None:
        there = old or new
        kind = there.kind if there is not None else "regular"
        return "" if kind == "regular" else kind.replace("_", " ")
    return ", ".join(_fact(fact, old, new) for fact in row.facts)


def _fact(fact: Fact, old: FileFacts, new: FileFacts) -> str:
    if fact == "mode":
        return f"mode {old.mode:04o} → {new.mode:04o}"
    if fact == "uid":
        return f"uid {old.uid} → {new.uid}"
    if fact == "gid":
        return f"gid {old.gid} → {new.gid}"
    if fact == "kind":
        return f"{old.kind} → {new.kind}".replace("_", " ")
    if fact == "link_target":
        return f"link {old.link_target} → {new.link_target}"
    if fact == "device":
        return f"device {old.device} → {new.device}"
    return _PLAIN_FACTS[fact]
