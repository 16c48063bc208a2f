from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from hypothesis import given
from hypothesis import strategies as st

from analysis.recorded import records_of
from lightship.analysis.packages import owning
from lightship.analysis.packages.owning import find_owners
from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.systems import DISTRIBUTIONS, package_requests, systems
from lightship.testing import Link, Symlink

if TYPE_CHECKING:
    import pytest

    from lightship.analysis.packages.package import PackageSystem
    from lightship.testing import Layer


def system(name: str, *packages: Package) -> PackageSystem:
    found = Found(packages=list(packages), notes=[f"{name}: a note"])
    return cast("PackageSystem", SimpleNamespace(name=name, requests=(), find=lambda _: found))


def package(name: str, *paths: str, of: str = "dpkg", **more: object) -> Package:
    files = tuple(path.encode() for path in paths)
    return Package(system=of, name=name, version=None, paths=files, **more)  # type: ignore[arg-type] # spelled out where it is called


def owned(
    monkeypatch: pytest.MonkeyPatch, every: list[PackageSystem], *layers: Layer
) -> dict[str, str]:
    monkeypatch.setattr(owning, "systems", lambda: tuple(every))
    records = records_of(*layers)
    ownership = find_owners(records)
    assert list(ownership.notes) == [f"{one.name}: a note" for one in every]
    found = {}
    for place in records.places:
        for name, record in zip(place.names, place.records, strict=True):
            number = ownership.owner_of[record]
            path = (place.path + b"/" + name).decode().removeprefix("/")
            found[path] = ownership.packages[number - 1].name if number else ""
    return found


def test_distributions_are_asked_first() -> None:
    names = [one.name for one in systems()]
    assert names[: len(DISTRIBUTIONS)] == list(DISTRIBUTIONS)
    assert len(set(names)) == len(names) >= 11
    requests = [request.name for request in package_requests()]
    assert len(set(requests)) == len(requests)


def test_the_first_that_lists_a_file_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    every = [
        system("dpkg", package("a", "x", "y"), package("b", "y", "z")),
        system("python", package("c", "z", "w", of="python")),
    ]
    layer: Layer = {name: name.encode() for name in "xyzwv"}
    assert owned(monkeypatch, every, layer) == {"x": "a", "y": "a", "z": "b", "w": "c", "v": ""}


def test_links_on_the_way_are_followed_and_nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    layer: Layer = {
        "usr/bin/x": b"1",
        "bin": Symlink("usr/bin"),
        "loop": Symlink("loop"),
        "etc/passwd": b"2",
        "etc/link": Symlink("passwd"),
    }
    paths = (
        "bin/x",
        "loop/x",
        "../etc/passwd",
        "bin/../../etc/passwd",
        "etc/link",
        "",
        "etc",
        "\0",
    )
    assert owned(monkeypatch, [system("dpkg", package("a", *paths))], layer) == {
        "usr/bin/x": "a",
        "etc/passwd": "",
    }


def test_the_nearest_tree_has_what_nobody_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    every = [
        system("dpkg", package("listed", "app/n/outer/listed.js")),
        system(
            "npm",
            package("outer", of="npm", trees=(b"app/n/outer",)),
            package("inner", of="npm", trees=(b"app/n/outer/n/inner",)),
            package("root", of="npm", trees=(b"",)),
        ),
    ]
    layer: Layer = {
        "app/n/outer/a.js": b"1",
        "app/n/outer/listed.js": b"2",
        "app/n/outer/n/inner/deep/b.js": b"3",
        "app/mine.js": b"4",
    }
    assert owned(monkeypatch, every, layer) == {
        "app/n/outer/a.js": "outer",
        "app/n/outer/listed.js": "listed",
        "app/n/outer/n/inner/deep/b.js": "inner",
        "app/mine.js": "",
    }


def test_an_inode_of_several_names_is_one_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    layer: Layer = {"b": b"content", "a": Link("b")}
    assert owned(monkeypatch, [system("dpkg", package("p", "b"))], layer) == {"a": "p"}


def test_a_distributions_python_package_is_not_listed_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = [
        system("dpkg", package("python3-yaml", "lib/yaml.py", "lib/yaml.dist-info/RECORD")),
        system(
            "python",
            package("yaml", "lib/other.py", of="python", source=b"lib/yaml.dist-info/RECORD"),
        ),
    ]
    layer: Layer = {"lib/yaml.py": b"1", "lib/yaml.dist-info/RECORD": b"2", "lib/other.py": b"3"}
    found = owned(monkeypatch, every, layer)
    assert found == {
        "lib/yaml.py": "python3-yaml",
        "lib/yaml.dist-info/RECORD": "python3-yaml",
        "lib/other.py": "",
    }


PATHS = st.lists(st.sampled_from(["a", "b", "..", ".", "", "c"]), max_size=5).map("/".join)


@given(st.lists(PATHS, max_size=12), st.lists(PATHS, max_size=3))
def test_whatever_is_listed_each_inode_has_one_owner_or_none(
    listed: list[str], trees: list[str]
) -> None:
    records = records_of({"a/b/c": b"1", "b/a": b"2", "c": b"3"})
    packages = [
        package("one", *listed),
        package("two", *listed[::-1], trees=tuple(path.encode() for path in trees)),
    ]
    run = owning._Owning(records).run([system("dpkg", *packages)])
    assert set(run.owner_of) <= {0, 1, 2}
