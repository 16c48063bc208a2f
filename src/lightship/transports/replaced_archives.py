"""What would be lost with an archive that is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import DestinationError, LightshipError
from lightship.layers.codecs import sniff
from lightship.layers.scan import Codec
from lightship.transports import oci_archive
from lightship.transports.archive import ArchiveFile
from lightship.transports.references import STDIN
from lightship.transports.spans import LocalFile

if TYPE_CHECKING:
    from lightship.model.reference import Reference
    from lightship.transports.choosing import Catalogue, Root

_SHOWN = 5


def note_of_replaced(destination: Reference) -> tuple[str, ...]:
    """What is worth knowing about the file that a new archive takes the place of.

    Raises:
        DestinationError: it holds several images, and all but one would be gone.
    """
    found = archive_at(destination.location) if destination.location != STDIN else None
    if found is None:
        return ()
    roots = {root.digest or number: root for number, root in enumerate(found.roots)}
    if len(roots) > 1:
        names = [root.names[0] if root.names else "one without a name" for root in roots.values()]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise DestinationError(
            f"{destination.location} holds {len(names)} images ({', '.join(names[:_SHOWN])}{more})"
            ", of which one would be left",
            "Write to another file, or remove this one first.",
        )
    platforms = [platform for root in roots.values() for platform in _platforms(root)]
    if len(platforms) < 2:
        return ()
    return (f"the file that was replaced held {', '.join(platforms)}",)


def archive_at(path: str) -> Catalogue | None:
    """The images of the archive that is a file; None where it is none, or cannot be read."""
    try:
        file = LocalFile.open(path)
        if sniff(file.read_at(0, 4)) is not Codec.PLAIN:
            return None
        return oci_archive.of_archive(ArchiveFile(file), "docker-archive", path)
    except (LightshipError, FileNotFoundError):
        return None


def kind_of_archive(path: str) -> str | None:
    """`docker-archive` or `oci-archive`, by what a file holds; None where it is neither."""
    found = archive_at(path)
    if found is None:
        return None
    return found.transport


def _platforms(root: Root) -> list[str]:
    try:
        return [str(candidate.platform) for candidate in root.choices().present]
    except LightshipError:
        return []
