"""`inspect` as Markdown, short: for a ticket, or a comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.report.findings_text import where
from lightship.report.markdown import code, cut, fitting, folded, prose, table
from lightship.report.words import about, counted, percent
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.finding import Finding, Severity
    from lightship.model.results.contents import Contents, PackageShare
    from lightship.model.results.inspect import InspectResult, LayerFigures

_FINDINGS = 20
_ROWS = 10
_LAYERS = 40
_WARNINGS = 10
_MARKS: dict[Severity, str] = {"error": "❌ error", "warning": "⚠️ warning", "info": "info"}


def inspect_markdown(result: InspectResult) -> str:
    """The figures, what to act on, what the bytes are; layers and packages folded."""
    return fitting(block for block in _blocks(result) if block)


def inspect_all_markdown(results: tuple[InspectResult, ...]) -> str:
    """The reports of one image for several platforms, one after the other."""
    return fitting(block for result in results for block in _blocks(result) if block)


def _blocks(result: InspectResult) -> Iterator[str]:
    image = result.image
    yield "### lightship inspect"
    yield (
        f"{code(image.reference)}, {prose(image.platform)}, {counted(image.layers, 'layer')},"
        f" {counted(image.files, 'file')}"
    )
    yield table(("image", "bytes"), list(_figures(result)))
    if result.contents is not None:
        yield from _findings(result)
        yield from _contents(result.contents)
    yield _layers(result)
    notes = result.contents.notes if result.contents is not None else ()
    warnings = [*result.warnings, *notes]
    yield "\n".join(f"- {prose(cut(warning))}" for warning in warnings[:_WARNINGS])
    if len(warnings) > _WARNINGS:
        yield f"And {len(warnings) - _WARNINGS} more warnings."


def _figures(result: InspectResult) -> Iterator[list[str]]:
    image = result.image
    wire = about(image.wire_bytes, estimated=image.wire_bytes_estimated)
    if image.wire_bytes_estimated:
        wire += f" ± {format_bytes(image.wire_bytes_error)}"
    yield ["wire, what a node pulls", wire]
    yield ["unpacked, in all layers", format_bytes(image.unpacked_bytes)]
    yield ["visible", format_bytes(image.visible_bytes)]
    yield ["dead", format_bytes(image.dead_bytes)]
    yield ["duplicate", format_bytes(image.duplicate_bytes)]
    if result.removable_bytes is not None:
        yield ["removable, by what was found", format_bytes(result.removable_bytes)]


def _findings(result: InspectResult) -> Iterator[str]:
    matter = [one for one in result.findings if one.suppressed is None and one.severity != "info"]
    if not matter:
        yield "Nothing found that is worth acting on."
    else:
        yield table(
            ("", "rule", "frees", "what", "what to do"), [_row(one) for one in matter[:_FINDINGS]]
        )
    others = len(result.findings) - len(matter[:_FINDINGS])
    if others:
        yield f"{counted(others, 'more finding')}, of less weight or suppressed."


def _row(finding: Finding) -> list[str]:
    freed = finding.removable_bytes
    place = where(finding)
    return [
        _MARKS[finding.severity],
        code(finding.rule),
        format_bytes(freed) if freed else "",
        prose(finding.title) + (f": {code(cut(place))}" if place else ""),
        prose(cut(finding.advice)),
    ]


def _contents(contents: Contents) -> Iterator[str]:
    whole = sum(row.visible_bytes for row in contents.categories)
    rows = [
        [
            prose(row.name),
            format_bytes(row.visible_bytes),
            percent(row.visible_bytes, whole),
            about(row.wire_bytes, estimated=True),
        ]
        for row in contents.categories[:_ROWS]
    ]
    yield table(("what the bytes are", "visible", "", "wire"), rows)
    packages = [[*_package(row, whole)] for row in contents.packages[:_ROWS]]
    if packages:
        yield folded(
            f"{counted(contents.package_count, 'package')}",
            table(("package", "system", "visible", "", "wire"), packages),
        )


def _package(row: PackageShare, whole: int) -> Iterator[str]:
    name = f"{row.name} {row.version}" if row.version else row.name
    yield code(cut(name)) if row.system is not None else name
    yield prose(row.system or "")
    yield format_bytes(row.visible_bytes)
    yield percent(row.visible_bytes, whole)
    yield about(row.wire_bytes, estimated=True)


def _layers(result: InspectResult) -> str:
    rows = [_layer(layer) for layer in result.layers[:_LAYERS]]
    if len(result.layers) > _LAYERS:
        rows.append(["", "", "", "", f"and {len(result.layers) - _LAYERS} more"])
    if not rows:
        return ""
    heads = ("layer", "wire", "unpacked", "dead", "instruction")
    return folded(counted(result.image.layers, "layer"), table(heads, rows))


def _layer(layer: LayerFigures) -> list[str]:
    if layer.created_by is None:
        made_by = "no history"
    else:
        made_by = code(cut(readable_instruction(layer.created_by)))
    return [
        str(layer.index),
        about(layer.wire_bytes, estimated=layer.wire_bytes_estimated),
        format_bytes(layer.unpacked_bytes),
        format_bytes(layer.dead_bytes) if layer.dead_bytes else "",
        f"(base) {made_by}" if layer.base else made_by,
    ]
