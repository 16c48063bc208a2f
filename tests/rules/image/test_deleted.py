from __future__ import annotations

import msgspec
import pytest

from lightship.rules.image.deleted import RULE
from lightship.rules.judging import judge
from lightship.testing import File
from rules.subjects import LISTED, found, subject_of

LISTS = {f"var/lib/apt/lists/p{at}": b"p" * 1_000_000 for at in range(3)}
GONE = {f"var/lib/apt/lists/.wh.p{at}": b"" for at in range(3)}
RUN = "RUN /bin/sh -c apt-get update && apt-get install -y git # buildkit"
REMOVE = "RUN /bin/sh -c rm -rf /var/lib/apt/lists/* # buildkit"


def test_what_is_deleted_where_and_which_to_join() -> None:
    (one,) = found(RULE, {"bin/sh": b"s"}, LISTS, GONE, history=["ADD rootfs /", RUN, REMOVE])
    assert one.severity == "warning"
    assert one.remedy == "rebuild"
    assert one.message == "Layer 3 deletes 3 files with 3.00 MB that layer 2 brought."
    assert one.advice == (
        "Delete them where they are made: join layer 3 (`RUN rm -rf /var/lib/apt/lists/*`) to"
        " layer 2 (`RUN apt-get update && apt-get install -y git`) with &&."
    )
    assert (one.removable_bytes, one.wire_bytes, one.files) == (3_000_000, 1_500_000, 3)
    (place,) = one.evidence
    assert (place.path, place.bytes, place.layer) == ("var/lib/apt/lists", 3_000_000, 2)
    assert place.note == "deleted in layer 3"
    assert place.created_by == RUN


def test_a_deletion_in_the_same_layer_is_none() -> None:
    assert found(RULE, {"bin/sh": b"s"}, {"usr/bin/git": b"g" * 10}) == ()


def test_other_deaths_are_other_rules() -> None:
    below = {"a": b"a" * 10, "b": b"b" * 10}
    above = {"a": b"A", "b": File(b"b" * 10, uid=3)}
    assert found(RULE, below, above, [("c", b"1"), ("c", b"2")]) == ()


def test_empty_files_free_nothing() -> None:
    assert found(RULE, {"a": b""}, {".wh.a": b""}) == ()


def test_one_finding_a_layer_that_deletes_and_the_layers_that_brought() -> None:
    layers = [{f"d{at}/f": b"x" * (at + 1)} for at in range(6)]
    whiteouts = {f".wh.d{at}": b"" for at in range(5)}
    one, other = found(RULE, *layers, whiteouts, {".wh.d5": b""})
    assert one.message == "Layer 7 deletes 5 files with 15 B that 5 layers brought."
    assert [(piece.path, piece.layer) for piece in one.evidence] == [
        (f"d{at}/f", at + 1) for at in (4, 3, 2, 1, 0)
    ]
    assert other.message == "Layer 8 deletes 1 file with 6 B that layer 6 brought."
    assert {one.severity, other.severity} == {"info"}
    assert one.advice == "Delete them in the instruction that makes them, layer 5."


def test_three_layers_are_named() -> None:
    layers = [{f"d{at}/f": b"x"} for at in range(3)]
    (one,) = found(RULE, *layers, {f".wh.d{at}": b"" for at in range(3)})
    assert one.message == "Layer 4 deletes 3 files with 3 B that layers 1, 2 and 3 brought."


def test_what_was_copied_is_kept_out_of_the_copy() -> None:
    (one,) = found(RULE, LISTS, GONE, history=["COPY . / # buildkit", REMOVE])
    assert one.advice.startswith("Keep them out of `COPY . /` (.dockerignore)")


@pytest.mark.parametrize(
    ("base_layers", "advice", "severity"),
    [
        (None, "Delete them where they are made", "warning"),
        (0, "Delete them where they are made", "warning"),
        (1, "They come with the base image", "warning"),
        (2, "The base image did this", "info"),
    ],
)
def test_what_the_base_brings_or_does(base_layers: int | None, advice: str, severity: str) -> None:
    subject = subject_of(LISTS, GONE, history=[RUN, REMOVE])
    subject = msgspec.structs.replace(subject, base_layers=base_layers)
    (one,) = judge(subject, [RULE], listed=LISTED)
    assert one.advice.startswith(advice)
    assert one.severity == severity


def test_a_hostile_history_stays_one_short_line() -> None:
    long = "RUN x\n\x1b[31m{bytes}" + "y" * 9_000
    (one,) = found(RULE, LISTS, GONE, history=[long, long])
    assert "\n" not in one.advice
    assert len(one.advice) < 400
    assert "{bytes}" in one.advice


def test_bytes_are_those_of_the_groups() -> None:
    subject = subject_of(LISTS, {"var/lib/.wh.apt": b"", "x": b"y" * 9}, {".wh.x": b""})
    findings = judge(subject, [RULE], listed=LISTED)
    assert sum(f.removable_bytes for f in findings) == sum(d.content_bytes for d in subject.dead)
    assert sum(f.removable_bytes for f in findings) == 3_000_009


def test_a_secret_in_an_instruction_is_not_told() -> None:
    token = "ghp_" + "a1" * 18
    line = f"RUN curl -H {token} x"
    (one,) = found(RULE, LISTS, GONE, history=[line, line])
    assert token not in str(one)
    assert "RUN curl -H *** x" in one.advice


def test_what_is_moved_is_put_in_its_place_at_once() -> None:
    model = b"m" * 2_000_000
    (one,) = found(
        RULE,
        {"app/model.bin": model, "app/old": b"o" * 10},
        {"app/.wh.model.bin": b"", "app/.wh.old": b"", "opt/model.bin": model},
        history=["COPY . /app", "RUN mv /app/model.bin /opt/ && rm /app/old"],
    )
    assert one.removable_bytes == 2_000_010
    assert one.message == (
        "Layer 2 deletes 2 files with 2.00 MB that layer 1 brought, and holds most of it again:"
        " /app/model.bin is now /opt/model.bin."
    )
    assert one.advice == (
        "Put them in the right place where they are first made, instead of moving them in"
        " layer 2 (`RUN mv /app/model.bin /opt/ && rm /app/old`)."
    )


def test_a_little_that_moves_is_no_move() -> None:
    (one,) = found(
        RULE, {"a": b"a" * 5, "b": b"b" * 5}, {".wh.a": b"", ".wh.b": b"", "c": b"b" * 5}
    )
    assert one.message == "Layer 2 deletes 2 files with 10 B that layer 1 brought."


def test_files_at_the_root_are_named_while_they_are_few() -> None:
    layer = {f"f{at}": b"x" * (at + 1) for at in range(5)}
    (one,) = found(RULE, layer, {f".wh.f{at}": b"" for at in range(5)})
    assert [piece.path for piece in one.evidence] == ["f4", "f3", "f2", "f1", "f0"]
    layer |= {"f5": b"x"}
    (one,) = found(RULE, layer, {f".wh.f{at}": b"" for at in range(6)})
    assert [piece.path for piece in one.evidence] == [""]
