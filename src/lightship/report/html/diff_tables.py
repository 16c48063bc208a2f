"""What grew, as tables: the figures, by directory, by layer, and the names that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.report.diff_details import grown_bytes, what_differs
from lightship.report.diff_tables import SHARED, STATUS, is_news
from lightship.report.html.elements import Html, balance, cell, element, foreign, table
from lightship.report.words import about, counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.diff import ChangedName, DiffResult, InstructionGrowth, MovedNames


def sizes(result: DiffResult) -> Html:
    """A, B, and what lies between."""
    a, b, delta = result.a, result.b, result.delta
    estimated = a.wire_bytes_estimated or b.wire_bytes_estimated
    error = f"compressed, ± {format_bytes(delta.wire_bytes_error)}" if estimated else "compressed"
    figures = [
        ("wire", a.wire_bytes, b.wire_bytes, delta.wire_bytes, error),
        ("unpacked", a.unpacked_bytes, b.unpacked_bytes, delta.unpacked_bytes, "in all layers"),
        ("visible", a.visible_bytes, b.visible_bytes, delta.visible_bytes, "in the final tree"),
        ("dead", a.dead_bytes, b.dead_bytes, delta.dead_bytes, "deleted or overwritten"),
        ("duplicate", a.duplicate_bytes, b.duplicate_bytes, delta.duplicate_bytes, ""),
    ]
    largest = max(abs(grown) for _, _, _, grown, _ in figures)
    rows = [
        [
            cell(element("b", name)),
            cell(about(old, estimated=estimated and name == "wire"), class_="n", value=old),
            cell(about(new, estimated=estimated and name == "wire"), class_="n", value=new),
            _delta(grown),
            cell(balance(grown, largest), class_="drawn"),
            cell(_share(old, new), class_="n dim"),
            cell(note, class_="dim"),
        ]
        for name, old, new, grown, note in figures
    ]
    files = [cell(element("b", "files")), *_counts(a.files, b.files), cell(class_="drawn")]
    rows.append([*files, cell(_share(a.files, b.files), class_="n dim"), cell()])
    columns = [
        ("", ""),
        ("A", "n"),
        ("B", "n"),
        ("B - A", "n"),
        ("", "drawn"),
        ("", "n"),
        ("", ""),
    ]
    content = table("plain", "Sizes of both images", columns, rows)
    return element("section", element("h2", "How much", class_="unseen"), content, id="sizes")


def directories(result: DiffResult) -> Html:
    """Which directories explain the growth; the rows add up to the images' deltas."""
    other = result.elsewhere
    named: list[tuple[Html, int, int, int]] = [
        (
            foreign(f"/{row.path}/" if row.path else "/"),
            row.visible_bytes,
            row.wire_bytes,
            row.files,
        )
        for row in result.directories
    ]
    beside = (
        (
            "elsewhere" if named else "everywhere",
            other.visible_bytes,
            other.wire_bytes,
            other.files,
        ),
        ("dead: not in the final tree", 0, other.dead_wire_bytes, 0),
        ("config and overhead", 0, other.overhead_wire_bytes, 0),
    )
    named += [
        (element("em", name), visible, wire, files)
        for name, visible, wire, files in beside
        if visible or wire or files
    ]
    if not named:
        return Html()
    largest = max((abs(visible) for _, visible, _, _ in named), default=0)
    rows = [
        [
            cell(name, class_="long"),
            _delta(visible),
            cell(balance(visible, largest), class_="drawn wide"),
            _delta(wire, "≈ "),
            cell(_signed(files), class_="n", value=files),
        ]
        for name, visible, wire, files in named
    ]
    columns = [("directory", ""), ("visible", "n"), ("", "drawn"), ("wire", "n"), ("files", "n")]
    return _section("directories", "What grew, by directory", "B less A", columns, rows)


def instructions(result: DiffResult) -> Html:
    """The layers that differ, in their order, and how many do not."""
    news = [row for row in result.instructions if is_news(row)]
    if not news:
        return Html()
    largest = max(abs(row.b_unpacked_bytes - row.a_unpacked_bytes) for row in news)
    columns = [
        ("A", "n"),
        ("B", "n"),
        ("", ""),
        ("wire", "n"),
        ("unpacked", "n"),
        ("", "drawn"),
        ("node", ""),
        ("instruction", ""),
    ]
    same = len(result.instructions) - len(news)
    note = f"{counted(same, 'other layer')} the same" if same else "all layers differ"
    rows = [_instruction(row, largest) for row in news]
    return _section("instructions", "What grew, by layer", note, columns, rows)


def _instruction(row: InstructionGrowth, largest: int) -> list[Html]:
    unpacked = row.b_unpacked_bytes - row.a_unpacked_bytes
    mark = "≈ " if row.wire_bytes_estimated and row.status != "same" else ""
    made_by = [_made_by(row.created_by, guessed=row.created_by_guessed)]
    if row.a_created_by is not None:
        was = element("code", "was ", foreign(readable_instruction(row.a_created_by)))
        made_by.append(element("div", was, class_="dim"))
    return [
        cell(str(row.a_layer or ""), class_="n", value=row.a_layer or 0),
        cell(str(row.b_layer or ""), class_="n", value=row.b_layer or 0),
        cell(element("b", STATUS[row.status])),
        _delta(row.b_wire_bytes - row.a_wire_bytes, mark),
        _delta(unpacked),
        cell(balance(unpacked, largest), class_="drawn"),
        cell(SHARED[row.sharing], class_="dim"),
        cell(*made_by, class_="long"),
    ]


def _made_by(created_by: str | None, *, guessed: bool) -> Html:
    if created_by is None:
        return element("span", "no history", class_="dim")
    text = readable_instruction(created_by)
    return element("code", foreign(f"? {text}" if guessed else text))


def files(result: DiffResult) -> Html:
    """Names that differ, those that were added first."""
    changes = result.changes
    lists = (
        ("Added", changes.added.names, [_changed(row) for row in result.added]),
        ("Removed", changes.removed.names, [_changed(row) for row in result.removed]),
        ("Changed", changes.changed.names, [_changed(row) for row in result.changed]),
        ("Moved", changes.moved.names, [_moved(row) for row in result.moved]),
        ("In metadata only", changes.metadata.names, [_changed(row) for row in result.metadata]),
        ("In time only", changes.touched.names, [_changed(row) for row in result.touched]),
    )
    columns = [("visible", "n"), ("path", ""), ("what differs", "")]
    parts = []
    for title, names, rows in lists:
        if not names:
            continue
        summary = element("summary", element("b", title), f" {counted(names, 'name')}")
        if not rows:
            parts.append(element("p", element("b", title), f" {counted(names, 'name')}"))
            continue
        shown = table("sortable", title, columns, rows)
        note = element("p", f"The heaviest {len(rows)} are listed.") if names > len(rows) else ""
        is_open = "" if not parts else None
        parts.append(element("details", summary, shown, note, open=is_open))
    if not parts:
        return Html()
    return element("section", element("h2", "Files"), *parts, id="files")


def _changed(row: ChangedName) -> list[Html]:
    grown = grown_bytes(row)
    path = element("code", foreign(f"/{row.path}"))
    return [_delta(grown), cell(path, class_="long"), cell(foreign(what_differs(row)))]


def _moved(row: MovedNames) -> list[Html]:
    slash = "/" if row.names > 1 else ""
    return [
        cell(format_bytes(row.content_bytes), class_="n", value=row.content_bytes),
        cell(
            element("code", foreign(f"/{row.source}{slash}")),
            " → ",
            element("code", foreign(f"/{row.target}{slash}")),
            class_="long",
        ),
        cell(counted(row.names, "name") if row.names != 1 else ""),
    ]


def _section(
    identity: str, title: str, note: str, columns: list[tuple[str, str]], rows: list[list[Html]]
) -> Html:
    heading = element("h2", title, " ", element("small", note))
    return element("section", heading, table("sortable", title, columns, rows), id=identity)


def _delta(delta: int, mark: str = "") -> Html:
    text = f"{mark}{'+' if delta > 0 else ''}{format_bytes(delta)}"
    kind = "grew" if delta > 0 else "shrank" if delta < 0 else "dim"
    return cell(text, class_=f"n {kind}", value=delta)


def _signed(count: int) -> str:
    return f"{count:+,}" if count else "0"


def _counts(old: int, new: int) -> list[Html]:
    return [
        cell(f"{old:,}", class_="n"),
        cell(f"{new:,}", class_="n"),
        cell(_signed(new - old), class_="n"),
    ]


def _share(old: int, new: int) -> str:
    if not old or old == new:
        return ""
    share = (new - old) / old * 100
    return f"{share:+.1f} %" if abs(share) < 1000 else f"{new / old:.0f} x"
