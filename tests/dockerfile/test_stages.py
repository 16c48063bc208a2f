"""Stages: names, numbers, what builds upon what, and what is in the image."""

from __future__ import annotations

import pytest

from lightship.dockerfile.build import Build


def build(text: str) -> Build:
    return Build.read(text.encode())


def test_a_stage_by_its_name_in_any_letters_and_by_its_number() -> None:
    made = build(
        "FROM a AS One\nFROM ONE as two\nFROM c\nCOPY --from=0 /a /a\nFROM d\nCOPY --from=Two / /\n"
    )
    stages = made.stages
    assert [stage.name for stage in stages.all] == ["one", "two", None, None]
    assert [stage.base_stage for stage in stages.all] == [None, 0, None, None]
    assert stages.shipped == {3}
    assert stages.needed == {0, 1, 3}


def test_the_last_stage_ships_with_all_it_stands_on() -> None:
    made = build("FROM a AS x\nRUN 1\nFROM x AS y\nRUN 2\nFROM b\nFROM y\nRUN 3\n")
    assert made.stages.shipped == {0, 1, 3}
    assert [step.instruction.value for step in made.shipped() if step.keyword == "RUN"] == [
        "1",
        "2",
        "3",
    ]


def test_a_name_is_an_image_before_there_is_a_stage_of_that_name() -> None:
    made = build("FROM late\nFROM a AS late\n")
    assert made.stages.all[0].base_stage is None


def test_the_later_of_two_stages_of_one_name() -> None:
    made = build("FROM a AS x\nFROM b AS x\nFROM c\nCOPY --from=x / /\n")
    assert made.stages.needed == {1, 2}


@pytest.mark.parametrize(
    ("instruction", "needed"),
    [
        ("COPY --from=x / /", {0, 1}),
        ("COPY --from=nginx:1 / /", {1}),
        ("COPY --from=7 / /", {1}),
        ("ADD --from=x / /", {0, 1}),
        ("RUN --mount=type=bind,from=x,target=/x ls", {0, 1}),
        ("RUN --mount=target=/x,from=x ls", {0, 1}),
        ("RUN --mount=type=cache,target=/x ls", {1}),
        ("ONBUILD COPY --from=x / /", {0, 1}),
    ],
)
def test_what_a_stage_takes_from_another(instruction: str, needed: set[int]) -> None:
    assert build(f"FROM a AS x\nFROM b\n{instruction}\n").stages.needed == needed


def test_arguments_before_the_first_stage_are_filled_in() -> None:
    made = build(
        "ARG A=1\nARG B=${A}-slim\nARG C\n"
        "FROM python:$B\nFROM x:${C:-2}\nFROM y:${C}\nFROM z:${D}\nFROM ${A:+w}\n"
    )
    assert [stage.base_name for stage in made.stages.all] == [
        "python:1-slim",
        None,
        None,
        "z:",
        "w",
    ]


def test_instructions_before_the_first_stage_belong_to_none() -> None:
    made = build("ARG A\nRUN x\nFROM a\nRUN y\n")
    assert [step.stage is None for step in made.steps] == [True, True, False, False]
    assert not made.is_shipped(made.steps[1])


def test_no_stage_at_all() -> None:
    made = build("RUN x\n")
    assert (made.stages.all, made.stages.shipped, list(made.shipped())) == ((), frozenset(), [])
    assert list(made.after(made.steps[0])) == []


def test_a_number_of_thousands_of_digits_names_no_stage() -> None:
    source = f"FROM a\nFROM b\nCOPY --from={'9' * 5000} a b\nCOPY --from=0 a b\n"
    assert Build.read(source.encode()).stages.needed == {0, 1}
