"""Files replaced as a whole: whoever reads them sees the old one or the new one, never a part."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from lightship.errors import DestinationError

_LONGEST_PREFIX = 100


def replace_file(file: Path, data: bytes, *, instead_of: bytes | None = None) -> None:
    """Write a file next to where it belongs, then put it in its place.

    Of a file that was there the new one has mode, owner and extended attributes. Behind a link the
    file that it leads to is replaced, and the link stays.

    Args:
        file: need not exist, unless `instead_of` is given.
        data: what it is to hold.
        instead_of: what it must still hold just before; None for anything.

    Raises:
        DestinationError: it could not be written, has changed, or would lose its owner or other
            names; it is then as it was.
    """
    try:
        target = Path(os.path.realpath(file))
        old = _status(target)
        if instead_of is not None:
            _see_links(file, old)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name[:_LONGEST_PREFIX]}.", dir=target.parent
        )
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                dress(stream.fileno(), file, old, must=instead_of is not None)
                os.fsync(stream.fileno())
            _see_content(file, instead_of)
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise DestinationError(f"{file}: {error.strerror}") from error


def _status(target: Path) -> os.stat_result | None:
    try:
        return target.stat()
    except OSError:
        return None


def _see_content(file: Path, expected: bytes | None) -> None:
    if expected is not None and file.read_bytes() != expected:
        raise DestinationError(f"{file}: it has changed meanwhile", "Run it again.")


def _see_links(file: Path, old: os.stat_result | None) -> None:
    if old is not None and old.st_nlink > 1:
        raise DestinationError(
            f"{file}: it has {old.st_nlink} names (hard links), and the others would stay as it was"
        )


def dress(descriptor: int, file: Path, old: os.stat_result | None, *, must: bool) -> None:
    """Give a new file the owner, mode and attributes of the old one, or those of any new file.

    Args:
        descriptor: the new file, open.
        file: the old one, whose extended attributes are read.
        old: its status; None where there was none.
        must: whether the owner has to stay.

    Raises:
        DestinationError: the owner cannot be kept, and must be.
    """
    if old is None:
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(descriptor, 0o666 & ~mask)
        return
    new = os.fstat(descriptor)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(descriptor, old.st_uid, old.st_gid)
        except PermissionError:
            if must:
                raise DestinationError(
                    f"{file}: it belongs to user {old.st_uid}, group {old.st_gid}, and would not "
                    "any more"
                ) from None
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
    with suppress(OSError):  # of file systems without them
        for name in os.listxattr(file):
            with suppress(OSError):  # such as only root may set
                os.setxattr(descriptor, name, os.getxattr(file, name))
