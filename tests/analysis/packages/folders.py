"""Real folders as layers, and packages as a package system reads them in layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analysis.recorded import records_of
from lightship.layers.captures import Content
from lightship.testing import Symlink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from lightship.analysis.packages.package import Found, Package, PackageSystem
    from lightship.testing import Layer


def layer_of(folder: Path, at: str) -> dict[str, object]:
    """Every file and link below a folder, as a layer that has the folder's content at `at`."""
    layer: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = f"{at}/{path.relative_to(folder)}"
        if path.is_symlink():
            layer[name] = Symlink(str(path.readlink()))
        elif path.is_file():
            layer[name] = path.read_bytes()
    return layer


def find(system: PackageSystem, *layers: Layer) -> Found:
    return system.find(records_of(*layers, requests=system.requests))


def by_name(found: Found) -> dict[str, Package]:
    packages = {package.name: package for package in found.packages}
    assert len(packages) == len(found.packages), "a name stands twice"
    return packages


def owned(packages: Iterable[Package], names: Iterable[str]) -> set[str]:
    """Those of `names` that the packages say are theirs."""
    packages = list(packages)
    paths = {path.decode() for package in packages for path in package.paths}
    trees = tuple(tree.decode() + "/" for package in packages for tree in package.trees)
    return {name for name in names if name in paths or name.startswith(trees)}


def content_of(data: bytes, *, head: int | None = None, tail: int = 0) -> Content:
    """A file's content as a reader gets it that asked for so much."""
    given = data if head is None else data[:head]
    rest = data[-tail:] if tail and len(given) < len(data) else b""
    return Content(memoryview(given), len(data), rest)


def survives(extract: Callable[[Content], bytes | None], data: bytes) -> bytes | None:
    """What a reader makes of hostile content; it may refuse it with a ValueError, nothing else."""
    try:
        return extract(content_of(data))
    except ValueError:
        return None


def plain(extract: bytes | None) -> object:
    """An extract's values."""
    assert extract is not None
    return msgspec.msgpack.decode(extract)
