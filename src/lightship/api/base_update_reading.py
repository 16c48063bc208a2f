"""What reading a base tells: its layers are streamed, and never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from lightship.analysis.lookup import Lookup
from lightship.analysis.os_release import os_release
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.api.base_opening import look_inside
from lightship.errors import CorruptInputError

if TYPE_CHECKING:
    from lightship.api.base_update_registry import Wanted
    from lightship.api.options import ReadOptions
    from lightship.bases.inside import Inside
    from lightship.bases.refreshed import RefreshedRow
    from lightship.catalogue.base_images import Libc

_MANAGERS = (
    ("apk", b"sbin/apk"),
    ("apk", b"usr/bin/apk"),
    ("apt", b"usr/bin/apt-get"),
    ("microdnf", b"usr/bin/microdnf"),
    ("dnf", b"usr/bin/dnf"),
    ("yum", b"usr/bin/yum"),
    ("zypper", b"usr/bin/zypper"),
    ("tdnf", b"usr/bin/tdnf"),
    ("pacman", b"usr/bin/pacman"),
    ("rpm", b"usr/bin/rpm"),
)
# Every ABI of Linux names its loader in one of these.
_LOADERS = (b"lib", b"lib64")
_SHELL = "/bin/sh"


def read_base(
    row: RefreshedRow, wanted: Wanted, platform: str, options: ReadOptions
) -> RefreshedRow:
    """A row with what is in the image for one platform.

    Raises:
        CorruptInputError: the tag names another image by now.
        LightshipError: as `inspect`.
    """
    # Where nobody says how many layers are read at once, one is: the server has others to serve.
    polite = replace(options, jobs=options.jobs or 1)
    inside = look_inside(str(wanted.where.reference), platform, polite)
    facts = row.platforms[platform]
    if inside.digest != facts.digest:
        raise CorruptInputError(f"{wanted.name} became another image meanwhile", "Run it again.")
    told = replace(facts, unpacked_bytes=inside.unpacked_bytes)
    seen = {name: value for name, value in _facts(inside, row).items() if value is not None}
    return replace(row, platforms={**row.platforms, platform: told}, **seen)


def layers_of(row: RefreshedRow, platform: str) -> int:
    """How many layers there are to read."""
    return len(row.platforms[platform].layer_wire_bytes)


def _facts(inside: Inside, row: RefreshedRow) -> dict[str, Any]:
    ledger = inside.ledger
    told = os_release(ledger.records)
    lookup = Lookup(ledger.tree)
    managers = (name for name, path in _MANAGERS if lookup.file(path) is not None)
    here = _SHELL if lookup.file(_SHELL.encode()) is not None else "none"
    return {
        "system": told.system if told is not None else None,
        "libc": _libc(lookup),
        "package_manager": next(managers, "none"),
        "shell": row.shell or here,
        "packages": sum(one.system in DISTRIBUTIONS for one in ledger.ownership.packages),
    }


def _libc(lookup: Lookup) -> Libc | None:
    """By the loaders that are there; None where there is more than one kind, or a strange one."""
    kinds: set[Libc | None] = set()
    for path in _LOADERS:
        directory = lookup.directory(path)
        for name in directory.children if directory is not None else ():
            if name.startswith(b"ld-musl-"):
                kinds.add("musl")
            elif name.startswith((b"ld-linux", b"ld64.so")):
                kinds.add("glibc")
            elif name.startswith(b"ld") and b".so" in name:
                kinds.add(None)
    if not kinds:
        return "none"
    return kinds.pop() if len(kinds) == 1 else None
