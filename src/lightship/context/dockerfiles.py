"""The Dockerfile of a context: where each builder looks for it, and its bytes.

Sources: moby/buildkit, frontend/dockerui/config.go (`ReadEntrypoint`); docker/cli, build context;
containers/buildah and podman, `Containerfile`.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.reading import NoFileError, read_inside
from lightship.errors import CorruptInputError, UnreachableError
from lightship.units import format_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.context.builders import Builder

MOST_BYTES = 1 << 20
"""Of a Dockerfile; the largest of seven thousand real ones has less than 60 kB."""

_NAMES = {
    "buildkit": ("Dockerfile", "dockerfile"),
    "legacy": ("Dockerfile", "dockerfile"),
    "buildah": ("Containerfile", "Dockerfile"),
}


class FoundDockerfile(Struct, frozen=True):
    """A Dockerfile.

    Attributes:
        data: its bytes.
        name: its path from the root; None if it stands elsewhere, or came without one.
        outside: its path where it stands elsewhere.
    """

    data: bytes
    name: str | None = None
    outside: Path | None = None


def dockerfile_in(root: Path, builder: Builder) -> FoundDockerfile | None:
    """The Dockerfile that a builder finds in a folder when none is named; None without one.

    Raises:
        UnreachableError: it cannot be read.
        CorruptInputError: it is none.
    """
    for name in _NAMES[builder]:
        try:
            data = read_inside(root, name, MOST_BYTES + 1)
        except NoFileError:
            continue
        except OSError as error:
            raise _unreadable(name, error) from None
        if data is not None:
            return FoundDockerfile(checked(data, name), name)
    return None


def dockerfile_at(path: Path, root: Path) -> FoundDockerfile:
    """A Dockerfile that is named; links are followed wherever they lead.

    Raises:
        UnreachableError: it is not there, or cannot be read.
        CorruptInputError: it is none.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise NoFileError(0, "no regular file")
        # Without waiting for who would write into a pipe, should it be one by now.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(os.fspath(path), error) from None
    data = checked(data, os.fspath(path))
    name = inside(path, root)
    return FoundDockerfile(data, name, path if name is None else None)


def checked(data: bytes, shown: str) -> bytes:
    """The bytes of a Dockerfile, if they can be one.

    Raises:
        CorruptInputError: they are too many, or binary.
    """
    if len(data) > MOST_BYTES:
        raise CorruptInputError(f"{shown} has more than {format_bytes(MOST_BYTES)}")
    if b"\0" in data:
        raise CorruptInputError(f"{shown} is binary, or not UTF-8: it has NUL bytes")
    return data


def inside(path: Path, root: Path) -> str | None:
    """A path from the root; None if it does not stand in it. Only folders' links are followed."""
    folder, above = os.path.realpath(path.parent), os.path.realpath(root)
    if folder != above and not folder.startswith(above.rstrip("/") + "/"):
        return None
    return os.path.relpath(os.path.join(folder, path.name), above)  # noqa: PTH118 - text is kept


def _unreadable(shown: str, error: Exception) -> UnreachableError:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return UnreachableError(f"{shown}: {said.lower()}", "Name the Dockerfile with -f.")
