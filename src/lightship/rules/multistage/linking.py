"""What C and C++ programs are linked to, by what their builds say."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.catalogue.runtime_libraries import development_package
from lightship.rules.multistage.installing import development
from lightship.rules.multistage.libraries import libraries_for
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.single import Single

BUILD_FILES = (
    "Makefile",
    "GNUmakefile",
    "makefile",
    "CMakeLists.txt",
    "meson.build",
    "configure.ac",
    "Makefile.am",
    "SConstruct",
)
# Images that come with development packages of their own.
_FULL = frozenset(("gcc", "buildpack-deps"))
_NAMES = re.compile(r"(?:\A|[\s\"'=(])-l([\w.+]+)")
_FOUND = re.compile(
    r"\b(?:pkg-config|pkg_check_modules|PKG_CHECK_MODULES|find_package|dependency)\b"
)
_SHARED = re.compile(
    r"add_library\s*\([^)]{0,300}\b(?:SHARED|MODULE)\b|\bBUILD_SHARED_LIBS\b|-shared\b|_LTLIBRARIES\b"
    r"|\b(?:shared_)?(?:library|module)\s*\(\s*'"
)


def linked_packages(single: Single, *, is_cxx: bool) -> Iterator[str]:
    """Packages with the libraries that the programs are linked to.

    Raises:
        CannotTell: which, or what package has one.
    """
    system = single.system
    if system is None:
        raise CannotTell(f"which system {single.image_text} is of, whose libraries it needs")
    names = [one.name for one in development(single)]
    texts = list(_texts(single))
    if any("-fopenmp" in text for text in texts):
        names.append("openmp")
    if system.is_musl and (is_cxx or single.sources.missing is not None):
        names.append("c++")
    full = single.image.repository in _FULL
    if full and single.sources.missing is not None:
        raise CannotTell(f"which libraries it links to: {single.sources.missing}")
    for text in texts:
        if full and _FOUND.search(text):
            raise CannotTell("which libraries it links to: the build looks for them by itself")
        for library in _NAMES.findall(text):
            package = development_package(library)
            if package is None:
                raise CannotTell(f"which package has the library that -l{library[:40]} links to")
            # Elsewhere it is installed, or it would not build.
            names += [package] if full and package else []
    yield from dict.fromkeys(libraries_for(single, dict.fromkeys(names)))


def check_own_libraries(single: Single) -> None:
    """See that the build makes no shared libraries of its own, beside its programs.

    Raises:
        CannotTell: it does, or may.
    """
    if any(_SHARED.search(text) for text in _texts(single)):
        raise CannotTell("which libraries of its own it loads: the build makes shared ones")


def _texts(single: Single) -> Iterator[str]:
    """What the build's files say, and the command lines of compilers and builders."""
    for path, text in single.sources.texts.items():
        if posixpath.basename(path) in BUILD_FILES:
            yield text
    for ran in single.ran:
        if ran.name not in _NOT_LINKING:
            yield " ".join(word.text for word in ran.command.words)
        for name in ("LDFLAGS", "LIBS", "LDLIBS", "CFLAGS", "CXXFLAGS"):
            yield ran.known.get(name) or ""


_NOT_LINKING = frozenset(
    ("ls", "grep", "egrep", "fgrep", "wc", "ln", "tar", "find", "head", "tail")
)
