"""`base check`: the answer, the bytes, what fails, and what cannot be judged."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from lightship.api.base_checking import Terms, base_check
from lightship.errors import LightshipError, PlatformMismatchError, UnreachableError
from lightship.net.options import NetOptions
from lightship.testing import File

from .base_images_made import STATIC, debian, image, noise

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.base_check import BaseCheckResult

TODAY = date(2026, 11, 25)
APP = {"app/prog": STATIC, "app/data": noise(20_000)}


def check(reference: str, on: str | None = None, **more: Any) -> BaseCheckResult:
    network = NetOptions(offline=True)
    return base_check(reference, on, today=TODAY, cache=None, network=network, **more)


@pytest.fixture
def base(tmp_path: Path) -> str:
    return image(tmp_path, debian(), name="example.com/debian:13", command=("sh",))


@pytest.fixture
def app(tmp_path: Path, base: str) -> str:
    assert base
    return image(tmp_path, debian(), APP)


def test_a_static_program_runs_on_nothing(app: str, base: str) -> None:
    result = check(app, "scratch", base=base)
    assert (result.answer, result.verdict, result.why) == ("runs", "pass", ())
    assert result.weight is not None
    assert result.weight.base_wire_bytes == 0
    assert result.weight.unpacked_bytes == result.weight.carried_unpacked_bytes
    assert result.weight.wire_bytes is not None
    assert 20_000 < result.weight.wire_bytes < 21_000
    assert result.on is not None
    assert result.on.opened


def test_on_its_own_base_it_weighs_what_it_weighs(app: str, base: str) -> None:
    result = check(app, base, base=base)
    weight, now = result.weight, result.image
    assert weight is not None
    assert (weight.wire_bytes, weight.unpacked_bytes) == (now.wire_bytes, now.unpacked_bytes)
    assert not weight.wire_bytes_estimated
    assert weight.pull_with_image_bytes == 0
    assert now.base_layers == 1


def test_the_estimate_is_what_a_build_upon_the_other_base_comes_to(
    tmp_path: Path, app: str, base: str
) -> None:
    other = {**debian(12), "usr/share/more": noise(5_000)}
    on = image(tmp_path, other, name="example.com/debian:12", command=("sh",))
    said = check(app, on, base=base).weight
    built = check(image(tmp_path, other, APP)).image
    assert said is not None
    assert said.wire_bytes is not None
    assert said.wire_bytes_estimated
    assert said.unpacked_bytes == built.unpacked_bytes
    assert abs(said.wire_bytes - built.wire_bytes) < 600  # headers of a tar, and a longer config
    assert said.pull_with_image_bytes == said.wire_bytes


def test_what_needs_a_shell_does_not_run_without_one(tmp_path: Path, base: str) -> None:
    script = {"app/prog": File(b"#!/bin/sh\nexec true\n", mode=0o755)}
    result = check(image(tmp_path, debian(), script), "scratch", base=base)
    assert (result.answer, result.verdict, result.why) == (
        "will not run",
        "fail",
        ("will not run",),
    )
    allowed = check(
        image(tmp_path, debian(), script), "scratch", base=base, terms=Terms(allow_untested=True)
    )
    assert allowed.verdict == "fail"


def test_a_catalogued_name_is_never_more_than_worth_a_test(app: str, base: str) -> None:
    result = check(app, "debian:13-slim", base=base)
    assert result.answer == "needs a test"
    assert result.verdict == "fail"
    assert result.on is not None
    assert not result.on.opened
    assert result.on.source
    allowed = check(app, "debian:13-slim", base=base, terms=Terms(allow_untested=True))
    assert (allowed.verdict, allowed.why) == ("pass", ())


def test_a_base_whose_support_has_ended_fails_though_it_runs(
    tmp_path: Path, app: str, base: str
) -> None:
    old = image(tmp_path, debian(10), name="example.com/debian:10", command=("sh",))
    result = check(app, old, base=base)
    assert result.answer == "runs"
    assert [one.rule for one in result.findings] == ["end-of-life-base"]
    assert result.why == ("1 finding",)
    assert check(app, old, base=base, terms=Terms(fail_on="never")).verdict == "pass"


def test_volunteers_support_is_told_and_fails_only_who_asks(tmp_path: Path) -> None:
    plain = image(tmp_path, debian(12), name="example.com/debian:12", command=("sh",))
    result = check(plain)
    assert (result.answer, result.on, result.weight) == (None, None, None)
    assert [(one.rule, one.severity) for one in result.findings] == [("end-of-life-base", "info")]
    assert result.verdict == "pass"
    assert check(plain, terms=Terms(fail_on="info")).verdict == "fail"


def test_a_newer_patch_of_the_own_base_is_told(tmp_path: Path) -> None:
    image(tmp_path, debian(), name="python:3.10.1-slim", command=("sh",))
    found = check("oci:" + str(tmp_path / "image-1")).findings
    assert "newer-patch" in [one.rule for one in found]


def test_an_unknown_own_base_is_said_to_be_unknown(app: str) -> None:
    result = check(app, "scratch")
    assert result.image.base_layers is None
    assert any("--base" in one for one in result.warnings)


def test_a_base_that_is_nowhere_is_one_line(app: str) -> None:
    with pytest.raises(UnreachableError) as problem:
        check(app, "example.com/nobody/has:this")
    assert "example.com/nobody/has:this" in str(problem.value)
    assert "catalogue" in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_base_for_another_platform_is_none(tmp_path: Path, app: str) -> None:
    other = image(tmp_path, debian(), platform="linux/arm64", command=("sh",))
    with pytest.raises(PlatformMismatchError) as problem:
        check(app, other)
    assert "linux/arm64" in str(problem.value)


def test_what_is_no_image_is_no_base(tmp_path: Path, app: str) -> None:
    (tmp_path / "notes.tar").write_bytes(b"x" * 5000)
    with pytest.raises(LightshipError) as problem:
        check(app, str(tmp_path / "notes.tar"))
    assert "\n" not in str(problem.value)


def test_an_index_that_cannot_be_read_is_a_warning(tmp_path: Path, app: str, base: str) -> None:
    result = check(app, "scratch", base=base, index=[str(tmp_path / "nothing")])
    assert result.answer == "runs"
    assert any("nothing" in one for one in result.warnings)
