"""`inspect` as a page: how much, where the bytes are, what to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.model.instruction import readable_instruction
from lightship.model.results.picture import Picture  # noqa: TC001 - a field
from lightship.printable import printable
from lightship.report.html.elements import Html, element, joined
from lightship.report.html.explorer import explorer
from lightship.report.html.figures import figures
from lightship.report.html.findings import findings
from lightship.report.html.heads import foot, head, warnings
from lightship.report.html.page import page
from lightship.report.html.tables import categories, layers, packages
from lightship.report.words import counted

if TYPE_CHECKING:
    from lightship.model.results.inspect import InspectResult, LayerFigures

_SCRIPTS = (
    "format.js",
    "theme.js",
    "tables.js",
    "tree.js",
    "image_tree.js",
    "squarify.js",
    "colours.js",
    "map.js",
    "details.js",
    "list.js",
    "search.js",
    "strip.js",
    "explorer.js",
    "start.js",
    "inspect.js",
)


class _Layer(Struct, frozen=True):
    """A layer as the program knows it."""

    instruction: str
    wire: int
    unpacked: int
    dead: int
    base: bool


class _Data(Struct, frozen=True):
    """What the program draws."""

    picture: Picture
    layers: tuple[_Layer, ...]


def inspect_html(result: InspectResult, picture: Picture) -> str:
    """The page of one image: it needs no network, and holds no markup that is not ours.

    Args:
        result: the image; what it does not say (contents, findings) is left out.
        picture: of the same image.
    """
    image = result.image
    facts = [image.platform]
    if image.image_id:
        facts.append(f"image {image.image_id.partition(':')[2][:12]}")
    facts += [counted(image.layers, "layer"), counted(image.files, "file")]
    if result.verified == "cached":
        facts.append("layers known from the cache")
    notes = result.contents.notes if result.contents is not None else ()
    body = joined(
        head([("", image.reference)], ", ".join(facts)),
        element(
            "main",
            warnings((*result.warnings, *notes)),
            figures(result),
            explorer(),
            findings(result),
            layers(result),
            *_contents(result, picture),
        ),
        foot("lightship inspect"),
    )
    data = _Data(picture, tuple(map(_layer, result.layers)))
    return page(f"{image.reference} - lightship", body, _SCRIPTS, data)


def _contents(result: InspectResult, picture: Picture) -> list[Html]:
    if result.contents is None:
        return []
    return [categories(result.contents, picture), packages(result.contents, picture)]


def _layer(layer: LayerFigures) -> _Layer:
    made_by = layer.created_by
    instruction = readable_instruction(made_by) if made_by is not None else "no history"
    return _Layer(
        instruction=printable(instruction),
        wire=layer.wire_bytes if layer.same_as is None else 0,
        unpacked=layer.unpacked_bytes,
        dead=layer.dead_bytes,
        base=bool(layer.base),
    )
