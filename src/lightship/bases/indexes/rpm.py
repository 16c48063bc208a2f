"""An rpm repository's list of packages: `primary.xml`, and `repomd.xml`, which says where it is.

Source: createrepo_c, "repodata" and its XML namespaces (rpm-software-management.github.io/
createrepo_c), as libsolv and dnf read them: a `package` has `name`, `arch`, `version` (epoch, ver,
rel), `size` (package and installed bytes) and in `format` the entries of `rpm:provides` and
`rpm:requires` with names such as `libpq.so.5()(64bit)`, and the `file`s in bin and etc.

The reader is expat's, with no document type allowed: so there are no entities to expand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from lightship.bases.indexes.indexed import (
    MAX_NAME_CHARS,
    MAX_NAMES,
    IndexedPackage,
    library,
    number,
    program,
)
from lightship.errors import CorruptInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RPM = "http://linux.duke.edu/metadata/rpm"
_COMMON = "http://linux.duke.edu/metadata/common"
_REPO = "http://linux.duke.edu/metadata/repo"
_MAX_DEPTH = 32
_LIBRARY = re.compile(r"([^/()\s]+\.so[^/()\s]*)\(\)\(64bit\)\Z")
_PROGRAM = re.compile(r"/(?:usr/)?s?bin/[^/\s]+\Z")
_PLAIN = re.compile(r"[^\s|]+\Z")
_NOT_INSTALLED = ("rpmlib(", "config(", "solvable:")


def is_primary(head: bytes) -> bool:
    """Whether an unpacked file begins like a list of packages."""
    return head.lstrip().startswith(b"<") and _COMMON.encode() in head


def is_repomd(head: bytes) -> bool:
    """Whether it begins like the list of a repository's lists."""
    return head.lstrip().startswith(b"<") and _REPO.encode() in head


def read_primary(pieces: Iterable[bytes]) -> Iterator[IndexedPackage]:
    """The packages, sources left out.

    Raises:
        CorruptInputError: while iterating: it is no XML, or of a kind that is not read here.
    """
    reading = _Primary()
    for piece in pieces:
        _feed(reading.parser, piece)
        yield from reading.taken()
    _feed(reading.parser, b"", is_last=True)
    yield from reading.taken()


def primary_place(data: bytes) -> str:
    """Where `primary.xml` is, below the repository, as `repomd.xml` says.

    Raises:
        CorruptInputError: it does not say.
    """
    found: list[str] = []
    kinds: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == f"{_REPO} data":
            kinds.append(attributes.get("type", ""))
        elif name == f"{_REPO} location" and kinds[-1:] == ["primary"]:
            found.append(attributes.get("href", ""))

    parser = _parser()
    parser.StartElementHandler = start
    _feed(parser, data, is_last=True)
    place = found[0] if found else ""
    parts = place.split("/")
    if not place or ".." in parts or place.startswith("/") or ":" in place:
        raise CorruptInputError("repomd.xml does not say where its primary.xml is")
    return place


def _parser() -> expat.XMLParserType:
    def refuse(*_: object) -> None:
        raise CorruptInputError("it has a document type, which such lists have not")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    return parser


def _feed(parser: expat.XMLParserType, piece: bytes, *, is_last: bool = False) -> None:
    try:
        parser.Parse(piece, is_last)
    except expat.ExpatError as problem:
        raise CorruptInputError(f"no XML: {problem}") from problem
    except (ValueError, LookupError) as problem:  # an encoding that nobody knows
        raise CorruptInputError(f"no XML that is read here ({problem})") from problem


class _Primary:
    """Builds packages of what the parser calls out."""

    def __init__(self) -> None:
        self.parser = _parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._done: list[IndexedPackage] = []
        self._depth = 0
        self._list = ""
        self._text_of = ""
        self._texts: dict[str, str] = {}
        self._version: dict[str, str] = {}
        self._sizes: dict[str, str] = {}
        self._provides: dict[str, None] = {}
        self._requires: dict[str, None] = {}

    def taken(self) -> list[IndexedPackage]:
        """What was finished since the last call."""
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise CorruptInputError(f"XML nested deeper than {_MAX_DEPTH}")
        space, _, element = name.rpartition(" ")
        self._text_of = ""
        if space == _RPM:
            if element == "entry":
                self._add(attributes.get("name", ""))
            elif element in ("provides", "requires"):
                self._list = element
        elif element == "package":
            self._texts, self._version, self._sizes = {}, {}, {}
            self._provides, self._requires = {}, {}
        elif element in ("name", "arch", "file"):
            self._text_of = element
            self._texts[element] = ""
        elif element == "version":
            self._version = attributes
        elif element == "size":
            self._sizes = attributes

    def _text(self, text: str) -> None:
        if self._text_of and len(self._texts[self._text_of]) < MAX_NAME_CHARS:
            self._texts[self._text_of] += text[:MAX_NAME_CHARS]

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._text_of = ""
        space, _, element = name.rpartition(" ")
        if space == _RPM and element in ("provides", "requires"):
            self._list = ""
        elif element == "file":
            path = self._texts.get("file", "")
            if _PROGRAM.match(path) and len(self._provides) < MAX_NAMES:
                self._provides[program(path)] = None
        elif element == "package" and self._texts.get("name") and not self._is_source:
            self._done.append(self._package())

    @property
    def _is_source(self) -> bool:
        return self._texts.get("arch") == "src"

    def _add(self, raw: str) -> None:
        names = {"provides": self._provides, "requires": self._requires}.get(self._list)
        if names is None or len(names) >= MAX_NAMES or len(raw) > MAX_NAME_CHARS:
            return
        match = _LIBRARY.match(raw)
        if match:
            names[library(match[1])] = None
        elif _PROGRAM.match(raw):
            names[program(raw)] = None
        elif _PLAIN.match(raw) and ".so" not in raw and not raw.startswith(_NOT_INSTALLED):
            names[raw] = None  # what has .so is a library's symbol versions, or one of 32 bits

    def _package(self) -> IndexedPackage:
        version, sizes = self._version, self._sizes
        epoch = version.get("epoch", "0")
        said = f"{version.get('ver', '')}-{version.get('rel', '')}"
        return IndexedPackage(
            self._texts["name"].strip(),
            said if epoch in ("", "0") else f"{epoch}:{said}",
            number(sizes.get("package", "")),
            number(sizes.get("installed", "")),
            " ".join(self._requires),
            " ".join(self._provides),
        )
