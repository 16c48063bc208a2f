"""What of the context a program may read when it runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from lightship.rules.multistage.data import data_of
from lightship.rules.multistage.plan import CannotTell

from .reading import single

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = re.compile(r".*\.x")


def kept(folder: Path, lines: str, files: dict[str, str]) -> tuple[list[str], list[str]]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    found, left = data_of(single(f"FROM debian:12\n{lines}\n", folder), SOURCE)
    assert all(source == one.target for one in found for source in one.sources)
    return [one.target for one in found], list(left)


def test_a_file_that_is_named_is_kept_and_others_are_left(tmp_path: Path) -> None:
    files = {"main.x": 'read("words.txt")', "words.txt": "", "other.txt": "", "README.md": ""}
    found = kept(tmp_path, "WORKDIR /app\nCOPY . .\nRUN build", files)
    assert found == (["/app/words.txt"], ["what nothing names: other.txt"])


def test_a_folder_that_is_named_is_kept_whole(tmp_path: Path) -> None:
    files = {
        "main.x": 'glob("pages/*")',
        "pages/a.html": "",
        "pages/deep/b.html": "",
        "top/pages/c.html": "",
        "top/main.x": "",
    }
    found, _ = kept(tmp_path, "WORKDIR /app\nCOPY . .\nRUN build", files)
    assert found == ["/app/pages/", "/app/top/pages/"]


def test_a_folder_with_sources_in_it_is_not_kept_whole(tmp_path: Path) -> None:
    files = {"code/main.x": "code/table.csv", "code/table.csv": "", "code/more/list.csv": ""}
    found, _ = kept(tmp_path, "WORKDIR /app\nCOPY . .\nRUN build", files)
    assert found == ["/app/code/more/", "/app/code/table.csv"]


def test_a_file_without_its_suffix_is_named_too(tmp_path: Path) -> None:
    files = {"main.x": 'configuration("settings")', "settings.toml": ""}
    assert kept(tmp_path, "WORKDIR /app\nCOPY . .\nRUN build", files)[0] == ["/app/settings.toml"]


def test_the_command_and_env_name_files(tmp_path: Path) -> None:
    lines = "ENV TABLE=/app/a.csv\nWORKDIR /app\nCOPY . .\nRUN build\nCMD ./app --words b.csv"
    files = {"a.csv": "", "b.csv": "", "c.csv": ""}
    assert kept(tmp_path, lines, files)[0] == ["/app/a.csv", "/app/b.csv"]


def test_what_is_copied_to_a_place_of_its_own_is_for_the_program(tmp_path: Path) -> None:
    lines = "COPY app.conf /etc/app/app.conf\nWORKDIR /src\nCOPY main.x .\nRUN build"
    files = {"app.conf": "", "main.x": ""}
    assert kept(tmp_path, lines, files) == (["/etc/app/app.conf"], [])


def test_names_of_the_same_file_in_the_builder(tmp_path: Path) -> None:
    files = {"main.x": "a b c d", "one/a": "", "one/b": "", "two/c.1": "", "two/c.2": "", "d": ""}
    lines = "WORKDIR /w\nCOPY main.x ./\nCOPY one sub\nCOPY two/c.* /z/\nCOPY d e\nRUN build"
    assert sorted(kept(tmp_path, lines, files)[0]) == ["/w/e", "/w/sub/", "/z/"]


def test_a_name_with_links_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret")
    context = tmp_path / "context"
    context.mkdir()
    (context / "main.x").symlink_to(outside)
    (context / "words.txt").write_text("")
    found, left = kept(context, "WORKDIR /app\nCOPY . .\nRUN build", {})
    assert (found, left) == ([], ["what nothing names: words.txt"])


@pytest.mark.parametrize(
    "line",
    [
        "COPY missing /app",
        "ADD https://example.com/a.tar /app/",
        "COPY $X /app",
        "COPY --from=a b c",
    ],
)
def test_what_cannot_be_seen_is_said(tmp_path: Path, line: str) -> None:
    (tmp_path / "there.txt").write_text("")
    with pytest.raises(CannotTell, match="line 2 brings files"):
        data_of(single(f"FROM debian:12\n{line}\n", tmp_path), SOURCE)


def test_too_many_files_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lightship.rules.multistage.sources._MOST_FILES", 2)
    for name in "abc":
        (tmp_path / name).write_text("")
    with pytest.raises(CannotTell, match="more than 2 files"):
        data_of(single("FROM debian:12\nCOPY . /app\n", tmp_path), SOURCE)


def test_a_big_or_binary_file_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.x").write_bytes(b"\0" * 10 + b"words")
    (tmp_path / "b.x").write_bytes(b"words " * (1 << 18))
    (tmp_path / "words").write_text("")
    found, left = kept(tmp_path, "WORKDIR /app\nCOPY . .\nRUN build", {})
    assert (found, left) == ([], ["what nothing names: words"])


def test_names_that_are_put_together_keep_all_of_their_kind(tmp_path: Path) -> None:
    files = {
        "main.x": 'read(name + ".json"); print("%s.csv")',
        "a.json": "",
        "b.csv": "",
        "c.txt": "",
    }
    found, left = kept(tmp_path, "WORKDIR /app\nCOPY . .\nRUN build", files)
    assert (found, left) == (["/app/a.json", "/app/b.csv"], ["what nothing names: c.txt"])


def test_a_file_of_settings_that_libraries_read_by_themselves(tmp_path: Path) -> None:
    files = {"main.x": "use godotenv", ".env": "A=1", ".gitignore": ""}
    assert kept(tmp_path, "WORKDIR /app\nCOPY . .\nRUN build", files) == (["/app/.env"], [])


def test_a_folder_that_git_keeps_empty(tmp_path: Path) -> None:
    files = {"main.x": 'write("uploads/a")', "uploads/.gitkeep": ""}
    assert kept(tmp_path, "WORKDIR /app\nCOPY . .\nRUN build", files) == (["/app/uploads/"], [])


def test_a_script_names_files(tmp_path: Path) -> None:
    files = {"main.x": "", "start.sh": "exec ./app words.txt", "words.txt": "", "more.txt": ""}
    found, left = kept(
        tmp_path, 'WORKDIR /app\nCOPY . .\nRUN build\nENTRYPOINT ["./start.sh"]', files
    )
    assert (found, left) == (["/app/start.sh", "/app/words.txt"], ["what nothing names: more.txt"])


@pytest.mark.parametrize(
    ("lines", "folders"),
    [
        ("RUN mkdir -p logs /app/tmp", ["/app/logs/", "/app/tmp/"]),
        ("RUN mkdir build && cd build && make", []),
        ("RUN mkdir build && cmake -B build", []),
        ("RUN mkdir out && go build -o=out/a", []),
        ("RUN mkdir out && go build -o out/a", []),
        ("RUN mkdir /data", []),
    ],
)
def test_folders_that_are_made_for_the_program(
    tmp_path: Path, lines: str, folders: list[str]
) -> None:
    files = {"main.x": ""}
    assert kept(tmp_path, f"WORKDIR /app\nCOPY . .\n{lines}", files)[0] == folders
