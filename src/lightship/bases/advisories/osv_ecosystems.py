"""What OSV calls ecosystems (ossf.github.io/osv-schema, `package`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.bases.advisories.advisory import LANGUAGES, UNASKED
from lightship.bases.versions.numbers import MAX_CHARS

if TYPE_CHECKING:
    from lightship.bases.advisories.advisory import Ecosystem, Subject

_DISTRIBUTIONS = {
    "Debian": "debian",
    "Ubuntu": "ubuntu",
    "Alpine": "alpine",
    "Wolfi": "wolfi",
    "Chainguard": "chainguard",
    "AlmaLinux": "almalinux",
    "Rocky Linux": "rocky",
}
_NAMES_OF = {name: osv_name for osv_name, name in _DISTRIBUTIONS.items()} | {
    "rhel": "Red Hat",
    "opensuse-leap": "openSUSE",
    "opensuse-tumbleweed": "openSUSE",
    "sles": "SUSE",
}
_BY_BINARY_NAME = frozenset(("rhel", "almalinux", "rocky"))
"""Whose records name the packages that are installed; the others' name their sources."""
_SEPARATORS = re.compile(r"[-_.]+")

Key = tuple[str, str]
"""A distribution and its release, or a package system and nothing."""


def key_of(ecosystem: Ecosystem) -> Key:
    """The key of an ecosystem."""
    if ecosystem.distribution:
        return ecosystem.distribution, ecosystem.release
    return ecosystem.system, ""


def key_of_osv_name(osv_name: str) -> Key | None:
    """The key of what a record names; None for ecosystems that are not looked up.

    Records without a release (`Debian`), and of special support (`Ubuntu:Pro:...`, `Red
    Hat:rhel_eus:...`), tell nothing of a release.
    """
    name, _, rest = osv_name.partition(":")
    parts = rest.split(":")
    if name == "Red Hat":
        return ("rhel", parts[1].split(".")[0]) if _is_plain_rhel(parts) else None
    if name == "openSUSE":
        if rest == "Tumbleweed":
            return "opensuse-tumbleweed", ""
        return ("opensuse-leap", rest.removeprefix("Leap ")) if rest else None
    if name in _DISTRIBUTIONS:
        release = parts[0].removeprefix("v")
        if name in ("Wolfi", "Chainguard"):
            return _DISTRIBUTIONS[name], ""
        return (_DISTRIBUTIONS[name], release) if release and release != "Pro" else None
    return _LANGUAGES.get(osv_name)  # with an address behind it, it is another index


_LANGUAGES: dict[str, Key] = {name: (system, "") for system, name in LANGUAGES.items()}


def _is_plain_rhel(parts: list[str]) -> bool:
    return len(parts) >= 2 and parts[0] == "enterprise_linux" and bool(parts[1])


def osv_name_of(ecosystem: Ecosystem) -> str | None:
    """What OSV's service calls an ecosystem; None where it knows none such.

    Red Hat's and SUSE's have names of parts of the distribution, which an image does not tell.
    """
    if not ecosystem.distribution:
        return None if ecosystem.system in UNASKED else LANGUAGES.get(ecosystem.system)
    name = _NAMES_OF.get(ecosystem.distribution)
    match ecosystem.distribution:
        case "wolfi" | "chainguard":
            return name
        case "debian" | "almalinux" | "rocky" if ecosystem.release:
            return f"{name}:{ecosystem.release}"
        case "alpine" if ecosystem.release:
            return f"{name}:v{ecosystem.release}"
        case "ubuntu" if ecosystem.release:
            return f"{name}:{ecosystem.release}{':LTS' if _is_lts(ecosystem.release) else ''}"
        case "opensuse-leap" if ecosystem.release:
            return f"{name}:Leap {ecosystem.release}"
        case "opensuse-tumbleweed":
            return f"{name}:Tumbleweed"
    return None


def _is_lts(release: str) -> bool:
    year, _, month = release.partition(".")
    return month == "04" and year.isdecimal() and int(year[:4]) % 2 == 0


def wanted(ecosystem: Ecosystem, subject: Subject) -> tuple[str, str]:
    """The name and version by which an ecosystem's records know a package."""
    if not ecosystem.distribution:
        return package_name(ecosystem.system, subject.name), subject.version
    if ecosystem.distribution in _BY_BINARY_NAME:
        return subject.name, subject.version
    return subject.source_name, subject.source_version


def package_name(system: str, name: str) -> str:
    """A name in the form in which its system compares them."""
    if system == "python":
        return _SEPARATORS.sub("-", name[:MAX_CHARS]).lower()
    return name.lower() if system == "composer" else name
