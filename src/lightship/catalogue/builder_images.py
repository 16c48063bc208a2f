"""Images that programs are built in, and what they set."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class BuilderImage(Struct, frozen=True, forbid_unknown_fields=True):
    """One row of builder_images.toml, which says what each field means."""

    image: str
    workdir: str = "/"
    path: tuple[str, ...] = ()
    entrypoint: bool = False
    environment: dict[str, str] = {}
    systems: dict[str, str] = {}
    newest: dict[str, str] = {}
    has: tuple[str, ...] = ()


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    builder: tuple[BuilderImage, ...]


@cache
def builder_images() -> dict[str, BuilderImage]:
    """The rows by repository."""
    text = files(__package__).joinpath("builder_images.toml").read_text(encoding="utf-8")
    return {row.image: row for row in msgspec.toml.decode(text, type=_Table).builder}
