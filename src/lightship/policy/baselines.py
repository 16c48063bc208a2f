"""Baselines: an earlier image's figures, measured now or saved as JSON by an earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from lightship.errors import CorruptInputError, UsageError
from lightship.model import jsontext
from lightship.model.platform import Platform

if TYPE_CHECKING:
    from lightship.policy.figures import Figures

MAX_BASELINE_BYTES = 64 * 1024 * 1024
_LIST = "lightship.report-list/1"
_SCHEMAS = ("lightship.report/1", "lightship.check/1", "lightship.manifest/1", _LIST)
_AGAIN = "Save one again: lightship inspect IMAGE -o baseline.json."


class Baseline(Struct, frozen=True, kw_only=True):
    """What an image may not outgrow.

    Attributes:
        name: the reference or file.
        wire_bytes: None where the file has none.
        wire_bytes_error: as in `WireSize`.
        unpacked_bytes: None where the file has none.
        layers: digests and diff IDs; empty where none are known.
    """

    name: str
    wire_bytes: int | None
    wire_bytes_error: int = 0
    unpacked_bytes: int | None = None
    layers: frozenset[str] = frozenset()


def baseline_of(figures: Figures) -> Baseline:
    """From an image that was measured."""
    ids = {one for layer in figures.layers for one in (layer.digest, layer.diff_id) if one}
    return Baseline(
        name=figures.image.reference,
        wire_bytes=figures.image.wire_bytes,
        wire_bytes_error=figures.image.wire_bytes_error,
        unpacked_bytes=figures.image.unpacked_bytes,
        layers=frozenset(ids),
    )


def read_baseline(data: bytes, name: str, platform: str) -> Baseline:
    """From JSON that lightship wrote.

    Args:
        data: the file's bytes.
        name: the file's, for messages.
        platform: which of several reports is wanted.

    Raises:
        CorruptInputError: it is no JSON, or its figures are no figures.
        UsageError: it is something else's JSON.
    """
    what = f"the baseline {name}"
    document = jsontext.parse(data, what=what, limit=MAX_BASELINE_BYTES)
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(document, dict) or schema not in _SCHEMAS:
        says = f"says it is {schema!r}"[:80] if isinstance(schema, str) else "names no schema"
        raise UsageError(f"{what} {says}, not one of {', '.join(_SCHEMAS)}", _AGAIN)
    if schema == _LIST:
        document = _report_for(document, platform, what)
    image = document.get("image")
    if not isinstance(image, dict):
        raise CorruptInputError(f"{what} has no image", _AGAIN)
    return Baseline(
        name=name,
        wire_bytes=_figure(image, "wire_bytes", what),
        wire_bytes_error=_figure(image, "wire_bytes_error", what) or 0,
        unpacked_bytes=_figure(image, "unpacked_bytes", what),
        layers=_layers(document),
    )


def _report_for(document: dict[str, Any], platform: str, what: str) -> dict[str, Any]:
    reports = document.get("reports")
    wanted = Platform.parse(platform)
    for report in reports if isinstance(reports, list) else []:
        image = report.get("image") if isinstance(report, dict) else None
        says = image.get("platform") if isinstance(image, dict) else None
        try:
            if isinstance(says, str) and Platform.parse(says).matches(wanted):
                return dict(report)
        except ValueError:
            continue
    raise UsageError(f"{what} has no report for {platform}", _AGAIN)


def _figure(image: dict[str, Any], key: str, what: str) -> int | None:
    value = image.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise CorruptInputError(f"{what}: image.{key} is {str(value)[:40]!r}, no number of bytes")
    return value


def _layers(document: dict[str, Any]) -> frozenset[str]:
    rows = document.get("layers")
    found = {
        row[key]
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
        for key in ("digest", "diff_id")
        if isinstance(row.get(key), str)
    }
    return frozenset(found)
