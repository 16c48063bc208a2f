"""The formats of the gate by name and by suffix; a format's module is loaded when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lightship.model.results.check import CheckResult

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


def formatter(name: str) -> Callable[[CheckResult], str]:
    """The function that writes a result in a format; `text` is not among them, it has a look."""
    module, function = ("json", "to_json") if name == "json" else (f"gate_{name}", f"to_{name}")
    found: Callable[[CheckResult], str] = getattr(
        import_module(f"lightship.report.{module}"), function
    )
    return found
