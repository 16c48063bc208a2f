"""What RUNs bring from elsewhere, and what they write for the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.multistage.plan import CannotTell, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.single import Ran, Single

_CLONES = frozenset(("clone", "checkout", "co", "pull", "export"))
# Where tools of the build are put.
_TOOL_PLACES = ("/usr", "/opt", "/tmp", "/root", "/etc", "/var", "/bin", "/sbin")  # noqa: S108 - paths in the image
_SOURCES = ("/usr/src", "/opt/app")
_DOWNLOADERS = frozenset(("curl", "wget", "aria2c"))
_UNPACKERS = frozenset(("tar", "unzip", "bsdtar", "7z"))


def fetched(single: Single) -> str | None:
    """Which line brings files of its own that the build may work with; one clause, or None."""
    for ran in single.ran:
        line = ran.step.line
        operands = [word.text for word in ran.command.operands("-b", "--branch", "-C", "--depth")]
        if ran.name in ("git", "svn", "hg") and set(operands[:1]) & _CLONES:
            return f"line {line} fetches sources that cannot be seen from here"
        if ran.name not in _DOWNLOADERS:
            continue
        place = _place(single, ran)
        if place is None or not _is_for_tools(place):
            return f"line {line} fetches files that cannot be seen from here"
    return None


def check_downloads(single: Single) -> None:
    """For what may read any file by a name that is given to it: that nothing is downloaded.

    Raises:
        CannotTell: a RUN does, and not for the time of the build alone.
    """
    for ran in single.ran:
        place = _place(single, ran) if ran.name in _DOWNLOADERS else "/tmp"  # noqa: S108 - a path in the image
        if place is None or not f"{place}/".startswith("/tmp/"):  # noqa: S108 - likewise
            raise CannotTell(f"what line {ran.step.line} downloads: the program may need it")


def _is_for_tools(place: str) -> bool:
    below = any(f"{place}/".startswith(f"{folder}/") for folder in _TOOL_PLACES)
    return below and not any(f"{place}/".startswith(f"{folder}/") for folder in _SOURCES)


def _place(single: Single, download: Ran) -> str | None:
    """Where what is downloaded ends up; None where that is not clear."""
    same = [ran for ran in single.ran if ran.step is download.step]
    for ran in same:
        if ran.name in _UNPACKERS:
            into = ran.option("-C", "--directory", "-d")
            return ran.path(into) if into is not None else ran.directory
    if "pipeline" in download.command.within or "substitution" in download.command.within:
        # Into a program that makes what it makes: an installer, a key ring.
        return "/usr"
    into = download.option("-o", "--output", "-O", "--output-document", "-P")
    if into is not None and not into.text.startswith(("-", "http")):
        return download.path(into)
    return download.directory


def check_libraries(single: Single) -> None:
    """For a program with shared libraries: that none comes from elsewhere than packages.

    Raises:
        CannotTell: a RUN may put one into the system.
    """
    for ran in single.ran:
        words = [word.text for word in ran.command.operands()]
        puts = (
            ran.name in ("ldconfig", "dpkg", "rpm", "conan", "vcpkg")
            or (ran.name in ("make", "ninja", "gmake") and "install" in words)
            or (ran.name == "cmake" and ran.command.has("--install"))
            or (ran.name in _UNPACKERS and _unpacks_into_system(ran))
        )
        if puts:
            raise CannotTell(
                f"which libraries of the program line {ran.step.line} puts into the system"
            )


def _unpacks_into_system(ran: Ran) -> bool:
    into = ran.option("-C", "--directory", "-d")
    place = ran.path(into) if into is not None else ran.directory
    return place in (None, "/", "/usr", "/usr/local", "/usr/lib", "/usr/local/lib")


def settings_written(single: Single) -> Iterator[Kept]:
    """Files below /etc that RUNs write, but for those of package managers."""
    done: set[str] = set()
    for ran in single.ran:
        for redirect in ran.command.redirects:
            if redirect.target is None or redirect.operator not in (">", ">>"):
                continue
            path = ran.path(redirect.target)
            if path is None or not path.startswith("/etc/") or path in done:
                continue
            if not path.startswith(("/etc/apt/", "/etc/apk/", "/etc/dpkg/")):
                done.add(path)
                yield Kept((path,), path, "settings of the system", owner="")
