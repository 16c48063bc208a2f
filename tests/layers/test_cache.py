from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest
from msgspec.structs import replace

from layers.local import LocalLayer, read_all
from layers.scanned import read, scan
from lightship.errors import UsageError
from lightship.layers import cache as cache_module
from lightship.layers.cache import Cache, CachePlace
from lightship.layers.captures import NO_CAPTURES, CaptureRequest, Captures
from lightship.layers.private_folder import sealed, unsealed
from lightship.layers.stored import FORMAT_VERSION, to_bytes
from lightship.model.digest import Digest
from lightship.model.image import FileIdentity
from lightship.testing import layer_tar

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = 10**9
TAR = layer_tar({"a": b"one", "d/b": b"two" * 100})
OTHER = layer_tar({"a": b"ONE", "d/b": b"two" * 100})
DIFF_ID = Digest.of(TAR)
ELF = Captures((CaptureRequest(name="elf", version=1, magics=frozenset({b"two" + b"t"})),))


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as unchanged for long, though they were made just now."""
    monkeypatch.setattr(cache_module, "_SETTLED_NS", 0)


@pytest.fixture
def place(tmp_path: Path) -> CachePlace:
    return CachePlace(tmp_path / "caches" / "lightship")


@pytest.fixture
def layer(tmp_path: Path) -> LocalLayer:
    path = tmp_path / "layer.tar"
    path.write_bytes(TAR)
    wait_for_the_clock(path)
    return LocalLayer(path)


def wait_for_the_clock(path: Path) -> None:
    """Until a change of the file would get another change time."""
    probe = path.with_name("probe")
    changed = path.stat().st_ctime_ns
    while True:
        probe.write_bytes(b"")
        if probe.stat().st_ctime_ns > changed:
            probe.unlink()
            return
        time.sleep(0.002)


def files(place: CachePlace, suffix: str) -> list[Path]:
    return sorted(place.directory.glob(f"v{FORMAT_VERSION}/*{suffix}"))


def identity(changed_ns: int, touched_ns: int = 0) -> FileIdentity:
    return FileIdentity(1, 2, 3, touched_ns, changed_ns, 0, 3)


# Indexes under their diff ID.


def test_an_index_is_found_under_its_diff_id_and_captures(place: CachePlace) -> None:
    cache, index = Cache(place), scan(TAR, captures=ELF)
    assert cache.index(DIFF_ID, ELF) is None
    cache.store(DIFF_ID, index, ELF)
    assert cache.index(DIFF_ID, ELF) == index
    assert cache.index(DIFF_ID, NO_CAPTURES) is None
    assert cache.index(Digest.of(OTHER), ELF) is None
    newer = Captures((replace(ELF.requests[0], version=2),))
    assert cache.index(DIFF_ID, newer) is None


def test_what_is_claimed_is_never_a_key(place: CachePlace, layer: LocalLayer) -> None:
    layer.diff_id = Digest.of(OTHER)
    with pytest.raises(Exception, match="diff ID"):
        read_all(layer, cache=Cache(place))
    assert Cache(place).index(Digest.of(OTHER), NO_CAPTURES) is None
    assert Cache(place).index(DIFF_ID, NO_CAPTURES) == scan(TAR)


# Files that were read before.


@pytest.mark.usefixtures("settled")
def test_the_second_reading_is_cached_and_equal(place: CachePlace, layer: LocalLayer) -> None:
    (first,) = read_all(layer, cache=Cache(place))
    (second,) = read_all(layer, cache=Cache(place))
    assert (first.verified, second.verified) == ("read", "cached")
    assert layer.opened == 1
    assert second == replace(first, verified="cached")


def _other_content(path: Path) -> None:
    path.write_bytes(OTHER)


def _touched(path: Path) -> None:
    os.utime(path)


def _same_size_and_mtime(path: Path) -> None:
    before = path.stat()
    with path.open("r+b") as file:
        file.write(OTHER)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)
    assert after.st_mtime_ns == before.st_mtime_ns


def _another_file(path: Path) -> None:
    before = path.stat()
    path.with_name("new").write_bytes(OTHER)
    path.with_name("new").replace(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _longer(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(512))


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "change", [_other_content, _touched, _same_size_and_mtime, _another_file, _longer]
)
def test_a_changed_file_is_read_again(
    place: CachePlace, layer: LocalLayer, change: Callable[[Path], None]
) -> None:
    read_all(layer, cache=Cache(place))
    change(layer.path)
    (again,) = read_all(layer, cache=Cache(place))
    assert again.verified == "read"
    assert again.digest == Digest.of(layer.path.read_bytes())
    assert again.index == scan(layer.path.read_bytes())


def test_a_file_changed_just_now_is_not_remembered(place: CachePlace, layer: LocalLayer) -> None:
    """Another change within the same tick of its clock would go unseen."""
    for _ in range(2):
        (found,) = read_all(layer, cache=Cache(place))
        assert found.verified == "read"
    assert files(place, ".seen") == []
    assert len(files(place, ".index")) == 1


@pytest.mark.parametrize(
    ("changed", "touched", "kept"),
    [
        (8 * SECOND, 0, True),
        (8 * SECOND + 1, 0, False),
        (0, 8 * SECOND, True),
        (0, 8 * SECOND + 1, False),
        (11 * SECOND, 0, False),
        (0, 99 * SECOND, False),
    ],
)
def test_two_seconds_make_a_file_settled(
    place: CachePlace, changed: int, touched: int, kept: bool
) -> None:
    cache, found, seen = Cache(place), read(TAR), identity(changed, touched)
    cache.store(found.diff_id, found.index, NO_CAPTURES)
    cache.remember(seen, found, 10 * SECOND, plain_is_wire=False)
    again = cache.scan(seen, NO_CAPTURES, plain_is_wire=False)
    assert (again is not None) is kept


@pytest.mark.usefixtures("settled")
def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    place: CachePlace, layer: LocalLayer
) -> None:
    class Changing(LocalLayer):
        def open(self) -> BinaryIO:
            stream = super().open()
            os.utime(self.path, ns=(1, 1))
            return stream

    read_all(Changing(layer.path), cache=Cache(place))
    assert files(place, ".seen") == []


@pytest.mark.usefixtures("settled")
def test_verify_reads_again(place: CachePlace, layer: LocalLayer) -> None:
    read_all(layer, cache=Cache(place))
    (again,) = read_all(layer, cache=Cache(place), trust_cache=False)
    assert again.verified == "read"
    assert layer.opened == 2


@pytest.mark.usefixtures("settled")
def test_verify_repairs_a_cache_that_lies(place: CachePlace, layer: LocalLayer) -> None:
    read_all(layer, cache=Cache(place))
    Cache(place).store(DIFF_ID, scan(OTHER), NO_CAPTURES)
    read_all(layer, cache=Cache(place), trust_cache=False)
    (after,) = read_all(layer, cache=Cache(place))
    assert (after.verified, after.index) == ("cached", scan(TAR))


@pytest.mark.usefixtures("settled")
def test_without_a_cache_nothing_is_read_or_written(
    place: CachePlace, layer: LocalLayer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    read_all(layer, cache=Cache(place))
    before = {path: path.stat().st_mtime_ns for path in place.directory.rglob("*")}
    (found,) = read_all(layer, cache=None)
    assert found.verified == "read"
    assert {path: path.stat().st_mtime_ns for path in place.directory.rglob("*")} == before
    assert not (tmp_path / "xdg").exists()


@pytest.mark.usefixtures("settled")
def test_who_wants_no_captures_takes_what_was_read_with_some(
    place: CachePlace, layer: LocalLayer
) -> None:
    (first,) = read_all(layer, cache=Cache(place), captures=ELF)
    (again,) = read_all(layer, cache=Cache(place))
    assert (first.verified, again.verified) == ("read", "cached")
    assert again.index == first.index
    assert len(files(place, ".index")) == 1


@pytest.mark.usefixtures("settled")
def test_another_set_of_captures_reads_again(place: CachePlace, layer: LocalLayer) -> None:
    read_all(layer, cache=Cache(place))
    (again,) = read_all(layer, cache=Cache(place), captures=ELF)
    assert again.verified == "read"
    assert again.index.rarities.captures == {1: {"elf": b"two" * 100}}
    (third,) = read_all(layer, cache=Cache(place), captures=ELF)
    assert third == replace(again, verified="cached")
    (fourth,) = read_all(layer, cache=Cache(place))
    assert (fourth.verified, fourth.index.rarities.captures) == ("cached", {})


# What lies in the cache is not trusted to be whole.


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _foreign(path: Path) -> None:
    path.write_bytes(b"\x89PNG not ours at all" * 50)


def _json(path: Path) -> None:
    path.write_text(json.dumps({"digest": "sha256:no", "diff_id": 5}))


def _gone(path: Path) -> None:
    path.unlink()


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("spoil", [_flipped, _truncated, _empty, _foreign, _json, _gone])
@pytest.mark.parametrize("suffix", [".index", ".seen", ".map"])
def test_what_is_damaged_counts_as_absent_and_is_replaced(
    place: CachePlace, layer: LocalLayer, suffix: str, spoil: Callable[[Path], None]
) -> None:
    (first,) = read_all(layer, cache=Cache(place))
    (target,) = files(place, suffix)
    spoil(target)
    (second,) = read_all(layer, cache=Cache(place))
    assert second == first
    (third,) = read_all(layer, cache=Cache(place))
    assert third == replace(first, verified="cached")


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("field", ["digest", "diff_id", "codec"])
def test_a_record_that_says_nonsense_is_ignored(
    place: CachePlace, layer: LocalLayer, field: str
) -> None:
    (first,) = read_all(layer, cache=Cache(place))
    (seen,) = files(place, ".seen")
    record = json.loads(unsealed(seen.read_bytes())) | {field: "nonsense"}
    seen.write_bytes(sealed(json.dumps(record).encode()))
    assert read_all(layer, cache=Cache(place)) == [first]


@pytest.mark.usefixtures("settled")
def test_no_flipped_bit_of_a_record_changes_the_answer(
    place: CachePlace, layer: LocalLayer
) -> None:
    (first,) = read_all(layer, cache=Cache(place))
    (seen,) = files(place, ".seen")
    whole = seen.read_bytes()
    for number in range(len(whole)):
        flipped = bytearray(whole)
        flipped[number] ^= 1
        seen.write_bytes(flipped)
        (again,) = read_all(layer, cache=Cache(place))
        assert replace(again, verified="read") == first


@pytest.mark.usefixtures("settled")
def test_an_index_of_another_version_is_not_looked_at(place: CachePlace, layer: LocalLayer) -> None:
    old = place.directory / "v0"
    read_all(layer, cache=Cache(place))
    (place.directory / f"v{FORMAT_VERSION}").rename(old)
    (again,) = read_all(layer, cache=Cache(place))
    assert again.verified == "read"
    assert list(old.iterdir())


# Who may use it.


def test_directories_and_files_are_private(place: CachePlace, layer: LocalLayer) -> None:
    mask = os.umask(0)
    try:
        read_all(layer, cache=Cache(place))
    finally:
        os.umask(mask)
    home = place.directory / f"v{FORMAT_VERSION}"
    assert [oct(path.stat().st_mode & 0o777) for path in (place.directory, home)] == ["0o700"] * 2
    assert {path.stat().st_mode & 0o777 for path in home.iterdir()} == {0o600}


@pytest.mark.parametrize("mode", [0o770, 0o720, 0o702, 0o777])
@pytest.mark.parametrize("inner", [False, True])
def test_a_cache_that_others_may_write_is_refused(
    place: CachePlace, mode: int, inner: bool
) -> None:
    Cache(place)
    (place.directory / f"v{FORMAT_VERSION}" if inner else place.directory).chmod(mode)
    with pytest.raises(UsageError, match="not yours alone") as caught:
        Cache(place)
    assert caught.value.exit_code == 2
    assert "--cache-dir" in caught.value.hint


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755])
def test_a_cache_that_others_may_only_read_is_fine(place: CachePlace, mode: int) -> None:
    Cache(place)
    place.directory.chmod(mode)
    Cache(place).store(DIFF_ID, scan(TAR), NO_CAPTURES)
    assert Cache(place).index(DIFF_ID, NO_CAPTURES) is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_cache_of_somebody_else_is_refused(place: CachePlace) -> None:
    Cache(place)
    os.chown(place.directory, 65534, 65534)
    with pytest.raises(UsageError, match="not yours alone"):
        Cache(place)


def test_the_default_place_is_not_used_where_others_may_write(place: CachePlace) -> None:
    """Nobody named it, so nobody is stopped; what is there is not believed either."""
    default = CachePlace(place.directory, chosen=False)
    Cache(default).store(DIFF_ID, scan(TAR), NO_CAPTURES)
    assert Cache(default).index(DIFF_ID, NO_CAPTURES) is not None
    place.directory.chmod(0o777)
    assert Cache(default).index(DIFF_ID, NO_CAPTURES) is None
    assert Cache(default).info().entries == 0


@pytest.mark.usefixtures("settled")
def test_a_place_that_cannot_be_does_without(layer: LocalLayer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = Cache(CachePlace(tmp_path / "file" / "lightship"))
    for _ in range(2):
        (found,) = read_all(layer, cache=cache)
        assert found.verified == "read"
    assert cache.info().entries == 0
    cache.clear()


# How large it becomes.


def stored(place: CachePlace, count: int) -> list[Path]:
    """So many indexes, the first used longest ago."""
    found: list[Path] = []
    for number in range(count):
        tar = layer_tar({f"{number}": b"x"})
        before = set(files(place, ".index"))
        Cache(place).store(Digest.of(tar), scan(tar), NO_CAPTURES)
        (path,) = set(files(place, ".index")) - before
        os.utime(path, (number + 1, number + 1))
        found.append(path)
    return found


def test_the_longest_unused_go_first(place: CachePlace) -> None:
    paths = stored(place, 6)
    sizes = [path.stat().st_size for path in paths]
    Cache(place).prune(sum(sizes[3:]))
    assert files(place, ".index") == sorted(paths[3:])
    Cache(place).prune(sum(sizes[3:]))
    assert files(place, ".index") == sorted(paths[3:])
    Cache(place).prune(sum(sizes[3:]) - 1)
    assert files(place, ".index") == sorted(paths[4:])


def test_use_counts(place: CachePlace) -> None:
    paths = stored(place, 3)
    assert Cache(place).index(Digest.of(layer_tar({"0": b"x"})), NO_CAPTURES) is not None
    Cache(place).prune(paths[0].stat().st_size)
    assert files(place, ".index") == [paths[0]]


@pytest.mark.usefixtures("settled")
def test_a_layer_in_use_is_still_known_after_pruning(place: CachePlace, layer: LocalLayer) -> None:
    read_all(layer, cache=Cache(place))
    for path in files(place, ""):
        os.utime(path, (0, 0))  # it was read for the first time long ago
    unused = set(stored(place, 3))
    (used,) = read_all(layer, cache=Cache(place))
    assert used.verified == "cached"
    whole = Cache(place).info().stored_bytes
    Cache(place).prune(whole - min(path.stat().st_size for path in unused))
    (after,) = read_all(layer, cache=Cache(place))
    assert after.verified == "cached"


def test_reading_keeps_the_cache_within_its_bounds(tmp_path: Path) -> None:
    place = CachePlace(tmp_path / "cache", max_bytes=3000)
    for number in range(20):
        path = tmp_path / "layer.tar"
        path.write_bytes(layer_tar({f"{number}": b"x"}))
        read_all(LocalLayer(path), cache=Cache(place))
        info = Cache(place).info()
        assert info.stored_bytes <= 3000
    assert 1 <= info.entries < 20
    assert (info.limit_bytes, info.path) == (3000, str(tmp_path / "cache"))


def test_an_index_larger_than_the_cache_is_not_written(tmp_path: Path) -> None:
    index = scan({f"{number}": b"%d" % number for number in range(300)})
    size = len(to_bytes(index))
    for limit, kept in ((size, 1), (size - 1, 0)):
        cache = Cache(CachePlace(tmp_path / f"cache-{limit}", max_bytes=limit))
        cache.store(DIFF_ID, index, NO_CAPTURES)
        assert cache.info().entries == kept


def test_info_counts_what_is_there(place: CachePlace) -> None:
    paths = stored(place, 3)
    info = Cache(place).info()
    assert info.entries == 3
    assert info.stored_bytes == sum(path.stat().st_size for path in paths)


def test_clear_takes_every_version_and_nothing_foreign(place: CachePlace) -> None:
    stored(place, 2)
    old = place.directory / "v0"
    old.mkdir()
    for name in ("x.index", "x.seen", "x.part"):
        (old / name).write_bytes(b"old")
    mine = [place.directory / "notes.txt", old / "notes.txt"]
    for path in mine:
        path.write_bytes(b"mine")
    Cache(place).clear()
    assert [path for path in place.directory.rglob("*") if path.is_file()] == mine
    assert Cache(place).info().entries == 0


def test_parts_left_behind_go_after_an_hour(place: CachePlace) -> None:
    Cache(place)
    home = place.directory / f"v{FORMAT_VERSION}"
    now = time.time()
    for name, age in (("old.part", 3700), ("young.part", 3500)):
        (home / name).write_bytes(b"half an index")
        os.utime(home / name, (now - age, now - age))
    Cache(place).prune()
    assert [path.name for path in home.iterdir()] == ["young.part"]


def test_pruning_does_not_fail_for_what_the_cache_holds(place: CachePlace) -> None:
    """A directory of that name stands for whatever cannot be removed: a read-only mount, say."""
    stored(place, 2)
    (place.directory / f"v{FORMAT_VERSION}" / "directory.index").mkdir()
    Cache(place).prune(0)
    assert Cache(place).info().entries <= 1


def test_a_damaged_index_that_cannot_be_removed_counts_as_absent(
    place: CachePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(place, 1)
    (path,) = files(place, ".index")
    path.write_bytes(b"damaged")

    def refuse(self: Path, **_: bool) -> None:
        raise PermissionError(30, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert Cache(place).index(Digest.of(layer_tar({"0": b"x"})), NO_CAPTURES) is None
