"""Instructions of an image's history that were certainly given above its base."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.instructions import map_history

if TYPE_CHECKING:
    from lightship.bases.inside import Inside

_NOP = re.compile(r"\A/bin/sh -c #\(nop\)\s+")


def instructions_above(inside: Inside) -> tuple[str, ...]:
    """What is written from the first layer above the base on; empty where nobody knows the base.

    Instructions between the base's last layer and that one may be either's.
    """
    layers = inside.base_layers
    if layers is None or layers >= len(inside.scans):
        return ()
    sizes = [len(scan.index) for scan in inside.scans]
    first = map_history(inside.history, sizes).entries[layers]
    if first is None:
        return ()
    return tuple(_NOP.sub("", one.created_by or "") for one in inside.history[first:])


def is_set_above(inside: Inside, name: bytes) -> bool:
    """Whether an ENV instruction above the base certainly sets a variable."""
    wanted = re.compile(rf"(?:\A|\s){re.escape(name.decode('utf-8', 'replace'))}=")
    return any(
        line.startswith("ENV ") and wanted.search(line[3:]) for line in instructions_above(inside)
    )
