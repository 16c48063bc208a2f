"""What a user writes for a destination, and the staging that it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import UsageError
from lightship.model.reference import Reference
from lightship.transports.references import ALIASES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.transports.access import Access
    from lightship.transports.storing import Staging

_WRITE = (
    "Write oci:DIR:TAG, oci-archive:FILE, docker-archive:FILE, registry:HOST/NAME:TAG, docker:NAME."
)


def parse_destination(text: str) -> Reference:
    """The canonical reference of a place to write to.

    Raises:
        UsageError: it is none.
    """
    head, colon, rest = text.partition(":")
    transport = ALIASES.get(head) if colon else None
    if transport in ("oci", "oci-archive", "docker-archive") and rest:
        location, _, tag = rest.partition(":")
        return Reference(transport, location, tag)
    raise UsageError(f"{text!r} is no destination", _WRITE)


def open_staging(destination: Reference, names: Sequence[str], access: Access) -> Staging:
    """Open a destination for writing; nothing that is there changes yet.

    Args:
        destination: as `parse_destination` gives it.
        names: what the source is called; used where the destination names no tag.
        access: how registries and engines are reached.

    Raises:
        DestinationError: it cannot be written to, as far as that shows now.
    """
    del access
    from lightship.transports.oci_staging import OciStaging  # noqa: PLC0415 - light start

    return OciStaging(destination, names)
