"""The images of docs/explanation/dive.md, and what of them is dead by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lightship.testing import Dir, File, Link, Symlink, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.testing import Layer

Kinds: TypeAlias = dict[str, int]

MB = 1_000_000
F = b"f" * MB
KEPT = {"kept": b"k" * MB}


@dataclass(frozen=True)
class Case:
    """An image, and the answer worked out on paper."""

    name: str
    layers: list[Layer]
    dead: int
    """Bytes of inodes that are left without a name."""
    kind: str
    duplicate: int = 0
    """Bytes that equal content at further paths takes, all of it visible."""

    def build(self, directory: Path) -> Path:
        """A `docker save` archive: dive and lightship both read those."""
        reference = build_image(
            self.layers, directory=directory, form="docker-archive", codec="plain"
        )
        return directory / reference.rpartition("/")[2]


CASES = [
    Case("deleted file", [{**KEPT, "f": F}, {".wh.f": b""}], MB, "deleted"),
    Case(
        "deleted directory",
        [{**KEPT, "d": Dir(), "d/f": F}, {".wh.d": b""}],
        MB,
        "deleted",
    ),
    Case(
        "opaque directory",
        [{**KEPT, "d": Dir(), "d/f": F}, {"d": Dir(), "d/.wh..wh..opq": b"", "d/new": b"new"}],
        MB,
        "deleted",
    ),
    Case(
        "directory replaced by a file",
        [{**KEPT, "d": Dir(), "d/f": F}, {"d": b"file"}],
        MB,
        "deleted",
    ),
    Case(
        "directory replaced by a link",
        [{**KEPT, "d": Dir(), "d/f": F}, {"d": Symlink("elsewhere")}],
        MB,
        "deleted",
    ),
    Case("chmod", [{**KEPT, "f": F}, {"f": File(F, mode=0o755)}], MB, "metadata_copy"),
    Case(
        "three copies",
        [{**KEPT, "f": F}, {"f": b"g" * MB}, {"f": b"h" * MB}],
        2 * MB,
        "overwritten",
    ),
    Case("hard link broken", [{**KEPT, "a": F, "f": Link("a")}, {"f": b"g" * MB}], 0, ""),
    Case("same bytes, other path", [{**KEPT, "f": F}, {"copy/f": F}], 0, "", duplicate=MB),
    Case(
        "same path twice in a layer",
        [[("kept", b"k" * MB), ("f", F), ("f", b"g" * MB)]],
        MB,
        "in_layer_duplicate",
    ),
    Case("./f over f", [{**KEPT, "f": F}, {"./f": b"g" * MB}], MB, "overwritten"),
]
