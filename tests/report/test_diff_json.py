"""What `diff` writes as JSON keeps to its published schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
from msgspec.structs import replace

from lightship.model.results.diff import DiffResult
from lightship.report.json import to_json
from lightship.report.paper import Look

from . import test_json
from .diff_samples import DIFFED, NOTHING
from .test_diff_text import holding
from .test_foreign_text import assert_harmless, foreign

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("result", [DIFFED, NOTHING])
def test_results_keep_to_their_schema(result: DiffResult) -> None:
    test_json.check(json.loads(to_json(result)))


def test_fields_and_schema_agree() -> None:
    test_json.test_fields_and_schema_agree(DiffResult, "diff-1.json")


def test_paths_that_are_not_utf8_have_their_bytes_beside_them() -> None:
    added = replace(DIFFED.added[0], path="a\ufffd", path_base64="Yf8=")
    moved = replace(DIFFED.moved[0], source_base64="Yf8=", target_base64="Yf8=")
    test_json.check(json.loads(to_json(replace(DIFFED, added=(added,), moved=(moved,)))))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.update(extra=1),
        lambda document: document.pop("pull"),
        lambda document: document["instructions"][0].update(status="perhaps"),
        lambda document: document["instructions"][0].update(sharing="perhaps"),
        lambda document: document["pull"].update(wire_bytes=-1),
        lambda document: document["added"][0]["b"].update(mode=0o10000),
        lambda document: document["changed"][0].update(facts=["size"]),
    ],
)
def test_the_schema_refuses_what_is_wrong(spoil: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(to_json(DIFFED))
    spoil(document)
    with pytest.raises(ValidationError):
        test_json.check(document)


@given(foreign)
def test_foreign_text_is_harmless(text: str) -> None:
    shown = to_json(holding(text))
    assert_harmless(shown.replace("\n", ""), Look())
    json.loads(shown)
