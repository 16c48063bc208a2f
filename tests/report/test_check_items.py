from __future__ import annotations

import pytest
from msgspec.structs import replace

from lightship.printable import is_hidden
from lightship.report.check_items import Budget, amount, headline, image_name, items

from .gate_samples import (
    ALL,
    FORBIDDEN,
    HOSTILE,
    NOTHING,
    PASSED,
    SUBJECT,
    WIRE,
    checked,
    holding,
)


def named(name: str) -> Budget:
    return next(item for item in items(ALL) if item.name == name)


def test_everything_that_was_asked_is_an_item() -> None:
    assert [(item.rule, item.name, item.verdict) for item in items(ALL)] == [
        ("LS-CHECK-MAX-WIRE", "max-wire", "fail"),
        ("LS-CHECK-MIN-EFFICIENCY", "min-efficiency", "warn"),
        ("LS-CHECK-MAX-LAYERS", "max-layers", "pass"),
        ("LS-CHECK-FORBID", "forbid", "fail"),
        ("LS-CHECK-MAX-GROWTH", "max-growth", "unjudged"),
        ("LS-CHECK-DIVE-LOWEST-EFFICIENCY", "dive-lowestEfficiency", "fail"),
        ("LS-CHECK-DIVE-HIGHEST-WASTED-BYTES", "dive-highestWastedBytes", "pass"),
        ("LS-CHECK-DIVE-HIGHEST-USER-WASTED-PERCENT", "dive-highestUserWastedPercent", "off"),
    ]
    assert items(NOTHING) == ()


def test_figures_are_written_in_their_units() -> None:
    wire = named("max-wire")
    assert (wire.measured, wire.headroom) == ("5.37 GB", "-1 B")
    assert wire.limits == "warn above 1.00 GB, fail above 5 GiB"
    efficiency = named("min-efficiency")
    assert (efficiency.measured, efficiency.headroom) == ("0.909", "0.009")
    assert efficiency.limits == "warn below 0.95, fail below 0.9"
    assert named("max-layers").limits == "fail above 127"
    assert named("dive-highestWastedBytes").measured == "1.00 GB"
    assert named("dive-highestUserWastedPercent").measured == "not a number"


def test_an_estimate_is_marked() -> None:
    image = replace(SUBJECT, wire_bytes_estimated=True, wire_bytes_error=5)
    measured = [item.measured for item in items(replace(ALL, image=image))]
    assert measured[:2] == ["≈ 5.37 GB", "0.909"]


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [(1_234_567, "count", "1,234,567"), (3, "paths", "3"), (0.95, "ratio", "0.95")],
)
def test_amounts(value: float, unit: str, written: str) -> None:
    assert amount(value, unit) == written  # type: ignore[arg-type]


def test_causes_are_lines() -> None:
    assert named("max-wire").causes == (
        "3.22 GB opt/conda/lib/libtorch.so (layer 4: RUN conda install torch)",
        "2.15 GB /models (layer 7)",
        "4.00 kB RUN make (layer 8)",
        "the base image",
    )


def test_the_headline_counts() -> None:
    assert headline(ALL) == (
        "registry:registry.example/team/shop:1.4.2, linux/amd64: "
        "3 broken, 1 near their limit, 2 kept, 1 not judged"
    )
    assert headline(PASSED).endswith(": 1 kept")
    assert headline(NOTHING).endswith(": nothing to judge")


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("registry:registry.example/team/shop:1.4.2", "registry.example/team/shop"),
        ("registry:localhost:5000/shop", "localhost:5000/shop"),
        ("registry:registry.example/shop@sha256:00", "registry.example/shop"),
        ("docker:shop:1", "shop"),
        ("docker-archive:app.tar", "app.tar"),
        ("docker-archive:app.tar:registry.example/shop:1", "app.tar:registry.example/shop"),
        ("oci:build/layout:latest", "build/layout"),
    ],
)
def test_a_tag_is_no_part_of_a_name(reference: str, name: str) -> None:
    result = replace(ALL, image=replace(SUBJECT, reference=reference))
    assert image_name(result) == name


def prints(*results: object) -> list[str]:
    return [item.fingerprint for result in results for item in items(result)]  # type: ignore[arg-type]


def test_fingerprints_stay_from_build_to_build() -> None:
    later = replace(
        ALL,
        image=replace(SUBJECT, reference="registry:registry.example/team/shop:1.5", digest=None),
        judged=tuple(replace(one, measured=7, message="Other words.") for one in ALL.judged),
    )
    assert prints(later) == prints(ALL)


def test_fingerprints_tell_budgets_images_and_files_apart() -> None:
    assert len({*prints(ALL)}) == len(items(ALL))
    other_image = replace(ALL, image=replace(SUBJECT, reference="docker:other:1.4.2"))
    other_file = replace(ALL, file="web/Dockerfile")
    assert len({*prints(ALL, other_image, other_file)}) == 3 * len(items(ALL))


def test_the_same_budget_twice_has_two_names() -> None:
    twice = checked(FORBIDDEN, FORBIDDEN, WIRE, FORBIDDEN)
    assert [item.name for item in items(twice)] == ["forbid", "forbid-2", "max-wire", "forbid-3"]
    assert len({*prints(twice)}) == 4
    assert {item.rule for item in items(twice)} == {"LS-CHECK-FORBID", "LS-CHECK-MAX-WIRE"}


@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_is_printable(text: str) -> None:
    for item in items(holding(text)):
        words = (item.message, item.advice, item.origin, item.limits, *item.causes)
        assert not any(is_hidden(char) for word in words for char in word)
        assert all(len(word) <= 2_001 for word in words)
