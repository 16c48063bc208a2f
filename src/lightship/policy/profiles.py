"""Profiles: named sets of limits, with the platform they are for. Built in, or a user's own."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.errors import UsageError
from lightship.model.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lightship.settings import Section

NO_PROFILE = "none"
_KEYS = ("platform",)


class Profile(Struct, frozen=True, kw_only=True):
    """A named set of limits.

    Attributes:
        limits: as a settings file has them: by name, as text.
        reasons: why a limit is what it is, by its name.
        platform: the only one that runs there; None where any does.
        source: where the limits come from, and when that was read; empty for a user's own.
    """

    name: str
    about: str
    limits: Mapping[str, object]
    origin: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    platform: Platform | None = None
    source: str = ""


_RAHTI_REJECTS = "Rahti's registry rejects more, and takes exactly this"
RAHTI = Profile(
    name="rahti",
    about="CSC Rahti (OKD): images of at most 5 GiB as OpenShift counts them, linux/amd64 only.",
    limits={"max-wire": "5GiB", "max-blob": "5GiB", "warn-wire": "1GB"},
    reasons={
        "max-wire": _RAHTI_REJECTS,
        "max-blob": _RAHTI_REJECTS,
        "warn-wire": "an advice of lightship's: every new node pulls it all",
    },
    platform=Platform("linux", "amd64"),
    origin="profile rahti",
    source=(
        "CSC user guide, Rahti: LimitRange openshift.io/Image 5Gi, amd64 only (read August 2026);"
        " OpenShift image-registry and apiserver: config and distinct compressed layers together,"
        " and each blob by itself, rejected where greater (read November 2026)"
    ),
)
BUILT_IN = {RAHTI.name: RAHTI}


def find_profile(name: str, sections: Iterable[Section]) -> Profile:
    """The built-in profile of that name, else the one of the nearest file.

    Args:
        name: of the profile.
        sections: the `[profiles]` tables of the files, the nearest first.

    Raises:
        UsageError: there is none, it is no table, or a file takes the name of a built-in one.
    """
    known = dict(BUILT_IN)
    for section in sections:
        for own, table in section.table.items():
            if own in BUILT_IN or own == NO_PROFILE:
                raise UsageError(
                    f"{section.origin}: {own!r} is a profile of lightship's own",
                    "Give yours another name.",
                )
            known.setdefault(own, _own_profile(own, table, section.origin))
    if name not in known:
        close = get_close_matches(name, known, 1)
        hint = f"Did you mean {close[0]!r}?" if close else f"There are {', '.join(known)}."
        raise UsageError(f"no profile {name!r}", hint)
    return known[name]


def _own_profile(name: str, table: object, origin: str) -> Profile:
    where = f"{origin.removesuffix(']')}.{name}]"
    if not isinstance(table, dict):
        raise UsageError(f"{where} is no table", f"Write [profiles.{name}] on a line of its own.")
    if "profile" in table:
        raise UsageError(f"{where}: a profile cannot stand on another one", "Write its limits.")
    limits = {key: value for key, value in table.items() if key not in _KEYS}
    return Profile(
        name=name,
        about="",
        limits=limits,
        origin=f"profile {name}, {where}",
        platform=_platform(table.get("platform"), where),
    )


def _platform(value: object, where: str) -> Platform | None:
    if value is None:
        return None
    try:
        return Platform.parse(value if isinstance(value, str) else "")
    except ValueError:
        raise UsageError(
            f"{where}: platform: {value!r} is no platform", "Write linux/amd64."
        ) from None
