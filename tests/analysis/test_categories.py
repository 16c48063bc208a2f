"""Categories: every one has its cases; packages, siblings and first bytes decide where they can."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.recorded import records_of
from catalogue.cases_read import read_cases
from lightship.analysis.categories import categorise, category_requests, has_unpacked
from lightship.analysis.ledger import NO_PACKAGE, Ownership
from lightship.analysis.packages.package import Package
from lightship.catalogue.categories import BY_DATA_TYPE, CATEGORIES, ROWS, row_matcher
from lightship.filetree.tree import Directory
from lightship.testing import Link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.testing import Layer

_CASES = read_cases("categories")
_PATHS = [(path, name) for name, paths in _CASES.items() for path in paths]


def categories_of(
    layer: Layer, owners: Mapping[str, Package] | None = None, *, captured: bool = True
) -> dict[str, str]:
    """The category of each file, by path."""
    records = records_of(layer, requests=category_requests() if captured else ())
    packages = list({id(package): package for package in (owners or {}).values()}.values())
    owner_of = array("I", [NO_PACKAGE]) * len(records.tree.kinds)
    where = {}
    for place in records.places:
        for name, record in zip(place.names, place.records, strict=True):
            path = (place.path + b"/" + name if place.path else name).decode()
            where[path] = record
            if owners and path in owners:
                owner_of[record] = packages.index(owners[path]) + 1
    ownership = Ownership(packages=packages, owner_of=owner_of, notes=())
    found = categorise(records.tree, records.places, records, ownership)
    return {path: CATEGORIES[found[record]].name for path, record in where.items()}


@pytest.mark.parametrize("name", sorted(_CASES))
def test_what_files_are_for(name: str) -> None:
    found = categories_of(dict.fromkeys(_CASES[name], b"some"))
    assert found == dict.fromkeys(_CASES[name], name)


def test_files_of_all_categories_are_told_apart_in_one_image() -> None:
    layer = dict.fromkeys((path for path, _ in _PATHS), b"some")
    assert categories_of(layer) == dict(_PATHS)


def test_every_category_has_cases() -> None:
    # This one needs two files: see below.
    assert {category.name for category in CATEGORIES} == set(_CASES) | {"unpacked archive"}


def test_every_row_without_conditions_decides_in_some_case() -> None:
    plain = {n for n, row in enumerate(ROWS) if not (row.systems or row.sections or row.unpacked)}
    deciding = set()
    table = row_matcher()
    for path, _ in _PATHS:
        state, rows = table.matcher.start, set()
        for part in path.encode().split(b"/"):
            state, matched = table.matcher.reach(state, part)
            rows |= {table.row_of[pattern] for pattern in matched}
        deciding.add(min(rows & plain))
    assert [ROWS[row].why for row in plain - deciding] == []


def test_rows_name_categories() -> None:
    names = {category.name for category in CATEGORIES}
    assert {row.category for row in ROWS} <= names | {BY_DATA_TYPE}
    assert len(names) == len(CATEGORIES)
    assert len(ROWS) < 256


def _package(system: str, section: str = "") -> Package:
    return Package(system=system, name="x", version="1", section=section)


@pytest.mark.parametrize(
    ("path", "package", "category"),
    [
        ("usr/bin/strange", _package("dpkg", "devel"), "build tool"),
        ("usr/bin/strange", _package("dpkg", "contrib/devel"), "build tool"),
        ("usr/lib/x86_64-linux-gnu/libasan.so.8", _package("dpkg", "libdevel"), "build tool"),
        ("usr/share/strange/x", _package("dpkg", "doc"), "documentation"),
        ("usr/share/strange/x", _package("dpkg", "localization"), "locale"),
        ("usr/share/strange/x", _package("dpkg", "kernel"), "kernel"),
        ("usr/share/strange/x", _package("dpkg", "debug"), "debug symbols"),
        ("usr/share/strange/x", _package("dpkg", "utils"), "other"),
        ("usr/bin/strange", _package("dpkg", "utils"), "program"),
        ("usr/include/x.h", _package("dpkg", "libdevel"), "header"),
        ("opt/py/x.py", _package("python"), "language library"),
        ("usr/bin/service", _package("go"), "application"),
        ("app/x.jar", _package("java"), "application"),
        ("app/lib/x.jar", _package("java"), "language library"),
        ("usr/share/java/x.jar", _package("dpkg", "java"), "language library"),
    ],
)
def test_what_a_package_says_it_is_for(path: str, package: Package, category: str) -> None:
    neighbour = path + ".unowned"
    found = categories_of({path: b"x", neighbour: b"x"}, {path: package})
    assert found[path] == category
    assert found[neighbour] == categories_of({neighbour: b"x"})[neighbour]


def test_an_archive_beside_what_it_unpacks_to() -> None:
    found = categories_of(
        {
            "opt/node-v20.tar.gz": b"x",
            "opt/node/x": b"x",
            "opt/tool.zip": b"x",
            "opt/tool/y": b"x",
            "opt/lone.tar.gz": b"x",
            "opt/file.zip": b"x",
            "opt/file": b"no directory",
            "opt/tool.gz": b"no archive of several files",
        }
    )
    beside = {path for path, name in found.items() if name == "unpacked archive"}
    assert beside == {"opt/node-v20.tar.gz", "opt/tool.zip"}


@pytest.mark.parametrize(
    ("archive", "directory", "expected"),
    [
        (b"a-1.2.tar.gz", b"a-1.2", True),
        (b"a-1.2.tgz", b"a", True),
        (b"a.zip", b"a-main", True),
        (b"a-b.zip", b"a", False),
        (b"a.gz", b"a", False),
        (b".tar.gz", b"", False),
        (b"1.zip", b"", False),
        (b"a.tar.gz\n", b"a", False),
    ],
)
def test_where_an_archive_unpacks_to(archive: bytes, directory: bytes, expected: bool) -> None:
    parent = Directory(-1, None, b"")
    parent.children = {archive: 0, directory: Directory(-1, parent, directory)}
    assert has_unpacked(parent, archive) is expected


def test_first_bytes_decide_about_large_files() -> None:
    large = 100_000
    layer = {
        "app/blob": b"GGUF" + bytes(large),
        "app/pytorch_model.bin": b"PK\x03\x04" + bytes(large),
        "app/firmware.bin": bytes(large),
        "app/model.safetensors": b"version https://git-lfs.github.com" + bytes(large),
        "app/w.h5": b"\x89HDF\r\n\x1a\n" + bytes(large),
        "usr/share/doc/x/example": b"PAR1" + bytes(large),
    }
    assert categories_of(layer) == {
        "app/blob": "model weights",
        "app/pytorch_model.bin": "model weights",
        "app/firmware.bin": "application",
        "app/model.safetensors": "application",
        "app/w.h5": "data set",
        "usr/share/doc/x/example": "documentation",
    }
    named = categories_of(layer, captured=False)
    assert named["app/model.safetensors"] == "model weights"
    assert named["app/blob"] == "application"


def test_small_tables_are_no_data_sets() -> None:
    found = categories_of({"app/a.csv": b"x" * 10, "app/b.csv": b"x" * 1_000_000})
    assert found == {"app/a.csv": "application", "app/b.csv": "data set"}


def test_a_file_of_several_names_is_what_its_first_name_says() -> None:
    found = categories_of({"usr/bin/x": b"a", "app/y": Link("usr/bin/x")})
    assert found == {"app/y": "application"}


_PARTS = [
    "usr",
    "lib",
    "share",
    "doc",
    ".git",
    "tests",
    "a.so",
    "b.tar.gz",
    "b",
    "python3.11",
    "\u00e9",
    "x" * 200,
]


@given(st.sets(st.lists(st.sampled_from(_PARTS), min_size=1, max_size=5).map(tuple), max_size=12))
def test_any_tree_is_categorised(paths: set[tuple[str, ...]]) -> None:
    above = {path[:at] for path in paths for at in range(1, len(path))}
    layer = {"/".join(path): b"x" for path in sorted(paths - above)}
    together = categories_of(layer)
    assert set(together) == set(layer)
    # What lies elsewhere changes nothing, but for an archive's sibling.
    for path in layer:
        if not path.endswith(".tar.gz"):
            assert categories_of({path: b"x"})[path] == together[path]
