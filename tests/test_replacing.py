"""A file is the old one or the new one, whatever happens, and keeps what is not its content."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from lightship import replacing
from lightship.errors import DestinationError
from lightship.replacing import replace_file

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = b"FROM old\n", b"FROM new\n" * 1000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Dockerfile"
    path.write_bytes(OLD)
    return path


def alone(file: Path) -> bool:
    """Whether nothing else was left in its folder."""
    return list(file.parent.iterdir()) == [file]


def test_the_new_file_is_there(file: Path) -> None:
    replace_file(file, NEW, instead_of=OLD)
    assert file.read_bytes() == NEW
    assert alone(file)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664, 0o444])
def test_the_mode_is_kept(file: Path, mode: int) -> None:
    file.chmod(mode)
    replace_file(file, NEW, instead_of=OLD)
    assert stat.S_IMODE(file.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_is_kept(file: Path) -> None:
    os.chown(file, 1234, 4321)
    replace_file(file, NEW, instead_of=OLD)
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 4321)


def test_an_owner_that_cannot_be_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    real = file.stat()
    monkeypatch.setattr(os, "fchown", refused)
    other = os.stat_result((*real[:4], real.st_uid + 1, *real[5:]))
    monkeypatch.setattr(replacing, "_status", lambda _target: other)
    with pytest.raises(DestinationError, match="belongs to user"):
        replace_file(file, NEW, instead_of=OLD)
    assert file.read_bytes() == OLD
    assert alone(file)


def test_extended_attributes_are_kept(file: Path) -> None:
    try:
        os.setxattr(file, "user.note", b"kept")
    except OSError:
        pytest.skip("a file system without extended attributes")
    replace_file(file, NEW, instead_of=OLD)
    assert os.getxattr(file, "user.note") == b"kept"


def test_behind_a_link_the_file_is_replaced(file: Path) -> None:
    link = file.parent / "link"
    link.symlink_to("Dockerfile")
    replace_file(link, NEW, instead_of=OLD)
    assert link.is_symlink()
    assert file.read_bytes() == NEW


def test_another_name_of_the_file_would_stay_old(file: Path) -> None:
    other = file.parent / "other"
    os.link(file, other)
    with pytest.raises(DestinationError, match="2 names"):
        replace_file(file, NEW, instead_of=OLD)
    assert file.read_bytes() == OLD


def test_a_file_that_has_changed_is_left(file: Path) -> None:
    file.write_bytes(b"FROM somebody else\n")
    with pytest.raises(DestinationError, match="changed meanwhile"):
        replace_file(file, NEW, instead_of=OLD)
    assert file.read_bytes() == b"FROM somebody else\n"
    assert alone(file)


def test_a_file_that_has_gone_is_not_made_again(file: Path) -> None:
    file.unlink()
    with pytest.raises(DestinationError):
        replace_file(file, NEW, instead_of=OLD)
    assert list(file.parent.iterdir()) == []


def test_a_new_file_is_as_others_are(tmp_path: Path) -> None:
    replace_file(tmp_path / "report.json", b"{}")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("call", ["fsync", "fchmod"])
def test_a_disk_that_is_full_leaves_the_old_one(
    file: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(DestinationError, match="No space left on device"):
        replace_file(file, NEW, instead_of=OLD)
    assert file.read_bytes() == OLD
    assert alone(file)


def test_a_limit_on_file_sizes_leaves_the_old_one(file: Path) -> None:
    """A real full disk, as far as a process can make one for itself."""
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from lightship.replacing import replace_file\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        f"replace_file(Path(sys.argv[1]), b'x' * 5000, instead_of={OLD!r})\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=False
    )
    assert "File too large" in ran.stderr
    assert file.read_bytes() == OLD
    assert alone(file)


def test_killed_at_any_moment_the_file_is_whole(file: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from lightship.replacing import replace_file\n"
        "file, old, new = Path(sys.argv[1]), b'a' * 200_000, b'b' * 300_000\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    replace_file(file, new, instead_of=old); old, new = new, old\n"
    )
    whole = (b"a" * 200_000, b"b" * 300_000)
    for at in range(8):
        file.write_bytes(whole[0])
        with subprocess.Popen(
            [sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * at)
            process.send_signal(signal.SIGKILL)
        assert file.read_bytes() in whole
