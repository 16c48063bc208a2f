"""Full disks, limits, read-only places, closed pipes: one clear line, and nothing has changed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.errors import DestinationError
from lightship.testing import build_image
from lightship.transports.access import Access
from lightship.transports.destinations import open_staging, parse_destination

from ..conftest import opened  # noqa: TID252 - the tests around this folder
from .conftest import image_bytes
from .copying import copy, staged
from .test_storing import files

if TYPE_CHECKING:
    from collections.abc import Iterator

COPYING = Path(__file__).with_name("copying.py")


def python(script: str, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run a script that has `copy`, and tells of a LightshipError in one line."""
    start = (
        "import sys, os, resource, importlib.util\n"
        "from lightship.errors import LightshipError\n"
        f"spec = importlib.util.spec_from_file_location('copying', {str(COPYING)!r})\n"
        "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)\n"
        "copy = module.copy\n"
    )
    body = "".join(f"    {line}\n" for line in script.splitlines())
    end = "except LightshipError as error:\n    sys.exit(f'{error.exit_code}: {error}')\n"
    return subprocess.run(
        [sys.executable, "-c", f"{start}try:\n{body}{end}", *map(str, words)],
        capture_output=True,
        check=False,
        timeout=60,
    )


@contextmanager
def small_disk(path: Path, size: str, *options: str) -> Iterator[Path]:
    """A file system in memory of its own."""
    if os.geteuid() != 0:
        pytest.skip("a small file system of its own needs root")
    path.mkdir()
    wanted = ",".join((f"size={size}", *options))
    command = ["mount", "-t", "tmpfs", "-o", wanted, "tmpfs", str(path)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a file system")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)  # a traceback holds files open


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("old", [False, True])
def test_a_full_disk(source: str, tmp_path: Path, form: str, *, anew: bool, old: bool) -> None:
    with small_disk(tmp_path / "disk", "800k" if old else "200k") as disk:
        place = disk / "it"
        if old:
            copy(source, f"{form}:{place}")
            (disk / "filler").write_bytes(b"x" * 300_000)
        before = files(place)
        large = build_image([{"a": b"x"}, {"b": os.urandom(400_000)}], directory=tmp_path)
        with pytest.raises(DestinationError) as caught:
            copy(large, f"{form}:{place}", anew=anew)
        told = str(caught.value)
        assert "No space left on device" in told
        assert "Free some room there" in told
        assert str(place) in told
        assert "\n" not in told
        assert files(place) == before
        if old:
            assert image_bytes(f"{form}:{place}") == image_bytes(source)


def test_a_disk_that_is_full_from_the_start(source: str, tmp_path: Path, form: str) -> None:
    with small_disk(tmp_path / "disk", "4k") as disk:
        (disk / "filler").write_bytes(b"x" * 4096)
        with pytest.raises(DestinationError, match="No space left on device"):
            copy(source, f"{form}:{disk / 'it'}")
        assert [path.name for path in disk.iterdir()] == ["filler"]


def test_a_disk_without_inodes(source: str, tmp_path: Path, form: str) -> None:
    with small_disk(tmp_path / "disk", "4m", "nr_inodes=4") as disk:
        for name in ("a", "b"):
            (disk / name).touch()
        if form == "oci":
            with pytest.raises(DestinationError, match="No space left on device"):
                copy(source, f"{form}:{disk / 'it'}")
            assert {path.name for path in disk.iterdir()} == {"a", "b"}
        else:  # one file, and never more
            copy(source, f"{form}:{disk / 'it'}")


def test_a_read_only_file_system(source: str, tmp_path: Path, form: str) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        copy(source, f"{form}:{disk / 'it'}")
        before = files(disk / "it")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for name in ("it", "new"):
            with pytest.raises(DestinationError, match="Read-only file system"):
                copy(source, f"{form}:{disk / name}")
        assert files(disk / "it") == before


@pytest.mark.parametrize("anew", [False, True])
def test_a_limit_on_file_sizes(
    source: str, other: str, place: Path, form: str, *, anew: bool
) -> None:
    copy(source, f"{form}:{place}")
    before = files(place)
    done = python(
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"copy(sys.argv[1], sys.argv[2], anew={anew})",
        other,
        f"{form}:{place}",
    )
    told = done.stderr.decode()
    assert told.startswith("5: "), told
    assert "File too large" in told
    assert "ulimit -f" in told
    assert told.count("\n") == 1
    assert files(place) == before


def test_a_directory_that_is_someone_elses(source: str, form: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("to become someone else needs root")
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        place = Path(directory, "it")
        copy(source, f"{form}:{place}")
        for path in (place, *place.rglob("*")):
            path.chmod(0o755)
        before = files(place)
        done = python(
            "from lightship.transports import archive_staging, oci_staging\n"
            "os.setgid(65534); os.setuid(65534)\n"
            "module.open_staging(module.parse_destination(sys.argv[1]), (), module.Access())",
            f"{form}:{place}",
        )
        told = done.stderr.decode()
        assert told.startswith("5: "), told
        assert "Permission denied" in told
        assert "must be writable" in told
        assert files(place) == before


@pytest.mark.parametrize("number", [errno.EIO, errno.EDQUOT])
def test_a_disk_that_fails_at_the_end(
    source: str, place: Path, form: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(source, f"{form}:{place}")
    before = files(place)
    staging = open_staging(parse_destination(f"{form}:{place}"), ("example.org/x:1",), Access())
    image = staged(opened(source), staging, anew=True)

    def broken(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(DestinationError, match=os.strerror(number)):
        staging.commit([image])
    assert files(place) == before


def test_an_interrupt_leaves_nothing(
    source: str, place: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(place)
    staging = open_staging(parse_destination(f"{form}:{place}"), (), Access())
    image = staged(opened(source), staging)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        staging.commit([image])
    assert files(place) == before


@pytest.mark.parametrize("kind", ["docker-archive", "oci-archive"])
def test_to_standard_output(source: str, tmp_path: Path, kind: str) -> None:
    done = python("copy(sys.argv[1], sys.argv[2])", source, f"{kind}:-")
    assert done.returncode == 0, done.stderr
    (tmp_path / "it").write_bytes(done.stdout)
    copy(source, f"{kind}:{tmp_path / 'other'}")
    assert (tmp_path / "other").read_bytes() == done.stdout


def test_a_failure_sends_nothing_to_standard_output(source: str) -> None:
    digest = opened(source).layers[0].digest
    assert digest is not None
    file = Path(source.partition(":")[2], "blobs/sha256", digest.hex)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    done = python("copy(sys.argv[1], '-')", source)
    assert done.stdout == b""
    assert done.stderr.startswith(b"4: layer 1 is corrupt")


def test_a_reader_that_has_gone(source: str) -> None:
    done = python(
        "read, write = os.pipe(); os.close(read); os.dup2(write, 1); copy(sys.argv[1], '-')", source
    )
    assert done.stderr.startswith(b"5: docker-archive:- could not be written: Broken pipe")
    assert done.stderr.count(b"\n") == 1


def test_a_terminal_gets_no_archive(source: str) -> None:
    done = python(
        "import pty; ours, theirs = pty.openpty(); os.dup2(theirs, 1); copy(sys.argv[1], '-')",
        source,
    )
    assert done.stderr.startswith(b"2: standard output is a terminal")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("kind", ["docker-archive", "oci-archive"])
def test_the_file_that_is_replaced_keeps_its_mode_and_its_link(
    source: str, tmp_path: Path, kind: str
) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"")
    real.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(real, 1234, 1234)
    link.symlink_to(real)
    copy(source, f"{kind}:{link}")
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.stat().st_uid == (1234 if os.geteuid() == 0 else os.geteuid())
    assert image_bytes(f"{kind}:{link}") == image_bytes(source)


@pytest.mark.parametrize("kind", ["docker-archive", "oci-archive"])
def test_a_new_file_has_the_mode_of_any(source: str, tmp_path: Path, kind: str) -> None:
    old = os.umask(0o027)
    try:
        copy(source, f"{kind}:{tmp_path / 'it'}")
    finally:
        os.umask(old)
    assert (tmp_path / "it").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("kind", ["docker-archive", "oci-archive"])
def test_an_archive_with_other_images_is_not_replaced(
    source: str, other: str, tmp_path: Path, kind: str
) -> None:
    layout, place = tmp_path / "layout", tmp_path / "it.tar"
    copy(source, f"oci:{layout}:one")
    copy(other, f"oci:{layout}:two")
    subprocess.run(["tar", "-C", layout, "-cf", place, "."], check=True)
    before = place.read_bytes()
    with pytest.raises(DestinationError, match=r"holds 2 images \(one, two\)"):
        copy(source, f"{kind}:{place}")
    assert place.read_bytes() == before
