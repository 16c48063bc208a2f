"""References: where an image is."""

from __future__ import annotations

from msgspec import Struct


class Reference(Struct, frozen=True):
    """`transport:location[:selector]`, canonical when printed.

    Attributes:
        transport: one of the vocabulary: `docker-archive`, `oci`, `oci-archive`, `rootfs`...
        location: a path, or `-` for standard input.
        selector: which image of several: a tag or name, or `@sha256:...`; empty for the only one.
    """

    transport: str
    location: str
    selector: str = ""

    def __str__(self) -> str:
        separator = "" if not self.selector or self.selector.startswith("@") else ":"
        return f"{self.transport}:{self.location}{separator}{self.selector}"
