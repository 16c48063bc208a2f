"""Images seen before, by the chain of their layers; kept beside the layer indexes.

One small file an image, under its chain ID (OCI image-spec, config.md, "Layer ChainID"), so that
to ask whether the first n layers of an image are another one is to look for one file. The files
end as other records of the cache do: they count towards its limit, the least recently used go
first, and `lightship cache clear` removes them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from lightship.layers.private_folder import sealed, unsealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.layers.cache import CachePlace

_LONGEST_NAME = 1024


class SeenImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image seen before.

    Attributes:
        name: foreign text.
        digest: of its manifest.
        layers: how many it has.
        entries: how many its history has; None in records of older versions.
    """

    name: str
    digest: str | None
    layers: int
    entries: int | None = None


class KnownChains:
    """Chains of diff IDs, each with an image's name. No method fails for what is there or not."""

    def __init__(self, place: CachePlace) -> None:
        self._folder = place.folder()

    def longest_below(self, diff_ids: Sequence[str]) -> SeenImage | None:
        """The image seen before with the most layers that is a proper prefix of a chain."""
        chains = list(chain_ids(diff_ids))[:-1]
        for layers, chain in reversed(list(enumerate(chains, 1))):
            seen = self._read(_name(chain))
            if seen is not None and seen.layers == layers:
                return seen
        return None

    def keep(
        self, diff_ids: Sequence[str], name: str, digest: str | None, entries: int | None = None
    ) -> None:
        """Remember an image whose diff IDs were all computed from its bytes."""
        if not diff_ids or len(name) > _LONGEST_NAME:
            return
        seen = SeenImage(name=name, digest=digest, layers=len(diff_ids), entries=entries)
        *_, chain = chain_ids(diff_ids)
        if self._read(_name(chain)) != seen:
            self._folder.write(_name(chain), sealed(msgspec.json.encode(seen)))

    def _read(self, name: str) -> SeenImage | None:
        data = self._folder.read(name)
        if data is None:
            return None
        try:
            seen = msgspec.json.decode(unsealed(data), type=SeenImage)
        except ValueError:
            self._folder.remove(name)
            return None
        self._folder.touch(name)
        return seen


def _name(chain: str) -> str:
    return f"chain-{chain[:32]}.seen"


def chain_ids(diff_ids: Sequence[str]) -> Iterator[str]:
    """For each layer, the hexadecimal chain ID of the layers up to it."""
    chain = ""
    for diff_id in diff_ids:
        above = f"{chain} {diff_id}" if chain else diff_id
        chain = f"sha256:{hashlib.sha256(above.encode()).hexdigest()}" if chain else diff_id
        # The specification leaves the first one as it is, whatever its algorithm.
        yield hashlib.sha256(chain.encode()).hexdigest()
