"""`cache`: what is kept, and getting rid of it."""

from __future__ import annotations

from lightship.layers.cache import Cache, CacheInfo, CachePlace

__all__ = ["CacheInfo", "cache_clear", "cache_info", "cache_prune"]


def cache_info(place: CachePlace) -> CacheInfo:
    """Say what a cache holds."""
    return Cache(place).info()


def cache_prune(place: CachePlace, max_bytes: int) -> CacheInfo:
    """Remove what was not used for longest until `max_bytes` on disk are left."""
    cache = Cache(place)
    cache.prune(max_bytes)
    return cache.info()


def cache_clear(place: CachePlace) -> CacheInfo:
    """Remove everything."""
    cache = Cache(place)
    cache.clear()
    return cache.info()
