"""What `base update` keeps: the user's data folder, ours alone while an update is at work."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import msgspec

from lightship.bases.refreshed import (
    Refreshed,
    RefreshedProduct,
    RefreshedRow,
    read_refreshed,
    write_refreshed,
)
from lightship.errors import CorruptInputError, DestinationError
from lightship.layers.private_folder import is_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_T = TypeVar("_T")
_MOST_BYTES = 128 * 1024
_LOCK = "update.lock"
_OPEN = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW


class Kept:
    """The facts so far; each that is learnt is on the disk before the next is asked for.

    Attributes:
        warning: what could not be read of what was there; empty if all could.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.warning = ""
        found: Refreshed | None = None
        try:
            found = read_refreshed(folder)
        except CorruptInputError as problem:
            self.warning = f"{problem.what}; it is written anew"
        self._rows = {(row.image, row.tag): row for row in (found.rows if found else ())}
        self._products = {one.name: one for one in (found.products if found else ())}

    def row(self, image: str, tag: str) -> RefreshedRow | None:
        """What was learnt of an image."""
        return self._rows.get((image, tag))

    def product(self, name: str) -> RefreshedProduct | None:
        """What was learnt of a product."""
        return self._products.get(name)

    def keep_row(self, row: RefreshedRow) -> None:
        """Put the facts of an image in the place of older ones.

        Raises:
            CorruptInputError: they are such as nobody could read again.
            DestinationError: they cannot be written.
        """
        self._rows[row.image, row.tag] = _readable(row, RefreshedRow, f"{row.image}:{row.tag}")
        self._write()

    def keep_product(self, product: RefreshedProduct) -> None:
        """As `keep_row`.

        Raises:
            LightshipError: as `keep_row`.
        """
        self._products[product.name] = _readable(product, RefreshedProduct, product.name)
        self._write()

    def _write(self) -> None:
        rows, products = tuple(self._rows.values()), tuple(self._products.values())
        write_refreshed(self._folder, Refreshed(rows=rows, products=products))


@contextmanager
def held(folder: Path) -> Iterator[Kept]:
    """The data folder, made if need be. A second update is refused, whichever process it is in.

    So what two learn is never lost, and no server is asked by two at a time. The lock (flock(2)) is
    the kernel's: it ends with the process, however that ends.

    Raises:
        UsageError: the folder belongs to somebody else, or others may write to it.
        DestinationError: it cannot be written, or another update is at work.
    """
    if not is_private(folder, "the data directory", "--data-dir"):
        raise DestinationError(
            f"{str(folder)!r} can be no data directory", "Name another: --data-dir."
        )
    try:
        lock = os.open(folder / _LOCK, _OPEN, 0o600)
    except OSError as problem:
        raise DestinationError(f"{folder / _LOCK}: {problem.strerror}") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DestinationError(
                f"another base update is at work in {str(folder)!r}", "Let it come to its end."
            ) from None
        except OSError as problem:
            raise DestinationError(f"{folder / _LOCK}: {problem.strerror}") from None
        yield Kept(folder)
    finally:
        os.close(lock)


def _readable(value: _T, kind: type[_T], name: str) -> _T:
    """The value as it will be read again: what is written must never break the file."""
    try:
        content = msgspec.json.encode(value)
        if len(content) > _MOST_BYTES:
            raise CorruptInputError(f"what is said of {name} is more than {_MOST_BYTES:,} bytes")
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError) as problem:
        raise CorruptInputError(f"what is said of {name} cannot be kept: {problem}") from None
