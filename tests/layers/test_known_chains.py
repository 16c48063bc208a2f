from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.errors import UsageError
from lightship.layers.cache import Cache, CachePlace
from lightship.layers.known_chains import KnownChains, SeenImage, chain_ids
from lightship.model.digest import Digest

if TYPE_CHECKING:
    from pathlib import Path

    from _pytest.tmpdir import TempPathFactory

IDS = [str(Digest.of(bytes([at]))) for at in range(6)]


@pytest.fixture
def place(tmp_path: Path) -> CachePlace:
    return CachePlace(tmp_path / "cache")


def layers(seen: SeenImage | None) -> int:
    return seen.layers if seen else 0


def test_the_longest_image_below_is_found(place: CachePlace) -> None:
    chains = KnownChains(place)
    assert chains.longest_below(IDS) is None
    chains.keep(IDS[:1], "root", None)
    chains.keep(IDS[:3], "base:1", "sha256:1")
    chains.keep(IDS[1:5], "elsewhere", None)
    assert KnownChains(place).longest_below(IDS) == SeenImage(
        name="base:1", digest="sha256:1", layers=3
    )
    assert layers(chains.longest_below(IDS[:3])) == 1  # not itself
    assert layers(chains.longest_below(IDS[:1])) == 0
    assert chains.longest_below([]) is None


def test_the_last_name_of_a_chain_counts(place: CachePlace) -> None:
    chains = KnownChains(place)
    chains.keep(IDS[:2], "base:1", None)
    chains.keep(IDS[:2], "base:2", None)
    seen = chains.longest_below(IDS)
    assert seen is not None
    assert seen.name == "base:2"


def test_what_is_kept_is_private_and_part_of_the_cache(place: CachePlace) -> None:
    KnownChains(place).keep(IDS[:2], "base:1", None)
    (file,) = place.directory.rglob("chain-*")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.directory.stat().st_mode) == 0o700
    assert Cache(place).info().stored_bytes == file.stat().st_size
    Cache(place).clear()
    assert not file.exists()


@pytest.mark.parametrize("damage", [b"", b"x" * 40, b'{"name": 1}'])
def test_a_damaged_record_is_none(place: CachePlace, damage: bytes) -> None:
    chains = KnownChains(place)
    chains.keep(IDS[:2], "base:1", None)
    (file,) = place.directory.rglob("chain-*")
    file.write_bytes(damage)
    assert chains.longest_below(IDS) is None
    assert not file.exists()


def test_a_record_of_another_chain_is_not_believed(place: CachePlace) -> None:
    chains = KnownChains(place)
    chains.keep(IDS[:2], "base:1", None)
    (file,) = place.directory.rglob("chain-*")
    chains.keep(IDS[:3], "base:2", None)
    (other,) = set(place.directory.rglob("chain-*")) - {file}
    other.write_bytes(file.read_bytes())
    assert layers(chains.longest_below(IDS)) == 2


def test_a_place_of_others_is_refused_if_it_was_chosen(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o777)
    (tmp_path / "cache").chmod(0o777)
    with pytest.raises(UsageError):
        KnownChains(CachePlace(tmp_path / "cache"))
    chains = KnownChains(CachePlace(tmp_path / "cache", chosen=False))
    chains.keep(IDS, "a", None)
    assert chains.longest_below([*IDS, "more"]) is None
    assert not list((tmp_path / "cache").iterdir())


def test_a_name_without_end_is_not_kept(place: CachePlace) -> None:
    KnownChains(place).keep(IDS[:2], "x" * 5000, None)
    assert not list(place.directory.rglob("chain-*"))


def test_each_chain_has_its_own_id() -> None:
    assert list(chain_ids(IDS[:2])) == list(chain_ids(IDS))[:2]
    assert len({*chain_ids(IDS), *chain_ids(IDS[1:]), *chain_ids(IDS[::-1])}) == 17


@settings(max_examples=50, deadline=None)
@given(chain=st.lists(st.sampled_from(IDS), max_size=6), cut=st.integers(0, 6))
def test_a_proper_prefix_is_found_and_nothing_else(
    tmp_path_factory: TempPathFactory, chain: list[str], cut: int
) -> None:
    chains = KnownChains(CachePlace(tmp_path_factory.mktemp("cache")))
    chains.keep(chain[:cut], "known", None)
    kept = len(chain[:cut])
    assert layers(chains.longest_below(chain)) == (kept if 0 < kept < len(chain) else 0)
