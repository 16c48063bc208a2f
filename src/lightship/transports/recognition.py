"""What a path is, told by its content and never by its name."""

from __future__ import annotations

import os
import stat

from lightship.errors import UnreachableError, UsageError

_LAYOUT = ("oci-layout", "index.json")
_ROOT_DIRECTORIES = frozenset(
    "bin boot dev etc home lib lib64 mnt opt proc root run sbin srv sys tmp usr var".split()  # noqa: SIM905
)
_TELLING = frozenset(("etc", "usr"))


def kind_of_path(path: str) -> str:
    """The transport of an existing path; an archive's is told when it is read (`by-content`).

    Raises:
        UsageError: it is a directory that looks like no image.
        UnreachableError: it cannot be read.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
        if not stat.S_ISDIR(mode):
            return "by-content"
        names = set(os.listdir(path))  # noqa: PTH208
    except OSError as error:
        raise UnreachableError(f"{path} cannot be read: {error.strerror}") from None
    if not names.isdisjoint(_LAYOUT):
        return "oci"
    if names & _TELLING and len(names & _ROOT_DIRECTORIES) >= 2:
        return "rootfs"
    raise UsageError(
        f"{path} is a directory that is no OCI image layout and looks like no root file system",
        f"If it is a root file system, write rootfs:{path}.",
    )
