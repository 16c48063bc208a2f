"""Programs and libraries of real compilers, in trees that a loader is imagined in."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.analysis.elf import elf_requests, elves
from lightship.analysis.elf_symbols import symbol_requests, symbols_of
from lightship.analysis.library_places import library_requests
from lightship.analysis.loading import Loader
from lightship.analysis.lookup import Lookup
from lightship.analysis.packages.records import Records
from lightship.analysis.places import find_places
from lightship.api.measuring import measure
from lightship.api.options import ReadOptions
from lightship.layers.captures import Captures

if TYPE_CHECKING:
    from lightship.analysis.loading import Loaded

MACHINE = platform.machine()
MUSL = Path(f"/lib/ld-musl-{MACHINE}.so.1")
REQUESTS = (*elf_requests(), *symbol_requests(), *library_requests())


class Root:
    """A folder as the root of an image, and its loaders."""

    def __init__(self, folder: Path, library_path: tuple[bytes, ...] = ()) -> None:
        captures = Captures(REQUESTS)
        tree = measure(f"rootfs:{folder}", None, ReadOptions(), captures).tree
        records = Records(tree, find_places(tree))
        self.elves = elves(records)
        self._lookup = Lookup(tree)
        self._loader = Loader(records, self.elves, symbols_of(records), library_path)

    def load(self, path: str, host: Loaded | None = None, *, opened_now: bool = False) -> Loaded:
        file = self._lookup.file(path.encode())
        assert file is not None, path
        return self._loader.load(file, host, opened_now=opened_now)


def interpreter_of(program: Path) -> str:
    """The loader that the machine's compiler writes into programs."""
    words = subprocess.run(
        ["readelf", "-l", str(program)], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    return words.partition("interpreter: ")[2].partition("]")[0]


def compile_c(folder: Path, name: str, source: str, *options: str, compiler: str = "gcc") -> Path:
    """One file of C, compiled as `name` in a folder."""
    text = folder / f"{name}.c"
    text.write_text(source)
    made = folder / name
    command = [compiler, str(text), "-o", str(made), *options]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    text.unlink()
    return made


def musl_root(folder: Path, *, with_link: str = "") -> Path:
    """A root that has musl's loader, and perhaps the other one's path leading to it."""
    (folder / "lib").mkdir(parents=True)
    shutil.copy(MUSL, folder / "lib")
    if with_link:
        link = folder / with_link.lstrip("/")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(MUSL)
    return folder


def glibc_root(folder: Path, program: Path) -> Path:
    """A root with the machine's own glibc, where its programs expect it."""
    loader = Path(interpreter_of(program))
    places = [loader, *(Path(line) for line in _libraries(loader, program))]
    for place in places:
        target = folder / str(place).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copy(place, target)
    return folder


def _libraries(loader: Path, program: Path) -> list[str]:
    listed = subprocess.run(
        [str(loader), "--list", str(program)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    return [line.partition("=> ")[2].split()[0] for line in listed.splitlines() if "=> /" in line]
