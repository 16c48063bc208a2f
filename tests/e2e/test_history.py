"""`lightship history` of an archive against `docker history` of the engine it came from."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import takewhile, zip_longest
from typing import TYPE_CHECKING

import pytest

from lightship.testing import build_image

from .dockerd import docker_engine
from .workshop import named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from .dockerd import DockerEngine
    from .programs import Lightship
    from .workshop import Built, Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "buildah", "podman", "skopeo"),
    pytest.mark.xdist_group("engine"),
]
COLUMNS = ("ID", "CreatedSince", "CreatedBy", "Size", "Comment")
FORMAT = "\t".join(f"{{{{.{column}}}}}" for column in COLUMNS)
OURS = ("IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT")
Rows = list[tuple[str, ...]]


def docker_rows(engine: DockerEngine, image: str, *options: str) -> Rows:
    """The columns as displayed: docker renders a format with the same texts as its table."""
    text = engine.docker("history", *options, "--format", FORMAT, image).decode()
    return [tuple(line.split("\t")) for line in text.splitlines()]


def docker_sizes(engine: DockerEngine, image: str) -> list[int]:
    text = engine.docker("history", "--human=false", "--format", "{{.Size}}", image)
    return [int(size) for size in text.split()]


def lightship_rows(lightship: Lightship, reference: str, *options: str) -> Rows:
    """Docker's columns of our table; three spaces stand between columns, never within one."""
    done = lightship.start("history", reference, *options)
    assert done.returncode == 0, done.stderr.decode()
    head, *lines = (re.split(" {3,}", line) for line in done.stdout.decode().splitlines())
    rows = [dict(zip_longest(head, cells, fillvalue="")) for cells in lines]
    return [tuple(row[column] for column in OURS) for row in rows]


def assert_same_display(
    engine: DockerEngine, image: str, lightship: Lightship, reference: str, *options: str
) -> None:
    """Row by row. Ages move: docker is asked before and after, and either answer will do."""
    before = docker_rows(engine, image, *options)
    ours = lightship_rows(lightship, reference, *options)
    after = docker_rows(engine, image, *options)
    assert len(ours) == len(before)
    assert ours[0][0] == before[0][0]
    # The legacy builder's own engine knows an image for each step; nobody else does.
    for row, earlier, later in zip(ours, before, after, strict=True):
        # A blank at the end of an instruction cannot be seen, in docker's table or in ours.
        assert [cell.strip() for cell in row[2:]] == [cell.strip() for cell in earlier[2:]]
        assert is_between(row[1], earlier[1], later[1]), (row, earlier, later)


def is_between(age: str, earlier: str, later: str) -> bool:
    """Whether an age can have been told between two others: only seconds pass quickly enough."""
    if age in {earlier, later}:
        return True
    first, mine, last = (seconds_of(text) for text in (earlier, age, later))
    return first is not None and mine is not None and first <= mine and (not last or mine <= last)


def seconds_of(age: str) -> int | None:
    """The seconds of an age; None where it is told in minutes and more."""
    few = {"Less than a second ago": 0, "1 second ago": 1}
    count = re.fullmatch(r"(\d+) seconds ago", age)
    return int(count[1]) if count else few.get(age)


@pytest.mark.parametrize(
    ("age", "earlier", "later", "fits"),
    [
        ("59 seconds ago", "58 seconds ago", "About a minute ago", True),
        ("1 second ago", "Less than a second ago", "2 seconds ago", True),
        ("57 seconds ago", "58 seconds ago", "About a minute ago", False),
        ("9 seconds ago", "5 seconds ago", "8 seconds ago", False),
        ("2 weeks ago", "3 weeks ago", "3 weeks ago", False),
    ],
)
def test_what_may_stand_between_two_ages(age: str, earlier: str, later: str, fits: bool) -> None:
    assert is_between(age, earlier, later) is fits


@pytest.fixture
def other_engine(workshop: Workshop) -> AbstractContextManager[DockerEngine]:
    """An engine that has never seen the images."""
    return docker_engine(workshop.root / "other-docker")


@pytest.fixture
def loaded(
    workshop: Workshop, built: dict[str, Built], other_engine: AbstractContextManager[DockerEngine]
) -> Iterator[DockerEngine]:
    with workshop.alone(), other_engine as engine:
        for builder, form in LOADED.items():
            path = built[builder].forms[form].reference.removeprefix("docker-archive:")
            engine.docker("load", "-q", "-i", path)
        yield engine


LOADED = {
    "legacy": "docker-save",
    "buildkit": "docker-save",
    "buildah": "podman-docker-archive",
}


@pytest.mark.parametrize("options", [(), ("--no-trunc",)], ids=["table", "no-trunc"])
@pytest.mark.parametrize("builder", ["legacy", "buildkit"])
def test_history_shows_what_docker_history_shows_where_it_was_built(
    builder: str,
    options: tuple[str, ...],
    workshop: Workshop,
    built: dict[str, Built],
    lightship: Lightship,
) -> None:
    reference = built[builder].forms["docker-save"].reference
    with workshop.engine() as engine:
        assert_same_display(engine, named(builder), lightship, reference, *options)


def test_history_shows_what_docker_history_shows_of_loaded_images(
    loaded: DockerEngine, built: dict[str, Built], lightship: Lightship
) -> None:
    for builder, form in LOADED.items():
        reference = built[builder].forms[form].reference
        for options in ((), ("--no-trunc",)):
            assert_same_display(loaded, named(builder), lightship, reference, *options)
        rows = lightship.json("history", reference)["rows"]
        assert [row["engine_bytes"] for row in rows] == docker_sizes(loaded, named(builder))


def test_sizes_to_the_byte_depend_on_how_a_layer_came_to_the_engine(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    """Docker counts symbolic links where it unpacked a layer, but not where BuildKit made it.

    A layer that both builders made the same is there once, as the legacy one, the first, left it.
    """
    rows = {
        builder: lightship.json("history", built[builder].forms["docker-save"].reference)["rows"]
        for builder in ("legacy", "buildkit")
    }
    both = layers_alike(built["legacy"], built["buildkit"])
    with workshop.engine() as engine:
        legacy = docker_sizes(engine, named("legacy"))
        buildkit = docker_sizes(engine, named("buildkit"))
    assert [row["engine_bytes"] for row in rows["legacy"]] == legacy
    assert [
        row["engine_bytes" if row["layer"] and row["layer"] <= both else "unpacked_bytes"]
        for row in rows["buildkit"]
    ] == buildkit
    assert sum(row["engine_bytes"] for row in rows["buildkit"]) > sum(buildkit)


def layers_alike(one: Built, other: Built) -> int:
    """How many layers, from the lowest, two images share."""
    pairs = zip(one.layer_tars, other.layer_tars, strict=False)
    return len(list(takewhile(lambda pair: pair[0].name == pair[1].name, pairs)))


SIZES = (0, 1, 999, 1000, 1049, 1050, 99_949, 99_950, 999_499, 999_500, 999_950, 1_000_000,
         2_345_678, 10_049_999)  # fmt: skip
INSTRUCTIONS = (
    "x" * 45,
    "x" * 46,
    "é" * 60,
    "漢" * 60,
    "漢" * 22 + "x",
    "tab\there",
    "a  b",
    "`$x`",
)
AGES = (30, 90, 600, 3000, 4320, 18_000, 108_000, 216_000, 864_000, 1_728_000, 4_320_000,
        8_640_000, 60_480_000, 69_120_000)  # fmt: skip
"""Seconds, each well inside one of docker's words for it."""


def test_sizes_ages_and_instructions_at_their_edges(
    workshop: Workshop,
    other_engine: AbstractContextManager[DockerEngine],
    lightship: Lightship,
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC)
    history = [
        {
            "created": (now - timedelta(seconds=age)).isoformat(),
            "created_by": instruction or "step",
            "comment": f"step {size}",
        }
        for size, instruction, age in zip_longest(SIZES, INSTRUCTIONS, AGES)
    ]
    reference = build_image(
        [{f"f{at}": b"x" * size} for at, size in enumerate(SIZES)],
        directory=tmp_path,
        form="docker-archive",
        codec="plain",
        history=history,
        name="edges:1",
    )
    with workshop.alone(), other_engine as engine:
        engine.docker("load", "-q", "-i", reference.removeprefix("docker-archive:"))
        for options in ((), ("--no-trunc",)):
            assert_same_display(engine, "edges:1", lightship, reference, *options)


def test_every_form_has_the_same_history(built: dict[str, Built], lightship: Lightship) -> None:
    answers = {}
    for name, form in built["buildkit"].forms.items():
        answers[name] = lightship.json("history", form.reference)["rows"]
        for row in answers[name]:
            del row["wire_bytes"], row["wire_bytes_estimated"]
    for name, rows in answers.items():
        assert rows == answers["docker-save"], name
