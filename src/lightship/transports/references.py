"""What a user writes to name an image, in every tool's spelling, to one canonical form.

Spellings: skopeo (containers-transports(5)), syft (stereoscope, pkg/image/source.go), dive
(README).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from lightship.errors import UnreachableError, UsageError
from lightship.model.reference import Reference
from lightship.transports.recognition import kind_of_path

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN = "-"

_READ = ("docker-archive", "oci", "oci-archive", "rootfs")
_BY_CONTENT = "by-content"

ALIASES = {
    "docker-archive": "docker-archive",
    "docker-archive://": "docker-archive",
    "oci": "oci",
    "oci://": "oci",
    "oci-dir": "oci",
    "oci-archive": "oci-archive",
    "oci-archive://": "oci-archive",
    "rootfs": "rootfs",
    "rootfs://": "rootfs",
    "local-directory": "rootfs",
    "file": _BY_CONTENT,
    "file://": _BY_CONTENT,
    "local-file": _BY_CONTENT,
    "docker://": "registry",
    "registry": "registry",
    "registry://": "registry",
    "oci-registry": "registry",
    "docker": "docker",
    "docker-daemon": "docker",
    "podman": "podman",
    "podman://": "podman",
    "containers-storage": "podman",
    "containerd": "containerd",
    "dir": "skopeo-dir",
    "sif": "singularity",
    "singularity": "singularity",
}
"""Each spelling and what it stands for. Where tools differ, skopeo's meaning counts."""

_INSTEAD = {
    "registry": "Copy it first: `skopeo copy docker://{name} oci:DIR:latest`, then inspect "
    "oci:DIR:latest.",
    "docker": "Pipe it: `docker save {name} | lightship inspect -`.",
    "podman": "Pipe it: `podman save {name} | lightship inspect -`.",
    "containerd": "Pipe it: `ctr images export - {name} | lightship inspect -`.",
    "skopeo-dir": "Copy it first: `skopeo copy dir:{name} oci:DIR:latest`; an unpacked root file "
    "system is written rootfs:DIR.",
    "singularity": "Build or save the image as an OCI or Docker archive.",
}
_NOT_READ = {
    "registry": "registries",
    "docker": "the Docker engine",
    "podman": "podman's storage",
    "containerd": "containerd",
    "skopeo-dir": "skopeo's dir: format",
    "singularity": "Singularity images",
}

_ARCHIVE_NAME = re.compile(r"\.(?:tar|tgz|oci|zst|gz)$")
_PREFIX = re.compile(r"([a-z][a-z-]*):(//)?")


def parse(text: str) -> Reference:
    """The canonical reference for what a user wrote; looks at the file system, opens nothing else.

    Raises:
        UsageError: it cannot be a reference, or a directory that is no image was named.
        UnreachableError: there is no such path, or this version does not read such a place.
    """
    if not text or "\0" in text:
        raise UsageError("an empty image reference" if not text else "a reference with a NUL")
    if text == STDIN:
        return Reference(_BY_CONTENT, STDIN)
    match = _PREFIX.match(text)
    transport = _transport(match)
    if match is None or transport is None:
        return _bare(text)
    rest = text[match.end() :]
    if transport not in (*_READ, _BY_CONTENT):
        raise _unread(transport, rest)
    if not rest:
        raise UsageError(f"{text!r} names no path", f"Write {transport}:PATH.")
    return _located(transport, rest)


def _transport(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    if match[2] and match[1] + "://" in ALIASES:
        return ALIASES[match[1] + "://"]
    return ALIASES.get(match[1])


def _located(transport: str, rest: str) -> Reference:
    if transport == "rootfs":
        return Reference(transport, _existing(rest))
    for location, selector in _splits(rest):
        if location == STDIN:
            return Reference(transport, STDIN, selector)
        if os.path.lexists(location):
            if transport == _BY_CONTENT:
                return Reference(kind_of_path(location), location, selector)
            return Reference(transport, location, selector)
    raise _no_such(rest)


def _bare(text: str) -> Reference:
    """A path; only one that cannot be an image's name may have a selector."""
    for location, selector in _splits(text):
        is_path = not selector or "/" in location or os.path.isfile(location)  # noqa: PTH113
        if location != STDIN and is_path and os.path.lexists(location):
            kind = kind_of_path(location)
            if kind == "rootfs" and selector:
                break
            return Reference(kind, location, selector)
    raise _not_found(text)


def _not_found(text: str) -> UnreachableError:
    location, colon, _ = text.partition(":")
    if text.startswith(("/", ".", "~")) or _ARCHIVE_NAME.search(text):
        return _no_such(text)
    if colon and os.path.isdir(location):  # noqa: PTH112
        return UnreachableError(
            f"{text!r}: no such file or directory",
            f"If {location} is an OCI layout, write oci:{text}.",
        )
    return UnreachableError(
        f"{text!r} is no file or directory, and this version reads neither registries nor engines",
        f"From an engine: `docker save {text} | lightship inspect -`. "
        f"From a registry: `skopeo copy docker://{text} oci:DIR:latest`, then oci:DIR:latest.",
    )


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """The ways to take a text for a path and a selector, the longest path first."""
    yield text, ""
    for match in reversed(list(re.finditer("[:@]", text))):
        location, rest = text[: match.start()], text[match.end() :]
        if not location or not rest:
            continue
        if match[0] == ":":
            yield location, rest
        elif not location.endswith(":"):
            yield location, "@" + rest


def _existing(path: str) -> str:
    if not os.path.lexists(path):
        raise _no_such(path)
    return path


def _no_such(path: str) -> UnreachableError:
    return UnreachableError(f"{path}: no such file or directory")


def _unread(transport: str, name: str) -> UnreachableError:
    return UnreachableError(
        f"this version does not read {_NOT_READ[transport]}",
        _INSTEAD[transport].format(name=name or "NAME"),
    )
