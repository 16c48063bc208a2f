"""Dockerfiles made to break a reader: each ends in one clear line, and the rest go on."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from hardening.outcome import assert_printable, command
from lightship.dockerfile.build import Build
from lightship.dockerfile.parsing import parse
from lightship.dockerfile.tree import to_bytes
from lightship.dockerfile.words import expand

if TYPE_CHECKING:
    from pathlib import Path

MEGA = 1 << 20
GOOD = b"FROM debian:12\nRUN apt-get update && apt-get install -y curl\n"
START = b"FROM debian:12\nRUN "
# Read to the end, with every byte kept; whether anything is wrong with them is another question.
READ = {
    "NUL": b"\0" * MEGA,
    "no UTF-8": b"\xff" * MEGA,
    "one long line": START + b"x" * 10 * MEGA,
    "many words": START + b"x " * MEGA,
    "many blanks": START + b" " * 10 * MEGA + b"x",
    "empty lines": b"\n" * 200_000,
    "carriage returns": b"\r" * MEGA,
    "comments": b"#\n" * 200_000,
    "continuations": START + b"a" + b" \\\n" * 200_000,
    "comments between": START + b"a \\\n" + b"b \\\n# c\n\n" * 50_000,
    "here-documents on a line": START + b"cat" + b" <<E" * 20_000 + b"\n" + b"E\n" * 20_000,
    "here-documents without end": b"FROM a\n" + b"RUN <<E\n" * 50_000,
    "flags": START + b"--mount=type=cache,target=/x " * 20_000,
    "substitutions in one another": START + b"${a:-" * 50_000 + b" <<E\nE\n",
    "substitutions in quotes": START + b'"' + b"${a:-" * 50_000 + b" <<E\nE\n",
    "quotes": START + b'"' * 100_001 + b" <<E\nE\n",
    "arrays in one another": START + b"[" * 100_000,
    "a long array": START + b"[" + b'"a",' * 100_000 + b'"a"]',
    "digits": START + b"9" * 50_000 + b"<<E\nE\n",
    "digits in an array": START + b"[" + b"9" * 50_000 + b"]",
    "settings": b"FROM a\nENV " + b"a=b " * 50_000,
    "a quote of backslashes": b'FROM a\nENV a="' + b"\\" * 200_001,
    "ONBUILD in ONBUILD": b"FROM a\n" + b"ONBUILD " * 50_000 + b"RUN x",
    "stages": b"".join(b"FROM s%d AS s%d\n" % (at, at + 1) for at in range(2_000)),
    "less-than signs": START + b"<" * 200_000,
    "dollars": START + b"$" * 50_000 + b" <<E\nE\n",
}
# What is told of each, by a part of the one line.
TOLD = {
    "nul": (b"FROM a\n\0\n", "it has NUL bytes"),
    "zip": (b"PK\3\4" + bytes(range(256)), "it has NUL bytes"),
    "latin": (b"\xff\xfe\xfd\n", "no FROM"),
    "empty": (b"", "empty"),
    "blank": (b" \n\t\n", "empty"),
    "comment": (b"# nothing\n", "no FROM"),
    "fragment": (b"RUN a\nRUN b\n", "no FROM"),
    "prose": (b"This is no Dockerfile.\nNor is this.\n", "no FROM"),
    "huge": (b"FROM a\n" + b"RUN x\n" * MEGA, "too big for a Dockerfile"),
    "long": (b"FROM a\n" + b"RUN x\n" * 2_000, "too many for a Dockerfile"),
    "line": (START + b"x" * 100_000, "bytes in one line"),
    "open": (b"FROM a\nRUN <<EOF\nx\n", "is not terminated"),
    "deep": (b"FROM a\nRUN " + b"${a:-" * 200 + b" <<E\n", "nested too deeply"),
    "array": (b'FROM a\nCMD ["a", 1]\n', "no string"),
    "unknown": (b"FROM a\nR\x1b[31mUN x\n", "unknown instruction"),
}


@pytest.mark.parametrize("name", READ)
def test_every_byte_is_read_and_kept(name: str) -> None:
    data = READ[name]
    read = parse(data)
    assert sum(node.end - node.start for node in read.nodes) == len(read.text)
    assert to_bytes(read.text) == data


@pytest.mark.parametrize("name", ["here-documents without end", "deep", "stages", "settings"])
def test_what_is_made_of_it_does_not_grow_without_bound(name: str) -> None:
    build = Build.read(READ[name] if name in READ else TOLD[name][0])
    assert len(build.dockerfile.problems) < 10
    assert len(build.steps) <= 2_001


@pytest.mark.parametrize("keyword", ["ARG", "ENV"])
def test_values_that_double_themselves_are_not_known(keyword: str) -> None:
    lines = f"{keyword} a=xx\n" + f"{keyword} a=$a$a\n" * 100
    text = (lines if keyword == "ARG" else f"FROM b\n{lines}") + "FROM $a\nUSER $a\n"
    build = Build.read(text.encode())
    assert build.stages.all[-1].base_name in (None, "")
    assert expand("$a" * 50_000, {"a": "x" * 50_000}) is None
    assert expand("$a$a", {"a": "x"}) == "xx"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a good file among the others."""
    for name, (data, _) in TOLD.items():
        (tmp_path / f"{name}.Dockerfile").write_bytes(data)
    (tmp_path / "Dockerfile").write_bytes(GOOD)
    (tmp_path / "dir.Dockerfile").mkdir()
    os.mkfifo(tmp_path / "fifo.Dockerfile")
    (tmp_path / "gone.Dockerfile").symlink_to("nowhere")
    return tmp_path


@pytest.mark.parametrize("verb", ["lint", "fix"])
def test_one_line_for_each_and_the_rest_go_on(project: Path, verb: str) -> None:
    outcome = command(verb, str(project), "--format", "json")
    assert outcome.exit_code == 4
    assert "Traceback" not in outcome.stderr
    assert_printable(outcome.stderr)
    for name, (_, told) in TOLD.items():
        lines = [one for one in outcome.stderr.splitlines() if f"/{name}.Dockerfile" in one]
        assert len(lines) == 1, outcome.stderr
        assert told in lines[0]
    assert not [line for line in outcome.stderr.splitlines() if f"{project}/Dockerfile" in line]
    result = json.loads(outcome.stdout)
    assert f"{project}/Dockerfile" in [file["path"] for file in result["files"]]
    assert len(result["problems"]) >= len(TOLD)


def test_what_is_wrong_is_never_written(project: Path) -> None:
    command("fix", "--write", "--unsafe", str(project))
    assert (project / "Dockerfile").read_bytes() != GOOD
    for name, (data, _) in TOLD.items():
        assert (project / f"{name}.Dockerfile").read_bytes() == data


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read(project: Path) -> None:
    (project / "array.Dockerfile").chmod(0)
    outcome = command("lint", str(project))
    lines = [one for one in outcome.stderr.splitlines() if "/array.Dockerfile" in one]
    assert len(lines) == 1
    assert "permission denied" in lines[0]


@pytest.mark.parametrize("verb", ["lint", "fix"])
def test_names_that_are_no_files(tmp_path: Path, verb: str) -> None:
    missing = tmp_path / "mi\x1bss\nng"
    folder = tmp_path / "none"
    folder.mkdir()
    outcome = command(verb, str(missing))
    assert outcome.exit_code == 3
    assert len(outcome.stderr.splitlines()) == 1
    assert_printable(outcome.stderr)
