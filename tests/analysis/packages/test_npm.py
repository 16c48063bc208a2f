from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import by_name, find, layer_of, owned, plain, survives
from analysis.packages.npm_projects import APP, application, development, installed, manifest, names
from lightship.analysis.packages.npm import SYSTEM, place_of
from lightship.analysis.packages.npm_extracts import extract_lock, extract_manifest
from lightship.testing import Symlink

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application with packages that npm installed from archives that npm packed."""
    folder = tmp_path_factory.mktemp("npm")
    app = folder / "app"
    app.mkdir()
    needs = {"leaf": [], "@scope/lib": ["leaf"], "tester": ["leaf", "helper"], "helper": []}
    for name, dependencies in needs.items():
        source = folder / name.replace("/", "-")
        source.mkdir()
        archives = {one: f"file:{folder}/{archive_of(one)}" for one in dependencies}
        (source / "package.json").write_bytes(manifest(name, dependencies=archives))
        (source / "index.js").write_text("module.exports = 1\n")
        npm(folder, "pack", source)
    (app / "package.json").write_bytes(
        manifest(
            "app",
            dependencies={"@scope/lib": f"file:../{archive_of('@scope/lib')}"},
            devDependencies={"tester": f"file:../{archive_of('tester')}"},
        )
    )
    npm(app, "install", "--install-links")
    return app


def archive_of(name: str) -> str:
    return name.lstrip("@").replace("/", "-") + "-1.0.0.tgz"


def npm(folder: Path, *arguments: str | Path) -> None:
    settings = {"npm_config_offline": "true", "npm_config_cache": str(folder / ".npm-cache")}
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    subprocess.run(
        ["npm", *arguments, *quiet],
        cwd=folder,
        env={**os.environ, **settings},
        check=True,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.system("npm")
def test_what_npm_installs(project: Path) -> None:
    layer = {
        name: content
        for name, content in layer_of(project, APP).items()
        if ".npm-cache" not in name
    }
    found = find(SYSTEM, layer)
    packages = by_name(found)
    assert {name: one.requested for name, one in packages.items()} == {
        "@scope/lib": True,
        "helper": False,
        "leaf": False,
        "tester": True,
    }
    assert {one.version for one in found.packages} == {"1.0.0"}
    assert packages["tester"].depends == ("leaf", "helper")
    assert development(found) == {"helper", "tester"}
    assert found.notes == []
    unowned = {f"{APP}/package.json", f"{APP}/package-lock.json"}
    hidden = f"{APP}/node_modules/.package-lock.json"
    assert set(layer) - owned(found.packages, layer) == {*unowned, hidden}


@pytest.mark.system("npm")
@pytest.mark.parametrize("kept", ["package-lock.json", "node_modules/.package-lock.json", None])
def test_lock_and_dependencies_tell_the_same(project: Path, kept: str | None) -> None:
    layer = layer_of(project, APP)
    locks = {name for name in layer if name.endswith("package-lock.json")}
    assert len(locks) == 2
    for lock in locks - {f"{APP}/{kept}"}:
        del layer[lock]
    assert development(find(SYSTEM, layer)) == {"helper", "tester"}


def test_npm_itself_is_a_package_with_packages_in_it() -> None:
    layer = {
        "usr/lib/node_modules/npm/package.json": manifest("npm", dependencies=names("abbrev")),
        "usr/lib/node_modules/npm/node_modules/abbrev/package.json": manifest("abbrev"),
        "usr/lib/node_modules/npm/lib/npm.js": b"",
    }
    found = find(SYSTEM, layer)
    assert owned(found.packages, layer) == set(layer)
    assert [(one.name, one.depends, one.requested) for one in found.packages] == [
        ("abbrev", (), None),
        ("npm", ("abbrev",), None),
    ]


def test_nested_packages_own_their_own_folders() -> None:
    layer = {
        **application(dependencies=names("a")),
        **installed("a", "b"),
        **installed("a/node_modules/b"),
        **installed("b"),
        f"{APP}/node_modules/a/dist/esm/package.json": b'{"type": "module"}',
        f"{APP}/node_modules/.bin/a": Symlink("../a/lib/index.js"),
    }
    found = find(SYSTEM, layer)
    assert [(one.name, one.trees) for one in found.packages] == [
        ("b", (f"{APP}/node_modules/a/node_modules/b".encode(),)),
        ("a", (f"{APP}/node_modules/a".encode(),)),
        ("b", (f"{APP}/node_modules/b".encode(),)),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "truncated"),
        (b"not JSON", "no such JSON"),
        (b"[1]", "Expected `object`"),
        (b'{"x":' + b"[" * 100_000, "nested too deep"),
        (b'{"dependencies":' + b'{"a":' * 100_000, "nested too deep"),
        (b'{"a": "' + b"x" * (4 * 1024 * 1024) + b'"}', "more than is read"),
    ],
)
def test_a_package_json_that_cannot_be_read_is_noted(content: bytes, why: str) -> None:
    layer = {f"{APP}/node_modules/bad/package.json": content, **installed("good")}
    found = find(SYSTEM, layer)
    assert [one.name for one in found.packages] == ["good"]
    (note,) = found.notes
    assert note.startswith(f"npm: {APP}/node_modules/bad/package.json: ")
    assert why in note


def test_a_name_that_npm_would_not_take_is_that_of_the_folder() -> None:
    layer: dict[str, object] = {
        f"{APP}/node_modules/long/package.json": manifest("x" * 1_000_000),
        f"{APP}/node_modules/@s/list/package.json": b'{"name": [1], "version": {"a": 2}}',
        f"{APP}/node_modules/none/package.json": b"\xef\xbb\xbf{}",
        f"{APP}/node_modules/twice/package.json": b'{"name": "first", "name": "second"}',
        f"{APP}/node_modules/latin/package.json": b'{"name": "latin", "author": "J\xfcrgen"}',
    }
    found = find(SYSTEM, layer)
    assert {
        one.trees[0].decode().rpartition("node_modules/")[2]: one.name for one in found.packages
    } == {
        "long": "long",
        "@s/list": "@s/list",
        "none": "none",
        "twice": "second",
        "latin": "latin",
    }
    assert {one.version for one in found.packages} == {"1.0.0", None}
    assert found.notes == []


@pytest.mark.parametrize(
    ("folder", "place"),
    [
        ("node_modules/a", "node_modules"),
        ("x/node_modules/@s/a", "x/node_modules"),
        ("node_modules/.pnpm/a@1/node_modules/a", "node_modules/.pnpm/a@1/node_modules"),
        ("node_modules/a/dist", None),
        ("node_modules/@s", None),
        ("node_modules/.pnpm", None),
        ("node_modules", None),
        ("a", None),
        ("", None),
    ],
)
def test_places_of_packages(folder: str, place: str | None) -> None:
    assert place_of(folder.encode()) == (place.encode() if place is not None else None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
keys = ["name", "version", "dependencies", "devDependencies", "packages", "dev"]


@given(st.dictionaries(st.sampled_from(keys), json_values))
def test_any_json_is_read(value: dict[str, object]) -> None:
    data = json.dumps(value).encode()
    name = value.get("name")
    expected = name if isinstance(name, str) and len(name) <= 214 else ""
    found = plain(survives(extract_manifest, data))
    assert isinstance(found, list)
    assert found[0] == expected
    assert isinstance(plain(survives(extract_lock, data)), list)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    survives(extract_manifest, data)
    survives(extract_lock, data)
    survives(extract_manifest, b'{"name": "' + data + b'"}')
