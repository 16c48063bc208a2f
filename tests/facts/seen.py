"""What a reader sees in an image, and what a fact says it must see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pytest

import lightship
from independent.applier import Node, Outcome, apply_layers
from independent.names import CorruptError
from lightship.testing import Layer, build_image, layer_tar
from properties.ours import fingerprint, fingerprinted, read_ours

if TYPE_CHECKING:
    from pathlib import Path

DIR = object()
"""In `Seen.holds`: a directory."""


@dataclass(frozen=True)
class Seen:
    """An image as a reader sees it."""

    outcome: Outcome

    def __getitem__(self, path: str | bytes) -> Node:
        return self.outcome.tree[path if isinstance(path, bytes) else path.encode()]

    def holds(self, expected: dict[str, object]) -> None:
        """The final tree has exactly these names: bytes are a file, text is a symlink's target."""
        found: dict[str, object] = {}
        for raw, node in self.outcome.tree.items():
            path = raw.decode("utf-8", "backslashreplace")
            if node.kind == "regular":
                found[path] = node.content
            elif node.kind == "symlink":
                found[path] = node.link_target.decode()
            else:
                found[path] = DIR if node.kind == "directory" else node.kind
        found.pop("", None)
        assert found == {
            path: fingerprint(value) if isinstance(value, bytes) else value
            for path, value in expected.items()
        }

    def counts(
        self,
        unpacked: int,
        visible: int,
        *,
        killed: dict[tuple[int, int, str], int] | None = None,
        duplicates: int = 0,
    ) -> None:
        """The figures; `killed` has bytes by layer born, layer that killed, and kind."""
        found, killed = self.outcome, killed or {}
        assert (found.unpacked_bytes, found.visible_bytes) == (unpacked, visible)
        assert found.killed == killed
        assert found.duplicate_bytes == duplicates
        dead = {kind: count for kind, count in found.dead.items() if count}
        by_kind: dict[str, int] = {}
        for (_, _, kind), count in killed.items():
            by_kind[kind] = by_kind.get(kind, 0) + count
        assert dead == by_kind
        assert found.dead_bytes == unpacked - visible == sum(by_kind.values())

    def linked(self, *paths: str) -> bool:
        """Whether these names are one inode."""
        return len({self[path].leader for path in paths}) == 1


Read: TypeAlias = Callable[[Sequence[Layer | bytes]], Seen]


def by_applier(layers: Sequence[Layer | bytes]) -> Seen:
    """Read with the independent applier."""
    return Seen(fingerprinted(apply_layers([layer_tar(layer) for layer in layers])))


def by_lightship(directory: Path) -> Read:
    """Read with lightship, from an image made in this folder."""
    return lambda layers: Seen(read_ours(build_image(layers, directory=directory)))


def refused_by_both(layers: Sequence[Layer | bytes], directory: Path) -> str:
    """Neither reader gives an answer; lightship says why and exits with 4."""
    with pytest.raises(CorruptError):
        by_applier(layers)
    with pytest.raises(lightship.LightshipError) as caught:
        lightship.inspect(build_image(layers, directory=directory), cache=None)
    assert caught.value.exit_code == 4
    return str(caught.value)
