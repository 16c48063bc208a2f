"""`rootfs:` stub"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import UsageError

if TYPE_CHECKING:
    from lightship.model.image import Image
    from lightship.model.platform import Platform
    from lightship.model.reference import Reference


def open_rootfs(reference: Reference, platform: Platform | None) -> Image:
    """Not yet."""
    raise UsageError("rootfs: is not read yet")
