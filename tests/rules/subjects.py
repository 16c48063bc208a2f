"""Images made by hand, as rules see them."""

from __future__ import annotations

from array import array
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import msgspec

from layers.scanned import read
from lightship.analysis.dead import dead_groups, dead_records
from lightship.analysis.duplicates import find_duplicates
from lightship.analysis.instructions import map_history
from lightship.analysis.ledger import Ledger, Ownership, WireUse
from lightship.analysis.packages.records import Records
from lightship.analysis.places import find_places
from lightship.filetree.merging import merge
from lightship.layers.captures import Captures
from lightship.model.documents import Config, HistoryEntry
from lightship.rules.judging import judge
from lightship.rules.rule import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.model.finding import Finding
    from lightship.model.image import Image
    from lightship.rules.rule import Rule
    from lightship.rules.suppressing import Ignore
    from lightship.testing import Layer

LISTED = 10


def subject_of(
    *layers: Layer,
    history: Sequence[str] | None = None,
    config: Config | None = None,
    config_bytes: bytes | None = None,
    rules: Iterable[Rule] = (),
) -> Subject:
    """An image of these layers, oldest first; every file weighs half of its content on the wire.

    Args:
        layers: as `lightship.testing.layer_tar` takes them.
        history: one instruction a layer; none if None.
        config: instead of one with that history.
        config_bytes: the raw config; by default what says the same as `config`.
        rules: whose requests are captured.
    """
    requests = {request.name: request for rule in rules for request in rule.requests}
    captures = Captures(tuple(requests.values()))
    scans = [read(layer, captures=captures) for layer in layers]
    tree = merge([scan.index for scan in scans])
    places = find_places(tree)
    sizes = array("Q")
    for index in tree.indexes:
        sizes.extend(index.columns.content_bytes)
    if config is None:
        config = Config(history=[HistoryEntry(created_by=line) for line in history or ()])
    image = {
        "config": config,
        "config_bytes": config_bytes or msgspec.json.encode(config),
        "platform": config.platform(),
    }
    dead = dead_records(tree)
    nothing = array("I", bytes(4 * len(sizes)))
    zeros = [0] * len(layers)
    return Subject(
        image=cast("Image", SimpleNamespace(**image)),
        scans=scans,
        instructions=map_history(config.history or (), [len(index) for index in tree.indexes]),
        ledger=Ledger(
            tree=tree,
            places=places,
            records=Records(tree, places),
            ownership=Ownership(packages=(), owner_of=nothing, notes=()),
            category_of=bytearray(len(sizes)),
            wire=WireUse(
                wire_of=array("Q", (size // 2 for size in sizes)),
                dead_of=zeros,
                overhead_of=zeros,
                estimated=False,
            ),
        ),
        dead=dead,
        dead_groups=dead_groups(tree, dead),
        duplicates=find_duplicates(tree, LISTED),
        platform="linux/amd64",
    )


def found(
    rule: Rule,
    *layers: Layer,
    history: Sequence[str] | None = None,
    config: Config | None = None,
    ignores: Sequence[Ignore] = (),
) -> tuple[Finding, ...]:
    """What one rule finds in an image of these layers."""
    subject = subject_of(*layers, history=history, config=config, rules=(rule,))
    return judge(subject, (rule,), listed=LISTED, ignores=ignores)
