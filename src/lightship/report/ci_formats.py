"""The formats of `check` and `lint` by name and by suffix; a format is loaded when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    Formatter: TypeAlias = Callable[[Any], str]

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "text": (".txt",),
    "json": (".json",),
    "github": (),
    "gitlab": (),
    "junit": (".xml",),
    "markdown": (".md",),
    "sarif": (".sarif", ".sarif.json"),
}
"""Each format, and the ends of file names that mean it."""


def formatter(command: Literal["check", "lint"], name: str) -> Formatter:
    """The function that writes that command's result; `text` is not among them, it has a look."""
    whole = {"json": ("json", "to_json"), "markdown": (f"{command}_markdown", "to_markdown")}
    if name in whole:
        found: Formatter = _function(*whole[name])
        return found
    report_of, write = (
        _function(f"{command}_items", "report_of"),
        _function(f"ci_{name}", f"to_{name}"),
    )

    def written(result: object) -> str:
        text: str = write(report_of(result))
        return text

    return written


def _function(module: str, name: str) -> Any:  # noqa: ANN401 - each takes its own
    return getattr(import_module(f"lightship.report.{module}"), name)
