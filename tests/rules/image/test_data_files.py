"""The rules about data: data-sets, model-weights, unpacked-archives."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lightship.analysis.categories import categorise
from lightship.rules.image import data_sets, model_weights, unpacked_archives
from lightship.rules.judging import judge
from rules.subjects import LISTED, subject_of

if TYPE_CHECKING:
    from lightship.model.finding import Finding
    from lightship.rules.rule import Subject
    from lightship.testing import Layer

RULES = (data_sets.RULE, model_weights.RULE, unpacked_archives.RULE)
NOISE = random.Random(4).randbytes(2_000_000)  # noqa: S311 # the same in every run
TABLE = b"id,value\n" + b"1,0.25\n" * 1_500_000
WEIGHTS = b"\x10\0\0\0\0\0\0\0" + b'{"a": {}}' + NOISE


def explained(*layers: Layer) -> Subject:
    subject = subject_of(*layers, rules=RULES)
    ledger = subject.ledger
    categories = categorise(ledger.tree, list(ledger.places), ledger.records, ledger.ownership)
    return replace(subject, ledger=replace(ledger, category_of=categories))


def weigh(subject: Subject, wire_bytes: dict[bytes, int]) -> None:
    """Say what files of these names weigh on the wire; of others it is half of their content."""
    for place in subject.ledger.places:
        for name, record in zip(place.names, place.records, strict=True):
            if name in wire_bytes:
                subject.ledger.wire.wire_of[record] = wire_bytes[name]


def findings(*layers: Layer) -> dict[str, Finding]:
    judged = judge(explained(*layers), RULES, listed=LISTED, ignores=())
    return {finding.rule: finding for finding in judged}


def test_a_table_is_data_to_be_moved() -> None:
    found = findings({"srv/data/big.csv": TABLE, "srv/app.py": b"print()\n"})
    assert set(found) == {"data-sets"}
    finding = found["data-sets"]
    assert (finding.remedy, finding.removable_bytes) == ("move", len(TABLE))
    assert finding.severity == "warning"
    assert [evidence.path for evidence in finding.evidence] == ["srv/data/big.csv"]
    assert finding.evidence[0].layer == 1
    assert "compresses no further" not in (finding.evidence[0].note or "")


def test_little_data_is_no_warning() -> None:
    (finding,) = findings({"srv/big.csv": TABLE[:2_000_000]}).values()
    assert (finding.rule, finding.severity) == ("data-sets", "info")


def test_weights_are_weights_by_their_content_too() -> None:
    layer: Layer = {"models/model.safetensors": WEIGHTS, "models/x.gguf": b"GGUF" + NOISE}
    subject = explained(layer)
    weigh(subject, {b"model.safetensors": len(WEIGHTS), b"x.gguf": len(NOISE)})
    (finding,) = judge(subject, RULES, listed=LISTED, ignores=())
    assert finding.rule == "model-weights"
    assert finding.files == 2
    assert finding.removable_bytes == len(WEIGHTS) + 4 + len(NOISE)
    assert all("compresses no further" in (one.note or "") for one in finding.evidence)


def test_an_archive_beside_its_tree_can_be_removed() -> None:
    layer: Layer = {"opt/tool-1.2.tar.gz": NOISE, "opt/tool-1.2/bin/tool": b"x"}
    (finding,) = findings(layer).values()
    assert (finding.rule, finding.remedy) == ("unpacked-archives", "remove")
    assert finding.removable_bytes == len(NOISE)


@pytest.mark.parametrize(
    "layer",
    [
        {"opt/tool-1.2.tar.gz": NOISE},
        {"opt/tool-1.2.tar.gz": NOISE, "srv/tool-1.2/bin/tool": b"x"},
        {"srv/app.py": b"print()\n", "srv/small.csv": b"a,b\n1,2\n"},
        {"srv/blob.bin": NOISE},
    ],
    ids=["alone", "elsewhere", "small", "unknown but not large"],
)
def test_what_is_no_data(layer: Layer) -> None:
    assert findings(layer) == {}


@pytest.mark.parametrize("path", ["srv/data/big.csv", "models/model.safetensors"])
def test_what_a_package_brings_is_its_own(path: str) -> None:
    subject = explained({path: TABLE if path.endswith("csv") else WEIGHTS})
    (record,) = subject.ledger.places[-1].records
    subject.ledger.ownership.owner_of[record] = 1
    assert judge(subject, RULES, listed=LISTED, ignores=()) == ()


def test_a_large_file_of_an_unknown_kind_that_does_not_compress_is_a_guess(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(data_sets, "_LARGE_BYTES", 1_000_000)
    layer: Layer = {"srv/blob.x1": NOISE, "srv/zeros.x1": bytes(2_000_000)}
    subject = explained(layer)
    weigh(subject, {b"blob.x1": 2_000_000, b"zeros.x1": 2_000})
    (finding,) = judge(subject, RULES, listed=LISTED, ignores=())
    assert (finding.rule, finding.confidence) == ("data-sets", "guess")
    assert [evidence.path for evidence in finding.evidence] == ["srv/blob.x1"]
