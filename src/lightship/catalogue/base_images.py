"""Base images that are in common use, with what is known of each, since when, and from where."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations
from datetime import date  # noqa: TC003 - as well
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

Libc = Literal["glibc", "musl", "none"]


class Origin(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a fact is from, and of which day it is."""

    source: str
    seen: date


class BaseRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One row of base_images.toml; what is not known is None, or not in the mapping.

    Attributes:
        image, tag: as a FROM instruction names them.
        languages: what programs in it can be written in (`base list --for python`); empty for a
            bare system.
        variant: `full`, `slim`, `alpine`, `minimal`, `jre`...: what its makers call it.
        system: distribution and release: `debian 13`, `alpine 3.24`; with no release if it has
            none (`wolfi`).
        version: of what it is made for: `3.13.14` of Python.
        libc: `none` where there is no C library in it.
        package_manager: `apt`, `apk`, `microdnf`...; `none` where there is none.
        shell: path of what runs a shell-form instruction; `none` where there is none.
        user: that its containers run as; `root` if it names none.
        created: the image's own date.
        layers, packages: how many (packages of its distribution).
        wire_bytes: config and layers, compressed, by platform (`linux/amd64`).
        unpacked_bytes: of all layers, by platform.
        platforms: that it is there for.
        digests: of its manifest, by platform.
        source, seen: where the facts are from that `origins` does not name.
        origins: by the name of the fact.
        notes: one sentence each.
    """

    image: str
    tag: str
    source: str
    seen: date
    languages: tuple[str, ...] = ()
    variant: str = ""
    system: str | None = None
    version: str | None = None
    libc: Libc | None = None
    package_manager: str | None = None
    shell: str | None = None
    user: str | None = None
    created: date | None = None
    layers: int | None = None
    packages: int | None = None
    wire_bytes: Mapping[str, int] = {}
    unpacked_bytes: Mapping[str, int] = {}
    platforms: tuple[str, ...] = ()
    digests: Mapping[str, str] = {}
    origins: Mapping[str, Origin] = {}
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`python:3.13-slim`."""
        return f"{self.image}:{self.tag}"

    def origin(self, fact: str) -> Origin:
        """Where a fact of this row is from."""
        return self.origins.get(fact) or Origin(self.source, self.seen)


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    base: tuple[BaseRow, ...]


@cache
def base_images() -> tuple[BaseRow, ...]:
    """The rows that come with lightship."""
    text = files(__package__).joinpath("base_images.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Table).base
