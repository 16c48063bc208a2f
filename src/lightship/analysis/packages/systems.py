"""Every package system that lightship reads: found by discovery, in the order that decides.

Where two systems list one file, the first has it: what a distribution's package manager installed
is its package's, also where pip or npm would know it too.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from lightship.analysis import packages

if TYPE_CHECKING:
    from lightship.analysis.packages.package import PackageSystem
    from lightship.layers.captures import CaptureRequest

DISTRIBUTIONS = ("dpkg", "apk", "rpm")
"""Systems that install a whole system, before the others; conda likewise before pip."""
_FIRST = (*DISTRIBUTIONS, "conda")
FILE_BY_FILE = ("go", "java")
"""Systems that know single files by what is in them: after all that know who installed a file,
such as the program of Go in a package of npm, or the archive in one of pip."""


@cache
def systems() -> tuple[PackageSystem, ...]:
    """All of them: distributions, conda, the others by name, those that go file by file."""
    found: dict[str, PackageSystem] = {}
    for module in iter_modules(packages.__path__):
        system = getattr(import_module(f"{packages.__name__}.{module.name}"), "SYSTEM", None)
        if system is not None:
            found[system.name] = system
    others = sorted(found.keys() - {*_FIRST, *FILE_BY_FILE})
    order = [*_FIRST, *others, *FILE_BY_FILE]
    return tuple(found[name] for name in order if name in found)


def package_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured so that all systems can be read."""
    return tuple(request for system in systems() for request in system.requests)
