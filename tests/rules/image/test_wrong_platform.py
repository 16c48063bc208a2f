from __future__ import annotations

import msgspec
import pytest

from analysis.elf_parts import written
from lightship.rules.image.wrong_platform import RULE
from lightship.rules.judging import judge
from rules.image.started import PROGRAM, judged, subject_with
from rules.subjects import LISTED

ARM = written(machine=183)


def test_the_right_platform() -> None:
    assert judged(RULE, {"app": PROGRAM}, Cmd=["/app"]) == ()


def test_an_image_for_another_machine_than_wanted() -> None:
    (one,) = judged(RULE, {"app": ARM}, platform="linux/arm64", Cmd=["/app"])
    assert (one.severity, one.confidence) == ("error", "certain")
    assert one.message == "The image is for linux/arm64, and is to run on linux/amd64."


def test_a_program_for_another_machine_than_the_image() -> None:
    (one,) = judged(RULE, {"bin/app": ARM}, Cmd=["app"])
    assert one.severity == "error"
    assert one.message == "The image is for linux/amd64, but what it runs is for arm64."
    assert [(piece.path, piece.note) for piece in one.evidence] == [("bin/app", "for arm64")]


def test_a_program_that_a_script_runs() -> None:
    layer = {"bin/sh": PROGRAM, "run": b"#!/bin/sh\nhelper\n", "bin/helper": ARM}
    (one,) = judged(RULE, layer, Cmd=["/run"])
    assert one.severity == "warning"


@pytest.mark.parametrize("data", [written(machine=3, bits=32), b"#!/none\n", b"no ELF"])
def test_what_runs_all_the_same_or_is_not_known(data: bytes) -> None:
    assert judged(RULE, {"app": data}, Cmd=["/app"]) == ()


def test_big_and_little_endian_are_not_one() -> None:
    (one,) = judged(RULE, {"app": written(order=">")}, Cmd=["/app"])
    assert "machine 62 (64 bits)" in one.message


def test_a_hint_for_who_has_amd64_alone() -> None:
    subject = subject_with(RULE, {"app": ARM}, platform="linux/arm64", Cmd=["/app"])
    subject = msgspec.structs.replace(subject, platform="linux/arm64")
    (one,) = judge(subject, (RULE,), listed=LISTED)
    assert one.severity == "info"
    assert "amd64" in one.message


def test_an_image_that_does_not_say() -> None:
    assert judged(RULE, {"app": ARM}, platform="linux/", Cmd=["/app"]) == ()
