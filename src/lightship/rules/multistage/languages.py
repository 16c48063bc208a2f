"""The languages that a stage can be taken apart for: a new one is a file and a line here."""

from __future__ import annotations

from lightship.rules.multistage import c, dotnet, go, java, node, python, rust

LANGUAGES = (
    go.LANGUAGE,
    rust.LANGUAGE,
    python.LANGUAGE,
    node.LANGUAGE,
    java.LANGUAGE,
    dotnet.LANGUAGE,
    c.LANGUAGE,
)
"""Asked in this order; a stage that builds in two of them is left alone."""
