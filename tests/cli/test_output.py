from __future__ import annotations

import json
import os
import re
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.cli.build_logs import obeyed_by_none
from lightship.cli.output import Destination
from lightship.errors import DestinationError, UsageError


@pytest.mark.parametrize(
    ("name", "given", "format_name"),
    [
        ("a.json", None, "json"),
        ("a.JSON", None, "json"),
        ("a.txt", None, "text"),
        ("a", None, "text"),
        ("a.txt", "json", "json"),
        ("a.sarif", "text", "text"),
    ],
)
def test_format_from_suffix(name: str, given: str | None, format_name: str, tmp_path: Path) -> None:
    assert Destination.chosen(tmp_path / name, given).format_name == format_name


def test_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.json, \.txt, or give --format"):
        Destination.chosen(tmp_path / "a.sarif", None)


def test_dash_is_standard_output() -> None:
    assert Destination.chosen(Path("-"), None) == Destination(None, "text")


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        Destination.chosen(tmp_path / "a.txt", None).write("x\n")
    finally:
        os.umask(old)
    assert (tmp_path / "a.txt").read_text() == "x\n"
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640
    assert [*tmp_path.iterdir()] == [tmp_path / "a.txt"]


def test_a_file_is_replaced_with_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    file.chmod(0o604)
    Destination.chosen(file, None).write("new")
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o604


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to("target.txt")
    Destination.chosen(link, None).write("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    destination = Destination.chosen(file, None)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DestinationError, match="No space left"):
        destination.write("new")
    assert file.read_text() == "old"
    assert [*tmp_path.iterdir()] == [tmp_path / "a.txt"]


def test_devices_are_written_to_and_stay() -> None:
    Destination.chosen(Path("/dev/null"), "json").write("x")
    assert Path("/dev/null").is_char_device()


def test_a_full_device_is_said(tmp_path: Path) -> None:
    del tmp_path
    with pytest.raises(DestinationError, match="/dev/full: No space left"):
        Destination.chosen(Path("/dev/full"), "text").write("x")


def test_a_pipe_gets_the_answer(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    Destination.chosen(pipe, "text").write("x" * 200_000)
    reader.join(10)
    assert got == ["x" * 200_000]


@pytest.mark.parametrize(
    ("name", "reason"), [("", "is a directory"), ("absent/a.txt", "no such directory")]
)
def test_what_cannot_be_written_is_said_before_the_work(
    name: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(DestinationError, match=reason):
        Destination.chosen(tmp_path / name, "text")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission_is_said(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(DestinationError, match="not writable"):
        Destination.chosen(tmp_path / "closed" / "a.txt", None)


COMMANDS = (
    "##[error]forged",
    "a ##[set-output name=x;]y",
    "##vso[task.setvariable variable=x]y",
    "###[group]",
    "::error::forged",
    "  ::set-output name=x::y",
    "fine\n\u3000::notice::forged",
)


def is_obeyed(text: str) -> bool:
    """Whether GitHub's or Azure's runner would take a line for a command."""
    lines = text.splitlines()
    return any(line.strip().startswith("::") or re.search(r"##\w*\[", line) for line in lines)


@pytest.mark.parametrize("text", COMMANDS)
def test_no_log_is_given_a_command(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert is_obeyed(text)
    Destination(None, "text").write(text)
    shown = capsys.readouterr().out
    assert not is_obeyed(shown)
    assert shown.replace("\\x23", "#").replace("\\x3a", ":") == text


def test_a_file_has_what_is_there(tmp_path: Path) -> None:
    for text in COMMANDS:
        Destination(tmp_path / "a.txt", "text").write(text)
        assert (tmp_path / "a.txt").read_text(encoding="utf-8") == text


@given(st.text(st.sampled_from('#[v:\\" \n'), max_size=20), st.sampled_from(["json", "sarif"]))
def test_json_keeps_its_values(text: str, format_name: str) -> None:
    document = json.dumps({text: [text, "##[error]"]})
    shown = obeyed_by_none(document, format_name)
    assert not is_obeyed(shown)
    assert json.loads(shown) == json.loads(document)


@given(st.text(st.sampled_from("#[v: \n\u3000a"), max_size=30))
def test_any_text_is_obeyed_by_none(text: str) -> None:
    assert not is_obeyed(obeyed_by_none(text, "text"))


def test_githubs_own_commands_stay() -> None:
    commands = "::error title=x::##[y]\n"
    assert obeyed_by_none(commands, "github") == commands


@pytest.mark.parametrize("name", ["x" * 300 + ".json", "a/" * 3000 + "b.json"])
def test_a_name_that_no_file_can_have_is_said_before_the_work(name: str, tmp_path: Path) -> None:
    with pytest.raises(DestinationError, match="File name too long"):
        Destination.chosen(tmp_path / name, None)
