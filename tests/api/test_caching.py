from __future__ import annotations

from typing import TYPE_CHECKING

import lightship
from lightship.api.caching import cache_clear, cache_info, cache_prune
from lightship.layers.cache import CachePlace
from lightship.testing import build_image

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_kept_and_getting_rid_of_it(tmp_path: Path) -> None:
    place = CachePlace(tmp_path / "cache", max_bytes=10**6)
    empty = cache_info(place)
    assert (empty.entries, empty.stored_bytes, empty.limit_bytes) == (0, 0, 10**6)
    reference = build_image([{f"{n}": b"x"} for n in range(4)], directory=tmp_path)
    lightship.inspect(reference, cache=place)
    full = cache_info(place)
    assert full.entries == 4
    assert full.path == str(tmp_path / "cache")
    half = cache_prune(place, full.stored_bytes // 2)
    assert 1 <= half.entries <= 2
    assert half.stored_bytes <= full.stored_bytes // 2
    assert half == cache_info(place)
    assert cache_clear(place).entries == 0
    assert cache_clear(place).stored_bytes == 0
