"""Base images that are in common use, with what is known of each, since when, and from where."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations
from datetime import date  # noqa: TC003 - as well
from functools import cache
from typing import Literal

from msgspec import Struct

Libc = Literal["glibc", "musl", "none"]
Kind = Literal["system", "language", "server", ""]


class Origin(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a fact is from, and of which day it is."""

    source: str
    seen: date


class BaseRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known of one base image; what is not known is None, or not in the mapping.

    Attributes:
        image, tag: as a FROM instruction names them.
        kind: `system` for a bare one, `language` for one to write programs in, `server` for one
            that is something already; empty for a row that did not come with lightship.
        languages: what programs in it can be written in (`base list --for python`); empty for a
            bare system.
        product: repository by which `end_of_life` knows what it is made for; `image`, mostly.
        variant: `full`, `slim`, `alpine`, `minimal`, `jre`...: what its makers call it.
        system: distribution and release, as os-release's ID and VERSION_ID: `debian 13`,
            `alpine 3.24`, `ol 9`; the ID alone if there is no release (`wolfi`) or it is not known.
        version: of what it is made for: `3.13.14` of Python.
        libc: `none` where there is no C library in it.
        package_manager: `apt`, `apk`, `microdnf`...; `none` where there is none.
        shell: path of what runs a shell-form instruction; `none` where there is none.
        shells: the shells that are known to be in it, what `/bin/sh` is first.
        user: that its containers run as; `root` if it names none.
        created: the image's own date.
        layers, packages: how many (packages of its distribution).
        wire_bytes: layers, compressed, by platform (`linux/amd64`); the config (some kB) only
            where the source counts it: docker-library's pages do not.
        unpacked_bytes: of all layers, by platform.
        layer_wire_bytes: of each layer, compressed, oldest first, by platform.
        platforms: that it is there for.
        digests: of its manifest, by platform.
        source, seen: where the facts are from that `origins` does not name.
        origins: by the name of the fact (`libc`), with the platform where only one is meant
            (`wire_bytes linux/arm64`).
        rounded: facts that their source rounds.
        stale: why nobody should rely on the row; None if nothing is known against it.
        unverified: what is generally held of it, and nobody read.
        notes: one sentence each, without a full stop.
    """

    image: str
    tag: str
    source: str
    seen: date
    kind: Kind = ""
    languages: tuple[str, ...] = ()
    product: str = ""
    variant: str = ""
    system: str | None = None
    version: str | None = None
    libc: Libc | None = None
    package_manager: str | None = None
    shell: str | None = None
    shells: tuple[str, ...] = ()
    user: str | None = None
    created: date | None = None
    layers: int | None = None
    packages: int | None = None
    wire_bytes: Mapping[str, int] = {}
    unpacked_bytes: Mapping[str, int] = {}
    layer_wire_bytes: Mapping[str, tuple[int, ...]] = {}
    platforms: tuple[str, ...] = ()
    digests: Mapping[str, str] = {}
    origins: Mapping[str, Origin] = {}
    rounded: tuple[str, ...] = ()
    stale: str | None = None
    unverified: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`python:3.13-slim`."""
        return f"{self.image}:{self.tag}"

    def origin(self, fact: str, platform: str | None = None) -> Origin:
        """Where a fact of this row is from; for one platform where it is known by platform."""
        own = self.origins.get(f"{fact} {platform}") or self.origins.get(fact)
        return own or Origin(self.source, self.seen)


@cache
def base_images() -> tuple[BaseRow, ...]:
    """The rows that come with lightship."""
    from lightship.catalogue.base_tables import read_rows  # noqa: PLC0415 - it needs BaseRow

    return tuple(read_rows())
