"""What comes by once can be read again, is the same image, and leaves nothing behind."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engines import said
from engines.fake_engine import DOCKER, NEW_DOCKER, chunked, fake_engine
from lightship.engines.engine import BrokenOffError
from lightship.errors import CorruptInputError, DestinationError, PlatformMismatchError
from lightship.layers.limits import Limits
from lightship.model.platform import Platform
from lightship.progress import Silent
from lightship.testing import layer_tar
from lightship.transports.access import Access
from lightship.transports.opening import open_image
from lightship.transports.spooling import open_all_rereadable, open_rereadable

from .conftest import opened, read_layer
from .shelf import LAYERS, Shelf, config_of, named, old_layout, raw, sha

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engines.fake_engine import FakeEngine
    from lightship.model.image import Image

NAME = "localhost/x:1"
CONFIG_ID = sha(raw(config_of(LAYERS)))
ROUTE = "/v1.41"
LARGE = [layer_tar({"a": os.urandom(3_000_000)}), layer_tar({"b": b"y"})]


@pytest.fixture
def docker() -> Iterator[FakeEngine]:
    """A classic store that holds one image."""
    with fake_engine(DOCKER) as fake:
        archive = old_layout(LAYERS, NAME).tar_bytes()
        fake.holds(ROUTE, NAME, said.docker(CONFIG_ID, NAME), archive)
        yield fake


def facts(image: Image) -> dict[str, object]:
    """All that an image says of itself, but for how its layers are stored here."""
    return {
        "reference": str(image.reference),
        "digest": image.digest,
        "config": image.config_bytes,
        "names": image.names,
        "platform": image.platform,
        "stores_wire_blobs": image.stores_wire_blobs,
        "notes": image.notes,
        "layers": [
            (layer.position, layer.digest, layer.diff_id, layer.media_type, layer.stored_bytes)
            for layer in image.layers
        ],
    }


def contents(image: Image) -> list[bytes]:
    found = []
    for layer in image.layers:
        with layer.open() as stream:
            found.append(stream.read())
    return found


@contextmanager
def writing(place: Path, data: bytes) -> Iterator[None]:
    """Somebody writes into a FIFO, as far as anybody reads."""

    def write() -> None:
        with suppress(BrokenPipeError):
            place.write_bytes(data)

    os.mkfifo(place)
    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        thread.join()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """Where things are kept; empty at the end, with as many open files as before."""
    place = tmp_path / "room"
    place.mkdir()
    before = open_files()
    yield place
    assert list(place.iterdir()) == []
    assert open_files() == before


def open_files() -> list[str]:
    """Those of this process below a directory called `room`."""
    found = []
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208 - as quick as it can be
        try:
            target = os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115
        except OSError:
            continue
        if "/room/" in target:
            found.append(target)
    return found


# The same image, as often as one likes.


def test_what_an_engine_sends_once(docker: FakeEngine, room: Path) -> None:
    access = Access(environment=docker.environment)
    text = f"docker:{NAME}"
    passed_by = open_image(text, platform=None, read_layer=read_layer, access=access)
    with open_rereadable(text, platform=None, access=access, spool_in=room) as image:
        assert facts(image) == facts(passed_by)
        assert str(image.reference) == text
        assert contents(image) == LAYERS
        assert contents(image) == LAYERS
        assert list(room.iterdir()) == []  # it has no name, also while it is in use
        assert open_files()
        del image
    assert sum("/get" in path for path in docker.asked) == 2


def test_a_bare_name_that_an_engine_holds(docker: FakeEngine, room: Path) -> None:
    class Said(Silent):
        notes: list[str] = []  # noqa: RUF012 - of this test alone

        def note(self, text: str) -> None:
            self.notes.append(text)

    access = Access(environment=docker.environment, progress=Said())
    with open_rereadable(NAME, platform=None, access=access, spool_in=room) as image:
        assert str(image.reference) == f"docker:{NAME}"
        assert contents(image) == LAYERS
        del image
    assert Said.notes == [f"{NAME!r} was found as docker:{NAME}"]


def test_a_platform_that_the_engine_lacks_costs_nothing(docker: FakeEngine, room: Path) -> None:
    access = Access(environment=docker.environment)
    wanted = Platform.parse("linux/arm64")
    with (
        pytest.raises(PlatformMismatchError),
        open_rereadable(f"docker:{NAME}", platform=wanted, access=access, spool_in=room),
    ):
        pass
    assert not any("/get" in path for path in docker.asked)


def test_every_platform_is_kept_beside_the_others(room: Path) -> None:
    with fake_engine(NEW_DOCKER) as fake:
        listed = []
        for architecture in ("amd64", "arm64"):
            shelf = Shelf()
            tars = [layer_tar({"a": architecture.encode()})]
            made = shelf.image(tars, architecture=architecture)
            shelf.top(named(made, NAME))
            shelf.saved(shelf.element(made, NAME))
            listed.append(said.manifest(str(made["digest"]), architecture))
            asked = f'{{"os":"linux","architecture":"{architecture}"}}'
            fake.answers[f"/v1.48/images/{NAME}/get?platform={asked}"] = chunked(shelf.tar_bytes())
        fake.holds("/v1.48", NAME, said.containerd(*listed, names=(NAME,)), b"")
        access = Access(environment=fake.environment)
        with open_all_rereadable(f"docker:{NAME}", access=access, spool_in=room) as images:
            for _ in range(2):
                stored = [b"".join(map(gzip.decompress, contents(image))) for image in images]
                assert stored == [layer_tar({"a": b"amd64"}), layer_tar({"a": b"arm64"})]
            assert [str(image.platform) for image in images] == ["linux/amd64", "linux/arm64"]
            del images


@pytest.mark.parametrize("form", ["docker-archive", "oci-archive"])
@pytest.mark.parametrize(
    "squeeze", [bytes, gzip.compress, zstd.compress], ids=["plain", "gzip", "zstd"]
)
@pytest.mark.parametrize("way", ["fifo", "file"])
def test_pipes_and_archives_compressed_as_a_whole(
    way: str, squeeze: Callable[[bytes], bytes], form: str, tmp_path: Path, room: Path
) -> None:
    shelf = Shelf()
    made = shelf.image(LARGE)
    shelf.top(named(made, NAME))
    shelf.saved(shelf.element(made, NAME))
    plain = opened(f"{form}:{shelf.tar(tmp_path / 'plain.tar')}:{NAME}")
    data = squeeze(shelf.tar_bytes())
    place = tmp_path / "given"
    if way == "file":
        place.write_bytes(data)
    text = f"{form}:{place}:{NAME}"

    def check() -> None:
        with open_rereadable(text, platform=None, spool_in=room) as image:
            wanted = {**facts(plain), "reference": f"{form}:{place}"}
            assert facts(image) == wanted
            assert contents(image) == contents(plain)
            assert contents(image) == contents(plain)
            in_place = way == "file" and squeeze is bytes
            assert bool(open_files()) is not in_place
            del image

    if way == "fifo":
        with writing(place, data):
            check()
    else:
        check()


@pytest.mark.parametrize("how", ["pipe", "file", "compressed file"])
def test_standard_input(how: str, tmp_path: Path, room: Path) -> None:
    archive = old_layout(LAYERS, NAME).tar_bytes()
    place = tmp_path / "archive"
    place.write_bytes(gzip.compress(archive) if how == "compressed file" else archive)
    program = (
        "import hashlib, sys; from pathlib import Path;"
        "from lightship.transports.spooling import open_rereadable\n"
        "with open_rereadable('-', platform=None, spool_in=Path(sys.argv[1])) as image:\n"
        "    for layer in [*image.layers, *image.layers]:\n"
        "        print(hashlib.sha256(layer.open().read()).hexdigest())\n"
        "    print(image.reference)\n"
    )
    command = [sys.executable, "-c", program, str(room)]
    if how == "pipe":
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, input=archive)
    else:
        with place.open("rb") as stream:
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stdin=stream)
    ids = [sha(layer).partition(":")[2] for layer in LAYERS]
    assert done.stdout.decode().split() == [*ids, *ids, "docker-archive:-"]


def test_files_and_layouts_are_opened_as_they_are(tmp_path: Path) -> None:
    """Nothing is made: not even the directory has to be there."""
    shelf = Shelf()
    shelf.top(named(shelf.image(), NAME))
    texts = [
        f"oci:{shelf.directory(tmp_path / 'layout')}",
        f"oci-archive:{shelf.tar(tmp_path / 'x.tar')}",
    ]
    for text in texts:
        with open_rereadable(text, platform=None, spool_in=Path("/nowhere")) as image:
            assert facts(image) == facts(opened(text))
            assert contents(image) == contents(opened(text))


def test_a_root_file_system_gets_a_config(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/file").write_bytes(b"x")
    wanted = Platform.parse("linux/arm64/v8")
    for _ in range(2):
        with open_rereadable(f"rootfs:{root}", platform=wanted) as image:
            assert str(image.reference) == f"rootfs:{root}"
            (layer,) = image.layers
            (first,), (second,) = contents(image), contents(image)
            assert first == second
            assert layer.diff_id == sha(first)
            assert image.platform == image.config.platform() == wanted
            assert image.config.rootfs is not None
            assert image.config.rootfs.diff_ids == [layer.diff_id]
            config = image.config_bytes
            (root / "etc/file").write_bytes(b"y")
            assert contents(image) != [first]  # which the diff ID tells
            (root / "etc/file").write_bytes(b"x")
            os.utime(root / "etc/file", (0, 0))
    with open_rereadable(f"rootfs:{root}", platform=wanted) as image:
        assert image.config_bytes == config


def test_the_room_is_given_back_at_the_end(docker: FakeEngine, room: Path) -> None:
    """Also where somebody still holds the image."""
    access = Access(environment=docker.environment)
    with open_rereadable(f"docker:{NAME}", platform=None, access=access, spool_in=room) as image:
        (layer, _) = image.layers
        (place,) = set(open_files())
        assert place.endswith(" (deleted)")
    with layer.open() as stream, pytest.raises(CorruptInputError, match="ends after"):
        stream.read()
    del layer, image


def test_what_arrives_is_shown(docker: FakeEngine, room: Path) -> None:
    class Seen(Silent):
        def __init__(self) -> None:
            self.calls: list[str] = []
            self.done_bytes = 0

        def begin(self, what: str, total_bytes: int | None) -> None:
            assert total_bytes is None
            self.calls.append(what)

        def advance(self, done_bytes: int) -> None:
            assert len(self.calls) == 3
            self.done_bytes += done_bytes

        def end(self) -> None:
            self.calls.append("end")

    seen = Seen()
    access = Access(environment=docker.environment, progress=seen)
    with open_rereadable(f"docker:{NAME}", platform=None, access=access, spool_in=room):
        assert seen.done_bytes == len(old_layout(LAYERS, NAME).tar_bytes())
    assert seen.calls == [f"waiting for docker:{NAME}", "end", f"receiving docker:{NAME}", "end"]


def test_tmpdir_says_where(docker: FakeEngine, tmp_path: Path) -> None:
    environment = {**docker.environment, "TMPDIR": str(tmp_path / "gone")}
    access = Access(environment=environment)
    with (
        pytest.raises(
            DestinationError, match=f"temporary file, and {tmp_path}/gone takes none: No such"
        ),
        open_rereadable(f"docker:{NAME}", platform=None, access=access),
    ):
        pass


# What goes wrong.


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with one megabyte."""
    if os.geteuid():
        pytest.skip("only root may mount")
    place = tmp_path / "room"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full(full_disk: Path) -> None:
    with fake_engine(DOCKER) as fake:
        image_id = sha(raw(config_of(LARGE)))
        archive = old_layout(LARGE, NAME).tar_bytes()
        fake.holds(ROUTE, NAME, said.docker(image_id, NAME), archive)
        access = Access(environment=fake.environment)
        with (
            pytest.raises(DestinationError) as caught,
            open_rereadable(f"docker:{NAME}", platform=None, access=access, spool_in=full_disk),
        ):
            pass
    text = str(caught.value)
    wanted = (
        f"docker:{NAME} has to be kept in a temporary file, and {full_disk} takes none: No space"
    )
    assert text.startswith(wanted)
    assert "TMPDIR" in text
    assert "\n" not in text
    assert open_files() == []
    status = os.statvfs(full_disk)
    assert status.f_bfree == status.f_blocks


@pytest.mark.parametrize("length", [0, 100, 512, 3000])
def test_an_engine_that_breaks_off(length: int, docker: FakeEngine, room: Path) -> None:
    archive = old_layout(LAYERS, NAME).tar_bytes()[:length]
    access = Access(environment=docker.environment)
    for cut_off in (True, False):
        docker.answers[f"{ROUTE}/images/{NAME}/get"] = chunked(archive, cut_off=cut_off)
        kinds = (BrokenOffError,) if cut_off or length else (CorruptInputError,)
        with (
            pytest.raises(kinds) as caught,
            open_rereadable(f"docker:{NAME}", platform=None, access=access, spool_in=room),
        ):
            pass
        assert "\n" not in str(caught.value)
        del caught


def test_a_compressed_archive_that_is_cut_off(tmp_path: Path, room: Path) -> None:
    data = gzip.compress(old_layout(LARGE, NAME).tar_bytes())
    place = tmp_path / "x.tar.gz"
    for length in (20, 1000, len(data) // 2, len(data) - 4):
        place.write_bytes(data[:length])
        with (
            pytest.raises(CorruptInputError, match=r"x\.tar\.gz: the gzip data ends too soon"),
            open_rereadable(str(place), platform=None, spool_in=room),
        ):
            pass


def test_a_bomb_is_held_to_the_limit(tmp_path: Path, room: Path) -> None:
    place = tmp_path / "x.tar.gz"
    place.write_bytes(gzip.compress(bytes(50_000_000)))
    with (
        pytest.raises(CorruptInputError, match="--max-unpacked"),
        open_rereadable(
            str(place), platform=None, spool_in=room, limits=Limits(max_unpacked_bytes=1_000_000)
        ),
    ):
        pass


def test_an_error_of_the_user_of_the_image(docker: FakeEngine, room: Path) -> None:
    access = Access(environment=docker.environment)
    with (
        pytest.raises(ZeroDivisionError),
        open_rereadable(f"docker:{NAME}", platform=None, access=access, spool_in=room),
    ):
        raise ZeroDivisionError


def test_a_kill_while_something_is_kept(tmp_path: Path, room: Path) -> None:
    place = tmp_path / "fifo"
    os.mkfifo(place)
    program = (
        "import sys; from pathlib import Path;"
        "from lightship.transports.spooling import open_rereadable\n"
        "with open_rereadable(sys.argv[1], platform=None, spool_in=Path(sys.argv[2])): pass"
    )
    command = [sys.executable, "-c", program, str(place), str(room)]
    with subprocess.Popen(command) as process, place.open("wb", buffering=0) as stream:
        archive = old_layout(LARGE, NAME).tar_bytes()
        stream.write(archive[:2_000_000])
        deadline = time.monotonic() + 60
        while not (kept := kept_bytes(process.pid, room)):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
        process.wait()
    assert kept
    assert process.returncode == -signal.SIGKILL


def kept_bytes(pid: int, room: Path) -> int:
    """What a process has written into files below `room`, with or without a name."""
    total = 0
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if os.readlink(link).startswith(str(room)):  # noqa: PTH115 - there is no such file
                total += link.stat().st_size
        except OSError:
            continue
    return total
