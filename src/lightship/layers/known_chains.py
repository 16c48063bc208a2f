"""Images seen before, by the chain of their layers; kept beside the layer indexes.

One small file an image, under its chain ID (OCI image-spec, config.md, "Layer ChainID"), so that
to ask whether the first n layers of an image are another one is to look for one file. The files
end as other records of the cache do: they count towards its limit, the least recently used go
first, and `lightship cache clear` removes them.
"""

from __future__ import annotations

import hashlib
import os
from threading import get_ident
from typing import TYPE_CHECKING

import msgspec

from lightship.errors import UsageError
from lightship.layers.cache import _private, _remove, _sealed, _touch, _unsealed
from lightship.layers.stored import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lightship.layers.cache import CachePlace

_NEW_FILE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
_LONGEST_NAME = 1024


class SeenImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image seen before. `name` is foreign text, `layers` how many it has."""

    name: str
    digest: str | None
    layers: int


class KnownChains:
    """Chains of diff IDs, each with an image's name. No method fails for what is there or not."""

    def __init__(self, place: CachePlace) -> None:
        self._home = place.directory / f"v{FORMAT_VERSION}"
        try:
            self._usable = _private(place.directory) and _private(self._home)
        except UsageError:
            if place.chosen:
                raise
            self._usable = False

    def longest_below(self, diff_ids: Sequence[str]) -> SeenImage | None:
        """The image seen before with the most layers that is a proper prefix of a chain."""
        if not self._usable:
            return None
        chains = list(chain_ids(diff_ids))[:-1]
        for layers, chain in reversed(list(enumerate(chains, 1))):
            seen = self._read(self._path(chain))
            if seen is not None and seen.layers == layers:
                return seen
        return None

    def keep(self, diff_ids: Sequence[str], name: str, digest: str | None) -> None:
        """Remember an image whose diff IDs were all computed from its bytes."""
        if not self._usable or not diff_ids or len(name) > _LONGEST_NAME:
            return
        seen = SeenImage(name=name, digest=digest, layers=len(diff_ids))
        *_, chain = chain_ids(diff_ids)
        path = self._path(chain)
        if self._read(path) != seen:
            self._write(path, _sealed(msgspec.json.encode(seen)))

    def _path(self, chain: str) -> Path:
        return self._home / f"chain-{chain[:32]}.seen"

    def _read(self, path: Path) -> SeenImage | None:
        try:
            seen = msgspec.json.decode(_unsealed(path.read_bytes()), type=SeenImage)
        except OSError:
            return None
        except ValueError:
            _remove(path)
            return None
        _touch(path)
        return seen

    def _write(self, path: Path, data: bytes) -> None:
        part = self._home / f"{path.stem}-{os.getpid()}-{get_ident()}.part"
        try:
            with os.fdopen(os.open(part, _NEW_FILE, 0o600), "wb") as file:
                file.write(data)
            part.replace(path)
        except OSError:  # the answer is right without
            _remove(part)


def chain_ids(diff_ids: Sequence[str]) -> Iterator[str]:
    """For each layer, the hexadecimal chain ID of the layers up to it."""
    chain = ""
    for diff_id in diff_ids:
        above = f"{chain} {diff_id}" if chain else diff_id
        chain = f"sha256:{hashlib.sha256(above.encode()).hexdigest()}" if chain else diff_id
        # The specification leaves the first one as it is, whatever its algorithm.
        yield hashlib.sha256(chain.encode()).hexdigest()
