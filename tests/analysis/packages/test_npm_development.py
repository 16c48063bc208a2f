"""Which packages of npm are asked for, and which only development needs."""

from __future__ import annotations

import json

import pytest

from analysis.packages.folders import by_name, find, plain, survives
from analysis.packages.npm_projects import APP, application, development, installed, manifest, names
from lightship.analysis.packages import node_resolution
from lightship.analysis.packages.npm import SYSTEM
from lightship.analysis.packages.npm_extracts import extract_lock
from lightship.testing import Symlink


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
