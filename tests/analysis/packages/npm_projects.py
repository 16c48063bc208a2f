"""Node applications made by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.analysis.packages.package import Found

APP = "srv/app"


def manifest(name: str | None = None, **fields: object) -> bytes:
    if name is not None:
        fields = {"name": name, "version": "1.0.0", **fields}
    return json.dumps(fields).encode()


def application(**fields: object) -> dict[str, object]:
    return {f"{APP}/package.json": manifest("app", **fields)}


def installed(place: str, *needs: str, **fields: object) -> dict[str, object]:
    """A package in a folder below the application, with a file beside its package.json."""
    folder = f"{APP}/node_modules/{place}"
    name = place.rpartition("node_modules/")[2]
    text = manifest(name, dependencies=dict.fromkeys(needs, "*"), **fields)
    return {f"{folder}/package.json": text, f"{folder}/lib/index.js": b"js"}


def development(found: Found) -> set[str]:
    return {package.name for package in found.packages if package.development}


def names(*values: str) -> dict[str, str]:
    return dict.fromkeys(values, "^1")
