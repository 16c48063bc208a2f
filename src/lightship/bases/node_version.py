"""Which version of Node.js is in an image: by its header, its package, or what the image sets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.runtime_versions import runtime_versions
from lightship.bases.runtimes import source_of

if TYPE_CHECKING:
    from lightship.bases.inside import Inside
    from lightship.bases.move import Move
    from lightship.bases.runtimes import Runtimes

NODE = re.compile(rb"node|nodejs")
_HEADER = b"include/node/node_version.h"
_MAJOR = re.compile(r"v?(?:\d+:)?(\d{1,3})\b")
_PACKAGES = frozenset(("nodejs", "nodejs-current", "nodejs-lts", "node"))
MODULE_VERSIONS = {
    12: 72, 14: 83, 16: 93, 18: 108, 19: 111, 20: 115, 21: 120, 22: 127, 23: 131, 24: 137, 25: 141,
}  # fmt: skip
"""NODE_MODULE_VERSION by major version (nodejs/node, doc/abi_version_registry.json)."""


def node_now(move: Move, found: Runtimes) -> int | None:
    """The major version that runs the application now."""
    return _major(move.application.inside, found.now.path, found.now.record)


def node_there(move: Move, found: Runtimes) -> int | None:
    """The major version on the base; where nobody looked, the catalogue's."""
    landing, row = move.landing, move.candidate.row
    if landing is not None and found.there is not None:
        inside, record = source_of(move, landing, found.there.record)
        return _major(inside, found.there.path, record)
    if landing is None and row is not None and "javascript" in row.languages:
        return _number(row.version or "")
    return None


def _major(inside: Inside, path: bytes, record: int) -> int | None:
    prefix = path.rpartition(b"/")[0].rpartition(b"/")[0]
    header = prefix + b"/" + _HEADER if prefix else _HEADER
    said = runtime_versions(inside.ledger.records).get(header)
    if said is not None:
        return said.major
    package = inside.ledger.ownership.package_of(record)
    if package is not None and package.name in _PACKAGES:
        return _number(package.version or "")
    return _number(inside.settings.environment.get(b"NODE_VERSION", b"").decode("utf-8", "replace"))


def _number(text: str) -> int | None:
    match = _MAJOR.match(text)
    return int(match[1]) if match is not None else None
