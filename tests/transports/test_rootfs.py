import os
import socket
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from lightship.errors import CorruptInputError, UnreachableError
from lightship.model.documents import Config
from lightship.model.platform import Platform
from lightship.transports import walking
from lightship.transports.rootfs import RootfsImage

from .conftest import opened


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    (place / "etc").mkdir(parents=True)
    (place / "usr").mkdir()
    return place


def image_of(root: Path) -> RootfsImage:
    image = opened(f"rootfs:{root}")
    assert isinstance(image, RootfsImage)
    return image


def tar_of(root: Path) -> bytes:
    with image_of(root).layers[0].open() as stream:
        return stream.read()


def members(root: Path) -> dict[str, tarfile.TarInfo]:
    with image_of(root).layers[0].open() as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        return {member.name: member for member in tar}


def test_an_image_of_one_layer(root: Path) -> None:
    image = image_of(root)
    assert str(image.reference) == f"rootfs:{root}"
    assert image.platform == Platform.here()
    assert (image.digest, image.config_bytes, image.names) == (None, None, ())
    assert image.config == Config()
    assert not image.stores_wire_blobs
    (layer,) = image.layers
    assert (layer.position, layer.digest, layer.diff_id, layer.media_type) == (1, None, None, None)
    assert layer.stored_bytes is None
    assert layer.identity() is None


def test_every_kind_of_entry(root: Path) -> None:
    (root / "etc/a").write_bytes(b"content")
    (root / "etc/b").hardlink_to(root / "etc/a")
    (root / "etc/c").symlink_to("/nowhere/at/all")
    os.mkfifo(root / "etc/d")
    (root / "etc/e").mkdir(mode=0o1711)
    (root / "etc/a").chmod(0o4750)
    found = members(root)
    assert sorted(found) == list(found)
    assert {name: member.type for name, member in found.items()} == {
        ".": tarfile.DIRTYPE,
        "etc": tarfile.DIRTYPE,
        "etc/a": tarfile.REGTYPE,
        "etc/b": tarfile.LNKTYPE,
        "etc/c": tarfile.SYMTYPE,
        "etc/d": tarfile.FIFOTYPE,
        "etc/e": tarfile.DIRTYPE,
        "usr": tarfile.DIRTYPE,
    }
    assert found["etc/b"].linkname == "etc/a"
    assert found["etc/c"].linkname == "/nowhere/at/all"
    assert found["etc/a"].mode == 0o4750
    assert (found["etc/a"].uid, found["etc/a"].size) == (os.getuid(), 7)


def test_the_same_tree_gives_the_same_bytes(root: Path) -> None:
    for name in ("b", "a", "c"):
        (root / "etc" / name).write_bytes(name.encode())
    before = tar_of(root)
    (root / "etc/new").touch()
    (root / "etc/new").unlink()
    os.utime(root / "etc", (0, 0))
    first = tar_of(root)
    assert first == tar_of(root)
    assert len(first) == len(before)


def test_names_that_are_not_utf8(root: Path) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/etc/\xff\xfe")).write_bytes(b"x")
    assert "etc/\udcff\udcfe" in members(root)


def test_long_names(root: Path) -> None:
    name = "/".join(["etc", *["d" * 200] * 3, "f" * 200])
    (root / name).parent.mkdir(parents=True)
    (root / name).write_bytes(b"x")
    assert members(root)[name].size == 1


def test_a_sparse_file_has_its_logical_size(root: Path) -> None:
    with (root / "usr/sparse").open("wb") as file:
        file.truncate(5 << 20)
    assert members(root)["usr/sparse"].size == 5 << 20
    assert len(tar_of(root)) > 5 << 20


def test_extended_attributes(root: Path) -> None:
    (root / "etc/a").touch()
    try:
        os.setxattr(root / "etc/a", "user.note", b"\0\xff")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    os.setxattr(root / "etc", "user.dir", b"d")
    found = members(root)
    value = found["etc/a"].pax_headers["SCHILY.xattr.user.note"]
    assert value.encode("utf-8", "surrogateescape") == b"\0\xff"
    assert found["etc"].pax_headers["SCHILY.xattr.user.dir"] == "d"


def test_sockets_are_left_out_and_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("etc/s")
        image = image_of(root)
        with image.layers[0].open() as stream:
            assert b"etc/s" not in stream.read()
    assert image.notes == (f"{root}/etc/s is a socket, which a tar cannot hold: left out",)


def test_links_out_of_the_tree_are_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/file").write_bytes(b"s3cret")
    (root / "etc/away").symlink_to(tmp_path / "secret")
    (root / "etc/file").symlink_to("../../secret/file")
    assert b"s3cret" not in tar_of(root)
    assert "etc/away/file" not in members(root)


def test_a_link_to_the_root_itself_is_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert tar_of(tmp_path / "link") == tar_of(root)


def test_what_may_not_be_read_is_counted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a stand-in for the kernel's refusal: the tests may run as root, who is refused nothing."""
    for name in ("a", "b", "c", "d"):
        (root / "etc" / name).write_bytes(b"x")
    really_open = os.open

    def refuse(path: str | bytes, flags: int, **how: int) -> int:
        if path in (b"b", b"d"):
            raise PermissionError(13, "Permission denied")
        return really_open(path, flags, **how)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreachableError, match=f"{root}/etc/b nor 1 more may not be read"):
        tar_of(root)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_that_changes_while_it_is_read(
    root: Path, monkeypatch: pytest.MonkeyPatch, change: int
) -> None:
    file = root / "etc/a"
    file.write_bytes(b"x" * 3000)
    really_read = os.read

    def read(descriptor: int, count: int) -> bytes:
        os.truncate(file, 3000 + change)
        return really_read(descriptor, count)

    monkeypatch.setattr(os, "read", read)
    with pytest.raises(CorruptInputError, match="etc/a changed while it was read"):
        tar_of(root)


def swap_for_fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def swap_for_link(file: Path) -> None:
    file.unlink()
    file.symlink_to("/etc/passwd")


@pytest.mark.parametrize("swap", [swap_for_fifo, swap_for_link, Path.unlink])
def test_a_file_that_is_replaced_while_it_is_opened(
    root: Path, monkeypatch: pytest.MonkeyPatch, swap: Callable[[Path], None]
) -> None:
    file = root / "etc/a"
    file.write_bytes(b"x")
    really_open = os.open

    def open_it(path: str | bytes, flags: int, **how: int) -> int:
        if path == b"a":
            swap(file)
        return really_open(path, flags, **how)

    monkeypatch.setattr(os, "open", open_it)
    with pytest.raises((CorruptInputError, UnreachableError), match=r"changed|cannot be read"):
        tar_of(root)


def test_directories_nested_too_deeply(root: Path) -> None:
    place = os.open(root, os.O_RDONLY)
    for _ in range(walking.MAX_DEPTH + 1):
        os.mkdir("d", dir_fd=place)
        inner = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    with pytest.raises(CorruptInputError, match="limit of 256 directories"):
        tar_of(root)


def test_other_file_systems_are_not_entered(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "usr/inner").mkdir()
    (root / "usr/inner/file").touch()
    really_stat = os.stat

    def elsewhere(path: str | bytes, **how: object) -> os.stat_result:
        found = really_stat(path, **how)  # type: ignore[arg-type]
        if path != b"inner":
            return found
        fields = {name: getattr(found, name) for name in dir(found) if name.startswith("st_")}
        return SimpleNamespace(**{**fields, "st_dev": found.st_dev + 1})  # type: ignore[return-value]

    monkeypatch.setattr(os, "stat", elsewhere)
    image = image_of(root)
    with image.layers[0].open() as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        names = tar.getnames()
    assert "usr/inner" in names
    assert "usr/inner/file" not in names
    assert image.notes == (f"{root}/usr/inner is another file system mounted there: left out",)


def test_a_stream_that_is_not_read_to_its_end_lets_go(root: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208
    with image_of(root).layers[0].open() as stream:
        assert len(stream.read(10)) == 10
    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_file_is_no_root(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(UnreachableError, match="is no directory"):
        opened(f"rootfs:{tmp_path}/x")
