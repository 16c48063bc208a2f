"""Names of images as FROM has them."""

from __future__ import annotations

import re

from msgspec import Struct

_DIGEST = re.compile(r"@[a-z0-9+._-]+:[0-9a-fA-F]+\Z")
# Places where Docker's official images are to be had under their own names.
_OFFICIAL = re.compile(
    r"(?:(?:index\.|registry-1\.)?docker\.io/(?:library/)?|library/"
    r"|public\.ecr\.aws/docker/library/|mirror\.gcr\.io/library/)"
)


class ImageName(Struct, frozen=True):
    """A name in parts.

    Attributes:
        repository: without the address of Docker Hub: `python`, `quay.io/fedora/fedora`.
        tag, digest: None if the name has none.
    """

    repository: str
    tag: str | None
    digest: str | None


def image_name(text: str) -> ImageName:
    """Take a name apart; any text is one."""
    digest = _DIGEST.search(text)
    name = text[: digest.start()] if digest else text
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        head, tag = name, ""
    official = _OFFICIAL.match(head)
    repository = head[official.end() :] if official else head
    return ImageName(repository, tag or None, digest[0][1:] if digest else None)
