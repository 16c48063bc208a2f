"""Random stacks of layers in which names collide often.

Everything is drawn from one `random.Random`: a seeded one for bulk runs, hypothesis' own for runs
that shrink.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from lightship.testing import Device, Dir, Fifo, File, Link, Symlink, layer_tar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.testing.entries import Entry
    from lightship.testing.images import Codec, Form
    from lightship.testing.tars import TarFormat

Layer: TypeAlias = list[tuple[bytes, "Entry"]]

# "a-b" sorts between "a" and "a/b"; the long ones need records of their own in every tar format
_NAMES = [b"a", b"b", b"c", b"d", b"s", b"a", b"b", b"c", b"a-b", b"\xff\xfe", b"n" * 120]
_PREFIXES = [b""] * 8 + [b"./", b"/", b"//", b"././", b"a/../", b"./s/./../"]
_TARGETS = [
    *(b"a", b"b", b"s", b"a/b", b"/a", b"/b/c", b"/d", b"/", b".", b"..", b"../a", b"../../b"),
    *(
        b"../../../../a",
        b"missing",
        b"missing/deep",
        b"/missing/../a",
        b"./b",
        b"c/..",
        b"\xff\xfe",
    ),
]
_CONTENTS = [b"", b"x", b"x", b"y", b"x" * 1000, b"x" * 1000, b"y" * 3000, b"z" * 513]
_MODES = [0o644, 0o644, 0o755, 0o600, 0o4755, 0o1777, 0]
_IDS = [0, 0, 0, 1000, 2_097_151, 2_097_152, 2**31 - 2]
_TIMES = [0, 0, 1, 1_700_000_000, 2**33 + 1]
_FRACTIONS = ["1.5", "1700000000.123456789", "0.000000001", "-1", "-1.5"]
_XATTRS = [
    {"user.a": b"x"},
    {"security.capability": b"\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\xff\xfe"},
    {"user.a": b"\x00", "user.empty.not": b"x"},
]
_AUFS = [b".wh.", b".wh..wh.plnk", b".wh..wh.orph", b".wh..wh.aufs"]


@dataclass(frozen=True)
class RandomStack:
    """The layers and how they are stored."""

    layers: list[Layer]
    form: Form
    codecs: list[Codec]
    tar_format: TarFormat

    def tars(self) -> list[bytes]:
        """The uncompressed layers."""
        return [layer_tar(layer, tar_format=self.tar_format) for layer in self.layers]


def random_stack(random: Random) -> RandomStack:
    """Up to five layers of up to nine records each."""
    tar_format: TarFormat = random.choice(["pax", "pax", "pax", "gnu"])
    draw = _Draw(random, tar_format)
    layers: list[Layer] = []
    for _ in range(random.randint(1, 5)):
        if layers and random.random() < 0.08:
            layers.append(random.choice(layers))
        else:
            layers.append([draw.record() for _ in range(random.randint(0, 9))])
    form: Form = random.choice(["oci", "oci-archive", "docker-archive", "docker-archive-25"])
    choices: Sequence[Codec] = ["plain", "gzip", "zstd"]
    return RandomStack(layers, form, [random.choice(choices) for _ in layers], tar_format)


class _Draw:
    def __init__(self, random: Random, tar_format: TarFormat) -> None:
        self.random = random
        self.tar_format = tar_format
        self.seen = [b"a"]
        """Paths drawn so far: what links point at more often than not."""

    def record(self) -> tuple[bytes, Entry]:
        if self.random.random() < 0.25:
            return self._marker()
        entry = self._entry()
        if self.random.random() < 0.015:
            root = self.random.choice([b".", b"/", b"./", b"a/.."])
            return root, entry if self.random.random() < 0.1 else Dir(mode=0o700, uid=1)
        path = self._path()
        self.seen.append(path)
        return path, entry

    def _path(self) -> bytes:
        if self.random.random() < 0.003:
            return self.random.choice([b"../a", b"a/../../b", b"/.."])
        return self.random.choice(_PREFIXES) + self._inner()

    def _inner(self) -> bytes:
        depth = self.random.choice([1, 1, 1, 2, 2, 3])
        path = b"/".join(self.random.choice(_NAMES) for _ in range(depth))
        return path.replace(b"/", b"//", 1) if self.random.random() < 0.05 else path

    def _marker(self) -> tuple[bytes, Entry]:
        folder = self._inner() + b"/" if self.random.random() < 0.5 else b""
        folder = self.random.choice(_PREFIXES) + folder
        chance = self.random.random()
        if chance < 0.6:
            name = b".wh." + self.random.choice(_NAMES)
        elif chance < 0.8:
            name = b".wh..wh..opq"
        else:
            name = self.random.choice([b".wh..wh..opqX", b"a.wh.b", b".wh..", b".wh...", *_AUFS])
            if self.random.random() < 0.2:
                name += b"/" + self.random.choice(_NAMES)
        entry = File() if self.random.random() < 0.7 else self._entry()
        return folder + name, entry

    def _entry(self) -> Entry:
        random = self.random
        kind = random.choice(
            ["file"] * 6 + ["dir"] * 4 + ["symlink"] * 3 + ["link"] * 4 + ["device", "fifo"]
        )
        pax = {}
        xattrs = {}
        if self.tar_format == "pax":
            pax = {"mtime": random.choice(_FRACTIONS)} if random.random() < 0.1 else {}
            xattrs = random.choice(_XATTRS) if random.random() < 0.15 else {}
        owner, group = random.choice(_IDS), random.choice(_IDS)
        mode, mtime = random.choice(_MODES), random.choice(_TIMES)
        match kind:
            case "file":
                made: Entry = File(random.choice(_CONTENTS))
            case "dir":
                made = Dir()
            case "symlink":
                made = Symlink(random.choice(_TARGETS))
            case "link":
                made = Link(random.choice(self.seen) if random.random() < 0.7 else self._path())
            case "device":
                made = Device(
                    random.choice([0, 1, 8]), random.choice([0, 3]), random.random() < 0.5
                )
            case _:
                made = Fifo()
        return replace(made, mode=mode, uid=owner, gid=group, mtime=mtime, pax=pax, xattrs=xattrs)


def seeded_stack(seed: int) -> RandomStack:
    """The same stack for the same seed, on every machine."""
    return random_stack(Random(seed))  # noqa: S311 - no secret depends on it
