"""The table of caches: its rows by themselves, and their clean-ups run by real tools and shells."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from lightship.catalogue.download_caches import DownloadCache, download_caches
from lightship.catalogue.removable import pattern_texts

if TYPE_CHECKING:
    from pathlib import Path

ROWS = {row.name: row for row in download_caches()}
GOES = re.compile(r'rm -rf "\$\{(\w+):-\$HOME/([\w.]+)\}/(\w+)"|rm -rf ~/([\w./]+)')


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_is_whole(row: DownloadCache) -> None:
    assert bool(row.flag) != bool(row.clean_up)
    assert pattern_texts(row.removable)
    assert re.compile(row.programs)
    assert re.compile(row.settings)
    assert bool(row.notes) == (row.tier == "unsafe" or bool(row.sure))
    assert row.says.endswith(".")


REMOVING = [
    (row, elsewhere)
    for row in ROWS.values()
    if row.clean_up and (found := GOES.fullmatch(row.clean_up[0]))
    for elsewhere in ((False, True) if found[1] else (False,))
]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize(("row", "elsewhere"), REMOVING)
def test_what_a_shell_removes(
    row: DownloadCache, tmp_path: Path, shell: str, *, elsewhere: bool
) -> None:
    found = GOES.fullmatch(row.clean_up[0])
    assert found is not None
    variable, folder, inside, below = found.groups()
    top = tmp_path / (folder or below.split("/")[0])
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    if elsewhere:
        top = tmp_path / "else where"
        environment[variable] = str(top)
    kept = top / "kept"
    gone = top / (inside or below.partition("/")[2])
    for one in (kept, gone):
        one.mkdir(parents=True)
        (one / "file").write_text("x", encoding="utf-8")
    subprocess.run([shell, "-c", row.clean_up[0]], env=environment, check=True)
    assert kept.is_dir()
    assert not gone.exists()


def _run(text: str, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        ["sh", "-ec", text],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.system("npm")
def test_npm(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "a", "version": "1.0.0"}', encoding="utf-8")
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        archive.add(tmp_path / "package.json", "package/package.json")
    (tmp_path / "app").mkdir()
    _run("npm cache add ./a.tgz", tmp_path)
    cache = tmp_path / ".npm" / "_cacache"
    assert any(cache.rglob("*"))
    _run(ROWS["npm-download-cache"].clean_up[0], tmp_path)
    assert not any(path.is_file() for path in cache.rglob("*"))


@pytest.mark.system("ruby")
def test_gem(tmp_path: Path) -> None:
    (tmp_path / "a.gemspec").write_text(
        "Gem::Specification.new do |s|\n"
        "  s.name = 'a'; s.version = '1'; s.summary = 'a'; s.authors = ['a']\n"
        "end\n",
        encoding="utf-8",
    )
    home = {"GEM_HOME": str(tmp_path / "gems")}
    _run("gem build a.gemspec && gem install --local a-1.gem", tmp_path, **home)
    assert list((tmp_path / "gems" / "cache").glob("*.gem"))
    _run(ROWS["gem-archives-kept"].clean_up[0], tmp_path, **home)
    assert not list((tmp_path / "gems" / "cache").glob("*.gem"))
    assert "a (1)" in _run("gem list", tmp_path, **home)


@pytest.mark.system("golang-go")
def test_go(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module a\n", encoding="utf-8")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n", encoding="utf-8")
    homes = {"GOCACHE": str(tmp_path / "build"), "GOPATH": str(tmp_path / "go")}
    _run("go build -o /dev/null .", tmp_path, **homes)
    before = list((tmp_path / "build").rglob("*-d"))
    assert before
    _run(ROWS["go-build-cache-kept"].clean_up[0], tmp_path, **homes)
    assert not list((tmp_path / "build").rglob("*-d"))


@pytest.mark.system("composer")
def test_composer(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "files"
    cache.mkdir(parents=True)
    (cache / "a.zip").write_bytes(b"x")
    text = ROWS["composer-download-cache"].clean_up[0].replace("{program}", "composer")
    _run(text, tmp_path, COMPOSER_CACHE_DIR=str(tmp_path / "cache"), COMPOSER_ALLOW_SUPERUSER="1")
    assert not list(cache.rglob("*.zip"))
