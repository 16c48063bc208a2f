"""`base suggest`: candidates that make sense, in their order, and the change to a Dockerfile."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from analysis.elf_parts import written
from lightship.api.base_suggesting import base_suggest
from lightship.api.fixing import fix
from lightship.api.linting import lint
from lightship.errors import LightshipError, UnreachableError
from lightship.net.options import NetOptions
from lightship.testing import File

from .base_images_made import LOADER, STATIC, debian, image, noise

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.base_suggest import BaseSuggestResult

TODAY = date(2026, 11, 25)
LINKED = File(written(interpreter=LOADER, needed=(b"libc.so.6",)), mode=0o755)


def suggest(reference: str, **more: Any) -> BaseSuggestResult:
    network = NetOptions(offline=True)
    arguments = {"platform": "linux/amd64", "today": TODAY, "cache": None, "network": network}
    return base_suggest(reference, **{**arguments, **more})


def base_of(folder: Path) -> str:
    return image(folder, debian(), name="example.com/debian:13", command=("sh",))


def names(result: BaseSuggestResult) -> list[str]:
    return [one.base.name for one in result.candidates]


def test_of_static_programs_nothing_is_the_smallest_base(tmp_path: Path) -> None:
    base = base_of(tmp_path)
    app = image(tmp_path, debian(), {"app/prog": STATIC})
    result = suggest(app, base=base)
    first = result.candidates[0]
    assert (first.base.name, first.answer) == ("scratch", "runs")
    assert "alpine:3.24" in names(result)
    weights = [one.weight.wire_bytes for one in result.candidates if one.weight is not None]
    known = [count for count in weights if count is not None]
    assert known == sorted(known)
    assert weights[: len(known)] == known


def test_bases_with_another_c_library_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    base = base_of(tmp_path)
    app = image(tmp_path, debian(), {"app/prog": LINKED})
    result = suggest(app, base=base)
    assert "debian:13-slim" in names(result)
    assert "alpine:3.24" not in names(result)
    assert any("--any-libc" in one for one in result.left_out)
    every = suggest(app, base=base, any_libc=True)
    last = [one for one in every.candidates if one.answer == "will not run"]
    assert "alpine:3.24" in [one.base.name for one in last]
    assert every.candidates[-len(last) :] == tuple(last)


def test_a_runtime_of_the_base_asks_for_bases_with_it(tmp_path: Path) -> None:
    system = {**debian(), "usr/local/bin/python3.13": STATIC}
    base = image(tmp_path, system, name="python:3.13", command=("python3",))
    script = {"app/prog": File(b"#!/usr/local/bin/python3.13\nprint()\n", mode=0o755)}
    result = suggest(image(tmp_path, system, script), base=base)
    assert result.languages == ("python",)
    assert "python:3.13-slim" in names(result)
    assert not any(name.startswith(("debian", "golang", "scratch")) for name in names(result))


def test_a_language_may_be_named(tmp_path: Path) -> None:
    app = image(tmp_path, debian(), {"app/prog": STATIC})
    result = suggest(app, language="golang")
    assert any(name.startswith("golang:") for name in names(result))
    assert not any(name.startswith("debian:") for name in names(result))


def test_candidates_are_opened_and_one_that_cannot_be_stops_no_other(tmp_path: Path) -> None:
    base = base_of(tmp_path)
    app = image(tmp_path, debian(), {"app/prog": STATIC})
    result = suggest(app, base=base, candidates=[base, "example.com/nobody/has:this"])
    (given,) = [one for one in result.candidates if one.given]
    assert given.base.opened
    assert any("nobody/has" in one for one in result.warnings)
    with pytest.raises(UnreachableError):
        suggest(app, candidates=["example.com/nobody/has:this"])


def test_a_folder_of_images_is_all_of_them(tmp_path: Path) -> None:
    app = image(tmp_path, debian(), {"app/prog": STATIC})
    folder = tmp_path / "bases"
    folder.mkdir()
    for release in (11, 12):
        image(folder, debian(release), command=("sh",))
    (folder / "notes.txt").write_text("no image")
    result = suggest(app, candidates=[str(folder)])
    opened = [one.base.name for one in result.candidates if one.base.opened]
    assert {f"{folder}/image-1", f"{folder}/image-2"} <= set(opened)


def dockerfile(folder: Path, text: str) -> str:
    path = folder / "Dockerfile"
    path.write_text(text)
    return str(path)


def test_a_dockerfile_is_read_and_its_change_is_a_diff(tmp_path: Path) -> None:
    file = dockerfile(tmp_path, 'FROM python:3.13 AS app\nCMD ["python", "a.py"]\n')
    result = suggest(file)
    assert result.image is None
    assert result.dockerfile is not None
    assert (result.dockerfile.line, result.dockerfile.base) == (1, "python:3.13")
    assert {one.answer for one in result.candidates} <= {"needs a test", "will not run"}
    assert result.change is not None
    assert result.change.base == "python:3.13-slim"
    assert "-FROM python:3.13 AS app\n+FROM python:3.13-slim AS app\n" in result.change.diff
    assert suggest(str(tmp_path)).change == result.change


def test_the_stage_that_is_shipped_counts(tmp_path: Path) -> None:
    file = dockerfile(
        tmp_path, 'FROM golang:1.26 AS b\nFROM debian:13\nCOPY --from=b /a /a\nCMD ["/a"]\n'
    )
    result = suggest(file)
    assert result.dockerfile is not None
    assert result.dockerfile.line == 2
    assert "debian:13-slim" in names(result)


def test_a_shell_form_rules_out_bases_without_a_shell(tmp_path: Path) -> None:
    exec_form = suggest(dockerfile(tmp_path, 'FROM debian:13\nCMD ["/a"]\n'))
    shell_form = suggest(dockerfile(tmp_path, "FROM debian:13\nCMD /a\n"))
    bare = "gcr.io/distroless/static-debian13:latest"
    answers = [
        {one.base.name: one.answer for one in result.candidates}[bare]
        for result in (exec_form, shell_form)
    ]
    assert answers == ["needs a test", "will not run"]


def test_packages_of_another_manager_are_left_to_a_person(tmp_path: Path) -> None:
    file = dockerfile(tmp_path, 'FROM python:3.13\nRUN apt-get install -y libpq5\nCMD ["a"]\n')
    result = suggest(file, any_libc=True)
    (alpine,) = [one for one in result.candidates if one.base.name == "python:3.13-alpine"]
    assert any("libpq5" in one.says and "apk" in one.says for one in alpine.reasons)
    assert result.change is not None
    assert result.change.base == "python:3.13-slim"


def test_what_cannot_be_written_is_said_to_be_for_a_person(tmp_path: Path) -> None:
    result = suggest(dockerfile(tmp_path, "ARG V=3.13\nFROM python:${V}\n"))
    assert result.change is not None
    assert result.change.diff == ""
    assert result.change.manual[0].startswith("Line 2: write FROM python:3.13-slim")


def test_an_image_of_the_dockerfile_is_the_evidence(tmp_path: Path) -> None:
    base = image(tmp_path, debian(), name="debian:13", command=("sh",))
    app = image(tmp_path, debian(), {"app/prog": STATIC, "app/data": noise(1000)})
    file = dockerfile(tmp_path, 'FROM debian:13\nCOPY app /app\nCMD ["/app/prog"]\n')
    result = suggest(file, image=app, base=base)
    assert result.image is not None
    assert result.dockerfile is not None
    assert result.change is not None
    assert result.change.base == "scratch"
    assert "+FROM scratch\n" in result.change.diff


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\1", b"FROM", b"RUN a\n", b"\xff\xfe" * 50, b"FROM a\n" + b"RUN b\n" * 2000],
)
def test_a_broken_dockerfile_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "Dockerfile").write_bytes(content)
    with pytest.raises(LightshipError) as problem:
        suggest(str(tmp_path))
    assert "\n" not in str(problem.value)


def test_lint_says_it_of_the_image_that_the_dockerfile_built(tmp_path: Path) -> None:
    image(tmp_path, debian(), name="debian:13", command=("sh",))
    app = image(tmp_path, debian(), {"app/prog": STATIC, "app/data": noise(1000)})
    file = dockerfile(tmp_path, 'FROM debian:13\nCOPY app /app\nCMD ["/app/prog"]\n')
    network = NetOptions(offline=True)
    asked: dict[str, Any] = {
        "image": app,
        "platform": "linux/amd64",
        "cache": None,
        "network": network,
    }
    found = lint(file, select=["smaller-base"], **asked).findings
    assert [one.rule for one in found] == ["smaller-base"]
    assert found[0].fix is not None
    assert found[0].saving is not None
    (fixed,) = fix(file, select=["smaller-base"], unsafe=True, **asked).files
    assert "-FROM debian:13\n" in fixed.diff
    assert not lint(file, select=["smaller-base"]).findings
