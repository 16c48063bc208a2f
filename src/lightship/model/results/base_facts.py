"""Facts of base images as `base list` and `base compare` show them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["fresh", "stale", "unknown"]


class TextFact(Struct, frozen=True, kw_only=True):
    """A fact in words; foreign text.

    Attributes:
        value: null if nobody knows it.
        source, seen: where it is from, and of which day it is; null where it is not known.
        state: `stale` if nobody should rely on it.
        why: it is stale, a clause; else empty.
    """

    value: str | None = None
    source: str | None = None
    seen: str | None = None
    state: State = "unknown"
    why: str = ""


class CountFact(Struct, frozen=True, kw_only=True):
    """A fact that is a number: bytes, or how many.

    Attributes:
        value, source, seen, state, why: as of a `TextFact`.
        about: whether it is an estimate, or its source rounds it.
    """

    value: int | None = None
    source: str | None = None
    seen: str | None = None
    state: State = "unknown"
    why: str = ""
    about: bool = False


class Supported(Struct, frozen=True, kw_only=True):
    """How long a release is supported.

    Attributes:
        name: `Debian 13`.
        state: `extended` where its makers' support has ended and free support by others goes on.
        ends: last day of its makers' support; null where none is known.
        days: until then; negative once it is over.
        extended: last day of free support by others; null where there is none.
        source, seen: where this is from, and of which day it is.
        stale: why nobody should rely on it, a clause; empty where it is fresh.
    """

    name: str
    state: Literal["supported", "extended", "ended", "no date"]
    ends: str | None
    days: int | None
    extended: str | None
    source: str
    seen: str
    stale: str = ""


class BaseFacts(Struct, frozen=True, kw_only=True):
    """What is known of a base, whether it was opened or not.

    Attributes:
        wire_bytes: compressed, for one platform; without the config where a catalogue tells it.
        unpacked_bytes: of all layers.
        packages: of its distribution.
        system: distribution and release, `debian 13`.
        version: of what it is made for.
        libc: `glibc`, `musl` or `none`.
        libc_version: `2.41`.
        package_manager, shell: `none` where there is none.
        user: that its containers run as.
        created: the image's own day.
        age_days: since then; null where it is not known, or lies ahead.
        support: of its system first, then of what it is made for; empty where nobody knows.
        platforms: that it is there for; empty where nobody knows.
    """

    wire_bytes: CountFact
    unpacked_bytes: CountFact
    layers: CountFact
    packages: CountFact
    system: TextFact
    version: TextFact
    libc: TextFact
    libc_version: TextFact
    package_manager: TextFact
    shell: TextFact
    user: TextFact
    created: TextFact
    age_days: int | None
    support: tuple[Supported, ...]
    platforms: tuple[str, ...]

    @property
    def has_ended(self) -> bool:
        """Whether the support of its system, or of what it is made for, is over."""
        return any(one.state == "ended" for one in self.support)

    @property
    def support_days(self) -> int | None:
        """Until the first end; free support by others counts. None where no day is known."""
        return min((one.days for one in self.support if one.days is not None), default=None)
