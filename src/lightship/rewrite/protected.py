"""Names that no removal may take: what a container cannot start or be read without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.entrypoint import find_entrypoint
from lightship.analysis.lookup import Lookup
from lightship.analysis.needed import needed_packages
from lightship.analysis.packages.systems import FILE_BY_FILE
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from lightship.analysis.ledger import Ledger
    from lightship.analysis.run_settings import RunSettings
    from lightship.filetree.tree import Child, FileTree

_SYMLINK = Kind.SYMLINK.value
_DIRECTORIES = frozenset(
    b"bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp "
    b"usr var usr/bin usr/lib usr/lib64 usr/sbin usr/share var/lib var/tmp var/cache var/log "
    b"var/run var/lib/dpkg lib/apk etc/apk".split()
)
_SYSTEM = frozenset(
    b"etc/passwd etc/group etc/shadow etc/gshadow etc/subuid etc/subgid etc/nsswitch.conf "
    b"etc/hosts etc/hostname etc/resolv.conf etc/localtime etc/os-release usr/lib/os-release "
    b"etc/debian_version etc/alpine-release etc/redhat-release etc/system-release etc/lsb-release "
    b"etc/ld.so.conf etc/ld.so.cache".split()
)
_CERTIFICATES = (
    b"etc/ssl/", b"etc/pki/", b"etc/ca-certificates/", b"usr/share/ca-certificates/",
    b"usr/local/share/ca-certificates/", b"usr/share/pki/", b"var/lib/ca-certificates/",
)  # fmt: skip
_CERTIFICATE_FILES = frozenset((b"etc/ca-certificates.conf", b"etc/ssl", b"etc/pki"))
_DATABASES = (
    b"var/lib/dpkg/", b"lib/apk/", b"usr/lib/apk/", b"var/lib/rpm/", b"usr/lib/sysimage/rpm/",
    b"usr/share/rpm/", b"var/lib/pacman/local/", b"var/db/pkg/", b"var/lib/db/sbom/",
)  # fmt: skip
_DATABASE_FILES = frozenset((b"var/lib/apt/extended_states", b"etc/apk/world", b"etc/apk/arch"))
_METADATA = re.compile(rb"(?:^|/)(?:[^/]+\.(?:dist|egg)-info|EGG-INFO|conda-meta)(?:/|$)")
_LICENCE = re.compile(rb"(?:^|/)(?:copyright|copying|licen[cs]e|notice)[^/]*$", re.IGNORECASE)

A_DATABASE = "a package database, which scanners and package managers read"


def is_record(path: bytes, sources: Collection[bytes]) -> bool:
    """Whether a name is a package system's record of what is installed.

    Args:
        path: of the name.
        sources: the records that packages were read from.
    """
    if path in sources or path in _DATABASE_FILES or _METADATA.search(path):
        return True
    return path.startswith(_DATABASES) and not path.endswith(b"-old")


def is_licence(path: bytes) -> bool:
    """Whether a file tells under which licence something may be given on."""
    return path.startswith(b"usr/share/licenses/") or _LICENCE.search(path) is not None


def package_sources(ledger: Ledger) -> frozenset[bytes]:
    """The records that packages were read from; a program that is its own record is none."""
    packages = ledger.ownership.packages
    return frozenset(one.source for one in packages if one.system not in FILE_BY_FILE)


def protection(ledger: Ledger, settings: RunSettings) -> Callable[[bytes, Child], str | None]:
    """Why a name must stay; None where nothing speaks against its going.

    The records of packages are not among it: see `package_records`.

    Args:
        ledger: of the image.
        settings: how a container of it is run.
    """
    entrypoint = find_entrypoint(ledger.records, settings)
    needed = needed_packages(ledger, entrypoint, settings).records
    tree = ledger.tree
    inode_of, kinds, lookup = tree.inode_of, tree.kinds, Lookup(tree)
    places = _above(tree, needed)
    volumes = [path for path in map(_clean, settings.volumes) if path]
    inside = tuple(path + b"/" for path in volumes)
    directories = _DIRECTORIES | {_clean(settings.working_directory)}

    def leads_to_needed(path: bytes) -> bool:
        file = lookup.file(path)
        if file is not None:
            return file.record in needed
        directory = lookup.directory(path)
        return directory is not None and id(directory) in places

    def must_stay(path: bytes, child: Child) -> str | None:
        if path in directories:
            return "a directory that programs expect"
        if isinstance(child, int):
            inode = inode_of.get(child, child)
            if inode in needed:
                return "the image's command runs or loads it"
            if kinds[inode] == _SYMLINK and leads_to_needed(path):
                return "a link to what the image's command runs or loads"
        if path in _SYSTEM:
            return "every program may read it"
        if path.startswith(_CERTIFICATES) or path in _CERTIFICATE_FILES:
            return "certificates, without which no connection is trusted"
        if path in volumes or (inside and path.startswith(inside)):
            return "in a volume of the image"
        return None

    return must_stay


def _above(tree: FileTree, records: Collection[int]) -> frozenset[int]:
    """Directories, by identity, that some files are in, at any depth; not the root."""
    found: set[int] = set()
    for record in records:
        directory = tree.find(tree.path(record).rpartition(b"/")[0])
        while directory is not None and directory.parent is not None:
            found.add(id(directory))
            directory = directory.parent
    return frozenset(found)


def _clean(path: bytes) -> bytes:
    return b"/".join(part for part in path.split(b"/") if part not in (b"", b"."))
