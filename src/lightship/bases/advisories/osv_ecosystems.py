"""OSV's names of ecosystems, and the shelves they are of (ossf.github.io/osv-schema, `package`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.bases.advisories.advisory import LANGUAGES, UNASKED
from lightship.bases.versions.numbers import MAX_CHARS

if TYPE_CHECKING:
    from lightship.bases.advisories.advisory import Shelf, Subject

_DISTRIBUTIONS = {
    "Debian": "debian",
    "Ubuntu": "ubuntu",
    "Alpine": "alpine",
    "Wolfi": "wolfi",
    "Chainguard": "chainguard",
    "AlmaLinux": "almalinux",
    "Rocky Linux": "rocky",
}
_NAMES_OF = {name: ecosystem for ecosystem, name in _DISTRIBUTIONS.items()} | {
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


def key_of_shelf(shelf: Shelf) -> Key:
    """The key of what is on a shelf."""
    if shelf.distribution:
        return shelf.distribution, shelf.release
    return shelf.system, ""


def key_of_ecosystem(ecosystem: str) -> Key | None:
    """The key of what a record names; None for ecosystems that are on no shelf.

    Records without a release (`Debian`), and of special support (`Ubuntu:Pro:...`, `Red
    Hat:rhel_eus:...`), tell nothing of a release.
    """
    name, _, rest = ecosystem.partition(":")
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
    return _LANGUAGES.get(ecosystem)  # with an address behind it, it is another index


_LANGUAGES: dict[str, Key] = {name: (system, "") for system, name in LANGUAGES.items()}


def _is_plain_rhel(parts: list[str]) -> bool:
    return len(parts) >= 2 and parts[0] == "enterprise_linux" and bool(parts[1])


def ecosystem_of_shelf(shelf: Shelf) -> str | None:
    """What OSV's service calls a shelf; None where it knows none such.

    Red Hat's and SUSE's have names of parts of the distribution, which an image does not tell.
    """
    if not shelf.distribution:
        return None if shelf.system in UNASKED else LANGUAGES.get(shelf.system)
    name = _NAMES_OF.get(shelf.distribution)
    match shelf.distribution:
        case "wolfi" | "chainguard":
            return name
        case "debian" | "almalinux" | "rocky" if shelf.release:
            return f"{name}:{shelf.release}"
        case "alpine" if shelf.release:
            return f"{name}:v{shelf.release}"
        case "ubuntu" if shelf.release:
            return f"{name}:{shelf.release}{':LTS' if _is_lts(shelf.release) else ''}"
        case "opensuse-leap" if shelf.release:
            return f"{name}:Leap {shelf.release}"
        case "opensuse-tumbleweed":
            return f"{name}:Tumbleweed"
    return None


def _is_lts(release: str) -> bool:
    year, _, month = release.partition(".")
    return month == "04" and year.isdecimal() and int(year[:4]) % 2 == 0


def wanted(shelf: Shelf, subject: Subject) -> tuple[str, str]:
    """The name and version by which a shelf's records know a package."""
    if not shelf.distribution:
        return package_name(shelf.system, subject.name), subject.version
    if shelf.distribution in _BY_BINARY_NAME:
        return subject.name, subject.version
    return subject.source_name, subject.source_version


def package_name(system: str, name: str) -> str:
    """A name in the form in which its system compares them."""
    if system == "python":
        return _SEPARATORS.sub("-", name[:MAX_CHARS]).lower()
    return name.lower() if system == "composer" else name
