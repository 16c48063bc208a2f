"""Python packages with compiled parts: whether there are wheels for musl, and as of when."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the annotations
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class Wheel(Struct, frozen=True, forbid_unknown_fields=True):
    """One package.

    Attributes:
        name: normalised (PEP 503).
        musl: whether there is a musllinux wheel of the same version as for glibc.
        needed: whether importing it fails without its compiled part.
        imports: the module that it is imported by; empty for the name itself.
    """

    name: str
    musl: bool
    needed: bool = False
    imports: str = ""

    @property
    def module(self) -> str:
        """What is imported."""
        return self.imports or self.name


class Wheels(Struct, frozen=True, forbid_unknown_fields=True):
    """All of them, as they were seen on one day."""

    seen: date
    source: str
    wheel: tuple[Wheel, ...]

    def of(self, name: str) -> Wheel | None:
        """By a normalised name."""
        return next((one for one in self.wheel if one.name == name), None)


@cache
def wheels() -> Wheels:
    """The table that comes with lightship."""
    data = files("lightship.catalogue").joinpath("wheels.toml").read_bytes()
    return msgspec.toml.decode(data, type=Wheels)
