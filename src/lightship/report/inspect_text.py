"""`inspect` for people: one screen that ends with what would win most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_text import base_lines
from lightship.report.inspect_details import details
from lightship.report.instruction import readable_instruction
from lightship.report.node_text import node_lines, node_table
from lightship.report.paper import Column, Line, Look, Span, table, wrap
from lightship.report.words import about, counted, warning_lines
from lightship.units import format_bandwidth, format_bytes, format_seconds

if TYPE_CHECKING:
    from lightship.model.results.inspect import InspectResult, LayerFigures

_WINS = 3
_NARROW = 100
DETAILS_HINT = "; --details lists the files"


def inspect_text(
    result: InspectResult, look: Look, *, top: int = 10, detailed: bool = False
) -> str:
    """The report of one image; `detailed` adds the lists, each at most `top` rows long."""
    lines = _head(result, look)
    lines += [[], *_sizes(result, look), []]
    lines += _layers(result, look, len(result.layers) if detailed else top)
    if detailed:
        lines += details(result, look, top)
    if detailed and result.node is not None:
        lines += node_table(result.node, look, top)
    lines += [[], *_wins(result, look, "" if detailed else DETAILS_HINT)]
    return look.render(lines)


def inspect_all_text(
    results: tuple[InspectResult, ...], look: Look, *, top: int = 10, detailed: bool = False
) -> str:
    """The reports of one image for several platforms, one after the other."""
    texts = [inspect_text(one, look, top=top, detailed=detailed) for one in results]
    return "\n\n".join(texts)


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
    return lines + warning_lines(result.warnings, look)


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


def _layers(result: InspectResult, look: Look, most: int) -> list[Line]:
    shown, rest = _chosen(result.layers, most)
    if not shown:
        return [[look.ink("no layers", "dim")]]
    narrow = look.width < _NARROW
    columns = [
        Column("#", right=True),
        Column("WIRE", right=True, gap=1),
        Column("UNPACKED", right=True),
        Column("DEAD", right=True, gap=1 if narrow else 2),
        Column(gap=1, least=(4 if narrow else 6) if look.bars else 0),
        Column("KILLED BY", gap=1 if narrow else 2),
        Column("FILES", right=True, gap=1 if narrow else 2),
        Column("INSTRUCTION", flexible=True, keep_end=0.3),
    ]
    rows = [_layer_row(layer, look, columns[4].least) for layer in shown]
    if rest:
        rows.append(_rest_row(rest, look))
    return table(columns, rows, look)


def _chosen(
    layers: tuple[LayerFigures, ...], most: int
) -> tuple[list[LayerFigures], list[LayerFigures]]:
    """The heaviest layers in their order, and those left out."""
    if len(layers) <= most + 1:
        return list(layers), []
    heaviest = sorted(layers, key=lambda layer: (-layer.unpacked_bytes, layer.index))[:most]
    kept = {layer.index for layer in heaviest}
    return (
        [layer for layer in layers if layer.index in kept],
        [layer for layer in layers if layer.index not in kept],
    )


def _layer_row(layer: LayerFigures, look: Look, cells: int) -> list[Span]:
    dead = layer.dead_bytes
    return [
        look.ink(str(layer.index)),
        look.ink(about(layer.wire_bytes, estimated=layer.wire_bytes_estimated)),
        look.ink(format_bytes(layer.unpacked_bytes)),
        look.ink(format_bytes(dead), "dead" if dead else "dim"),
        look.bar(dead, layer.unpacked_bytes, cells, "dead"),
        look.ink(_killers(layer, 1 if look.width < _NARROW else 2)),
        look.ink(f"{layer.files:,}"),
        _instruction(layer, look),
    ]


def _killers(layer: LayerFigures, most: int) -> str:
    """The layers that killed most, as many as there is room for, and how many more did."""
    killers = list(dict.fromkeys(killer.layer for killer in layer.killed if killer.bytes))
    named = ", ".join("itself" if k == layer.index else str(k) for k in killers[:most])
    return f"{named} +{len(killers) - most}" if len(killers) > most else named


def _instruction(layer: LayerFigures, look: Look) -> Span:
    if layer.created_by is None:
        text, style = "no history", "dim"
    else:
        text, style = readable_instruction(layer.created_by), "dim" if layer.base else "plain"
    if layer.created_by_guessed and layer.created_by is not None:
        text = f"? {text}"
    if layer.same_as is not None:
        text = f"(same as {layer.same_as}) {text}"
    if layer.base:
        text = f"(base) {text}"
    return look.ink(text, "dim" if style == "dim" else "plain")


def _rest_row(rest: list[LayerFigures], look: Look) -> list[Span]:
    wire = sum(layer.wire_bytes for layer in rest if layer.same_as is None)
    estimated = any(layer.wire_bytes_estimated for layer in rest)
    figures = [
        "+",
        about(wire, estimated=estimated),
        format_bytes(sum(layer.unpacked_bytes for layer in rest)),
        format_bytes(sum(layer.dead_bytes for layer in rest)),
        "",
        "",
        f"{sum(layer.files for layer in rest):,}",
        f"{len(rest)} smaller layers",
    ]
    return [look.ink(figure, "dim") for figure in figures]


def _wins(result: InspectResult, look: Look, hint: str) -> list[Line]:
    wins = result.wins[:_WINS]
    if not wins:
        return [[look.ink("Nothing to win: no dead and no duplicate bytes.", "good")]]
    note = look.ink(f" (unpacked bytes{hint})", "dim")
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
