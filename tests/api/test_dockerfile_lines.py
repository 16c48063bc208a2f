"""`check` points at the lines that made the layers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import lightship
from lightship.report.ci_formats import formatter
from lightship.testing import build_image

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = b"FROM scratch\n# the small one\nCOPY a /a\n\nRUN dd if=/dev/zero \\\n    of=/big\n"
HISTORY = [
    {"created_by": "COPY a /a # buildkit"},
    {"created_by": "RUN /bin/sh -c dd if=/dev/zero     of=/big # buildkit"},
]


@pytest.fixture
def image(tmp_path: Path) -> str:
    layers = [{"a": b"x" * 10}, {"big": b"y" * 5000}]
    return build_image(layers, directory=tmp_path, history=HISTORY)


def lines(image: str, file: Path) -> list[int | None]:
    result = lightship.check(image, budgets={"max-unpacked": 100}, dockerfile=str(file))
    return [cause.line for cause in result.judged[0].causes]


def test_the_heaviest_layer_is_a_line(image: str, tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_bytes(DOCKERFILE)
    assert lines(image, file)[0] == 5
    result = lightship.check(image, budgets={"max-unpacked": 100}, dockerfile=str(file))
    (issue,) = json.loads(formatter("check", "gitlab")(result))
    assert issue["location"]["lines"] == {"begin": 5}
    sarif = json.loads(formatter("check", "sarif")(result))
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 5}


@pytest.mark.parametrize(
    "data",
    [None, b"", b"\0\xff", b"FROM scratch\nCOPY other /b\n", b"hello\n", b"x" * (17 << 20)],
    ids=["no file", "empty", "binary", "another image's", "no Dockerfile", "huge"],
)
def test_a_file_that_says_nothing_of_it_is_no_error(
    image: str, tmp_path: Path, data: bytes | None
) -> None:
    file = tmp_path / "Dockerfile"
    if data is not None:
        file.write_bytes(data)
    assert set(lines(image, file)) == {None}
    assert set(lines(image, tmp_path)) == {None}
