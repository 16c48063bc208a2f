"""The command `squash`, and what all commands that write images share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lightship.api.trees import open_tree
from lightship.errors import DestinationError
from lightship.rewrite.differences import Difference, ProofFailedError
from lightship.testing import assert_same_tree, build_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lightship.testing import Layer

    from .conftest import Answer

    Lightship = Callable[..., Answer]

LAYERS: list[Layer | bytes] = [
    {"usr/lib.so": b"base" * 400},
    {"srv/kept": b"k" * 900, "srv/gone": b"g" * 5_000},
    {"srv/.wh.gone": b""},
]


@pytest.fixture
def app(tmp_path: Path) -> str:
    """An archive in the working directory."""
    made = build_image(LAYERS, directory=tmp_path, form="docker-archive-25", codec="plain")
    return made.rpartition("/")[2]


def test_the_answer_comes_first(lightship: Lightship, app: str, tmp_path: Path) -> None:
    answer = lightship("squash", app, "-o", "oci:out:1")
    assert answer.code == 0
    first, second = answer.out.splitlines()[:2]
    assert first.startswith(f"squashed docker-archive:{app}: 3 layers to 2, ")
    assert second.startswith("written to oci:out:1, linux/amd64, image ")
    assert "Proven: " in answer.out
    assert "layers 2 to 3 become one, without 5.00 kB of dead bytes" in answer.err
    assert_same_tree(f"docker-archive:{tmp_path}/{app}", f"oci:{tmp_path}/out:1")


def test_quiet_says_the_answer_alone(lightship: Lightship, app: str) -> None:
    answer = lightship("squash", app, "-o", "oci:out:1", "--quiet")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out


def test_a_plan_writes_nothing(lightship: Lightship, app: str, tmp_path: Path) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    answer = lightship("squash", app, "--plan", "--no-cache")
    assert answer.code == 0
    assert "planned: 3 layers to 2" in answer.out
    assert "What each --keep would give" in answer.out
    assert "Nothing was written" in answer.out
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_plan_wins_over_a_destination(lightship: Lightship, app: str, tmp_path: Path) -> None:
    assert lightship("squash", app, "-o", "oci:out:1", "--plan").code == 0
    assert not (tmp_path / "out").exists()


def test_json(lightship: Lightship, app: str) -> None:
    document = json.loads(lightship("squash", app, "-o", "oci:out:1", "--format", "json").out)
    assert document["schema"] == "lightship.rewrite/1"
    assert document["outcome"] == "written"
    assert document["before"]["dead_bytes"] == 5_000
    assert [row["fate"] for row in document["layers"]] == ["recompressed", "written"]


def test_all_platforms_are_a_list(lightship: Lightship, app: str) -> None:
    arguments = ("squash", app, "--all-platforms", "-o", "oci:out:1", "--format", "json")
    document = json.loads(lightship(*arguments).out)
    assert document["schema"] == "lightship.rewrite-list/1"
    assert [row["platform"] for row in document["rewrites"]] == ["linux/amd64"]


def test_the_proof_is_kept_in_a_file(lightship: Lightship, app: str, tmp_path: Path) -> None:
    assert lightship("squash", app, "-o", "oci:out:1", "--proof", "proof.json").code == 0
    document = json.loads((tmp_path / "proof.json").read_text())
    assert document["schema"] == "lightship.proof/1"
    assert document["names"] > 0


def test_nothing_to_win_is_said_and_is_no_failure(
    lightship: Lightship, app: str, tmp_path: Path
) -> None:
    answer = lightship("squash", app, "-o", "oci:out:1", "--keep", "2", "--proof", "proof.json")
    assert answer.code == 0
    assert "nothing would be won, and nothing was written" in answer.out
    assert f"lightship copy docker-archive:{app} DEST" in answer.out
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "proof.json").exists()


def test_a_codec_with_its_level(lightship: Lightship, app: str) -> None:
    arguments = ("squash", app, "-o", "oci:out:1", "--codec", "zstd", "--level", "22")
    document = json.loads(lightship(*arguments, "--format", "json").out)
    assert document["layers"][1]["codec"] == "zstd"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "no destination is named. Write -o"),
        (("slim.tar",), 2, "Write -o slim.tar if the new image"),
        (("-o", "slim"), 2, "does not say where to write"),
        (("-o", "oci:out:1", "--keep", "99"), 2, "has 3 layers"),
        (("-o", "oci:out:1", "--keep", "most"), 2, "Write base, none, or how many"),
        (("-o", "oci:out:1", "--keep", "-1"), 2, "Write base, none, or how many"),
        (("-o", "oci:out:1", "--level", "3"), 2, "--codec"),
        (("-o", "oci:out:1", "--codec", "gzip", "--level", "40"), 2, "from 1 to 12, not 40"),
        (("-o", "oci:out:1", "--codec", "plain", "--level", "1"), 2, "no level"),
        (("-o", "oci:out:1", "--codec", "xz"), 2, "'xz' is not one of"),
        (("-o", "oci:out:1", "--clamp-mtime"), 2, "SOURCE_DATE_EPOCH"),
        (("-o", "oci:out:1", "--base", "missing.tar"), 3, "missing.tar"),
        (("-o", "oci:out:1", "--platform", "linux/arm64"), 3, "linux/arm64"),
        (("-o", "oci:out:1", "--all-platforms", "--platform", "arm64"), 2, "exclude"),
        (("--plan", "--proof", "p.json"), 2, "a plan proves nothing"),
        (("-o", "oci:out:1", "--proof", "no/p.json"), 5, "no such directory"),
        (("-o", "docker-archive:no/out.tar"), 5, "no/out.tar"),
        (("-o", "oci:out:1", "--path", "srv"), 2, "Add --clean."),
        (("-o", "oci:out:1", "--clean", "--rule", "none"), 2, "none"),
    ],
)
def test_mistakes_are_one_line(  # noqa: PLR0917 # pytest gives them by name
    lightship: Lightship,
    app: str,
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    answer = lightship("squash", app, *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    errors = [line for line in answer.err.splitlines() if "error:" in line]
    assert errors == answer.err.splitlines()[-1:]
    assert {path.name for path in tmp_path.iterdir()} - before <= {"cache"}


def test_an_image_that_is_not_there(lightship: Lightship) -> None:
    answer = lightship("squash", "missing.tar", "-o", "oci:out:1")
    assert answer.code == 3
    assert "missing.tar" in answer.err


def test_no_image_at_all(lightship: Lightship) -> None:
    answer = lightship("squash")
    assert answer.code == 2
    assert "lightship squash IMAGE" in answer.err


def test_every_difference_of_a_failed_proof_is_printed(
    lightship: Lightship, app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = [Difference(b"a\x1b[2J", "mode", "0644", "0600"), Difference(b"b", "uid", "0", "1")]

    def failing(*_: object, **__: object) -> None:
        raise ProofFailedError(wrong)

    monkeypatch.setattr("lightship.api.rewriting.rewrite", failing)
    answer = lightship("squash", app, "-o", "oci:out:1")
    assert answer.code == 70
    assert "the proof failed" in answer.err
    assert "  b: uid: 0 -> 1" in answer.err
    assert "\x1b" not in answer.err


def test_a_proof_that_cannot_be_kept_is_said(
    lightship: Lightship, app: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DestinationError("proof.json: No space left on device")

    monkeypatch.setattr("lightship.cli.output.replace_file", full)
    answer = lightship("squash", app, "-o", "oci:out:1", "--proof", "proof.json")
    assert answer.code == 5
    assert "proof.json" in answer.err
    assert (tmp_path / "out" / "index.json").exists()


def test_it_cleans_in_the_same_pass(lightship: Lightship, app: str, tmp_path: Path) -> None:
    arguments = ("squash", app, "-o", "oci:out:1", "--clean", "--path", "srv/kept")
    answer = lightship(*arguments, "--manifest", "gone.json", "--proof", "proof.json")
    assert answer.code == 0
    assert "What went" in answer.out
    assert "1 name went, all announced" in answer.out
    assert "900 B that is not needed" in answer.err
    assert "srv/kept" in (tmp_path / "gone.json").read_text()
    changes = json.loads((tmp_path / "proof.json").read_text())["changes"]
    assert [(one["kind"], one["count"]) for one in changes if one["count"]] == [("removed", 1)]
    names = {entry.path for entry in open_tree(f"oci:{tmp_path}/out:1").walk()}
    assert b"usr/lib.so" in names
    assert b"srv/kept" not in names


def test_settings_are_shown(lightship: Lightship) -> None:
    assert "SETTING" in lightship("squash", "--show-settings").out
