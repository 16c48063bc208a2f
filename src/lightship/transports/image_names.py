"""What an image is called: in an `index.json`, and in the `manifest.json` of an archive.

An `index.json` has the tag in `org.opencontainers.image.ref.name` (OCI image-spec, annotations.md);
Docker and containerd put the full name beside it, in `io.containerd.image.name`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import UsageError
from lightship.transports.choosing import familiar
from lightship.transports.registry.names import RegistryName, parse_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FULL_NAME = "io.containerd.image.name"
TAG = "org.opencontainers.image.ref.name"


# annotations.md, "org.opencontainers.image.ref.name", but that a separator may be repeated.
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+-]*")


class ImageName(Struct, frozen=True):
    """One name of an image.

    Attributes:
        tag: what selects it in a layout; for a name that a user wrote, just that.
        full: `docker.io/library/app:1`; empty where only a tag is known.
    """

    tag: str
    full: str = ""

    @property
    def annotations(self) -> dict[str, str]:
        """Of its entry in `index.json`."""
        full = {FULL_NAME: self.full} if self.full else {}
        return {**full, TAG: self.tag}

    @property
    def repo_tag(self) -> str:
        """As in `manifest.json`, where Docker shortens its own names; empty for a bare tag."""
        shown = familiar(self.full)
        return shown if not shown or _tagged(shown) else f"{shown}:latest"

    def is_that_of(self, annotations: Mapping[str, str]) -> bool:
        """Whether an entry of an `index.json` has this name."""
        tag = annotations.get(TAG, "")
        full = annotations.get(FULL_NAME) or (tag if full_name(tag) else "")
        if self.full and full:
            return familiar(full) == familiar(self.full)
        return bool(tag) and tag == self.tag


def written_name(text: str) -> ImageName:
    """What a user wrote behind a layout: a tag, or a full name.

    Raises:
        UsageError: it is neither.
    """
    if not _REFERENCE.fullmatch(text):
        raise UsageError(
            f"{text!r} is no tag", "Write letters, digits and any of ._-+:/@ between them."
        )
    return ImageName(text, full_name(text))


def kept_names(names: Iterable[str]) -> tuple[ImageName, ...]:
    """Names that an image had where it comes from; foreign text that is no name is left out."""
    found = []
    for text in names:
        full = full_name(text)
        if full or _REFERENCE.fullmatch(text):
            found.append(ImageName(full.rpartition(":")[2] if full else text, full))
    return tuple(dict.fromkeys(found))


def full_name(text: str) -> str:
    """A full name in its one spelling; empty for what is none, such as a bare tag."""
    if not (_tagged(text) or "/" in text):
        return ""
    try:
        name = parse_name(text)
    except UsageError:
        return ""
    return str(name) if name.digest is None else ""


def repository_name(text: str) -> RegistryName:
    """A name that is to be written: it has a tag, and no digest.

    Raises:
        UsageError: it is none, or has a digest, which nobody can choose.
    """
    name = parse_name(text)
    if name.digest is not None:
        raise UsageError(
            f"{text!r} has a digest, which what is written there will have of its own",
            f"Write {name.host}/{name.repository}:TAG.",
        )
    return name


def _tagged(name: str) -> bool:
    return ":" in name.rpartition("/")[2]
