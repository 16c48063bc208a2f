from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import by_name, find, layer_of, owned, survives
from lightship.analysis.packages.composer import SYSTEM, extract_installed, extract_project

if TYPE_CHECKING:
    from pathlib import Path

APP = "var/www"
RECORD = f"{APP}/vendor/composer/installed.json"


def record(value: object) -> dict[str, object]:
    return {RECORD: json.dumps(value).encode()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that Composer installed three packages into, from folders."""
    for name, needs in {"acme/log": [], "acme/core": ["acme/log"], "acme/tester": []}.items():
        source = tmp_path / name
        (source / "src").mkdir(parents=True)
        (source / "src" / "a.php").write_text("<?php\n")
        text = {"name": name, "version": "1.0.0", "require": dict.fromkeys(needs, "*")}
        (source / "composer.json").write_text(json.dumps(text))
    app = tmp_path / "app"
    app.mkdir()
    settings = {
        "name": "acme/app",
        "repositories": [
            {"type": "path", "url": f"{tmp_path}/acme/*", "options": {"symlink": False}},
            {"packagist.org": False},
        ],
        "require": {"acme/core": "*"},
        "require-dev": {"acme/tester": "*"},
    }
    (app / "composer.json").write_text(json.dumps(settings))
    subprocess.run(
        ["composer", "install", "--no-interaction", "--quiet"],
        cwd=app,
        env={
            **os.environ,
            "COMPOSER_ALLOW_SUPERUSER": "1",
            "COMPOSER_HOME": str(tmp_path / "home"),
            "COMPOSER_DISABLE_NETWORK": "1",
        },
        check=True,
    )
    return app


@pytest.mark.system("composer")
def test_what_composer_installs(project: Path) -> None:
    layer = layer_of(project, APP)
    found = find(SYSTEM, layer)
    packages = by_name(found)
    assert {name: (one.requested, one.development) for name, one in packages.items()} == {
        "acme/core": (True, False),
        "acme/log": (False, False),
        "acme/tester": (True, True),
    }
    assert packages["acme/core"].depends == ("acme/log",)
    assert packages["acme/core"].version == "1.0.0"
    unowned = set(layer) - owned(found.packages, layer)
    own = (f"{APP}/composer.", f"{APP}/vendor/composer/", f"{APP}/vendor/autoload.php")
    assert all(name.startswith(own) for name in unowned), unowned
    assert found.notes == []


def test_version_1_is_a_list_and_packages_are_in_folders_of_their_names() -> None:
    layer = record([{"name": "monolog/monolog", "version": "1.0.0", "require": {"php": ">=5"}}])
    (one,) = find(SYSTEM, layer).packages
    assert (one.name, one.version, one.requested) == ("monolog/monolog", "1.0.0", None)
    assert one.trees == (f"{APP}/vendor/monolog/monolog".encode(),)


@pytest.mark.parametrize(
    ("path", "tree"),
    [
        ("../a/b", f"{APP}/vendor/a/b"),
        ("../../web/core", f"{APP}/web/core"),
        ("./../a/./b", f"{APP}/vendor/a/b"),
        ("../..", None),
        ("../../", None),
        ("..", None),
        (".", None),
        ("../../../../etc", None),
        ("/etc", None),
        ("../../../../../../etc", None),
    ],
)
def test_a_package_is_below_its_project_and_never_all_of_it(path: str, tree: str | None) -> None:
    found = find(SYSTEM, record({"packages": [{"name": "a/b", "install-path": path}]}))
    (one,) = found.packages
    assert one.trees == ((tree.encode(),) if tree else ())
    assert len(found.notes) == (0 if tree else 1)


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (b"{", 1),
        (b"[" * 100_000, 1),
        (b'{"packages": {"a": 1}}', 0),
        (b'"text"', 0),
        (b'[1, {"name": 2}, {"version": "1"}, null]', 0),
        (b'[{"name": "' + b"x" * 1_000_000 + b'"}]', 0),
    ],
)
def test_broken_records(content: bytes, notes: int) -> None:
    found = find(SYSTEM, {RECORD: content})
    assert found.packages == []
    assert len(found.notes) == notes


def test_other_files_of_that_name_are_nothing() -> None:
    layer = {"srv/installed.json": b"{", "srv/composer.json": b"{"}
    assert find(SYSTEM, layer) == find(SYSTEM, {})


def test_a_project_in_the_root() -> None:
    content = json.dumps({"packages": [{"name": "a/b", "install-path": "../a/b"}]}).encode()
    layer = {"vendor/composer/installed.json": content, "composer.json": b'{"require": {"a/b": 1}}'}
    (one,) = find(SYSTEM, layer).packages
    assert (one.trees, one.requested) == ((b"vendor/a/b",), True)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    survives(extract_installed, data)
    survives(extract_project, data)
    survives(extract_installed, b'[{"name": "a/b", "install-path": "' + data + b'"}]')


@given(st.text(st.sampled_from("./ab"), max_size=20))
def test_no_path_leads_out(path: str) -> None:
    found = find(SYSTEM, record([{"name": "a/b", "install-path": path}]))
    for tree in found.packages[0].trees:
        assert tree.startswith(b"var/www/")
        assert b".." not in tree.split(b"/")
        assert not RECORD.encode().startswith(tree + b"/")
