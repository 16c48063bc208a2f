"""Random layers that ask what dive asks: few names, often again, and whiteouts that mostly hit."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from lightship.testing import Device, Dir, Fifo, File, Link, Symlink

if TYPE_CHECKING:
    from lightship.testing import Layer

_NAMES = ["a", "b", "c", "-a", "+", ".d", "a-b", "é", "n" * 110]
_ODD = [".wh.", ".wh..wh.plnk", ".wh..wh.aufs", ".wh..wh..opqX", ".wh.missing", ".wh..wh.a"]
_PREFIXES = ["", "", "", "", "./", "/", "a/../"]


def dive_stack(seed: int) -> list[Layer]:
    """Two to six layers of up to twelve records; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - no secret depends on it
    paths = ["a", "b"]
    layers: list[Layer] = [_layer(random, paths) for _ in range(random.randint(2, 6))]
    if random.random() < 0.1:
        layers.append(random.choice(layers))
    return layers


def _layer(random: Random, paths: list[str]) -> Layer:
    records: list[tuple[str, object]] = []
    for _ in range(random.randint(0, 12)):
        chance = random.random()
        if chance < 0.22:
            head, _, name = random.choice(paths).rpartition("/")
            path = f"{head}/.wh.{name}" if head else f".wh.{name}"
            records.append((path, File(b"x" * random.choice([0, 0, 0, 3]))))
        elif chance < 0.26:
            records.append((f"{random.choice(paths)}/.wh..wh..opq", b""))
        elif chance < 0.29:
            head = random.choice(["", f"{random.choice(paths)}/"])
            below = random.choice(["", "", "/a"])
            records.append((head + random.choice(_ODD) + below, random.choice([b"", Dir()])))
        else:
            path = _path(random, paths)
            paths.append(path)
            records.append((random.choice(_PREFIXES) + path, _content(random, paths)))
    return records


def _path(random: Random, paths: list[str]) -> str:
    chance = random.random()
    if chance < 0.45:
        return random.choice(paths)
    name = random.choice(_NAMES)
    return f"{random.choice(paths)}/{name}" if chance < 0.85 else name


def _content(random: Random, paths: list[str]) -> object:
    chance = random.random()
    if chance < 0.5:
        return b"x" * random.randint(0, 2000)
    if chance < 0.9:
        return Dir()
    return random.choice([Link(random.choice(paths)), Symlink("elsewhere"), Device(), Fifo()])
