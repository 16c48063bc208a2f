"""Images with a command and packages, as rules see them."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING

import msgspec

from analysis.elf_parts import written
from lightship.analysis.ledger import Ownership
from lightship.analysis.lookup import Lookup
from lightship.model.documents import Config
from lightship.rules.judging import judge
from rules.subjects import LISTED, subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.analysis.packages.package import Package
    from lightship.model.finding import Finding
    from lightship.rules.rule import Rule, Subject

PROGRAM = written()


def subject_with(
    rule: Rule,
    *layers: Mapping[str, object],
    packages: Sequence[Package] = (),
    platform: str = "linux/amd64",
    **config: object,
) -> Subject:
    """An image of these layers, with these members of `config`, and files that packages own."""
    system, _, architecture = platform.partition("/")
    raw = json.dumps({"os": system, "architecture": architecture, "config": config}).encode()
    subject = subject_of(
        *layers,
        config=msgspec.json.decode(raw, type=Config),
        config_bytes=raw,
        rules=(rule,),
    )
    ledger = subject.ledger
    owner_of = array("I", bytes(4 * len(ledger.category_of)))
    lookup = Lookup(ledger.tree)
    for number, package in enumerate(packages, 1):
        for path in package.paths:
            file = lookup.file(path)
            assert file is not None, path
            owner_of[file.record] = number
    ownership = Ownership(packages=tuple(packages), owner_of=owner_of, notes=())
    return msgspec.structs.replace(
        subject, ledger=msgspec.structs.replace(ledger, ownership=ownership)
    )


def judged(
    rule: Rule,
    *layers: Mapping[str, object],
    packages: Sequence[Package] = (),
    platform: str = "linux/amd64",
    **config: object,
) -> tuple[Finding, ...]:
    """What one rule finds in an image made by `subject_with`."""
    subject = subject_with(rule, *layers, packages=packages, platform=platform, **config)
    return judge(subject, (rule,), listed=LISTED)
