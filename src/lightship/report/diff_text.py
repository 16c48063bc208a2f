"""`diff` for people: how much, what a node pays, and which instruction and directory did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.diff_details import details, foremost
from lightship.report.diff_tables import directory_table, instruction_table, signed, signed_bytes
from lightship.report.paper import Column, Line, Look, Span, table, wrap, wrapped
from lightship.report.words import counted, warning_lines
from lightship.units import format_bandwidth, format_bytes, format_seconds

if TYPE_CHECKING:
    from lightship.model.results.diff import DiffResult, Names

_FOREMOST = 5
DETAILS_HINT = "--details lists more"


def diff_text(result: DiffResult, look: Look, *, top: int = 10, detailed: bool = False) -> str:
    """The report; `detailed` adds every layer and the lists, each at most `top` rows long."""
    lines = [*_head(result, look), [], *verdict_lines(result, look)]
    if not result.identical:
        lines += [[], *_sizes(result, look), [], *pull_lines(result, look)]
        rows = len(result.instructions) if detailed else top
        lines += _titled("By instruction", instruction_table(result, look, rows, detailed), look)
        lines += _titled("By directory", directory_table(result, look, top), look)
        lines += _titled("Files", _files(result, look, detailed), look)
        if detailed:
            lines += details(result, look, top)
    return look.render(lines)


def _titled(title: str, lines: list[Line], look: Look) -> list[Line]:
    return [[], [look.ink(title, "title")], *lines] if lines else []


def _head(result: DiffResult, look: Look) -> list[Line]:
    a, b = result.a, result.b
    lines = [*_named("A", a.reference, look), *_named("B", b.reference, look)]
    facts = [a.platform if a.platform == b.platform else f"{a.platform} → {b.platform}"]
    facts.append(f"{_from_to(a.layers, b.layers)} layers")
    if result.verified == "cached":
        facts.append("layers known from the cache")
    lines += wrapped(", ".join(facts), look, "dim")
    return lines + warning_lines(result.warnings, look)


def _named(side: str, reference: str, look: Look) -> list[Line]:
    pieces = wrap(look.ink(reference).text, max(look.width - 3, 1))
    return [
        [look.ink(f"{side if at == 0 else ' '}  {piece}", "title")]
        for at, piece in enumerate(pieces)
    ]


def _from_to(old: int, new: int) -> str:
    return f"{new:,}" if old == new else f"{old:,} → {new:,}"


def verdict_lines(result: DiffResult, look: Look) -> list[Line]:
    """Which of the two is bigger, and whether their files are the same."""
    if result.identical:
        return wrapped("Identical: the same config and the same layers.", look, "good")
    delta = result.delta
    wire = _said(delta.wire_bytes, "on the wire", estimated=delta.wire_bytes_estimated)
    unpacked = _said(delta.unpacked_bytes, "unpacked")
    lines = wrapped(f"B is {wire} and {unpacked}.", look, "bold")
    if result.same_files:
        lines += wrapped("The files are the same: no name differs in anything.", look, "good")
    elif _only_touched(result):
        text = "The files are the same but for their modification times."
        lines += wrapped(text, look, "good")
    return lines


def _only_touched(result: DiffResult) -> bool:
    changes = result.changes
    others = (changes.added, changes.removed, changes.changed, changes.metadata, changes.moved)
    return not any(names.names for names in others)


def _said(delta: int, where: str, *, estimated: bool = False) -> str:
    if not delta:
        return f"as big as A {where}"
    about = "≈ " if estimated else ""
    return f"{about}{format_bytes(abs(delta))} {'bigger' if delta > 0 else 'smaller'} {where}"


def _sizes(result: DiffResult, look: Look) -> list[Line]:
    a, b, delta = result.a, result.b, result.delta
    about = "≈ " if a.wire_bytes_estimated or b.wire_bytes_estimated else ""
    error = f", ± {format_bytes(delta.wire_bytes_error)}" if delta.wire_bytes_estimated else ""
    figures = [
        ("wire", a.wire_bytes, b.wire_bytes, delta.wire_bytes, f"compressed{error}"),
        ("unpacked", a.unpacked_bytes, b.unpacked_bytes, delta.unpacked_bytes, "in all layers"),
        ("visible", a.visible_bytes, b.visible_bytes, delta.visible_bytes, "in the final tree"),
        ("dead", a.dead_bytes, b.dead_bytes, delta.dead_bytes, "deleted or overwritten"),
        ("duplicate", a.duplicate_bytes, b.duplicate_bytes, delta.duplicate_bytes, ""),
    ]
    rows = [
        [
            look.ink(name, "bold"),
            look.ink((about if name == "wire" else "") + format_bytes(old)),
            look.ink((about if name == "wire" else "") + format_bytes(new)),
            signed_bytes(grown, look),
            look.ink(_share(old, new), "dim"),
            look.ink(note, "dim"),
        ]
        for name, old, new, grown, note in figures
    ]
    rows.append(
        [
            look.ink("files", "bold"),
            look.ink(f"{a.files:,}"),
            look.ink(f"{b.files:,}"),
            look.ink(signed(delta.files)),
            look.ink(_share(a.files, b.files), "dim"),
            Span(""),
        ]
    )
    columns = [
        Column(least=9),
        Column("A", right=True, least=9),
        Column("B", right=True, least=9),
        Column("B - A", right=True, least=9),
        Column(right=True),
        Column(flexible=True),
    ]
    return table(columns, rows, look)


def _share(old: int, new: int) -> str:
    if not old or old == new:
        return ""
    share = (new - old) / old * 100
    return f"{share:+.1f} %" if abs(share) < 1000 else f"{new / old:.0f} x"


def pull_lines(result: DiffResult, look: Look) -> list[Line]:
    """What a node that has A pays for B."""
    pull, whole = result.pull, result.b.wire_bytes
    about = "≈ " if pull.wire_bytes_estimated else ""
    error = f" (± {format_bytes(pull.wire_bytes_error)})" if pull.wire_bytes_estimated else ""
    lines = wrapped(
        f"A node that has A pulls {about}{format_bytes(pull.wire_bytes)}{error}"
        f" of {format_bytes(whole)}: {_blobs(result)}",
        look,
        "wire",
    )
    time = pull.time
    unpacking = (
        f"then ≈ {format_seconds(time.unpack_seconds)} to unpack"
        f" {format_bytes(pull.unpacked_bytes)} in {counted(pull.layers, 'layer')}"
    )
    lines += wrapped(
        f"≈ {format_seconds(time.download_seconds)} at"
        f" {format_bandwidth(time.bandwidth_bytes_per_second)},"
        f" {unpacking if pull.layers else 'nothing to unpack'};"
        f" {_chain(result.shared.chain_layers)}",
        look,
    )
    if pull.chain_wire_bytes - pull.wire_bytes >= 1000:
        lines += wrapped(
            f"Docker's own store, which keeps no blobs: {format_bytes(pull.chain_wire_bytes)}",
            look,
            "dim",
        )
    return lines


def _chain(layers: int) -> str:
    if layers < 2:
        return "the first layer is shared" if layers else "no layer is shared"
    return f"the first {layers} layers are shared"


def _blobs(result: DiffResult) -> str:
    pull, shared = result.pull, result.shared
    if not pull.blobs:
        return "only the config" if pull.config_bytes else "it has all of it"
    blobs = f"{pull.blobs} of {counted(pull.blobs + shared.blobs, 'layer blob')}"
    return f"{blobs} and the config" if pull.config_bytes else blobs


def _files(result: DiffResult, look: Look, detailed: bool) -> list[Line]:
    changes = result.changes
    parts: list[tuple[str, Names, bool]] = [
        ("added", changes.added, True),
        ("removed", changes.removed, True),
        ("changed", changes.changed, True),
        ("in metadata only", changes.metadata, False),
        ("moved", changes.moved, False),
        ("in time only", changes.touched, False),
    ]
    told = [
        f"{names.names:,} {what}" + (f" ({_net(names)})" if weighed else "")
        for what, names, weighed in parts
        if names.names
    ]
    if not told:
        return []
    lines = wrapped(", ".join(told), look)
    if detailed:
        return lines
    lines += foremost(result, look, _FOREMOST)
    return [*lines, [look.ink(DETAILS_HINT, "dim")]]


def _net(names: Names) -> str:
    net = names.b_bytes - names.a_bytes
    return ("+" if net > 0 else "") + format_bytes(net)
