from __future__ import annotations

import pytest
from msgspec.structs import replace

from lightship.analysis.base_end import (
    DIGEST_KEY,
    NAME_KEY,
    BaseEnd,
    Claim,
    KnownBase,
    base_end,
    claim_of,
    given_end,
)
from lightship.analysis.chains import common_layers
from lightship.analysis.instructions import map_history
from lightship.analysis.payload import base_image
from lightship.model.documents import HistoryEntry

from .test_node import CONFIG, LAYERS, MB

CHAIN = ["a", "b", "c", "d"]
NOTHING = Claim(None, None)
KNOWN = KnownBase(name="base:1", digest="sha256:1", diff_ids=("a", "b"))
HISTORY = [
    HistoryEntry(created_by="RUN a"),
    HistoryEntry(created_by="RUN b"),
    HistoryEntry(created_by="RUN c"),
    HistoryEntry(created_by='CMD ["c"]', empty_layer=True),
    HistoryEntry(created_by="RUN d"),
]


def end(
    claim: Claim = NOTHING,
    known: KnownBase | None = None,
    history: list[HistoryEntry] | None = None,
) -> BaseEnd | None:
    entries = history or []
    return base_end(CHAIN, claim, known, entries, map_history(entries, [1] * len(CHAIN)))


@pytest.mark.parametrize(
    ("others", "count"),
    [([], 0), (["a"], 1), (["b"], 0), (["a", "x", "c"], 1), (["a", "b", "c", "d", "e"], 4)],
)
def test_the_first_layers_that_are_the_same(others: list[str], count: int) -> None:
    assert common_layers(CHAIN, others) == count


@pytest.mark.parametrize("count", range(5))
def test_a_given_base_is_certain_where_it_is_the_beginning(count: int) -> None:
    base = replace(KNOWN, diff_ids=tuple(CHAIN[:count]))
    found = given_end(CHAIN, base)
    assert found is not None
    assert (found.layers, found.how, found.certain, found.name) == (count, "given", True, "base:1")


@pytest.mark.parametrize("chain", [("x",), ("a", "x"), ("a", "b", "c", "d", "e"), ("b",)])
def test_a_given_base_that_is_not_the_beginning_is_none(chain: tuple[str, ...]) -> None:
    assert given_end(CHAIN, replace(KNOWN, diff_ids=chain)) is None


def test_an_image_seen_before_is_likely_the_base() -> None:
    found = end(known=KNOWN)
    assert found is not None
    assert (found.layers, found.how, found.certain, found.digest) == (2, "known", False, "sha256:1")


def test_an_image_seen_before_whose_digest_is_annotated_is_certainly_the_base() -> None:
    found = end(Claim("python:3.12", "sha256:1"), KNOWN)
    assert found is not None
    assert (found.how, found.certain, found.name) == ("annotation", True, "python:3.12")
    other = end(Claim("python:3.12", "sha256:2"), KNOWN)
    assert other is not None
    assert (other.how, other.certain, other.name) == ("known", False, "base:1")


def test_the_history_may_know_of_a_nearer_base_than_was_seen() -> None:
    found = end(known=KNOWN, history=HISTORY)
    assert found is not None
    assert (found.layers, found.how, found.certain) == (3, "history", False)
    assert found.why.endswith("layers 1 to 2 are those of base:1")
    seen = end(known=replace(KNOWN, diff_ids=("a", "b", "c")), history=HISTORY)
    assert seen is not None
    assert seen.how == "known"


def test_an_annotation_names_what_the_history_ends() -> None:
    found = end(Claim("python:3.12", "sha256:9"), history=HISTORY)
    assert found is not None
    assert (found.name, found.digest, found.how) == ("python:3.12", "sha256:9", "history")
    assert not found.certain


def test_an_annotation_alone_ends_nothing() -> None:
    assert end(Claim("python:3.12", "sha256:9")) is None


def test_what_an_image_says_of_its_base() -> None:
    digest = "sha256:" + "9" * 64
    annotations = {NAME_KEY: "python:3.12", DIGEST_KEY: digest}
    assert claim_of(annotations, {NAME_KEY: "other"}) == Claim("python:3.12", digest)
    assert claim_of(None, {"a": "b"}, {DIGEST_KEY: digest}) == Claim(None, digest)
    assert claim_of(None, {}) == claim_of() == NOTHING
    assert claim_of({NAME_KEY: "x" * 5000, DIGEST_KEY: "sha256:9"}) == NOTHING
    assert claim_of({NAME_KEY: "", DIGEST_KEY: ""}, {NAME_KEY: "b"}) == Claim("b", None)


# The bytes on both sides.


def test_the_bytes_of_base_and_payload() -> None:
    layers = [replace(layer, dead_bytes=layer.index * MB) for layer in LAYERS]
    split = base_image(BaseEnd(2, "b", None, "given", certain=True, why=""), layers, CONFIG)
    assert (split.wire_bytes, split.unpacked_bytes, split.dead_bytes) == (
        100 * MB,
        300 * MB,
        3 * MB,
    )
    payload = split.payload
    assert (payload.layers, payload.wire_bytes, payload.unpacked_bytes) == (2, 50 * MB, 130 * MB)
    assert (payload.visible_bytes, payload.dead_bytes) == (123 * MB, 7 * MB)
    # Layer 3 is the blob of layer 1: a node that has the base has it.
    assert split.pull_with_base_bytes == 10 * MB + CONFIG
    assert not split.pull_with_base_estimated


def test_an_estimate_counts_where_it_is_used() -> None:
    layers = [replace(layer, wire_bytes_estimated=layer.index == 3) for layer in LAYERS]
    split = base_image(BaseEnd(2, None, None, "given", certain=True, why=""), layers, CONFIG)
    assert (split.wire_bytes_estimated, split.payload.wire_bytes_estimated) == (False, True)
    assert not split.pull_with_base_estimated


def test_a_base_of_all_layers_and_of_none() -> None:
    whole = base_image(BaseEnd(4, None, None, "given", certain=True, why=""), LAYERS, CONFIG)
    assert (whole.payload.layers, whole.pull_with_base_bytes) == (0, CONFIG)
    none = base_image(BaseEnd(0, None, None, "given", certain=True, why=""), LAYERS, CONFIG)
    assert (none.wire_bytes, none.pull_with_base_bytes) == (0, 110 * MB + CONFIG)
