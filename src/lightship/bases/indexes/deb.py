"""Debian's and Ubuntu's lists of a repository: `Packages` and `Contents-ARCHITECTURE`.

Source: "Debian Repository Format" (wiki.debian.org/DebianRepository/Format): `Packages` has a
stanza a package (deb-control(5); Size in bytes, Installed-Size in KiB), `Contents` a line a file:
its path, blanks, and the packages that have it, parted by commas, each `SECTION/NAME`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.packages.control_file import names_of
from lightship.bases.indexes.indexed import IndexedPackage, library, number, program
from lightship.bases.indexes.unpacked import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FIELDS = frozenset(
    (
        b"Package",
        b"Version",
        b"Size",
        b"Installed-Size",
        b"Depends",
        b"Pre-Depends",
        b"Provides",
    )
)
_STANZA = re.compile(rb"[A-Z][A-Za-z0-9-]*:[ \t]")
_CONTENTS = re.compile(rb"[^\s:][^\n]*[ \t][a-z0-9+./,-]+/[a-z0-9][a-z0-9+.-]+\n")
_LIBRARY = re.compile(
    rb"(?:usr/)?lib(?:64|/[a-z0-9_]+-linux-[a-z0-9]+)?/(lib[^/\s]*\.so(?:\.[^/\s]+)?)\Z"
)
_PROGRAM = re.compile(rb"(?:usr/)?s?bin/([^/]+)\Z")
_KIB = 1024


def is_packages(head: bytes) -> bool:
    """Whether an unpacked file begins like a list of packages."""
    return bool(_STANZA.match(head)) and (head.startswith(b"Package:") or b"\nPackage:" in head)


def is_contents(head: bytes) -> bool:
    """Whether it begins like a list of files."""
    first = head.partition(b"\n")[0] + b"\n"
    return first.startswith(b"FILE ") or bool(_CONTENTS.match(first))


def read_packages(pieces: Iterable[bytes]) -> Iterator[IndexedPackage]:
    """The packages; stanzas without a name are passed over."""
    fields: dict[bytes, str] = {}
    for line in lines(pieces):
        if not line:
            if fields.get(b"Package"):
                yield _package(fields)
            fields = {}
            continue
        key, _, value = line.partition(b":")
        if key in _FIELDS:
            fields[key] = value.strip().decode("utf-8", "replace")
    if fields.get(b"Package"):
        yield _package(fields)


def _package(fields: dict[bytes, str]) -> IndexedPackage:
    clauses = names_of(fields.get(b"Pre-Depends", "")) + names_of(fields.get(b"Depends", ""))
    provided = (name for names in names_of(fields.get(b"Provides", "")) for name in names)
    return IndexedPackage(
        fields[b"Package"],
        fields.get(b"Version", ""),
        number(fields.get(b"Size", "")),
        number(fields.get(b"Installed-Size", "")) * _KIB,
        " ".join("|".join(names) for names in clauses),
        " ".join(provided),
    )


def read_contents(pieces: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """What libraries and programs are in which package: `("so:libpq.so.5", "libpq5")`."""
    for line in lines(pieces):
        path, _, owners = line.rstrip().rpartition(b" ")
        if not owners:
            path, _, owners = line.rstrip().rpartition(b"\t")
        path = path.rstrip()
        match = _LIBRARY.match(path)
        name = library(match[1].decode("utf-8", "replace")) if match else ""
        if not match and (match := _PROGRAM.match(path)):
            name = program(match[1].decode("utf-8", "replace"))
        if name:
            for owner in owners.split(b","):
                yield name, owner.rpartition(b"/")[2].decode("utf-8", "replace")
