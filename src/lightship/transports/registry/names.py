"""Names of images in registries, normalised as Docker does it.

Grammar and defaults: distribution/reference (reference.go, normalize.go).
"""

from __future__ import annotations

import re

from msgspec import Struct

from lightship.errors import UsageError
from lightship.model.digest import Digest
from lightship.model.reference import Reference

DOCKER_HUB = "docker.io"
DOCKER_HUB_NAMES = frozenset((DOCKER_HUB, "index.docker.io", "registry-1.docker.io"))
_DOCKER_HUB_SERVER = "registry-1.docker.io"
_DEFAULT_TAG = "latest"
_MAX_REPOSITORY = 255
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:.]+\])(?::[0-9]{{1,5}})?")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


class RegistryName(Struct, frozen=True):
    """An image in a registry.

    Attributes:
        host: `docker.io`, `quay.io`, `localhost:5000`...
        repository: as the registry has it: `library/ubuntu`.
        tag: empty only where there is a digest.
        digest: of the manifest or index; it decides where there is a tag as well.
    """

    host: str
    repository: str
    tag: str = ""
    digest: Digest | None = None

    @property
    def selector(self) -> str:
        """What names the image within its repository: `@sha256:...` or the tag."""
        return f"@{self.digest}" if self.digest else self.tag

    @property
    def reference(self) -> Reference:
        """The canonical reference."""
        return Reference("registry", f"{self.host}/{self.repository}", self.selector)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.host}/{self.repository}{tag}{f'@{self.digest}' if self.digest else ''}"


def parse_name(text: str) -> RegistryName:
    """Read `ubuntu`, `quay.io/x/y:1`, `localhost:5000/x@sha256:...`.

    Raises:
        UsageError: it is no image name.
    """
    rest, at, digest_text = text.partition("@")
    name, tag = _tagged(rest)
    host, repository = _hosted(name)
    if not _HOST.fullmatch(host) or not _REPOSITORY.fullmatch(repository):
        raise UsageError(f"{text!r} is no image name", _advice(name))
    if len(repository) > _MAX_REPOSITORY:
        raise UsageError(f"{text[:60]!r}... is too long for an image name")
    if (tag or name != rest) and not _TAG.fullmatch(tag):
        raise UsageError(f"{text!r}: {tag!r} is no tag")
    if not at:
        return RegistryName(host, repository, tag or _DEFAULT_TAG)
    try:
        return RegistryName(host, repository, tag, Digest(digest_text))
    except ValueError as problem:
        raise UsageError(f"{text!r}: {problem}") from None


def server_of(host: str) -> str:
    """The host that is asked for the images of `host`: Docker Hub has another for it."""
    return _DOCKER_HUB_SERVER if host == DOCKER_HUB else host


def _tagged(text: str) -> tuple[str, str]:
    head, colon, tag = text.rpartition(":")
    if colon and "/" not in tag and head:
        return head, tag
    return text, ""


def _hosted(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    is_host = slash and (
        "." in first or ":" in first or first == "localhost" or first != first.lower()
    )
    if not is_host:
        first, rest = DOCKER_HUB, name
    if first in DOCKER_HUB_NAMES:
        first = DOCKER_HUB
        rest = rest if "/" in rest else f"library/{rest}"
    return first, rest


def _advice(name: str) -> str:
    if name != name.lower():
        return "Image names are lower case."
    return "Write HOST/NAME:TAG, or NAME:TAG for Docker Hub."
