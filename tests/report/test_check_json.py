"""Results of `check` keep to their published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
from msgspec.structs import replace

from lightship.report.json import to_json

from .gate_samples import ALL, HOSTILE, NOTHING, PASSED, SUBJECT, holding

FILE = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "check-1.json"
VALIDATOR = Draft202012Validator(json.loads(FILE.read_text()))
UNREAD = replace(
    SUBJECT,
    digest=None,
    image_id=None,
    wire_bytes=None,
    unpacked_bytes=None,
    visible_bytes=None,
    dead_bytes=None,
    duplicate_bytes=None,
    efficiency=None,
    files=None,
)


@pytest.mark.parametrize(
    "result",
    [ALL, PASSED, NOTHING, replace(ALL, image=UNREAD, baseline="base.json", profile=None)],
    ids=["all", "passed", "nothing", "unread"],
)
def test_results_keep_to_their_schema(result: Any) -> None:
    text = to_json(result)
    assert text.startswith('{\n  "schema": "lightship.check/1"')
    VALIDATOR.validate(json.loads(text))


@pytest.mark.parametrize("foreign", HOSTILE, ids=range(len(HOSTILE)))
def test_foreign_text_breaks_nothing(foreign: str) -> None:
    VALIDATOR.validate(json.loads(to_json(holding(foreign))))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("extra", 1),
        ("verdict", "perhaps"),
        ("schema", "lightship.check/2"),
        ("image", {}),
        ("judged", [{}]),
        ("dive", {}),
        ("unjudged", ["max-wire"]),
    ],
)
def test_the_schema_refuses_what_is_wrong(place: str, value: object) -> None:
    document = {**json.loads(to_json(ALL)), place: value}
    with pytest.raises(ValidationError):
        VALIDATOR.validate(document)
