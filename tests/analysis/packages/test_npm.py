from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import by_name, find, layer_of, owned, plain, survives
from lightship.analysis.packages import node_resolution
from lightship.analysis.packages.npm import SYSTEM, place_of
from lightship.analysis.packages.npm_extracts import extract_lock, extract_manifest
from lightship.testing import Symlink

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.analysis.packages.package import Found

APP = "srv/app"


def manifest(name: str | None = None, **fields: object) -> bytes:
    if name is not None:
        fields = {"name": name, "version": "1.0.0", **fields}
    return json.dumps(fields).encode()


def application(**fields: object) -> dict[str, object]:
    return {f"{APP}/package.json": manifest("app", **fields)}


def installed(place: str, *needs: str, **fields: object) -> dict[str, object]:
    """A package in a folder below the application, with a file beside its package.json."""
    folder = f"{APP}/node_modules/{place}"
    name = place.rpartition("node_modules/")[2]
    text = manifest(name, dependencies=dict.fromkeys(needs, "*"), **fields)
    return {f"{folder}/package.json": text, f"{folder}/lib/index.js": b"js"}


def development(found: Found) -> set[str]:
    return {package.name for package in found.packages if package.development}


def names(*values: str) -> dict[str, str]:
    return dict.fromkeys(values, "^1")


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


def test_needs_are_found_as_node_does_the_nearest_first() -> None:
    layer = {
        **application(dependencies=names("a"), devDependencies=names("b")),
        **installed("a", "b"),
        **installed("a/node_modules/b"),
        **installed("b"),
    }
    found = find(SYSTEM, layer)
    assert [(one.trees[0].decode(), one.development) for one in found.packages] == [
        (f"{APP}/node_modules/a/node_modules/b", False),
        (f"{APP}/node_modules/a", False),
        (f"{APP}/node_modules/b", True),
    ]


def test_pnpm_has_real_folders_behind_links() -> None:
    store = "node_modules/.pnpm"
    layer = {
        **application(dependencies=names("a"), devDependencies=names("@s/t")),
        f"{APP}/node_modules/a": Symlink(".pnpm/a@1.0.0/node_modules/a"),
        f"{APP}/node_modules/@s/t": Symlink("../.pnpm/@s+t@1.0.0/node_modules/@s/t"),
        f"{APP}/{store}/a@1.0.0/node_modules/a/package.json": manifest(
            "a", dependencies=names("b")
        ),
        f"{APP}/{store}/a@1.0.0/node_modules/b": Symlink("../../b@1.0.0/node_modules/b"),
        f"{APP}/{store}/b@1.0.0/node_modules/b/package.json": manifest("b"),
        f"{APP}/{store}/@s+t@1.0.0/node_modules/@s/t/package.json": manifest(
            "@s/t", dependencies=names("b", "c")
        ),
        f"{APP}/{store}/@s+t@1.0.0/node_modules/b": Symlink("../../b@1.0.0/node_modules/b"),
        f"{APP}/{store}/@s+t@1.0.0/node_modules/c": Symlink("../../c@2/node_modules/c"),
        f"{APP}/{store}/c@2/node_modules/c/package.json": manifest("c"),
    }
    found = find(SYSTEM, layer)
    packages = by_name(found)
    assert development(found) == {"@s/t", "c"}
    assert packages["a"].trees == (f"{APP}/{store}/a@1.0.0/node_modules/a".encode(),)
    assert packages["a"].depends == ("b",)
    assert packages["a"].requested is True
    assert packages["b"].requested is False


def test_nothing_is_developments_where_what_is_needed_is_missing() -> None:
    tools = {**application(dependencies=names("a"), devDependencies=names("t")), **installed("t")}
    assert development(find(SYSTEM, tools)) == set()
    assert development(find(SYSTEM, {**tools, **installed("a", "gone")})) == set()
    assert development(find(SYSTEM, {**tools, **installed("a")})) == {"t"}


def test_optional_and_peer_dependencies_may_be_missing_and_are_needed_where_they_are() -> None:
    layer = {
        **application(
            dependencies=names("a", "o"),
            optionalDependencies=names("o"),
            devDependencies=names("p", "q", "t"),
        ),
        **installed("a", peerDependencies=names("p", "r"), optionalDependencies=names("q")),
        **installed("p"),
        **installed("q"),
        **installed("t"),
    }
    assert development(find(SYSTEM, layer)) == {"t"}


def test_what_nobody_asked_for_is_not_developments() -> None:
    layer = {**application(devDependencies=names("t")), **installed("t"), **installed("saved")}
    assert development(find(SYSTEM, layer)) == {"t"}


def test_a_circle_of_needs_ends() -> None:
    layer = {
        **application(dependencies=names("a"), devDependencies=names("c")),
        **installed("a", "b"),
        **installed("b", "a"),
        **installed("c", "d"),
        **installed("d", "c", "a"),
    }
    assert development(find(SYSTEM, layer)) == {"c", "d"}


def test_members_of_a_workspace_need_what_is_above_them() -> None:
    layer = {
        **application(devDependencies=names("t")),
        f"{APP}/packages/x/package.json": manifest(
            "x", dependencies=names("a", "gone"), devDependencies=names("u")
        ),
        f"{APP}/node_modules/x": Symlink("../packages/x"),
        **installed("a"),
        **installed("t", "a"),
        **installed("u"),
    }
    found = find(SYSTEM, layer)
    assert development(found) == {"t", "u"}
    assert by_name(found)["a"].requested is True


@pytest.mark.parametrize("other", [".yarn-integrity", ".modules.yaml"])
def test_a_lock_of_npm_says_nothing_of_what_others_installed(other: str) -> None:
    lock = {"packages": {"node_modules/a": {"dev": True}}}
    layer = {
        **application(dependencies=names("a")),
        **installed("a"),
        f"{APP}/package-lock.json": json.dumps(lock).encode(),
    }
    assert development(find(SYSTEM, layer)) == {"a"}
    assert development(find(SYSTEM, {**layer, f"{APP}/node_modules/{other}": b""})) == set()


def test_the_lock_in_node_modules_counts_without_and_before_any_other() -> None:
    hidden = {
        "packages": {"node_modules/a": {"dev": True}, "node_modules/b": {"devOptional": True}}
    }
    layer = {
        **installed("a"),
        **installed("b"),
        f"{APP}/node_modules/.package-lock.json": json.dumps(hidden).encode(),
    }
    found = find(SYSTEM, layer)
    assert development(found) == {"a"}
    assert {one.requested for one in found.packages} == {None}
    other = {"packages": {"node_modules/b": {"dev": True}}}
    layer[f"{APP}/package-lock.json"] = json.dumps(other).encode()
    assert development(find(SYSTEM, layer)) == {"a"}


def test_a_lock_of_version_1_nests() -> None:
    lock = {
        "lockfileVersion": 1,
        "dependencies": {
            "a": {"dev": True, "dependencies": {"b": {"dev": True}}},
            "c": {"dependencies": {"@s/d": {"dev": True}}},
            "e": {"dev": "yes"},
            "f": 7,
        },
    }
    assert plain(survives(extract_lock, json.dumps(lock).encode())) == [
        "node_modules/a",
        "node_modules/a/node_modules/b",
        "node_modules/c/node_modules/@s/d",
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


def test_a_lock_beyond_the_root_or_broken_marks_nothing() -> None:
    lock = {"packages": {"../../../srv/other/node_modules/b": {"dev": True}, "": {"dev": True}}}
    layer = {
        **application(),
        **installed("a"),
        "srv/other/node_modules/b/package.json": manifest("b"),
        f"{APP}/package-lock.json": json.dumps(lock).encode(),
    }
    assert development(find(SYSTEM, layer)) == set()
    layer[f"{APP}/package-lock.json"] = b"{"
    assert len(find(SYSTEM, layer).notes) == 1


def test_a_search_that_takes_too_long_ends_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = {
        **application(dependencies=names("a"), devDependencies=names("t")),
        **installed("a"),
        **installed("t"),
    }
    assert development(find(SYSTEM, layer)) == {"t"}
    monkeypatch.setattr(node_resolution, "_MAX_STEPS", 1)
    found = find(SYSTEM, layer)
    assert development(found) == set()
    assert len(found.packages) == 2


def test_links_in_circles_lead_nowhere() -> None:
    layer = {
        **application(dependencies=names("a", "b")),
        f"{APP}/node_modules/a": Symlink("b"),
        f"{APP}/node_modules/b": Symlink("a"),
    }
    assert find(SYSTEM, layer).packages == []


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
