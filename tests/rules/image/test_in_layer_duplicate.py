from __future__ import annotations

from lightship.rules.image.in_layer_duplicate import RULE
from rules.subjects import found


def test_a_path_twice_in_one_tar() -> None:
    layer = [("lib/app.jar", b"1" * 1_500_000), ("lib/app.jar", b"2" * 10), ("other", b"o")]
    (one,) = found(RULE, {"base": b"b"}, layer, history=["ADD rootfs /", "bazel build"])
    assert one.severity == "warning"
    assert one.message == "The tar of layer 2 holds 1 file with 1.50 MB that it replaces itself."
    assert one.advice == "Build layer 2 (`bazel build`) with a tool that writes each path once."
    assert [(place.path, place.layer, place.note) for place in one.evidence] == [
        ("lib/app.jar", 2, "replaced in the same layer")
    ]


def test_each_path_once_is_no_finding() -> None:
    assert found(RULE, {"a": b"1", "b": b"1"}, {"a": b"2"}) == ()
