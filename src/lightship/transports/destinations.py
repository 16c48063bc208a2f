"""What a user writes for a destination, and the staging that it opens.

A destination is never guessed: a bare name could mean an engine or a registry, so it is refused.
"""

from __future__ import annotations

import difflib
import os
import re
from typing import TYPE_CHECKING

from lightship.errors import UsageError
from lightship.model.reference import Reference
from lightship.transports.references import ALIASES, ENGINES, STDIN, prefix_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.transports.access import Access
    from lightship.transports.storing import Staging

_WRITE = (
    "Write oci:DIR:TAG, docker-archive:FILE, oci-archive:FILE, docker:NAME, podman:NAME or "
    "registry:HOST/NAME:TAG."
)
_FILES = ("docker-archive", "oci", "oci-archive")
_BY_CONTENT = "by-content"
_UNWRITTEN = {
    "rootfs": "A root file system cannot be written; write an image, and unpack that with "
    "`umoci unpack`.",
    "containerd": "Pipe it: `-o - | ctr images import -`.",
    "skopeo-dir": "Write oci:DIR:TAG, and copy that with skopeo.",
    "singularity": "Write docker-archive:FILE; Singularity and Apptainer build from that.",
}
_SUFFIXES = ((".oci.tar", "oci-archive"), (".oci", "oci-archive"), (".tar", "docker-archive"))
_COMPRESSED = re.compile(r"\.(?:tgz|tbz2?|txz|tar\.(?:gz|bz2|xz|zst|lz4))$")
_A_PREFIX = re.compile(r"([A-Za-z][A-Za-z-]*):")
_CLOSE = 0.75


def parse_destination(text: str) -> Reference:
    """The canonical reference of a place to write to; looks at the file system, changes nothing.

    A path is an OCI layout where there is one; an archive is told by what a file of that name
    holds, else by its suffix: `.tar`, `.oci.tar`, `.oci`. `-` is a Docker archive to standard
    output.

    Raises:
        UsageError: it names no place that can be written to, or leaves open which.
    """
    if not text or "\0" in text:
        raise UsageError("an empty destination" if not text else "a destination with a NUL", _WRITE)
    if text == STDIN:
        return Reference("docker-archive", STDIN)
    transport, rest = prefix_of(text)
    if transport is None:
        return _bare(text)
    if transport in _UNWRITTEN:
        raise UsageError(f"{text!r} cannot be written to", _UNWRITTEN[transport])
    if not rest:
        wanted = "PATH" if transport in (*_FILES, _BY_CONTENT) else "NAME"
        raise UsageError(f"{text!r} names no place", f"Write {transport}:{wanted}.")
    if transport == _BY_CONTENT:
        return _bare(rest, is_path=True)
    if transport == "registry":
        return _named(rest)
    if transport in ENGINES:
        return _held(transport, rest)
    return _located(transport, rest)


def open_staging(destination: Reference, names: Sequence[str], access: Access) -> Staging:
    """Open a destination for writing; nothing that is there changes yet.

    Args:
        destination: as `parse_destination` gives it.
        names: what the source is called; used where the destination names no tag.
        access: how registries and engines are reached.

    Raises:
        DestinationError: it cannot be written to, as far as that shows now.
        UsageError: it is standard output, and that is a terminal.
    """
    # Each kind of place brings its own modules along; a run needs one.
    if destination.transport == "registry":
        from lightship.transports.registry.staging import RegistryStaging  # noqa: PLC0415 - above

        return RegistryStaging(destination, access)
    if destination.transport in ENGINES:
        from lightship.transports.engine_staging import EngineStaging  # noqa: PLC0415 - see above

        return EngineStaging(destination, access)
    if destination.transport == "oci":
        from lightship.transports.oci_staging import OciStaging  # noqa: PLC0415 - see above

        return OciStaging(destination, names)
    from lightship.transports.archive_staging import ArchiveStaging  # noqa: PLC0415 - see above

    return ArchiveStaging(destination, names, access)


def _named(rest: str) -> Reference:
    from lightship.transports.image_names import repository_name  # noqa: PLC0415 - light start

    return repository_name(rest).reference


def _held(transport: str, rest: str) -> Reference:
    from lightship.transports.engine_names import engine_destination  # noqa: PLC0415 - light start

    return engine_destination(transport, rest)


def _located(transport: str, rest: str) -> Reference:
    location, selector = next(
        ((place, name) for place, name in _splits(rest) if os.path.lexists(place)),
        (rest.partition(":")[0], rest.partition(":")[2]),
    )
    return _filed(transport, location, selector)


def _filed(transport: str, location: str, selector: str) -> Reference:
    if not location or "@" in (selector[:1], location[-1:]):
        raise UsageError(f"{Reference(transport, location, selector)} names no place", _WRITE)
    if transport == "oci" and location == STDIN:
        raise UsageError(
            "a directory cannot go to standard output", "Write - or oci-archive:- for an archive."
        )
    if selector:
        from lightship.transports import image_names  # noqa: PLC0415 - light start

        is_name = transport == "docker-archive"
        (image_names.repository_name if is_name else image_names.written_name)(selector)
    return Reference(transport, location.rstrip("/") or location, selector)


def _bare(text: str, *, is_path: bool = False) -> Reference:
    for location, selector in _splits(text):
        if not os.path.lexists(location):
            continue
        if not os.path.isdir(location):  # noqa: PTH112 - paths are text here
            return _replaced(text, location, selector)
        if not selector or "/" in location or is_path:  # else it may be a name as well
            return _layout(text, location, selector)
    location, _, selector = text.partition(":")
    if transport := _by_suffix(location):
        return _filed(transport, location, selector)
    raise _unclear(text, is_path=is_path or text.startswith(("/", ".", "~")))


def _layout(text: str, location: str, selector: str) -> Reference:
    if {"oci-layout", "index.json"}.isdisjoint(os.listdir(location)):  # noqa: PTH208 - text here
        raise UsageError(
            f"{location} is a directory and no OCI image layout",
            f"To make it one, write oci:{text}.",
        )
    return _filed("oci", location, selector)


def _replaced(text: str, location: str, selector: str) -> Reference:
    """A file that is there: what it holds tells what it will hold."""
    from lightship.transports.replaced_archives import kind_of_archive  # noqa: PLC0415 - see above

    transport = kind_of_archive(location)
    if transport is None and os.path.isfile(location) and not os.path.getsize(location):  # noqa: PTH113, PTH202 - see above
        transport = _by_suffix(location)
    if transport is None:
        raise UsageError(
            f"{location} is there, and is no image archive",
            f"To replace it, write docker-archive:{text} or oci-archive:{text}.",
        )
    return _filed(transport, location, selector)


def _by_suffix(location: str) -> str | None:
    return next((kind for suffix, kind in _SUFFIXES if location.endswith(suffix)), None)


def _unclear(text: str, *, is_path: bool) -> UsageError:
    what = f"{text!r} does not say where to write"
    if _COMPRESSED.search(text):
        return UsageError(
            f"{text!r}: an archive is not compressed as a whole, or nobody could read it in place",
            f"Pipe it: `-o - | gzip > {text}`.",
        )
    if os.path.isdir(text.partition(":")[0]):  # noqa: PTH112 - paths are text here
        return UsageError(what, f"Write oci:{text} for the directory, or docker:{text}.")
    if is_path:
        return UsageError(
            what, f"Write oci:{text} for a directory, docker-archive:{text} or oci-archive:{text}."
        )
    if (prefix := _A_PREFIX.match(text)) and "/" not in prefix[1]:
        near = difflib.get_close_matches(prefix[1].lower(), _PREFIXES, 1, _CLOSE)
        if near:
            return UsageError(what, f"Did you mean {near[0]}:{text[prefix.end() :]}?")
    file = text.rpartition("/")[2].partition(":")[0] or "image"
    return UsageError(
        what, f"Write docker:{text}, podman:{text}, registry:{text}, or a file: {file}.tar."
    )


_PREFIXES = [
    alias for alias, kind in ALIASES.items() if "/" not in alias and kind not in _UNWRITTEN
]


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """The ways to take a text for a path and a name, the longest path first."""
    yield text, ""
    for match in reversed(list(re.finditer(":", text))):
        location, rest = text[: match.start()], text[match.end() :]
        if location and rest:
            yield location, rest
