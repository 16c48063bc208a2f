"""`inspect` for people: one screen that ends with what to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightship.report.base_text import base_lines
from lightship.report.contents_text import BY_HINT, contents_lines, dimension_lines
from lightship.report.findings_text import all_findings_lines, findings_lines
from lightship.report.inspect_details import details
from lightship.report.layers_text import layer_lines
from lightship.report.node_text import node_lines, node_table
from lightship.report.paper import Column, Line, Look, Span, table, wrap
from lightship.report.words import about, counted, warning_lines
from lightship.units import format_bandwidth, format_bytes, format_seconds

if TYPE_CHECKING:
    from lightship.model.results.contents import Dimension
    from lightship.model.results.inspect import InspectResult

_WINS = 3
_SCREEN = 40
"""Lines of a terminal that people see without scrolling."""
_FEWEST_LAYERS = 3
_NARROW = 100
DETAILS_HINT = "--details lists the files"
TOP = 10
"""Rows of a list where nobody asked for more or fewer."""


def inspect_text(
    result: InspectResult,
    look: Look,
    *,
    top: int = TOP,
    detailed: bool = False,
    every_finding: bool = False,
    by: Dimension | None = None,
) -> str:
    """The report of one image, a screen long.

    Args:
        result: the image.
        look: of the screen.
        top: rows of a list, at most.
        detailed: with the lists of files behind the figures.
        every_finding: with all findings and their evidence, instead of a line for what matters.
        by: the visible bytes by this dimension, and nothing else.
    """
    head = _head(result, look)
    if by is not None and result.contents is not None:
        return look.render([*head, [], *dimension_lines(result.contents, by, look, top)])
    head += [[], *_sizes(result, look), []]
    tail = _tail(result, look, top, detailed=detailed, every_finding=every_finding)
    most = len(result.layers) if detailed else top
    if result.contents is not None and not (detailed or every_finding or top > TOP):
        # A line each for the heads, the smaller ones, and nothing.
        room = _SCREEN - len(head) - len(tail) - 3
        most = min(top, max(room, _FEWEST_LAYERS))
    lines = [*head, *layer_lines(result, look, most)]
    if detailed:
        lines += details(result, look, top)
    if detailed and result.node is not None:
        lines += node_table(result.node, look, top)
    return look.render([*lines, [], *tail])


def inspect_all_text(results: tuple[InspectResult, ...], look: Look, **options: Any) -> str:  # noqa: ANN401 # those of `inspect_text`
    """The reports of one image for several platforms, one after the other."""
    return "\n\n".join(inspect_text(one, look, **options) for one in results)


def _tail(
    result: InspectResult, look: Look, top: int, *, detailed: bool, every_finding: bool
) -> list[Line]:
    """What the bytes are and what to act on; without contents, what would win most."""
    hint = "" if detailed else DETAILS_HINT
    if result.contents is None:
        return _wins(result, look, hint)
    lines = contents_lines(result.contents, look, BY_HINT)
    if every_finding:
        found = all_findings_lines(result.findings, look, top)
    else:
        found = findings_lines(result.findings, look, hint)
    return [*lines, [], *found] if lines else found


def _head(result: InspectResult, look: Look) -> list[Line]:
    image = result.image
    facts = [image.platform]
    if image.image_id:
        facts.append(f"image {_short_digest(image.image_id)}")
    facts += [counted(image.layers, "layer"), counted(image.files, "file")]
    if result.verified == "cached":
        facts.append("layers known from the cache")
    lines: list[Line] = [[look.ink(piece, "title")] for piece in wrap(image.reference, look.width)]
    lines += [[look.ink(piece, "dim")] for piece in wrap(", ".join(facts), look.width)]
    notes = result.contents.notes if result.contents is not None else ()
    return lines + warning_lines((*result.warnings, *notes), look)


def _short_digest(digest: str) -> str:
    return digest.partition(":")[2][:12] or digest[:12]


def _sizes(result: InspectResult, look: Look) -> list[Line]:
    image = result.image
    whole = max(image.unpacked_bytes, image.wire_bytes, 1)
    cells = 16 if look.width < _NARROW else 30
    wire = about(image.wire_bytes, estimated=image.wire_bytes_estimated)
    error = f"± {format_bytes(image.wire_bytes_error)}" if image.wire_bytes_estimated else ""
    dead_share = image.dead_bytes / image.unpacked_bytes if image.unpacked_bytes else 0.0
    unpacked, visible = format_bytes(image.unpacked_bytes), format_bytes(image.visible_bytes)
    dead, twice = format_bytes(image.dead_bytes), format_bytes(image.duplicate_bytes)
    rows = [
        [
            look.ink("wire", "bold"),
            look.ink(wire),
            look.bar(image.wire_bytes, whole, cells, "wire"),
            look.ink(f"{error} compressed, what a node pulls".strip()),
        ],
        [
            look.ink("unpacked", "bold"),
            look.ink(unpacked),
            look.bar(image.unpacked_bytes, whole, cells),
            look.ink("in all layers"),
        ],
        [
            look.ink("visible", "bold"),
            look.ink(visible),
            look.bar(image.visible_bytes, whole, cells, "good"),
            look.ink(f"efficiency {_percent(image.efficiency)}"),
        ],
        [
            look.ink("dead", "bold"),
            look.ink(dead, "dead" if image.dead_bytes else "plain"),
            look.bar(image.dead_bytes, whole, cells, "dead"),
            look.ink(_dead_note(dead_share)),
        ],
        [
            look.ink("duplicate", "bold"),
            look.ink(twice, "warn" if image.duplicate_bytes else "plain"),
            look.bar(image.duplicate_bytes, whole, cells, "warn"),
            look.ink("equal content, all copies but one"),
        ],
    ]
    if result.removable_bytes is not None:
        rows.append(
            [
                look.ink("removable", "bold"),
                look.ink(format_bytes(result.removable_bytes)),
                look.bar(result.removable_bytes, whole, cells, "warn"),
                look.ink("what all findings free together"),
            ]
        )
    columns = [
        Column(least=9),
        Column(right=True, least=9),
        Column(),
        Column(flexible=True),
    ]
    lines = table(columns, rows, look)
    lines[4:4] = _dead_kinds(result, look)
    lines.append(_pull(result, look))
    if result.base is not None:
        lines += base_lines(result.base, look)
    if result.node is not None:
        lines += node_lines(result.node, look)
    return lines


def _percent(share: float) -> str:
    text = f"{share * 100:.1f}"
    # 99.96 % is not all: never round to a whole that is not there.
    if text == "100.0" and share < 1:
        text = "99.9"
    return f"{text} %"


def _dead_note(share: float) -> str:
    if not share:
        return "nothing was deleted or overwritten"
    return f"{share * 100:.1f} % of unpacked" if share >= 0.001 else "less than 0.1 % of unpacked"


def _dead_kinds(result: InspectResult, look: Look) -> list[Line]:
    kinds = (
        ("deleted", result.dead.deleted),
        ("overwritten", result.dead.overwritten),
        ("metadata copy", result.dead.metadata_copy),
        ("in-layer duplicate", result.dead.in_layer_duplicate),
    )
    parts = [f"{name} {format_bytes(count)}" for name, count in kinds if count]
    indent = 13
    text = ", ".join(parts)
    pieces = wrap(text, max(look.width - indent, 20)) if parts else []
    return [[Span(" " * indent), look.ink(piece, "dead")] for piece in pieces]


def _pull(result: InspectResult, look: Look) -> Line:
    pull = result.pull
    return [
        look.ink("pull", "bold"),
        Span(" " * 7),
        look.ink(
            f"≈ {format_seconds(pull.download_seconds)}"
            f" at {format_bandwidth(pull.bandwidth_bytes_per_second)},"
            f" then ≈ {format_seconds(pull.unpack_seconds)} to unpack"
        ),
    ]


def _wins(result: InspectResult, look: Look, hint: str) -> list[Line]:
    wins = result.wins[:_WINS]
    if not wins:
        return [[look.ink("Nothing to win: no dead and no duplicate bytes.", "good")]]
    note = look.ink(f" (unpacked bytes; {hint})" if hint else " (unpacked bytes)", "dim")
    lines: list[Line] = [[look.ink("What would win most", "title"), note]]
    sizes = [format_bytes(win.bytes) for win in wins]
    room = max(map(len, sizes))
    indent = 3 + room + 2
    for rank, (win, size) in enumerate(zip(wins, sizes, strict=True), 1):
        what, *rest = wrap(
            look.ink(win.what[:1].upper() + win.what[1:]).text, max(look.width - indent, 20)
        )
        size_text = f"{rank}. {size:>{room}}  "
        lines.append([look.ink(size_text, "bold"), look.ink(what)])
        hows = wrap(look.ink(win.how).text, max(look.width - indent, 20)) if win.how else []
        lines += [[Span(" " * indent), look.ink(piece)] for piece in rest]
        lines += [[Span(" " * indent), look.ink(piece, "dim")] for piece in hows]
    return lines
