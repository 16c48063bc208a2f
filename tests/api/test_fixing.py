"""`fix` over real files with real rules."""

from __future__ import annotations

import io
import stat
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from lightship.api import fixing
from lightship.replacing import replace_file
from lightship.rules.fixing import fix_file

from .dockerfiles_made import FIXABLE, FIXED, GOOD, UNUSED
from .test_linting import write

if TYPE_CHECKING:
    from pathlib import Path


def test_without_write_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile=FIXABLE)
    result = lightship.fix(tmp_path)
    (file,) = result.files
    assert [(made.rule, made.line, made.fix.tier) for made in file.made] == [
        ("package-lists", 2, "safe")
    ]
    assert "-RUN apt-get update && apt-get install -y --no-install-recommends git\n" in file.diff
    assert not file.written
    assert (tmp_path / "Dockerfile").read_bytes() == FIXABLE


def test_with_write_it_is(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile=FIXABLE, b_Dockerfile=GOOD)
    (tmp_path / "Dockerfile").chmod(0o640)
    good = (tmp_path / "b/Dockerfile").stat()
    result = lightship.fix(tmp_path, write=True)
    assert [file.written for file in result.files] == [True, False]
    assert (tmp_path / "Dockerfile").read_bytes() == FIXED
    assert stat.S_IMODE((tmp_path / "Dockerfile").stat().st_mode) == 0o640
    assert (tmp_path / "b/Dockerfile").stat() == good
    again = lightship.fix(tmp_path, write=True)
    assert not any(file.diff or file.written for file in again.files)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"# caf\xe9\n" + data,
        lambda data: data.removesuffix(b"\n"),
        lambda data: data.replace(b"&& apt-get install", b"\\\r\n  # why\n\n  && apt-get install"),
    ],
    ids=["CRLF", "BOM", "Latin-1", "no last line end", "mixed line ends and a comment"],
)
def test_every_other_byte_is_kept(tmp_path: Path, change: Any) -> None:
    data = change(FIXABLE)
    write(tmp_path, Dockerfile=data)
    assert lightship.fix(tmp_path, write=True).files[0].written
    after = (tmp_path / "Dockerfile").read_bytes()
    # Everything is still there in its order; what was added is the clean-up alone.
    rest = iter(after)
    assert all(byte in rest for byte in data)
    added = len(after) - len(data)
    assert after.count(b"rm -rf /var/lib/apt/lists/*") == 1
    assert added <= len(b" \\\r\n  && rm -rf /var/lib/apt/lists/*")
    assert after.count(b"\r") - data.count(b"\r") in (0, 1)


def test_unsafe_fixes_are_only_made_if_asked_for(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile=UNUSED)
    (file,) = lightship.fix(tmp_path, select=["unused-stage"]).files
    assert not file.made
    assert [one.rule for one in file.left] == ["unused-stage"]
    (file,) = lightship.fix(tmp_path, select=["unused-stage"], unsafe=True).files
    assert [made.fix.tier for made in file.made] == ["unsafe"]
    assert file.made[0].fix.notes
    assert not file.left


def test_what_is_left_is_told(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile=FIXABLE)
    (file,) = lightship.fix(tmp_path).files
    assert "package-lists" not in {one.rule for one in file.left}


def test_bad_files_are_told_and_the_rest_is_fixed(tmp_path: Path) -> None:
    write(tmp_path, a_Dockerfile=b"\0", b_Dockerfile=b"NOPE\n", c_Dockerfile=FIXABLE)
    write(tmp_path, d_Dockerfile=FIXABLE + b"NOPE x\n")
    result = lightship.fix(tmp_path, write=True)
    assert [one.exit_code for one in result.problems] == [4, 4, 4]
    assert [(file.written, file.untouched) for file in result.files] == [
        (True, None),
        (False, "line 4: unknown instruction 'NOPE'"),
    ]
    assert (tmp_path / "c/Dockerfile").read_bytes() == FIXED
    assert (tmp_path / "d/Dockerfile").read_bytes() == FIXABLE + b"NOPE x\n"


def test_a_file_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, a_Dockerfile=FIXABLE, b_Dockerfile=FIXABLE)
    real = replace_file

    def change_first(file: Path, data: bytes, **rest: Any) -> None:
        if file.parent.name == "a":
            file.write_bytes(b"FROM somebody else\n")
        real(file, data, **rest)

    monkeypatch.setattr(fixing, "replace_file", change_first)
    result = lightship.fix(tmp_path, write=True)
    assert [file.written for file in result.files] == [False, True]
    assert [(one.exit_code, one.message) for one in result.problems] == [
        (5, "it has changed meanwhile")
    ]
    assert (tmp_path / "a/Dockerfile").read_bytes() == b"FROM somebody else\n"


def test_a_bug_with_one_file_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fix_file

    def broken(matter: Any, *rest: Any) -> Any:
        if "git" not in matter.build.dockerfile.text:
            raise RecursionError
        return real(matter, *rest)

    monkeypatch.setattr(fixing, "fix_file", broken)
    write(tmp_path, a_Dockerfile=GOOD, b_Dockerfile=FIXABLE)
    result = lightship.fix(tmp_path, write=True)
    assert [one.exit_code for one in result.problems] == [70]
    assert [file.written for file in result.files] == [True]


def test_standard_input_comes_back_in_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(FIXABLE)))
    (file,) = lightship.fix("-", write=True).files
    assert file.fixed == FIXED.decode()
    assert (file.path, file.written) == ("-", False)


def test_a_link_that_is_named_leads_to_the_file(tmp_path: Path) -> None:
    write(tmp_path, real_Dockerfile=FIXABLE)
    (tmp_path / "link").symlink_to("real/Dockerfile")
    assert lightship.fix(tmp_path / "link", write=True).files[0].written
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/Dockerfile").read_bytes() == FIXED
