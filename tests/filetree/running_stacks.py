"""Random layers in which many files of one directory come one after another, as real tars have it.

The stacks of `independent.random_stacks` hardly ever have four files in a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from independent.random_stacks import Layer, RandomStack
from lightship.testing import Dir, File, Link, Symlink

if TYPE_CHECKING:
    from random import Random

    from lightship.testing.entries import Entry

_PLACES = [b"", b"a", b"a/b", b"c", b"s", b"s/b", b"./a", b"t"]
_NAMES = [b"%d" % number for number in range(14)]
_CONTENTS = [b"", b"x", b"y" * 700, b"x", b"z" * 20]
_TARGETS = [b"a", b"c", b"/a/b", b"a/b", b"missing", b"..", b"/c"]


def running_stack(random: Random) -> RandomStack:
    """Up to four layers; each is a few runs of files with something else between them."""
    layers = [_layer(random) for _ in range(random.randint(1, 4))]
    return RandomStack(layers, "oci", ["plain"] * len(layers), "pax")


def _layer(random: Random) -> Layer:
    layer: Layer = []
    for _ in range(random.randint(1, 5)):
        if random.random() < 0.6:
            layer += _run(random)
        else:
            layer.append(_other(random))
    return layer


def _run(random: Random) -> Layer:
    place = random.choice(_PLACES)
    count = random.randint(3, 8)
    picked = random.sample(_NAMES, count)
    if random.random() < 0.2:
        picked.append(random.choice(picked))
    return [(_joined(place, name), File(random.choice(_CONTENTS))) for name in picked]


def _other(random: Random) -> tuple[bytes, Entry]:
    place, name = random.choice(_PLACES), random.choice(_NAMES)
    kind = random.choice(["dir", "symlink", "link", "file", "whiteout", "opaque", "file inside"])
    match kind:
        case "dir":
            return place or b"a", Dir(mode=0o750)
        case "symlink":
            return random.choice([b"s", b"t", b"a", b"c", b"a/b"]), Symlink(random.choice(_TARGETS))
        case "link":
            target = _joined(random.choice(_PLACES), random.choice(_NAMES))
            return _joined(place, name), Link(target)
        case "file":
            return place or b"c", File(b"in the way")
        case "whiteout":
            head, _, last = _joined(place, random.choice([*_NAMES[:3], b"b"])).rpartition(b"/")
            return _joined(head, b".wh." + last), File()
        case "opaque":
            return _joined(place, b".wh..wh..opq"), File()
    return _joined(place, name) + b"/deep", File(b"deep")


def _joined(place: bytes, name: bytes) -> bytes:
    return place + b"/" + name if place else name
