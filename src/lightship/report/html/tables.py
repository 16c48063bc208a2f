"""Layers, categories and packages as tables that can be sorted and lead into the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.instruction import readable_instruction
from lightship.model.results.contents import REST, UNPACKAGED
from lightship.report.html.elements import Html, bar, cell, element, foreign, table
from lightship.report.words import about, counted, percent
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.contents import Contents, PackageShare, Share
    from lightship.model.results.inspect import InspectResult, LayerFigures
    from lightship.model.results.picture import Picture


def layers(result: InspectResult) -> Html:
    """A row for each layer, oldest first."""
    largest = max((layer.unpacked_bytes for layer in result.layers), default=0)
    columns = [
        ("#", "n"),
        ("wire", "n"),
        ("unpacked", "n"),
        ("", "drawn"),
        ("dead", "n"),
        ("killed by", ""),
        ("files", "n"),
        ("instruction", ""),
    ]
    rows = [_layer(layer, largest) for layer in result.layers]
    return _section("layers", "Layers", "oldest first", table("sortable", "Layers", columns, rows))


def categories(contents: Contents, picture: Picture) -> Html:
    """What the visible bytes are."""
    whole = sum(row.visible_bytes for row in contents.categories)
    keys = {name: at for at, name in enumerate(picture.category_table)}
    rows = [_category(row, whole, keys.get(row.name)) for row in contents.categories]
    columns = [
        ("category", ""),
        ("visible", "n"),
        ("", "n"),
        ("", "drawn"),
        ("wire", "n"),
        ("files", "n"),
    ]
    content = table("sortable", "Categories", columns, rows)
    return _section("categories", "What the bytes are", "visible bytes", content)


def packages(contents: Contents, picture: Picture) -> Html:
    """Whose the visible bytes are."""
    whole = sum(row.visible_bytes for row in contents.packages)
    keys = {(p.name, p.version, p.system): at for at, p in enumerate(picture.package_table)}
    keys[UNPACKAGED, None, None] = 0
    rows = [
        _package(row, whole, keys.get((row.name, row.version, row.system)))
        for row in contents.packages
    ]
    columns = [
        ("package", ""),
        ("version", ""),
        ("system", ""),
        ("visible", "n"),
        ("", "n"),
        ("", "drawn"),
        ("wire", "n"),
        ("files", "n"),
        ("layer", "n"),
        ("asked for", ""),
    ]
    content = table("sortable", "Packages", columns, rows)
    count = counted(contents.package_count, "package")
    return _section("packages", "Whose the bytes are", count, content)


def _section(identity: str, title: str, note: str, content: Html) -> Html:
    heading = element("h2", title, " ", element("small", note))
    return element("section", heading, content, id=identity)


def _size(count: int, *, estimated: bool = False) -> Html:
    return cell(about(count, estimated=estimated), class_="n", value=count)


def _count(count: int | None) -> Html:
    return cell("" if count is None else f"{count:,}", class_="n", value=count or 0)


def _layer(layer: LayerFigures, largest: int) -> list[Html]:
    killers = dict.fromkeys(killer.layer for killer in layer.killed if killer.bytes)
    named = ("itself" if killer == layer.index else str(killer) for killer in killers)
    text = "no history"
    if layer.created_by is not None:
        text = readable_instruction(layer.created_by)
        text = f"? {text}" if layer.created_by_guessed else text
    marks = [element("i", "base", class_="tag")] if layer.base else []
    if layer.same_as is not None:
        marks.append(element("i", f"same as {layer.same_as}", class_="tag"))
    name = element("span", str(layer.index), class_="name", data_by="layer", data_key=layer.index)
    return [
        cell(name, class_="n", value=layer.index),
        _size(layer.wire_bytes, estimated=layer.wire_bytes_estimated),
        _size(layer.unpacked_bytes),
        cell(bar(layer.unpacked_bytes, largest, "unpacked"), class_="drawn"),
        cell(
            format_bytes(layer.dead_bytes) if layer.dead_bytes else "",
            class_="n lost",
            value=layer.dead_bytes,
        ),
        cell(", ".join(named)),
        _count(layer.files),
        cell(*marks, element("code", foreign(text)), class_="long"),
    ]


def _category(row: Share, whole: int, key: int | None) -> list[Html]:
    name = _name("category", key, foreign(row.name))
    return [cell(name, class_="short"), *_figures(row, whole)]


def _package(row: PackageShare, whole: int, key: int | None) -> list[Html]:
    asked = {True: "yes", False: "no", None: ""}[row.requested]
    nobodys = row.system is None
    # The rest stays last, however the table is sorted.
    name = foreign(row.name)
    if nobodys:
        name = element("em", row.name, class_="rest" if row.name == REST else None)
    return [
        cell(_name("package", key, name), class_="long"),
        cell(foreign(row.version or "")),
        cell(row.system or ""),
        *_figures(row, whole),
        _count(row.layer),
        cell(asked),
    ]


def _name(by: str, key: int | None, name: Html) -> Html:
    """A name; where the picture has its group, pressing it shows the group."""
    if key is None:
        return name
    return element("span", name, class_="name", data_by=by, data_key=key)


def _figures(row: Share | PackageShare, whole: int) -> list[Html]:
    return [
        _size(row.visible_bytes),
        cell(percent(row.visible_bytes, whole), class_="n dim", value=row.visible_bytes),
        cell(bar(row.visible_bytes, whole, "visible"), class_="drawn"),
        _size(row.wire_bytes, estimated=True),
        _count(row.files),
    ]
