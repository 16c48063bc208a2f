"""Python in a tree: which interpreter is started, with what, and where it finds modules.

Source: "The initialization of the sys.path module search path" and `site` in Python's library
reference; Debian's Python policy for `dist-packages`.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.analysis.lookup import FoundFile, joined
from lightship.bases.extensions import CLibrary, program_libc
from lightship.bases.scene import Scene  # noqa: TC001 - msgspec reads the annotations
from lightship.bases.started import Step  # noqa: TC001 - likewise

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM = re.compile(rb"python(?:3(?:\.(\d{1,2}))?)?[a-z]?\Z")
_LIBRARY = re.compile(rb"python3\.(\d{1,2})\Z")
_HARMLESS = frozenset((b"distutils-precedence.pth", b"_virtualenv.pth"))
_WITH_VALUE = frozenset((b"-W", b"-X", b"--check-hash-based-pycs"))
EXTENSION = re.compile(rb"\.cpython-3(\d{1,2})[a-z]*-[\w]+-linux-(gnu|musl)[a-z0-9]*\.so\Z")
"""How extension modules are named that are for one version and C library (PEP 3149)."""


class Python(Struct, frozen=True, dict=True):
    """An interpreter that is started.

    Attributes:
        scene: where.
        step: that starts it.
        file: the interpreter itself, links followed.
        minor: of its version 3.N; None if nothing tells.
    """

    scene: Scene
    step: Step
    file: FoundFile
    minor: int | None

    @property
    def libc(self) -> CLibrary | None:
        """That it is linked with."""
        return program_libc(self.scene, self.file.record)

    @cached_property
    def main(self) -> tuple[FoundFile | None, bytes]:
        """The script that it runs, and the module of `-m`: one of them, or none."""
        if self.step.is_interpreter:
            return self.step.by, b""
        settings = self.scene.settings
        words = [*settings.entrypoint, *settings.command]
        if not words or words[0] != self.step.word:
            return None, b""
        return self._argument(words[1:])

    def _argument(self, rest: list[bytes]) -> tuple[FoundFile | None, bytes]:
        while rest and rest[0].startswith(b"-") and rest[0] != b"-":
            option = rest.pop(0)
            if option == b"-m":
                return None, rest[0].partition(b".")[0] if rest else b""
            if option == b"-c":
                return None, b""
            if option in _WITH_VALUE and rest:
                rest.pop(0)
        at = self.scene.settings.working_directory
        return (self.scene.lookup.file(joined(at, rest[0])) if rest else None), b""

    @cached_property
    def standard(self) -> tuple[bytes, ...]:
        """The folders of its standard library."""
        return tuple(self._below(b"lib", b"lib64"))

    @cached_property
    def roots(self) -> tuple[bytes, ...]:
        """Where it finds modules, without the script's own folder."""
        own = self.scene.settings.environment.get(b"PYTHONPATH", b"").split(b":")
        found = [joined(self.scene.settings.working_directory, path) for path in own if path]
        for folder in self.standard:
            found += [folder, folder + b"/lib-dynload"]
        found += self._sites()
        there = (path for path in found if self.scene.lookup.directory(path) is not None)
        return tuple(dict.fromkeys(path.strip(b"/") for path in there))

    def _sites(self) -> Iterator[bytes]:
        version = b"python3.%d" % (self.minor if self.minor is not None else 0)
        prefixes = [self._prefix, b"usr/local", b"root/.local"]
        home = self.scene.settings.environment.get(b"HOME", b"").strip(b"/")
        prefixes += [home + b"/.local"] if home else []
        prefixes += [self._environment] if self._environment is not None else []
        for prefix in prefixes:
            for library in (b"lib", b"lib64"):
                base = prefix + b"/" + library if prefix else library
                yield base + b"/" + version + b"/site-packages"
                yield base + b"/" + version + b"/dist-packages"
                yield base + b"/python3/dist-packages"

    @property
    def _prefix(self) -> bytes:
        return self.file.path.rpartition(b"/")[0].rpartition(b"/")[0]

    @cached_property
    def _environment(self) -> bytes | None:
        """The virtual environment that it is started from (PEP 405)."""
        at = self.scene.settings.working_directory
        for directory in (b"", *self.scene.settings.search_path):
            if bool(directory) == (b"/" in self.step.word):
                continue
            path = joined(at, directory + b"/" + self.step.word if directory else self.step.word)
            if self.scene.lookup.file(path) is None:
                continue
            prefix = path.strip(b"/").rpartition(b"/")[0].rpartition(b"/")[0]
            there = self.scene.lookup.file(prefix + b"/pyvenv.cfg")
            return prefix if there is not None else None
        return None

    @cached_property
    def has_paths(self) -> bool:
        """Whether files in its folders add others (`.pth`), which are not read."""
        records = self.scene.records
        names = (name for folder in self.roots for name in records.names_in(folder))
        return any(name.endswith(b".pth") and name not in _HARMLESS for name in names)

    def _below(self, *libraries: bytes) -> Iterator[bytes]:
        if self.minor is None:
            return
        for library in libraries:
            base = self._prefix + b"/" + library if self._prefix else library
            folder = base + b"/python3.%d" % self.minor
            if self.scene.lookup.file(folder + b"/os.py") is not None:
                yield folder

    def module(self, name: str, folders: tuple[bytes, ...]) -> FoundFile | Literal[True] | None:
        """A module found in folders: its source, True where it has none, None if it is not there.

        Extension modules count that this interpreter would take.
        """
        raw = name.encode()
        for folder in folders:
            directory = self.scene.lookup.directory(folder)
            if directory is None:
                continue
            children = directory.children
            if raw in children:
                inner = self.scene.lookup.file(folder + b"/" + raw + b"/__init__.py")
                return inner if inner is not None else True
            if raw + b".py" in children:
                return self.scene.lookup.file(folder + b"/" + raw + b".py") or True
            if raw + b".pyc" in children:
                return True
            if any(raw + suffix in children for suffix in self.suffixes):
                return True
        return None

    @cached_property
    def suffixes(self) -> tuple[bytes, ...]:
        """Of the extension modules that it takes."""
        elf = self.scene.elves.get(self.file.record)
        machine = _MACHINES.get(elf.elf.machine, b"") if elf is not None else b""
        libc = b"musl" if self.libc == "musl" else b"gnu"
        named = b".cpython-3%d-%s-linux-%s.so" % (self.minor or 0, machine, libc)
        return named, b".abi3.so", b".so"


_MACHINES = {62: b"x86_64", 183: b"aarch64", 3: b"i386", 22: b"s390x", 21: b"powerpc64le"}


def python_of(scene: Scene) -> Python | None:
    """The interpreter of Python that is started; None if none is."""
    for step in scene.started.steps:
        if step.file is None or not _PROGRAM.match(step.word.rpartition(b"/")[2]):
            continue
        match = _PROGRAM.match(step.file.path.rpartition(b"/")[2])
        if match is not None:
            minor = int(match[1]) if match[1] else _minor_by_library(scene, step.file)
            return Python(scene, step, step.file, minor)
    return None


def _minor_by_library(scene: Scene, file: FoundFile) -> int | None:
    """By the folder that has its standard library, where only one has."""
    prefix = file.path.rpartition(b"/")[0].rpartition(b"/")[0]
    found: set[int] = set()
    for library in (b"lib", b"lib64"):
        folder = prefix + b"/" + library if prefix else library
        for name in scene.records.names_in(folder):
            match = _LIBRARY.match(name)
            if match and scene.lookup.file(folder + b"/" + name + b"/os.py") is not None:
                found.add(int(match[1]))
    return found.pop() if len(found) == 1 else None
