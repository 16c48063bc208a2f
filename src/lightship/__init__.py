"""Keeps container images small: measures their bytes, and proves what is left is right."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.api.base_checking import base_check
    from lightship.api.base_comparing import base_compare
    from lightship.api.base_listing import base_list
    from lightship.api.base_suggesting import base_suggest
    from lightship.api.base_updating import base_update
    from lightship.api.checking import check
    from lightship.api.cleaning import clean
    from lightship.api.context_showing import context_show
    from lightship.api.context_why import context_why
    from lightship.api.copying import copy
    from lightship.api.diffing import diff
    from lightship.api.fixing import fix
    from lightship.api.history import history
    from lightship.api.inspecting import inspect
    from lightship.api.linting import lint
    from lightship.api.options import ReadOptions
    from lightship.api.recompressing import recompress
    from lightship.api.squashing import squash
    from lightship.errors import LightshipError
    from lightship.layers.compressing import Compression
    from lightship.net.options import NetOptions

__version__ = "0.1.0"
__all__ = [
    "Compression",
    "LightshipError",
    "NetOptions",
    "ReadOptions",
    "__version__",
    "base_check",
    "base_compare",
    "base_list",
    "base_suggest",
    "base_update",
    "check",
    "clean",
    "context_show",
    "context_why",
    "copy",
    "diff",
    "fix",
    "history",
    "inspect",
    "lint",
    "recompress",
    "squash",
]

# Where each public name lives; imported when first used, so that `lightship --version` stays fast.
_HOMES = {
    "inspect": "lightship.api.inspecting",
    "history": "lightship.api.history",
    "base_list": "lightship.api.base_listing",
    "base_compare": "lightship.api.base_comparing",
    "base_suggest": "lightship.api.base_suggesting",
    "base_check": "lightship.api.base_checking",
    "base_update": "lightship.api.base_updating",
    "check": "lightship.api.checking",
    "diff": "lightship.api.diffing",
    "context_show": "lightship.api.context_showing",
    "context_why": "lightship.api.context_why",
    "lint": "lightship.api.linting",
    "fix": "lightship.api.fixing",
    "squash": "lightship.api.squashing",
    "clean": "lightship.api.cleaning",
    "recompress": "lightship.api.recompressing",
    "copy": "lightship.api.copying",
    "NetOptions": "lightship.net.options",
    "ReadOptions": "lightship.api.options",
    "LightshipError": "lightship.errors",
    "Compression": "lightship.layers.compressing",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'lightship' has no attribute {name!r}")
