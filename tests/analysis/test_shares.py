from __future__ import annotations

from array import array
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from filetree.merged import tree_of
from independent.random_stacks import random_stack
from lightship.analysis.ledger import Ledger, Ownership, WireUse
from lightship.analysis.packages.package import Package
from lightship.analysis.packages.records import Records
from lightship.analysis.places import find_places
from lightship.analysis.shares import contents_of
from lightship.catalogue.categories import CATEGORIES
from lightship.errors import CorruptInputError
from lightship.model.results.contents import REST, UNPACKAGED, Contents
from lightship.testing import Link

if TYPE_CHECKING:
    from lightship.filetree.tree import FileTree
    from lightship.model.results.contents import PackageShare, Share

PACKAGES = tuple(
    Package(system=system, name=name, version=version, requested=requested)
    for system, name, version, requested in (
        ("dpkg", "bash", "5.2", True),
        ("dpkg", "libc6", "2.41", False),
        ("python", "numpy", "2.3", None),
        ("npm", "nothing", None, None),
    )
)


def explained(tree: FileTree, owners: list[int], categories: list[int], wires: list[int]) -> Ledger:
    """A ledger in which the columns are these, again and again."""
    count = len(tree.kinds)
    places = find_places(tree)
    visible = {record for place in places for record in place.records}

    def column(values: list[int]) -> list[int]:
        return [values[at % len(values)] if at in visible else 0 for at in range(count)]

    return Ledger(
        tree=tree,
        places=places,
        records=Records(tree, places),
        ownership=Ownership(packages=PACKAGES, owner_of=array("I", column(owners)), notes=("odd",)),
        category_of=bytearray(column(categories)),
        wire=WireUse(
            wire_of=array("Q", column(wires)), dead_of=[3, 4], overhead_of=[5], estimated=False
        ),
    )


def told(*layers: object, listed: int = 50, owners: list[int] | None = None) -> Contents:
    tree = tree_of(*layers)  # type: ignore[arg-type] # layers as tests write them
    ledger = explained(tree, owners or [0], [0], [1])
    return contents_of(ledger, [None] * len(tree.indexes), 100, listed)


def sums(rows: tuple[Share | PackageShare, ...]) -> tuple[int, int, int]:
    return (
        sum(row.visible_bytes for row in rows),
        sum(row.wire_bytes for row in rows),
        sum(row.files for row in rows),
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    owners=st.lists(st.integers(0, len(PACKAGES)), min_size=1, max_size=9),
    categories=st.lists(st.integers(0, len(CATEGORIES) - 1), min_size=1, max_size=9),
    wires=st.lists(st.integers(0, 2**40), min_size=1, max_size=9),
    listed=st.integers(1, 6),
)
def test_every_dimension_adds_up(
    seed: int, owners: list[int], categories: list[int], wires: list[int], listed: int
) -> None:
    try:
        tree = tree_of(*random_stack(Random(seed)).layers)  # noqa: S311 # no secret
    except CorruptInputError:
        reject()
    ledger = explained(tree, owners, categories, wires)
    visible = sum(sum(place.sizes) for place in ledger.places)
    files = sum(len(place.names) for place in ledger.places)
    found = contents_of(ledger, [None] * len(tree.indexes), 7, listed)
    expected = (visible, found.wire.live_bytes, files)
    assert found.wire.live_bytes == sum(ledger.wire.wire_of)
    dimensions: tuple[tuple[Share | PackageShare, ...], ...] = (
        found.packages,
        found.categories,
        found.instructions,
        found.directories,
        found.types,
    )
    for rows in dimensions:
        assert sums(rows) == expected
        kept = [row.visible_bytes for row in rows if row.name != REST]
        assert kept == sorted(kept, reverse=True)
    for rows in (found.packages, found.directories, found.types):
        assert len(rows) <= listed + 1
        assert REST not in [row.name for row in rows[:-1]]


def test_packages_have_what_they_own_and_the_rest_is_nobodys() -> None:
    found = told({"a": b"x" * 100, "b": b"y" * 30}, {"c": b"z" * 20}, owners=[0, 1, 3])
    rows = {(row.name, row.visible_bytes, row.files, row.layer) for row in found.packages}
    assert rows == {
        (UNPACKAGED, 100, 1, None),
        ("bash", 30, 1, 1),
        ("numpy", 20, 1, 2),
        ("libc6", 0, 0, None),
        ("nothing", 0, 0, None),
    }
    assert found.package_count == 4
    by_name = {row.name: row for row in found.packages}
    assert (by_name["bash"].system, by_name["bash"].requested) == ("dpkg", True)
    assert (by_name[UNPACKAGED].system, by_name["numpy"].requested) == (None, None)
    assert found.notes == ("odd",)


def test_a_package_is_of_the_lowest_layer_that_holds_one_of_its_files() -> None:
    found = told({"z": b"1"}, {"a": b"22"}, owners=[1, 1])
    assert next(row.layer for row in found.packages if row.name == "bash") == 1


def test_a_list_that_is_cut_ends_with_the_rest() -> None:
    found = told({"a": b"x" * 100, "b": b"y" * 30, "c": b"z" * 9}, owners=[1, 2, 3], listed=1)
    assert [(row.name, row.visible_bytes) for row in found.packages] == [("bash", 100), (REST, 39)]
    assert found.package_count == 4


def test_instructions_are_layers_with_their_words() -> None:
    tree = tree_of({"a": b"1"}, {"b": b"22"}, {".wh.a": b""})
    ledger = explained(tree, [0], [0], [1])
    found = contents_of(ledger, ["ADD base", None, "RUN rm a"], 0, 50)
    assert [(row.name, row.layer, row.visible_bytes) for row in found.instructions] == [
        ("layer 2", 2, 2)
    ]
    found = contents_of(ledger, ["ADD base", "COPY b /", "RUN rm a"], 0, 50)
    assert [(row.name, row.layer) for row in found.instructions] == [("COPY b /", 2)]


def test_directories_are_two_levels_deep() -> None:
    found = told(
        {
            "top": b"x",
            "usr/file": b"x" * 2,
            "usr/lib/x": b"x" * 10,
            "usr/lib/deep/down/y": b"x" * 20,
            "usr/the rest/z": b"x" * 5,
            b"opt/\xff/a": b"x" * 4,
        }
    )
    assert {row.name: row.visible_bytes for row in found.directories} == {
        "/usr/lib": 30,
        "/usr/the rest": 5,
        "/opt/\ufffd": 4,
        "/usr": 2,
        "/": 1,
    }
    odd = next(row for row in found.directories if row.name.startswith("/opt"))
    assert odd.name_base64 == "L29wdC//"


def test_an_inode_counts_once_where_its_first_name_is() -> None:
    found = told({"b/f": b"x" * 10, "a/g": Link("b/f")})
    assert [(row.name, row.visible_bytes, row.files) for row in found.directories] == [
        ("/a", 10, 1)
    ]


def test_an_image_of_nothing_has_no_rows() -> None:
    found = told({})
    assert sums(found.packages) == (0, 0, 0)
    assert found.categories == found.instructions == found.directories == found.types == ()
    assert UNPACKAGED not in [row.name for row in found.packages]


@pytest.mark.parametrize("listed", [0, 1])
def test_what_the_blobs_hold_is_told(listed: int) -> None:
    wire = told({"a": b"x"}, listed=listed).wire
    assert (wire.live_bytes, wire.dead_bytes, wire.overhead_bytes, wire.config_bytes) == (
        1,
        7,
        5,
        100,
    )
    assert not wire.estimated
