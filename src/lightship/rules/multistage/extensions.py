"""Packages of the system that compiled extensions, and the application itself, need to run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.catalogue.build_tools import COMPILERS, JDK
from lightship.catalogue.runtime_libraries import runtime_packages
from lightship.rules.multistage.installing import installed
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.rules.multistage.installing import Installed
    from lightship.rules.multistage.single import Single

# Only make it possible to install others.
_INSTALLING = re.compile(
    r"\..*|apt-utils|apt-transport-https|software-properties-common|lsb-release|gnupg\d?|dirmngr"
    r"|debian-archive-keyring|(?:lib)?python[\d.]*-(?:dev|pip|venv|setuptools|wheel|distutils|full)"
    r"|py3-(?:pip|setuptools|wheel|virtualenv)|python[\d.]*-virtualenv|virtualenv|pipx|npm|yarn"
)
# Name programs that nothing starts.
_DESCRIBES = re.compile(
    r".*\.(?:json|md|rst|txt|lock|toml|html|css|svg|ya?ml)|.*/\.[^/]*|.*(?:Dockerfile|dockerfile)[^/]*"
)
_HEADERS = re.compile(
    r"libc6?-dev|musl-dev|libc-dev|linux-(?:headers|libc-dev)|libstdc\+\+-\d+-dev"
)
# What a compiler of the system brings along that its programs need.
_WITH_COMPILER = {"gfortran": "libgfortran5"}
# Where a tag does not say which: those that it can be of.
_RELEASES = {"debian": ("11", "12", "13"), "ubuntu": ("22.04", "24.04")}
_NEWER = ("12", "13")


def running_packages(single: Single, *, seen: bool) -> Iterator[str]:
    """Packages that the stage installs and that may be needed when it runs.

    Args:
        single: the stage.
        seen: whether all that the application is made of was seen; else what might be called by it
            stays.

    Raises:
        CannotTell: the library of some headers is not known, or where a package comes from.
    """
    _check_archives(single)
    for one in installed(single):
        if _INSTALLING.fullmatch(one.name) or _HEADERS.fullmatch(one.name):
            continue
        if is_compiler(one):
            if one.system == "dpkg" and one.name.startswith("gfortran"):
                yield _WITH_COMPILER["gfortran"]
            continue
        if one.is_development:
            yield from libraries(single, (one.name,))
        elif not one.only_builds or not seen or is_mentioned(single, one.name):
            yield one.name


def _check_archives(single: Single) -> None:
    """See that packages come from the archives that the base has. Raises `CannotTell`."""
    for step in single.steps:
        if step.keyword in ("COPY", "ADD") and re.search(r"/etc/ap[tk]\b", step.instruction.value):
            raise CannotTell(f"from where packages come: line {step.line} changes it")
    for ran in single.ran:
        if ran.name in ("apt-get", "apt", "apk") and any(
            word.text.endswith((".deb", ".apk")) for word in ran.command.operands()
        ):
            raise CannotTell(f"what the package of line {ran.step.line} has that is a file")


_ALONE = re.compile(
    r"lib.*|curl|wget|git|ca-certificates|tzdata|procps|gosu|tini|dumb-init|netcat.*"
)
_WITH_CERTIFICATES = frozenset(("curl", "wget", "git"))


def recommended(single: Single, packages: Iterable[str]) -> tuple[bool, tuple[str, ...]]:
    """Whether what packages recommend is there too, and certificates that a few of them recommend.

    Args:
        single: the stage.
        packages: those that the final stage gets.
    """
    wanted = set(packages)
    for ran in single.ran:
        words = {word.text.partition("=")[0] for word in ran.command.operands()}
        if ran.name not in ("apt-get", "apt") or "install" not in words:
            continue
        has = wanted & words
        if ran.command.has("--no-install-recommends") or "--no-install-recommends" in (
            ran.step.body.text if ran.step.body is not None else ""
        ):
            continue
        if any(not _ALONE.fullmatch(name) for name in has):
            return True, ()
        if has & _WITH_CERTIFICATES:
            return False, ("ca-certificates",)
    return False, ()


def is_compiler(one: Installed) -> bool:
    """Whether it is a compiler or the like, which programs hardly ever start."""
    groups = (COMPILERS, JDK)
    return any(
        one.system in group.packages and group.packages[one.system].fullmatch(one.name)
        for group in groups
    )


def compilers(single: Single) -> tuple[Installed, ...]:
    """Compilers and headers that the stage installs. Raises `CannotTell`."""
    return tuple(
        one
        for one in installed(single)
        if is_compiler(one) or (one.is_development or _HEADERS.fullmatch(one.name))
    )


def libraries(single: Single, names: Iterable[str]) -> Iterator[str]:
    """The packages with the libraries of development packages. Raises `CannotTell`."""
    system = single.system
    for name in names:
        if system is None:
            raise CannotTell(f"which system {single.image_text} is of, whose libraries it needs")
        releases = (system.release,) if system.release else _RELEASES.get(system.name, (None,))
        if system.release is None and system.newest == _NEWER[-1]:
            releases = _NEWER
        found = {runtime_packages(system.name, release, name) for release in releases}
        packages = next(iter(found))
        if len(found) > 1 and None not in found:
            system.final(single.image_text, "")
        if len(found) > 1 or packages is None:
            raise CannotTell(f"which library it needs of {name[:60]} when it runs")
        yield from packages


def is_mentioned(single: Single, name: str) -> bool:
    """Whether a file of the application, or the command, has a program's name in it."""
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    texts = [
        text
        for path, text in single.sources.texts.items()
        if path.startswith("/") and not _DESCRIBES.fullmatch(path)
    ]
    texts += [
        step.instruction.value
        for step in single.steps
        if step.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK")
    ]
    return any(word.search(text) for text in texts)
