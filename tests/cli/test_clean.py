"""The command `clean`: its options, its lists, and what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lightship.api.trees import open_tree
from lightship.testing import build_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lightship.testing import Layer

    from .conftest import Answer

    Lightship = Callable[..., Answer]

LISTS = "var/lib/apt/lists"
LAYERS: list[Layer | bytes] = [
    {"bin/sh": b"base", f"{LISTS}/base": b"b" * 700},
    {f"{LISTS}/a": b"a" * 5_000, "usr/lib/one": b"s" * 900, "usr/lib/two": b"s" * 900},
    {"srv/app": b"app", "srv/odd\nname": b"o"},
]


@pytest.fixture
def app(tmp_path: Path) -> str:
    """An archive in the working directory."""
    made = build_image(LAYERS, directory=tmp_path, form="docker-archive-25", codec="plain")
    return made.rpartition("/")[2]


def names(reference: str) -> set[bytes]:
    return {entry.path for entry in open_tree(reference).walk()}


def test_what_went_and_why(lightship: Lightship, app: str, tmp_path: Path) -> None:
    answer = lightship("clean", app, "-o", "oci:out:1")
    assert answer.code == 0
    assert answer.out.startswith(f"cleaned docker-archive:{app}: 3 layers, ")
    assert "Package lists of apt" in answer.out
    assert "Left in the base's layers: 1 name, 700 B" in answer.out
    assert "Proven: " in answer.out
    assert "1 name goes, 5.00 kB unpacked" in answer.err
    assert f"{LISTS}/a".encode() not in names(f"oci:{tmp_path}/out:1")


def test_a_plan_writes_nothing(lightship: Lightship, app: str, tmp_path: Path) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    answer = lightship("clean", app, "--plan", "--no-cache")
    assert answer.code == 0
    assert "What would go" in answer.out
    assert "Nothing was written" in answer.out
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_nothing_to_do(lightship: Lightship, app: str, tmp_path: Path) -> None:
    answer = lightship("clean", app, "-o", "oci:out:1", "--rule", "pip-cache")
    assert answer.code == 0
    assert "Nothing was found that could go" in answer.out
    assert not (tmp_path / "out").exists()


def test_who_names_no_image_is_told_of_this_command(lightship: Lightship) -> None:
    answer = lightship("clean", "--plan")
    assert (answer.code, answer.out) == (2, "")
    assert "Write lightship clean IMAGE" in answer.err


def test_every_layer_with_touch_base(lightship: Lightship, app: str, tmp_path: Path) -> None:
    assert lightship("clean", app, "-o", "oci:out:1", "--touch-base").code == 0
    assert not [name for name in names(f"oci:{tmp_path}/out:1") if b"lists/" in name]


def test_paths_may_be_repeated(lightship: Lightship, app: str, tmp_path: Path) -> None:
    options = ("--path", "/srv/app", "--path", "usr/lib/one/")
    answer = lightship("clean", app, "-o", "oci:out:1", *options)
    assert answer.code == 0
    gone = names(f"docker-archive:{tmp_path}/{app}") - names(f"oci:{tmp_path}/out:1")
    assert gone == {b"srv/app", b"usr/lib/one"}


def test_json_lists_every_name(lightship: Lightship, app: str) -> None:
    options = ("--path", "srv", "--dedupe", "--format", "json")
    document = json.loads(lightship("clean", app, "-o", "oci:out:1", *options).out)
    assert document["schema"] == "lightship.rewrite/1"
    assert [row["path"] for row in document["removed"]] == ["srv/app", "srv/odd\nname"]
    assert document["cleaning"]["joined"]["names"] == 1
    assert document["cleaning"]["must_stay_count"] == 1  # srv itself
    assert document["proof"]["removed"] == 2


def test_the_manifest_as_text(lightship: Lightship, app: str, tmp_path: Path) -> None:
    options = ("--path", "srv", "--manifest", "gone.txt")
    assert lightship("clean", app, "-o", "oci:out:1", *options).code == 0
    head, legend, *rows = (tmp_path / "gone.txt").read_text().splitlines()
    assert head.startswith("# docker-archive:")
    assert legend == "# bytes\tlayer\tpackage\treason\tpath"
    assert rows[0] == "3\t3\t-\tnamed by --path\t/srv/app"
    assert len(rows) == 2
    assert rows[1].startswith("1\t3\t-\tnamed by --path\t/srv/odd")


def test_the_manifest_as_json(lightship: Lightship, app: str, tmp_path: Path) -> None:
    assert lightship("clean", app, "--plan", "--manifest", "gone.json").code == 0
    document = json.loads((tmp_path / "gone.json").read_bytes())
    assert [row["rule"] for row in document["removed"]] == ["apt-lists"]


def test_a_manifest_that_cannot_be_kept_is_told_before_the_work(
    lightship: Lightship, app: str, tmp_path: Path
) -> None:
    answer = lightship("clean", app, "-o", "oci:out:1", "--manifest", "no/such/gone.txt")
    assert answer.code == 5
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--rule", "no-such"), "no rule 'no-such'"),
        (("--rule", "deleted"), "lightship squash takes dead bytes out"),
        (("--category", "no-such"), "no category 'no-such'"),
        (("--path", "/no/such"), "--path /no/such is not in the image"),
        (("--level", "9"), "--level 9 is of no codec"),
    ],
)
def test_usage(
    lightship: Lightship, app: str, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    answer = lightship("clean", app, "-o", "oci:out:1", *options)
    assert answer.code == 2
    assert said in answer.err
    assert not (tmp_path / "out").exists()


def test_no_destination(lightship: Lightship, app: str) -> None:
    answer = lightship("clean", app)
    assert answer.code == 2
    assert "--plan" in answer.err
