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
from lightship.transports.registry.names import parse_name

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN = "-"
ENGINES = ("docker", "podman")

_FILES = ("docker-archive", "oci", "oci-archive", "rootfs")
_BY_CONTENT = "by-content"
ANYWHERE = "anywhere"
"""The transport of a bare name: the first place that has the image."""

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
    "containerd": "Pipe it: `ctr images export - {name} | lightship inspect -`.",
    "skopeo-dir": "Copy it first: `skopeo copy dir:{name} oci:DIR:latest`; an unpacked root file "
    "system is written rootfs:DIR.",
    "singularity": "Build or save the image as an OCI or Docker archive.",
}
_NOT_READ = {
    "containerd": "containerd",
    "skopeo-dir": "skopeo's dir: format",
    "singularity": "Singularity images",
}

_ARCHIVE_NAME = re.compile(r"\.(?:tar|tgz|oci|zst|gz)$")
# Shorter ones may be names; docker and podman print twelve digits.
_IMAGE_ID = re.compile(r"(?:sha256:)?[0-9a-f]{12,64}")
_ENGINES_ID = re.compile(r"sha256:[0-9a-f]{1,64}(?:@sha256:[0-9a-f]{64})?")
_SHORTENED = re.compile(r"sha256:[0-9a-f]{1,63}")
# skopeo's `[driver@root+run:options]` before a name, and its `@ID` in place of one or behind it.
_STORE = re.compile(r"(\[(?:[a-z0-9]+@)?/[^\[\]]*\])(.*)", re.DOTALL)
_STORED_ID = re.compile(r"(?:.*@)?([0-9a-f]{64})")
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
    transport, rest = prefix_of(text)
    if transport is None:
        return _bare(text)
    if transport in _NOT_READ:
        raise _unread(transport, rest)
    if not rest:
        wanted = "PATH" if transport in (*_FILES, _BY_CONTENT) else "NAME"
        raise UsageError(f"{text!r} names no image", f"Write {transport}:{wanted}.")
    if transport == "registry":
        return parse_name(rest).reference
    if transport in ENGINES:
        return _held(transport, rest)
    return _located(transport, rest)


def is_image_id(text: str) -> bool:
    """Whether a bare text is what engines print as the ID of an image; no registry knows those."""
    return _IMAGE_ID.fullmatch(text) is not None


def spelling_note(text: str) -> str:
    """What to say about a spelling that other tools understand otherwise; mostly nothing."""
    if not text.startswith("docker://"):
        return ""
    name = text.removeprefix("docker://")
    return f"docker:// is the registry, as for skopeo; for the Docker engine write docker:{name}"


def prefix_of(text: str) -> tuple[str | None, str]:
    """What a prefix stands for, and the text behind it; None and all of it where there is none."""
    match = _PREFIX.match(text)
    if match is None:
        return None, text
    transport = ALIASES.get(match[1] + "://") if match[2] else None
    transport = transport or ALIASES.get(match[1])
    return transport, text[match.end() :] if transport else text


def split_store(rest: str) -> tuple[str, str]:
    """Podman's store before a name, empty where there is none, and the name."""
    found = _STORE.fullmatch(rest)
    return (found[1], found[2]) if found else ("", rest)


def _held(transport: str, rest: str) -> Reference:
    """An image in an engine: a name, an ID, and for podman perhaps the store it is in.

    Raises:
        UsageError: it is no name. Nothing else ever reaches an engine, or a program's arguments.
    """
    store, name = split_store(rest) if transport == "podman" else ("", rest)
    if stored := _STORED_ID.fullmatch(name):
        name = f"sha256:{stored[1]}"
    if transport == "podman" and _SHORTENED.fullmatch(name):
        name = name.removeprefix("sha256:")  # podman takes the rest of it alone
    if not _ENGINES_ID.fullmatch(name):
        parse_name(name)
    return Reference(transport, store + name)


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
    return _not_a_path(text)


def _not_a_path(text: str) -> Reference:
    """What is no path may be a name; where it looks like a path, it is one that is missing."""
    location, colon, _ = text.partition(":")
    if text.startswith(("/", ".", "~")) or _ARCHIVE_NAME.search(text):
        raise _no_such(text)
    if colon and os.path.isdir(location):  # noqa: PTH112
        raise UnreachableError(
            f"{text!r}: no such file or directory",
            f"If {location} is an OCI layout, write oci:{text}.",
        )
    try:
        parse_name(text)
    except UsageError:
        if is_image_id(text):
            return Reference(ANYWHERE, text)
        raise UnreachableError(
            f"{text!r} is no file or directory, and no image name", "Write TRANSPORT:PLACE."
        ) from None
    return Reference(ANYWHERE, text)


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
