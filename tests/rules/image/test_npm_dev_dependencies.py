from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING

import msgspec

from lightship.analysis.ledger import Ownership
from lightship.analysis.packages.npm import SYSTEM
from lightship.analysis.packages.package import Package
from lightship.rules.image.npm_dev_dependencies import RULE
from lightship.rules.judging import judge
from rules.subjects import LISTED, subject_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.finding import Finding
    from lightship.testing import Layer

BIG = b"x" * 2_000_000


def found(layer: Layer, packages: Sequence[Package] | None = None) -> tuple[Finding, ...]:
    """What the rule says, with the packages that npm's reader finds unless others are given."""
    asking = msgspec.structs.replace(RULE, requests=SYSTEM.requests)
    subject = subject_of(layer, rules=(asking,))
    if packages is None:
        packages = SYSTEM.find(subject.ledger.records).packages
    nobody = array("I", bytes(4 * len(subject.ledger.category_of)))
    ownership = Ownership(packages=packages, owner_of=nobody, notes=())
    ledger = msgspec.structs.replace(subject.ledger, ownership=ownership)
    return judge(msgspec.structs.replace(subject, ledger=ledger), (RULE,), listed=LISTED)


def project(at: str, **fields: object) -> dict[str, object]:
    return {f"{at}/package.json": json.dumps({"name": "app", **fields}).encode()}


def installed(folder: str, *needs: str) -> dict[str, object]:
    text = {
        "name": folder.rpartition("node_modules/")[2],
        "dependencies": dict.fromkeys(needs, "*"),
    }
    return {f"{folder}/package.json": json.dumps(text).encode(), f"{folder}/index.js": BIG}


def test_a_folder_for_each_package_that_only_development_needs() -> None:
    layer = {
        **project("app", dependencies={"a": "1"}, devDependencies={"t": "1"}),
        **installed("app/node_modules/a"),
        **installed("app/node_modules/t", "u"),
        **installed("app/node_modules/t/node_modules/u"),
    }
    (one,) = found(layer)
    assert (one.severity, one.confidence, one.remedy) == ("warning", "likely", "remove")
    sizes = [
        len(content)
        for name, content in layer.items()
        if "/t/" in name and isinstance(content, bytes)
    ]
    assert (one.removable_bytes, one.files) == (sum(sizes), 4)
    assert one.message == (
        "2 packages in /app/node_modules, with 4.00 MB in 4 files, only building and testing need."
    )
    assert "npm ci --omit=dev" in one.advice
    assert {place.path for place in one.evidence} <= {
        "app/node_modules/t",
        "app/node_modules/t/node_modules/u",
    }


def test_nothing_where_nothing_is_for_development_alone() -> None:
    layer = {
        **project("app", dependencies={"a": "1"}, devDependencies={"a": "1"}),
        **installed("app/node_modules/a"),
    }
    assert found(layer) == ()
    assert found(installed("app/node_modules/a")) == ()


def test_one_finding_for_each_application() -> None:
    layer: dict[str, object] = {}
    for at in ("x", "y{bytes}"):
        layer |= {**project(at, devDependencies={"t": "1"}), **installed(f"{at}/node_modules/t")}
    assert {one.message for one in found(layer)} == {
        f"1 package in /{at}/node_modules, with 2.00 MB in 2 files, only building and testing need."
        for at in ("x", "y(bytes)")
    }


def test_a_folder_that_holds_what_is_needed_stays() -> None:
    layer = installed("node_modules/t") | installed("node_modules/t/node_modules/a")
    tools = Package(
        system="npm", name="t", version="1", trees=(b"node_modules/t",), development=True
    )
    needed = Package(system="npm", name="a", version="1", trees=(b"node_modules/t/node_modules/a",))
    assert found(layer, [tools, needed]) == ()
    assert len(found(layer, [tools])) == 1


def test_other_systems_packages_are_not_npms() -> None:
    other = Package(
        system="composer", name="t", version="1", trees=(b"node_modules/t",), development=True
    )
    assert found(installed("node_modules/t"), [other]) == ()
