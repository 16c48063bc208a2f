"""Pictures made by hand, or by chance and as large as images get."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from lightship.model.results.picture import NodeKind, Picture, PicturePackage

if TYPE_CHECKING:
    from collections.abc import Iterable

MB = 1_000_000


class Leaf(NamedTuple):
    """A file of a picture; a dead one has a layer that killed it."""

    path: str
    content_bytes: int
    category: str = "other"
    package: str = ""
    layer: int = 1
    killed_by: int = 0
    wire_bytes: int = -1

    @property
    def weights(self) -> tuple[int, int, int]:
        """Wire, visible, dead."""
        wire_bytes = self.content_bytes * 2 // 5 if self.wire_bytes < 0 else self.wire_bytes
        if self.killed_by:
            return wire_bytes, 0, self.content_bytes
        return wire_bytes, self.content_bytes, 0


class _Table:
    def __init__(self, first: str) -> None:
        self.rows = {first: 0}

    def row(self, name: str) -> int:
        return self.rows.setdefault(name, len(self.rows))


def picture_of(leaves: Iterable[Leaf], overhead: int = 0, config: int = 0) -> Picture:
    """The picture of these files, none of them folded."""
    leaves = sorted(leaves, key=lambda leaf: leaf.path.split("/"))
    sums: dict[str, list[int]] = {}
    for leaf in leaves:
        parts = leaf.path.split("/")
        for depth in range(len(parts)):
            at = sums.setdefault("/".join(parts[:depth]), [0, 0, 0, 0])
            at[:] = [a + b for a, b in zip(at, (*leaf.weights, 1), strict=True)]
    sums.setdefault("", [0, 0, 0, 0])[0] += overhead + config
    packages, categories = _Table(""), _Table("")
    nodes: list[tuple[str, int, int, tuple[int, ...], int, int, int, int, int]] = []
    known: set[str] = set()
    for leaf in leaves or [Leaf("", 0)]:
        parts = leaf.path.split("/")
        for depth in range(len(parts)):
            path = "/".join(parts[:depth])
            if path not in known:
                known.add(path)
                name = parts[depth - 1] if depth else ""
                *weights, files = sums[path]
                row = (name, depth, NodeKind.DIRECTORY, tuple(weights), files, 0, 0, 0, 0)
                nodes.append(row)
        if leaf.path:
            kind = NodeKind.DEAD if leaf.killed_by else NodeKind.FILE
            owner = packages.row(leaf.package), categories.row(leaf.category)
            where = leaf.layer, leaf.killed_by
            nodes.append((parts[-1], len(parts), kind, leaf.weights, 1, *owner, *where))
    for kind, beside in ((NodeKind.OVERHEAD, overhead), (NodeKind.CONFIG, config)):
        if beside:
            nodes.append(("", 1, kind, (beside, 0, 0), 0, 0, 0, 0, 0))
    each = [row[3] for row in nodes]
    return Picture(
        names=tuple(row[0] for row in nodes),
        depths=tuple(row[1] for row in nodes),
        kinds=tuple(row[2] for row in nodes),
        wire_bytes=tuple(weight[0] for weight in each),
        visible_bytes=tuple(weight[1] for weight in each),
        dead_bytes=tuple(weight[2] for weight in each),
        files=tuple(row[4] for row in nodes),
        packages=tuple(row[5] for row in nodes),
        categories=tuple(row[6] for row in nodes),
        layers=tuple(row[7] for row in nodes),
        killed_by=tuple(row[8] for row in nodes),
        package_table=tuple(
            PicturePackage(name, "1.2" if name else None, "dpkg" if name else None)
            for name in packages.rows
        ),
        category_table=tuple(categories.rows),
    )


def application() -> Picture:
    """An application as people build them, on a base of ten layers."""
    chance = random.Random(4)  # noqa: S311 # no secret

    def several(folder: str, count: int, mean: int, *whose: str | int) -> list[Leaf]:
        return [
            Leaf(
                f"{folder}/{folder.rpartition('/')[2]}{at:03}{end}",
                int(mean * chance.paretovariate(1.2) / 4) + 1,
                *whose,  # type: ignore[arg-type] # category, package, layer
            )
            for at, end in ((at, chance.choice((".so", ".py", ".dat"))) for at in range(count))
        ]

    library, module = "shared library", "application"
    leaves = [
        Leaf("models/weights.safetensors", 1_200 * MB, "model weights", "", 10),
        Leaf("models/tokenizer.json", 90 * MB, "model weights", "", 10),
        Leaf("usr/lib/libLLVM.so.17", 120 * MB, library, "libllvm17", 2),
        Leaf("usr/lib/gcc/x86_64/12/cc1plus", 34 * MB, "compiler or build tool", "g++-12", 2),
        Leaf("usr/lib/gcc/x86_64/12/lto1", 31 * MB, "compiler or build tool", "gcc-12", 2),
        Leaf("app/static/video/intro.mp4", 48 * MB, module, "", 8),
        Leaf("app/static/video/intro.mp4", 48 * MB, module, "", 7, 8),
        Leaf("var/lib/apt/lists/main_Packages.lz4", 17 * MB, "", "", 2, 6),
        Leaf("var/lib/apt/lists/main_Contents.lz4", 27 * MB, "", "", 2, 6),
        Leaf("root/.cache/pip/http/torch.whl", 60 * MB, "", "", 5, 6),
        *several("usr/lib/x86_64", 220, 500_000, library, "libc6", 1),
        *several("usr/share/doc", 160, 60_000, "documentation", "base-files", 1),
        *several("usr/share/locale", 190, 90_000, "locale", "base-files", 1),
        *several("usr/include", 300, 30_000, "header", "linux-libc-dev", 2),
        *several("opt/venv/lib/torch/lib", 40, 2_600_000, library, "torch", 5),
        *several("opt/venv/lib/numpy", 120, 260_000, module, "numpy", 5),
        *several("opt/venv/lib/scipy", 180, 300_000, module, "scipy", 5),
        *several("opt/venv/lib/scipy/tests", 90, 120_000, "tests", "scipy", 5),
        *several("usr/lib/python3", 400, 60_000, "interpreter", "python3", 1),
        *several("app/static", 110, 400_000, module, "", 8),
    ]
    return picture_of(leaves, overhead=4 * MB, config=4_096)
