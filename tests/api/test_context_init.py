"""`context init`: the file that it makes or adds to, and what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.api.context_init import context_init
from lightship.context.ignore_file import read_ignore_file
from lightship.errors import CorruptInputError, DestinationError, UsageError

from .ignored_projects import WHOLE, project

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_dockerfile(tmp_path: Path) -> None:
    root = project(tmp_path, {"package.json": "{}", "node_modules/a": "x", "a.js": "x"})
    result = context_init(root)
    assert result.kinds == ("node",)
    assert result.before.files == 3
    assert result.after.files == 2
    assert not (root / ".dockerignore").exists()


def test_another_file_for_one_dockerfile(tmp_path: Path) -> None:
    root = project(tmp_path, {"a.Dockerfile": WHOLE, "a.Dockerfile.dockerignore": "x\n"})
    result = context_init(root, dockerfile=root / "a.Dockerfile", merge=True, write=True)
    assert result.path == "a.Dockerfile.dockerignore"
    assert not (root / ".dockerignore").exists()
    assert (root / result.path).read_bytes().endswith(b"\n\nx\n")


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    root = project(tmp_path, {"Dockerfile": WHOLE, ".dockerignore": "mine\n"})
    with pytest.raises(UsageError, match="already"):
        context_init(root, write=True)
    assert (root / ".dockerignore").read_bytes() == b"mine\n"


@pytest.mark.parametrize("target", ["../mine", "../new", "new", "/.dockerignore-of-nobody", "."])
@pytest.mark.parametrize("merge", [True, False])
def test_nothing_is_written_through_a_link_out_of_the_folder(
    tmp_path: Path, target: str, *, merge: bool
) -> None:
    root = project(tmp_path / "here", {"Dockerfile": WHOLE})
    (tmp_path / "mine").write_text("mine\n")
    (root / ".dockerignore").symlink_to(target)
    with pytest.raises(CorruptInputError):
        context_init(root, merge=merge, replace=not merge, write=True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        [".dockerignore", "Dockerfile", "here", "mine"]
    )
    assert (tmp_path / "mine").read_text() == "mine\n"


def test_a_link_within_the_folder_stays_and_its_file_is_written(tmp_path: Path) -> None:
    root = project(tmp_path, {"Dockerfile": WHOLE, "real": "mine\n"})
    (root / ".dockerignore").symlink_to("real")
    context_init(root, merge=True, write=True)
    assert (root / ".dockerignore").is_symlink()
    assert (root / "real").read_bytes().endswith(b"\nmine\n")


def test_a_file_that_came_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project(tmp_path, {"Dockerfile": WHOLE})

    def made(*_: object) -> tuple[bytes, tuple[int, ...]]:
        (root / ".dockerignore").write_text("mine\n")
        return b"ours\n", ()

    monkeypatch.setattr("lightship.api.context_init.composed", made)
    with pytest.raises(DestinationError, match="meanwhile"):
        context_init(root, write=True)
    assert (root / ".dockerignore").read_text() == "mine\n"


def test_a_refused_file_is_not_merged(tmp_path: Path) -> None:
    root = project(tmp_path, {"Dockerfile": WHOLE, ".dockerignore": "a\n[\n"})
    with pytest.raises(CorruptInputError, match=":2:"):
        context_init(root, merge=True, write=True)
    assert (root / ".dockerignore").read_bytes() == b"a\n[\n"


@pytest.mark.parametrize(
    "own",
    [
        b"",
        b"# mine\n\nbuild\n!build/keep\n",
        b"a\r\n# b\r\n",
        b"\xef\xbb\xbfa\nb",
        b"no end",
        b"**/.git\n*.\xff\n",
        b"\n\n  x  \n",
        b"*\n!src\n",
    ],
)
def test_own_lines_stay_and_a_second_run_changes_nothing(tmp_path: Path, own: bytes) -> None:
    root = project(tmp_path, {"Dockerfile": WHOLE, ".git/HEAD": "x", "src/a.py": "", "a.py": ""})
    (root / ".dockerignore").write_bytes(own)
    context_init(root, merge=True, write=True)
    once = (root / ".dockerignore").read_bytes()
    assert once.endswith(own.removeprefix(b"\xef\xbb\xbf"))
    assert once.startswith(b"\xef\xbb\xbf") == own.startswith(b"\xef\xbb\xbf")
    assert read_ignore_file(once).refusal is None
    theirs = read_ignore_file(own).patterns
    got = [one.cleaned for one in read_ignore_file(once).patterns]
    assert got[len(got) - len(theirs) :] == [one.cleaned for one in theirs]
    assert len(set(got)) == len(got)
    if b"\r\n" in own:
        assert once.count(b"\r\n") == once.count(b"\n")
    context_init(root, merge=True, write=True)
    assert (root / ".dockerignore").read_bytes() == once


def test_lost_marks_are_told(tmp_path: Path) -> None:
    root = project(tmp_path, {".dockerignore": "# >>> lightship context init\na\n"})
    with pytest.raises(UsageError, match="marks"):
        context_init(root, merge=True)


def test_a_dockerfile_alone_in_its_folder_is_built_in_the_one_around(tmp_path: Path) -> None:
    files = {"package.json": "{}", "node_modules/a": "x"}
    root = project(tmp_path / "alone", {"docker/Dockerfile": WHOLE, **files})
    assert "**/node_modules" not in context_init(root).text
    assert "node_modules (1 B) is kept: docker/Dockerfile" in context_init(root).notes[0]
    other = project(tmp_path / "own", {"web/Dockerfile": WHOLE, "web/a.py": "", **files})
    result = context_init(other)
    assert "**/node_modules" in result.text
    assert "web/Dockerfile may be built in another folder" in result.notes[0]
    named = context_init(other, dockerfile=other / "web/Dockerfile")
    assert "**/node_modules" not in named.text


def test_what_is_told_has_its_size_and_the_heaviest_is_first(tmp_path: Path) -> None:
    files = {"data/a.parquet": 2_000_000, "node_modules/a": 5000, "dist/a": 7000}
    root = project(tmp_path, {"Dockerfile": WHOLE, "package.json": "{}", **files})
    (root / "Dockerfile").write_text(WHOLE + "RUN npm run build\nCMD node dist/a\n")
    notes = context_init(root).notes
    assert notes[0].startswith("data (2.00 MB) is left out: ")
    assert notes[1].startswith("node_modules (5.00 kB) is kept: Dockerfile copies what is around")
    assert len(notes) == 2


def test_what_a_page_shows_or_a_build_file_names_is_not_data(tmp_path: Path) -> None:
    files: dict[str, str | int] = {
        "package.json": '{"dependencies": {"sheets": "file:vendor/sheets-1.0.tgz"}}',
        "vendor/sheets-1.0.tgz": 2_000_000,
        "vendor/old.tgz": 2_000_000,
        "public/tour/first.mp4": 2_000_000,
        "talks/first.mp4": 2_000_000,
        "data/public/a.parquet": 2_000_000,
    }
    result = context_init(project(tmp_path, {"Dockerfile": WHOLE, **files}))
    left_out = {one.name: one.patterns for one in result.groups}
    assert left_out["data"] == ("data", "talks/first.mp4")
    assert left_out["archives"] == ("vendor/old.tgz",)
    assert "vendor/sheets-1.0.tgz (2.00 MB) is kept: a build file names it" in result.notes


def test_settings_of_a_page_stay_where_they_hold_no_secret(tmp_path: Path) -> None:
    files: dict[str, str | int] = {
        "package.json": '{"devDependencies": {"vite": "^6"}}',
        ".env": "VITE_API_URL=http://localhost\n",
        "api/.env": "SECRET_KEY=9f8e7d6c5b4a\n",
    }
    result = context_init(project(tmp_path / "page", {"Dockerfile": WHOLE, **files}))
    assert "\napi/.env\n" in result.text
    assert "\n.env\n" not in result.text
    assert "**/.env\n" not in result.text
    assert any(one.startswith(".env (30 B) is kept: ") for one in result.notes)
    no_page = files | {"package.json": '{"dependencies": {"express": "^5"}}'}
    assert "**/.env\n" in context_init(project(tmp_path / "api", no_page)).text
    files = {"package.json": files["package.json"], "Dockerfile": WHOLE}
    assert "**/.env\n" in context_init(project(tmp_path / "fresh", files)).text


def test_a_template_of_a_dockerfile_is_none(tmp_path: Path) -> None:
    cross = "FROM rust\nCOPY . .\nRUN A=b xx-cargo build --release\n"
    files: dict[str, str | int] = {
        "Cargo.toml": "",
        "target/release/app": "x",
        "docker/start.sh": "",
    }
    files |= {"Dockerfile": cross, "docker/Dockerfile.j2": WHOLE, "Dockerfile.orig": WHOLE}
    result = context_init(project(tmp_path, files))
    assert "\ntarget\n" in result.text
    assert not any("target" in note for note in result.notes)
    (tmp_path / "docker/Dockerfile.alpine").write_text(WHOLE)
    assert "\ntarget\n" not in context_init(tmp_path).text


def test_no_dockerfile_is_told(tmp_path: Path) -> None:
    assert context_init(project(tmp_path, {"a": ""})).notes == (
        "there is no Dockerfile here, so nothing is known to be needed: -f names one",
    )


def test_single_things_that_are_copied_come_last_of_their_directory(tmp_path: Path) -> None:
    root = project(
        tmp_path,
        {
            "Dockerfile": "FROM base\nCOPY target/release/app target/*.so /\n",
            "Cargo.toml": "",
            "target/release/app": "x",
        },
    )
    (group,) = (one for one in context_init(root).groups if one.name == "build-output")
    assert group.patterns == (
        *("target/*", "!target/release", "target/release/*"),
        *("!target/*.so", "!target/release/app"),
    )


def test_lines_that_change_nothing_are_not_written(tmp_path: Path) -> None:
    root = project(
        tmp_path,
        {
            "Dockerfile": WHOLE,
            ".gitignore": "!.env.example\ncoverage/\n*.never\n",
            "coverage/lcov.info": "x",
            "package.json": "{}",
            "a.js": "",
        },
    )
    lines = context_init(root).text.splitlines()
    assert "**/coverage" in lines
    assert "**/lcov.info" not in lines
    assert "!**/.env.example" not in lines
    assert "**/*.never" not in lines
    assert "**/.env" in lines


def test_what_is_named_is_told_only_of_a_secret(tmp_path: Path) -> None:
    root = project(
        tmp_path,
        {
            "Dockerfile": "FROM base\nCOPY .env dist /x/\n",
            "package.json": "{}",
            ".env": "A_TOKEN=abcdefgh",
            "dist/a": "x",
        },
    )
    assert context_init(root).notes == (
        ".env (16 B) is kept: line 2 of Dockerfile takes it by name",
    )
