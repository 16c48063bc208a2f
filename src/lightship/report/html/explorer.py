"""The frame of the picture: what the program fills, and what can be pressed."""

from __future__ import annotations

from lightship.report.html.elements import Html, element, joined

IMAGE_WEIGHTS = ("wire", "unpacked", "visible", "dead")
IMAGE_COLOURS = ("category", "package", "layer")


def explorer(
    weights: tuple[str, ...] = IMAGE_WEIGHTS,
    colours: tuple[str, ...] = IMAGE_COLOURS,
    strip: str = "Layers, oldest first",
) -> Html:
    """Hidden until the program has the data; without it, a line says what is missing.

    Args:
        weights: what sizes there are, the first is shown first.
        colours: by what files are coloured, likewise.
        strip: what the bar above the picture is.
    """
    return joined(
        element(
            "noscript",
            element("p", "The picture needs JavaScript; all the tables below do not."),
        ),
        element("p", id="trouble", role="alert", hidden=""),
        element(
            "section",
            element(
                "div",
                element("h2", "Where the bytes are"),
                _choice("weight", "Size", weights),
                _choice("colour", "Colour", colours),
                _search(),
                class_="tools",
            ),
            element("div", id="strip", role="group", aria_label=strip),
            element("p", id="instruction"),
            element(
                "div",
                element("nav", id="crumbs", aria_label="Directory"),
                element("span", id="filter", hidden=""),
                class_="where",
            ),
            element("div", _map(), _list(weights), class_="split"),
            element("ul", id="legend", aria_label="Colours"),
            id="explorer",
            hidden="",
        ),
    )


def _choice(name: str, title: str, values: tuple[str, ...]) -> Html:
    options = [
        element(
            "label",
            element(
                "input",
                type="radio",
                name=name,
                value=value,
                checked="" if value == values[0] else None,
            ),
            element("span", value),
        )
        for value in values
    ]
    return element("fieldset", element("legend", title), *options, class_="choice", id=name)


def _search() -> Html:
    return element(
        "div",
        element(
            "input",
            type="search",
            id="search",
            placeholder="Search names and paths    /",
            aria_label="Search names and paths",
            autocomplete="off",
            spellcheck="false",
        ),
        element("span", id="found", role="status"),
        element("ol", id="hits", hidden="", aria_label="Matches"),
        class_="search",
    )


def _map() -> Html:
    return element(
        "div",
        element(
            "div",
            element("canvas", id="map", tabindex=0, role="application"),
            element("canvas", id="mark", aria_hidden="true"),
            element("div", id="tip", hidden="", aria_hidden="true"),
            class_="map",
        ),
        element("p", id="details", role="status"),
        class_="mapped",
    )


def _list(weights: tuple[str, ...]) -> Html:
    titles = [element("th", "name", scope="col")]
    titles += [element("th", one, scope="col", class_=f"n {one}") for one in weights]
    titles += [
        element("th", "share", scope="col", class_="n share"),
        element("th", "files", scope="col", class_="n files"),
    ]
    return element(
        "div",
        element(
            "table",
            element("caption"),
            element("thead", element("tr", *titles)),
            element("tbody"),
            id="list",
        ),
        class_="listed",
        tabindex=0,
        role="region",
        aria_label="The directory as a table",
    )
