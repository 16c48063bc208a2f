"""The published schemas, and what is written under their names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
from msgspec import Struct
from msgspec.structs import replace
from referencing import Registry, Resource

from lightship.model.results.base_check import BaseCheckResult
from lightship.model.results.base_compare import BaseCompareResult
from lightship.model.results.base_list import BaseListResult
from lightship.model.results.base_suggest import BaseSuggestResult
from lightship.model.results.base_update import BaseUpdateResult, Updated
from lightship.model.results.context import ContextResult, InitResult
from lightship.model.results.fix import FixResult
from lightship.model.results.history import HistoryResult
from lightship.model.results.inspect import InspectResult
from lightship.model.results.lint import LintResult
from lightship.model.results.manifest import ManifestList, ManifestResult
from lightship.model.results.proof import ProofDocument
from lightship.model.results.rewrite import RewriteResult
from lightship.model.results.rules import RulesResult
from lightship.report.cache import cache_json
from lightship.report.json import Versioned, to_json

from .base_compared_samples import COMPARED, LISTED, NONE_LISTED
from .base_samples import BY_FILE, NO_CANDIDATE, OWN, REFUSED, RUNS, SUGGESTED
from .context_samples import BARE, INIT, LEGACY, SHOWN, UNCOUNTED, WHY
from .lint_samples import FIXED, FOUND, NOTHING, NOTHING_FIXED
from .rewrite_samples import (
    ALL,
    CLEANED,
    COPIED,
    PACKED,
    PLANNED,
    RECOMPRESSED,
    SQUASHED,
    UNSHARED,
)
from .rewrite_samples import NOTHING as NOTHING_WON
from .samples import EMPTY, HISTORY, INSPECTED, MANIFEST, NODE

UPDATED = BaseUpdateResult(
    folder="/home/me/.local/share/lightship",
    requests=3,
    bases=(
        Updated(name="python:3.13-slim", place="docker.io", state="refreshed"),
        Updated(name="no:1", place="m.org for docker.io", state="failed", why="404 (\udcff)"),
    ),
    products=(Updated(name="Debian", place="endoflife.date", state="left", why="too much"),),
    warnings=("a file could not be read",),
)
SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas"
LOADED = {file.name: json.loads(file.read_text()) for file in sorted(SCHEMAS.glob("*.json"))}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in LOADED.items()
)


def check(document: dict[str, Any]) -> None:
    name = document["schema"].removeprefix("lightship.").replace("/", "-") + ".json"
    Draft202012Validator(LOADED[name], registry=REGISTRY).validate(document)


@pytest.mark.parametrize("name", LOADED)
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(LOADED[name])
    assert LOADED[name]["$id"] == name


@pytest.mark.parametrize("name", LOADED)
def test_schemas_are_strict(name: str) -> None:
    def visit(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert node["required"] == list(node["properties"])
            for value in node.values():
                visit(value)
        elif isinstance(node, list):
            for value in node:
                visit(value)

    visit(LOADED[name])


@pytest.mark.parametrize(
    "result",
    [
        INSPECTED,
        replace(INSPECTED, node=NODE),
        replace(INSPECTED, node=replace(NODE, images=None, freed_bytes=None, enough=None)),
        EMPTY,
        HISTORY,
        (INSPECTED, EMPTY),
        (),
        MANIFEST,
        replace(MANIFEST, base=None),
        ManifestList(manifests=(MANIFEST, MANIFEST)),
        ManifestList(manifests=()),
        FOUND,
        NOTHING,
        FIXED,
        NOTHING_FIXED,
        SHOWN,
        LEGACY,
        BARE,
        UNCOUNTED,
        WHY,
        INIT,
        SQUASHED,
        PLANNED,
        NOTHING_WON,
        UNSHARED,
        CLEANED,
        RECOMPRESSED,
        COPIED,
        PACKED,
        ALL,
        RUNS,
        REFUSED,
        OWN,
        SUGGESTED,
        BY_FILE,
        NO_CANDIDATE,
        UPDATED,
        LISTED,
        NONE_LISTED,
        COMPARED,
    ],
)
def test_results_keep_to_their_schema(result: Versioned | tuple[Versioned, ...]) -> None:
    text = to_json(result)
    check(json.loads(text))
    assert text.endswith("}\n")
    assert text.startswith('{\n  "schema": "lightship.')


def test_cache_keeps_to_its_schema() -> None:
    check(json.loads(cache_json("/home/\udcff", 3, 5, 10)))


def test_paths_that_are_not_utf8_have_their_bytes_beside_them() -> None:
    dead = replace(INSPECTED.largest_dead[0], path="a\ufffd", path_base64="Yf8=")
    twice = replace(INSPECTED.duplicates[0], paths_base64=(None, "Yf8="))
    check(json.loads(to_json(replace(INSPECTED, largest_dead=(dead,), duplicates=(twice,)))))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("extra", 1),
        ("verified", "perhaps"),
        ("schema", "lightship.report/2"),
        ("image", {}),
        ("findings", [1]),
        ("warnings", [None]),
    ],
)
def test_the_schema_refuses_what_is_wrong(place: str, value: object) -> None:
    document = json.loads(to_json(INSPECTED))
    document[place] = value
    with pytest.raises(ValidationError):
        Draft202012Validator(LOADED["report-1.json"], registry=REGISTRY).validate(document)


@pytest.mark.parametrize(
    ("result", "name"),
    [
        (InspectResult, "report-1.json"),
        (HistoryResult, "history-1.json"),
        (ManifestResult, "manifest-1.json"),
        (RulesResult, "rules-1.json"),
        (LintResult, "lint-1.json"),
        (FixResult, "fix-1.json"),
        (ContextResult, "context-show-1.json"),
        (InitResult, "context-init-1.json"),
        (RewriteResult, "rewrite-1.json"),
        (ProofDocument, "proof-1.json"),
        (BaseCheckResult, "base-check-1.json"),
        (BaseSuggestResult, "base-suggest-1.json"),
        (BaseUpdateResult, "base-update-1.json"),
        (BaseListResult, "base-list-1.json"),
        (BaseCompareResult, "base-compare-1.json"),
    ],
)
def test_fields_and_schema_agree(result: type, name: str) -> None:
    root = LOADED[name]

    def resolved(node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            node = root["$defs"][node["$ref"].removeprefix("#/$defs/")]
        return node

    def agree(kind: Any, node: dict[str, Any], place: str) -> None:
        node = resolved(node)
        if get_origin(kind) in (UnionType, Union):
            present = [one for one in get_args(kind) if one is not NoneType]
            assert NoneType in get_args(kind), place
            if "anyOf" in node:
                assert {"type": "null"} in node["anyOf"], place
                node = resolved(node["anyOf"][0])
            elif "enum" in node:
                assert node["enum"][-1] is None, place
                node = {**node, "enum": node["enum"][:-1]}
            else:
                assert node["type"][1] == "null", place
                node = {**node, "type": node["type"][0]}
            agree(present[0], node, place)
        elif isinstance(kind, type) and issubclass(kind, Struct):
            hints = get_type_hints(kind)
            assert set(kind.__struct_fields__) == set(node["properties"]), place
            for key in kind.__struct_fields__:
                agree(hints[key], node["properties"][key], f"{place}.{key}")
        elif get_origin(kind) is tuple:
            assert node["type"] == "array", place
            if get_args(kind):
                agree(get_args(kind)[0], node["items"], f"{place}[]")
        elif get_origin(kind) is Literal:
            assert list(get_args(kind)) == node["enum"], place
        elif "const" in node:
            assert kind is str, place
        elif kind is str and node["type"] == ["string", "null"]:
            pytest.fail(f"{place} may be null in the schema only")
        else:
            names_of = {str: "string", int: "integer", float: "number", bool: "boolean"}
            expected = "null" if kind is NoneType else names_of[kind]
            assert node["type"] == expected, place

    agree(result, root, result.__name__)


def test_every_size_in_the_reports_says_which() -> None:
    for name in ("report-1.json", "history-1.json", "manifest-1.json"):
        for key in re.findall(r'"(\w*size\w*)":', (SCHEMAS / name).read_text()):
            pytest.fail(f"{name} has {key}")
