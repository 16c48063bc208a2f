"""The picture adds up at every node, is the image's at its root, and is small."""

from __future__ import annotations

import random
from array import array
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.analysis.dead import DeadRecord, dead_records
from lightship.analysis.ledger import Ledger, Ownership, WireUse
from lightship.analysis.packages.package import Package
from lightship.analysis.treemap import fold
from lightship.model.results.picture import NodeKind

from .recorded import records_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.picture import Picture
    from lightship.testing.entries import Layer

DIRECTORY, OVERHEAD = NodeKind.DIRECTORY, NodeKind.OVERHEAD


class Explained(NamedTuple):
    ledger: Ledger
    dead: list[DeadRecord]

    @property
    def visible_bytes(self) -> int:
        return sum(sum(place.sizes) for place in self.ledger.places)

    @property
    def dead_bytes(self) -> int:
        return sum(one.content_bytes for one in self.dead)


def explained(*layers: Layer, seed: int = 0) -> Explained:
    """An image with packages, categories and wire shares by chance."""
    chance = random.Random(seed)  # noqa: S311 # no secret
    records = records_of(*layers)
    tree = records.tree
    count = len(tree.kinds)
    packages = tuple(Package(system="dpkg", name=f"p{at}", version="1") for at in range(3))
    wire = WireUse(
        wire_of=array("Q", [chance.randrange(500) for _ in range(count)]),
        dead_of=[0] * len(layers),
        overhead_of=[chance.randrange(3) * 512 for _ in layers],
        estimated=False,
    )
    # Only regular records have a share.
    visible = {record for place in records.places for record in place.records}
    dead = dead_records(tree)
    for record in set(range(count)) - visible - {one.record for one in dead}:
        wire.wire_of[record] = 0
    ledger = Ledger(
        tree=tree,
        places=records.places,
        records=records,
        ownership=Ownership(
            packages=packages,
            owner_of=array("I", [chance.randrange(4) for _ in range(count)]),
            notes=(),
        ),
        category_of=bytearray(chance.randrange(3) for _ in range(count)),
        wire=wire,
    )
    return Explained(ledger, dead)


def directories_of(picture: Picture) -> dict[int, list[int]]:
    """The nodes in each node."""
    above: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for node, depth in enumerate(picture.depths):
        above[depth] = node
        if node:
            children.setdefault(above[depth - 1], []).append(node)
    return children


def columns_of(picture: Picture) -> tuple[tuple[int, ...], ...]:
    return picture.wire_bytes, picture.visible_bytes, picture.dead_bytes, picture.files


def assert_adds_up(picture: Picture) -> None:
    for node, children in directories_of(picture).items():
        assert picture.kinds[node] in (DIRECTORY, OVERHEAD)
        for column in columns_of(picture):
            assert column[node] == sum(column[child] for child in children)


NAMES = st.sampled_from(("a", "b", "usr/x", "usr/y", "usr/lib/z", "usr/lib/w", "q/r/s/t", "v/w"))
LAYERS = st.lists(
    st.dictionaries(
        NAMES | NAMES.map(lambda path: "/".join([*path.split("/")[:-1], f".wh.{path[-1]}"])),
        st.binary(max_size=40),
        max_size=8,
    ),
    min_size=1,
    max_size=4,
)


def plain(layers: list[dict[str, bytes]]) -> Sequence[Layer]:
    """Markers have no content, and no name is a directory's too."""
    return [
        {path: b"" if "/.wh." in f"/{path}" else content for path, content in layer.items()}
        for layer in layers
    ]


@settings(deadline=None)  # the machine may be busy
@given(LAYERS, st.integers(0, 9), st.integers(1, 6), st.integers(0, 5000))
def test_every_node_is_the_sum_of_its_own_and_the_root_is_the_image(
    layers: list[dict[str, bytes]], seed: int, enough: int, config_bytes: int
) -> None:
    image = explained(*plain(layers), seed=seed)
    wire = image.ledger.wire
    for picture in (
        fold(image.ledger, image.dead, config_bytes),
        fold(image.ledger, image.dead, config_bytes, enough=enough),
    ):
        assert_adds_up(picture)
        assert picture.visible_bytes[0] == image.visible_bytes
        assert picture.dead_bytes[0] == image.dead_bytes
        whole = sum(wire.wire_of) + sum(wire.overhead_of) + config_bytes
        assert picture.wire_bytes[0] == whole
        inodes = sum(len(place.names) for place in image.ledger.places) + len(image.dead)
        assert picture.files[0] == inodes


@settings(deadline=None)  # the machine may be busy
@given(LAYERS, st.integers(0, 9))
def test_an_image_of_few_files_is_shown_whole(layers: list[dict[str, bytes]], seed: int) -> None:
    image = explained(*plain(layers), seed=seed)
    picture = fold(image.ledger, image.dead, 0)
    for kind, one in ((NodeKind.FILE, False), (NodeKind.DEAD, True)):
        shown = sorted(
            (picture.visible_bytes[node] + picture.dead_bytes[node], picture.wire_bytes[node])
            for node, found in enumerate(picture.kinds)
            if found == kind
        )
        wire_of = image.ledger.wire.wire_of
        dead = [(gone.content_bytes, wire_of[gone.record]) for gone in image.dead]
        live = [
            (size, wire_of[record])
            for place in image.ledger.places
            for record, size in zip(place.records, place.sizes, strict=True)
        ]
        assert shown == sorted(dead if one else live)


def test_a_file_has_its_package_category_and_layer_and_a_dead_one_its_killer() -> None:
    image = explained({"etc/a": b"x" * 10}, {"etc/a": b"y" * 20}, {"etc/b": b"z"})
    tree = image.ledger.tree
    picture = fold(image.ledger, image.dead, 0)
    nodes = {
        (name, kind): node
        for node, (name, kind) in enumerate(zip(picture.names, picture.kinds, strict=True))
    }
    dead, live = nodes["a", NodeKind.DEAD], nodes["a", NodeKind.FILE]
    assert (picture.layers[dead], picture.killed_by[dead], picture.dead_bytes[dead]) == (1, 2, 10)
    assert (picture.layers[live], picture.killed_by[live], picture.visible_bytes[live]) == (
        2,
        0,
        20,
    )
    (place,) = (place for place in image.ledger.places if place.names)
    record = place.records[place.names.index(b"a")]
    assert tree.locate(record)[0] == 2
    owner = image.ledger.ownership.owner_of[record]
    name = picture.package_table[picture.packages[live]].name
    assert name == (image.ledger.ownership.packages[owner - 1].name if owner else "")
    assert picture.categories[live] == image.ledger.category_of[record] + 1
    assert picture.packages[dead] == picture.categories[dead] == 0


def test_what_is_small_is_folded_where_it_is_with_whose_most_of_it_is() -> None:
    big = {f"big/{at}": b"x" * 9000 for at in range(3)}
    small = {f"small/{at}": b"y" for at in range(40)}
    image = explained({**big, **small, "big/little": b"z" * 3, "big/deep/er": b"z"})
    wire = image.ledger.wire
    wire.wire_of[:] = array("Q", [0] * len(wire.wire_of))
    wire.overhead_of[:] = [0]  # type: ignore[index] # a list here
    picture = fold(image.ledger, image.dead, 0, enough=4)
    assert_adds_up(picture)
    kinds = [NodeKind(kind).name for kind in picture.kinds]
    own = ["DIRECTORY", "FILE", "FILE", "FILE", "FOLDED"]
    assert kinds == ["DIRECTORY", *own, "DIRECTORY", "FOLDED"]
    assert picture.names == ("", "big", "0", "1", "2", "", "small", "")
    # big/deep is so small that it gave up its node: its file is folded into big.
    assert (picture.depths[5], picture.files[5], picture.visible_bytes[5]) == (2, 2, 4)
    assert (picture.depths[7], picture.files[7], picture.visible_bytes[7]) == (2, 40, 40)
    ownership = image.ledger.ownership
    whose = Counter(
        (ownership.owner_of[record], image.ledger.category_of[record])
        for place in image.ledger.places
        if place.path == b"small"
        for record in place.records
    )
    owner, category = max(whose, key=lambda one: (whose[one], one))
    assert picture.categories[7] == category + 1
    name = ownership.packages[owner - 1].name if owner else ""
    assert picture.package_table[picture.packages[7]].name == name


def test_files_that_all_weigh_the_same_do_not_all_stay() -> None:
    image = explained({f"d{at % 50}/{at}": b"x" * 1000 for at in range(3000)})
    wire_of = image.ledger.wire.wire_of
    wire_of[:] = array("Q", [7] * len(wire_of))
    picture = fold(image.ledger, image.dead, 0, enough=100)
    assert_adds_up(picture)
    assert len(picture.names) < 110
    assert picture.files[0] == 3000


def test_overhead_is_one_node_with_one_for_each_layer_that_has_any() -> None:
    image = explained({"a": b"x"}, {"b": b"y"}, {"c": b"z"})
    image.ledger.wire.overhead_of[:] = [512, 0, 1024]  # type: ignore[index] # a list here
    picture = fold(image.ledger, image.dead, 77)
    nodes = [node for node, kind in enumerate(picture.kinds) if kind == OVERHEAD]
    found = [(picture.depths[n], picture.layers[n], picture.wire_bytes[n]) for n in nodes]
    assert found == [(1, 0, 1536), (2, 1, 512), (2, 3, 1024)]
    assert picture.kinds[-1] == NodeKind.CONFIG
    assert picture.wire_bytes[-1] == 77


def test_names_are_safe_to_show_and_not_endless() -> None:
    names = ["<script>", "a\u202egnp", "tab\there", "n" * 250]
    image = explained({f"d/{name}": b"x" for name in names})
    shown = fold(image.ledger, image.dead, 0).names
    assert "<script>" in shown
    assert "a\\u202egnp" in shown
    assert "tab\\x09here" in shown
    assert max(map(len, shown)) <= 256


def test_an_image_of_nothing_is_its_root() -> None:
    image = explained({})
    image.ledger.wire.overhead_of[:] = [0]  # type: ignore[index] # a list here
    picture = fold(image.ledger, image.dead, 0)
    assert picture.depths == (0,)
    assert picture.names == ("",)
    assert_adds_up(picture)
