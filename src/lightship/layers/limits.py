"""Limits on hostile input: fixed sizes, never ratios; each refusal names its flag."""

from __future__ import annotations

from threading import Lock

from msgspec import Struct

from lightship.errors import OverLimitError
from lightship.units import format_bytes

MAX_SPECIAL_BYTES = 1024 * 1024
"""PAX records and GNU long names: Go's archive/tar refuses more (maxSpecialFileSize)."""
MAX_PATH_BYTES = 4096
"""Linux's PATH_MAX: no engine can create a longer path or link target."""
MAX_XATTR_BYTES = 65536
"""Linux's XATTR_SIZE_MAX."""


class Limits(Struct, frozen=True, kw_only=True):
    """What one image may ask of this machine.

    Attributes:
        max_unpacked_bytes: uncompressed tar bytes, and the holes of sparse files, of all layers
            together.
        max_entries: entries of one layer; each costs some 250 bytes of memory.
        max_depth: directories a path may go through.
    """

    max_unpacked_bytes: int = 256 * 1024**3
    max_entries: int = 5_000_000
    max_depth: int = 1024


class Allowance:
    """The unpacked bytes that an image may still ask for; shared by the threads that read it."""

    def __init__(self, limits: Limits) -> None:
        self._max_bytes = self._left = limits.max_unpacked_bytes
        self._lock = Lock()
        self._withdrawn = False

    def withdraw(self) -> None:
        """Stop every reading that shares this allowance at its next piece."""
        self._withdrawn = True

    @property
    def withdrawn(self) -> bool:
        """Whether reading was given up."""
        return self._withdrawn

    def spend(self, unpacked_bytes: int) -> None:
        """Take bytes off.

        Raises:
            OverLimitError: there are not so many left.
        """
        with self._lock:
            self._left -= unpacked_bytes
        if self._withdrawn:
            raise InterruptedError("reading was given up")
        if self._left < 0:
            raise OverLimitError(
                f"the image unpacks to more than {format_bytes(self._max_bytes)}",
                "If that is right, raise --max-unpacked.",
            )
