"""Digests as the OCI image specification writes them (descriptor.md, "Digests")."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from hashlib import _Hash

_REGISTERED = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


class Digest(str):
    """`sha256:<64 hex>` or `sha512:<128 hex>`; no other text can become one.

    Raises:
        ValueError: the text is no digest of a registered algorithm.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not _REGISTERED.fullmatch(text):
            raise ValueError(f"{text[:80]!r} is no sha256 or sha512 digest")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, data: bytes) -> Self:
        """The SHA-256 digest of `data`."""
        return cls.from_hash(hashlib.sha256(data))

    @classmethod
    def from_hash(cls, state: _Hash) -> Self:
        """The digest that a finished `hashlib` object stands for."""
        return cls(f"{state.name}:{state.hexdigest()}")

    @property
    def algorithm(self) -> str:
        """`sha256` or `sha512`."""
        return self.partition(":")[0]

    @property
    def hex(self) -> str:
        """The encoded part, lower case."""
        return self.partition(":")[2]

    @property
    def short(self) -> str:
        """The first twelve characters of the encoded part, as engines show it."""
        return self.hex[:12]
