"""The outer tar: in place, and only as far as all readers agree."""

import gzip
import io
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightship.errors import CorruptInputError, LightshipError, UnreachableError
from lightship.model.image import Image
from lightship.testing import layer_tar
from lightship.transports import tape as tapes
from lightship.transports.archive import ArchiveFile
from lightship.transports.opening import open_image
from lightship.transports.spans import LocalFile
from lightship.transports.stream import ChunkTape

from .conftest import opened, read_layer
from .shelf import LAYERS, Shelf, add, named, old_layout, sha

Open = Callable[..., Image]


def archive(path: Path, *members: tuple[str, bytes | str], how: int = tarfile.GNU_FORMAT) -> str:
    with tarfile.open(path, "w", format=how) as tar:
        for name, content in members:
            add(tar, name, content)
    return str(path)


def indexed(path: str) -> ArchiveFile:
    return ArchiveFile(LocalFile.open(path))


def content(store: ArchiveFile, name: str) -> bytes | None:
    blob = store.find(name)
    if blob is None:
        return None
    with blob.open() as stream:
        return stream.read()


LONG = "d" * 120 + "/" + "f" * 150


@pytest.mark.parametrize("how", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_p1_names_of_every_form(tmp_path: Path, how: int) -> None:
    names = ["a", "./b", "c//d", LONG, "é", "\udcff", "e/f/"[:-1]]
    place = archive(tmp_path / "x.tar", *((name, name.encode("utf-8", "surrogateescape"))
                                          for name in names), how=how)  # fmt: skip
    store = indexed(place)
    for name, key in zip(names, ["a", "b", "c/d", LONG, "é", "\udcff", "e/f"], strict=True):
        assert content(store, key) == name.encode("utf-8", "surrogateescape")
    assert store.find("nothing") is None


def test_ustar_prefixes(tmp_path: Path) -> None:
    name = "p" * 150 + "/" + "n" * 90
    assert content(indexed(archive(tmp_path / "x.tar", (name, b"1"), how=0)), name) == b"1"


def test_p2_global_pax_headers_apply_to_nothing(tmp_path: Path) -> None:
    with tarfile.open(
        tmp_path / "x.tar", "w", format=tarfile.PAX_FORMAT, pax_headers={"path": "z", "a": "b"}
    ) as tar:
        add(tar, "a", b"1")
    assert content(indexed(str(tmp_path / "x.tar")), "a") == b"1"


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ({"a": "../x"}, "leads out of the archive"),
        ({"a": "/etc/passwd"}, "leads out of the archive"),
        ({"a": "=../x"}, "leads out of the archive"),
        ({"a": "=/../x"}, "leads out of the archive"),
        ({"a": "a"}, "in a circle"),
        ({"a": "b", "b": "c", "c": "a"}, "in a circle"),
        ({"a": "=b", "b": "=a"}, "in a circle"),
    ],
)
def test_links_that_lead_astray(tmp_path: Path, links: dict[str, str], told: str) -> None:
    store = indexed(archive(tmp_path / "x.tar", *links.items()))
    with pytest.raises(CorruptInputError, match=told):
        store.find("a")


def test_links_inside(tmp_path: Path) -> None:
    links: list[tuple[str, bytes | str]] = [
        ("b/x", b"1"),
        ("a/y", "../b/x"),
        ("z", "a/y"),
        ("h", "=z"),
        ("dangling", "nowhere"),
    ]
    store = indexed(archive(tmp_path / "x.tar", *links))
    assert {content(store, name) for name in ("b/x", "a/y", "z", "h")} == {b"1"}
    assert store.find("dangling") is None


@pytest.mark.parametrize("name", ["../x", "a/../b", "a/.."])
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorruptInputError, match="leads out of the archive"):
        indexed(archive(tmp_path / "x.tar", (name, b"")))


def test_a_name_twice_with_equal_content(tmp_path: Path) -> None:
    big = os.urandom(3 << 20)
    store = indexed(archive(tmp_path / "x.tar", ("a", big), ("./a", big)))
    assert content(store, "a") == big


@pytest.mark.parametrize("other", [b"2", b"22", "b", "=b"])
def test_a_name_twice_with_different_contents(tmp_path: Path, other: bytes | str) -> None:
    with pytest.raises(CorruptInputError, match="'a' twice with different contents"):
        indexed(archive(tmp_path / "x.tar", ("a", b"1"), ("./a", other))).find("a")


def test_a_manifest_json_given_twice(tmp_path: Path, piped: Open) -> None:
    data = old_layout().tar_bytes()
    twice = io.BytesIO(data)
    with tarfile.open(fileobj=twice, mode="a") as tar:
        add(tar, "./manifest.json", b"[]")
    (tmp_path / "x.tar").write_bytes(twice.getvalue())
    for act in (partial(opened, str(tmp_path / "x.tar")), partial(piped, twice.getvalue())):
        with pytest.raises(CorruptInputError, match=r"'manifest\.json' twice"):
            act()


def test_a_layer_given_twice_in_a_pipe(piped: Open) -> None:
    data = io.BytesIO(old_layout().tar_bytes())
    with tarfile.open(fileobj=data, mode="a") as tar:
        names = [name for name in tar.getnames() if name.endswith("layer.tar")]
        add(tar, names[0], LAYERS[0])
        assert len(piped(data.getvalue()).layers) == 2
    data.seek(0)
    with tarfile.open(fileobj=data, mode="a") as tar:
        add(tar, names[0], LAYERS[1])
    with pytest.raises(CorruptInputError, match="twice with different contents"):
        piped(data.getvalue())


@pytest.mark.parametrize("step", [512, 1021])
def test_every_truncation_is_told(tmp_path: Path, piped: Open, step: int) -> None:
    shelf = Shelf()
    shelf.top(named(shelf.image(), "x:1"))
    shelf.files["index.json"] = shelf.files.pop("index.json")  # the last member is needed
    data = shelf.tar_bytes()
    place = tmp_path / "x.tar"
    for length in range(step, len(data.rstrip(b"\0")), step):
        place.write_bytes(data[:length])
        for act in (partial(opened, str(place)), partial(piped, data[:length])):
            with pytest.raises(CorruptInputError) as caught:
                act()
            assert f"ends after {length} bytes" in str(caught.value)


def test_the_padding_of_the_last_member_may_be_missing(tmp_path: Path) -> None:
    data = Path(archive(tmp_path / "x.tar", ("a", b"1"))).read_bytes()
    (tmp_path / "x.tar").write_bytes(data[:513])
    assert content(indexed(str(tmp_path / "x.tar")), "a") == b"1"


def test_a_sparse_member(tmp_path: Path) -> None:
    block = bytearray(tarfile.TarInfo("a").tobuf(tarfile.GNU_FORMAT))
    block[156:157] = b"S"
    block[148:156] = b"%06o\0 " % (sum(block[:148]) + sum(block[156:512]) + 256)
    (tmp_path / "x.tar").write_bytes(bytes(block) + bytes(1024))
    with pytest.raises(CorruptInputError, match="sparse member"):
        indexed(str(tmp_path / "x.tar"))


def test_an_extended_header_over_the_limit(tmp_path: Path) -> None:
    place = archive(tmp_path / "x.tar", ("a" * (2 << 20), b""))
    with pytest.raises(CorruptInputError, match="limit 1048576"):
        indexed(place)


def test_members_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tapes, "MAX_MEMBERS", 3)
    place = archive(tmp_path / "x.tar", *((str(n), b"") for n in range(4)))
    with pytest.raises(CorruptInputError, match="limit of 3 members"):
        indexed(place)


def test_names_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tapes, "MAX_NAMES_BYTES", 100)
    with pytest.raises(CorruptInputError, match="names of more than 100 bytes"):
        indexed(archive(tmp_path / "x.tar", ("a" * 60, b""), ("b" * 60, b"")))


@pytest.mark.parametrize(
    ("data", "kind", "told"),
    [
        (b"", CorruptInputError, "is empty"),
        (b"hello", CorruptInputError, "ends after 5 bytes"),
        (b"x" * 1024, CorruptInputError, "is no image archive"),
        (layer_tar({"etc/passwd": b"x"}), CorruptInputError, "give rootfs:DIR"),
        (gzip.compress(old_layout().tar_bytes()), UnreachableError, "gzip -dc .* | lightship"),
        (b"\x28\xb5\x2f\xfd", UnreachableError, "zstd -d"),
    ],
    ids=["empty", "short", "garbage", "layer", "gzip", "zstd"],
)
def test_what_is_no_image_archive(
    tmp_path: Path, data: bytes, kind: type[LightshipError], told: str
) -> None:
    (tmp_path / "x.tar").write_bytes(data)
    with pytest.raises(kind, match=told):
        opened(str(tmp_path / "x.tar"))


def test_layers_are_read_from_several_threads(tmp_path: Path) -> None:
    tars = [layer_tar({"f": os.urandom(2 << 20)}) for _ in range(8)]
    image = opened(old_layout(tars).tar(tmp_path / "x.tar"))
    found: dict[int, str] = {}

    def read(number: int) -> None:
        with image.layers[number].open() as stream:
            found[number] = sha(b"".join(iter(lambda: stream.read(60_000), b"")))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(8)] == [sha(tar) for tar in tars]


def test_nothing_is_unpacked_and_descriptors_are_closed(tmp_path: Path) -> None:
    place = old_layout().tar(tmp_path / "x.tar")
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208
    image = opened(place)
    layer = image.layers[0]
    del image
    with layer.open() as stream:
        buffer = bytearray(100)
        assert stream.readinto(buffer) == 100  # type: ignore[attr-defined]
    del layer, stream
    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    assert [path.name for path in tmp_path.iterdir()] == ["x.tar"]


def test_an_archive_through_a_fifo(tmp_path: Path) -> None:
    place = tmp_path / "fifo"
    os.mkfifo(place)
    data = old_layout().tar_bytes()
    writer = threading.Thread(target=place.write_bytes, args=(data,))
    writer.start()
    image = open_image(f"docker-archive:{place}", platform=None, read_layer=read_layer)
    writer.join()
    assert len(image.layers) == 2


BYTES = st.binary(min_size=1, max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 40_000), BYTES), min_size=1, max_size=4))
@pytest.mark.parametrize("old", [True, False])
def test_any_change_of_an_archive_is_read_or_refused(
    tmp_path: Path, changes: list[tuple[int, bytes]], *, old: bool
) -> None:
    if old:
        shelf = old_layout([LAYERS[0], LAYERS[0]], "x:1")
    else:
        shelf = Shelf()
        manifest = shelf.image(compressed=False)
        shelf.top(named(shelf.index(manifest), "x:1"))
        shelf.saved(shelf.element(manifest, "x:1"))
    data = bytearray(shelf.tar_bytes())
    for at, new in changes:
        data[at % len(data) : at % len(data) + len(new)] = new
    (tmp_path / "x.tar").write_bytes(data)
    try:
        image = opened(str(tmp_path / "x.tar"))
        for layer in image.layers:
            with layer.open() as stream:
                stream.read()
    except LightshipError as error:
        assert error.exit_code in (2, 3, 4)  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017


@settings(deadline=None)
@given(st.binary(max_size=2048), st.integers(1, 700))
def test_a_tape_of_chunks_reads_as_a_file_does(data: bytes, size: int) -> None:
    tape = ChunkTape(iter([data[at : at + size] for at in range(0, len(data), size)]))
    whole = io.BytesIO(data)
    while expected := whole.read(311):
        assert tape.read(311) == expected
        assert tape.skip(17) == len(whole.read(17))
        assert tape.position == whole.tell()
    assert tape.read(1) == b""


PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from transports.conftest import read_layer
from lightship.errors import LightshipError
from lightship.transports.opening import open_image
try:
    image = open_image("-", platform=None, read_layer=read_layer)
    print(image.reference, [layer.stored_bytes for layer in image.layers])
except LightshipError as error:
    print(error.exit_code, error)
"""


def run_with_stdin(data: bytes | None, place: Path | None = None) -> str:
    """What a program of its own sees on its standard input."""
    code = PROGRAM.format(tests=str(Path(__file__).parent.parent))
    command = [sys.executable, "-c", code]
    if place is not None:
        with place.open("rb") as stream:
            done = subprocess.run(command, stdin=stream, capture_output=True, check=True)
    else:
        done = subprocess.run(command, input=data, capture_output=True, check=True)
    return done.stdout.decode()


def test_standard_input(tmp_path: Path) -> None:
    data = old_layout().tar_bytes()
    (tmp_path / "x.tar").write_bytes(data)
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(data))
    lengths = [len(tar) for tar in LAYERS]
    expected = f"docker-archive:- {lengths}\n"
    assert run_with_stdin(data) == expected
    assert run_with_stdin(gzip.compress(data)) == expected
    assert run_with_stdin(None, tmp_path / "x.tar") == expected
    assert run_with_stdin(None, tmp_path / "x.tar.gz") == expected


def test_standard_input_that_dies() -> None:
    data = old_layout().tar_bytes()
    assert run_with_stdin(data[:1000]).startswith(
        "4 standard input: the archive ends after 1000 bytes"
    )
    assert run_with_stdin(b"").startswith("4 standard input is empty")
    assert run_with_stdin(gzip.compress(data)[:100]).startswith("4 ")


def test_standard_input_that_is_a_terminal() -> None:
    code = PROGRAM.format(tests=str(Path(__file__).parent.parent))
    master, slave = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], stdin=slave, capture_output=True, check=True
        )
    finally:
        os.close(master)
        os.close(slave)
    assert done.stdout.startswith(b"2 standard input is a terminal")
