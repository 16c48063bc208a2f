"""Registries that stand in for others: `docker.io=mirror.example.com/docker-hub`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.errors import UsageError
from lightship.transports.registry.names import DOCKER_HUB, parse_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.transports.registry.names import RegistryName

_HOW = "Write REGISTRY=HOST or REGISTRY=HOST/PREFIX, such as docker.io=mirror.example.com."
_ANY = "x"


class Mirrors(Struct, frozen=True):
    """Who stands in for whom: hosts, to a host and what its names begin with."""

    instead_of: dict[str, tuple[str, str]]

    def where(self, name: RegistryName) -> RegistryName:
        """Who is asked for an image."""
        host, prefix = self.instead_of.get(name.host, (name.host, ""))
        repository = f"{prefix}/{name.repository}" if prefix else name.repository
        return replace(name, host=host, repository=repository)

    def place(self, name: RegistryName) -> str:
        """A registry as people name it, with who stands in for it."""
        where = self.where(name)
        return name.host if where.host == name.host else f"{where.host} for {name.host}"


def parse_mirrors(texts: Iterable[str]) -> Mirrors:
    """Read several `REGISTRY=HOST[/PREFIX]`.

    Raises:
        UsageError: one is none.
    """
    found: dict[str, tuple[str, str]] = {}
    for text in texts:
        registry, equals, instead = text.partition("=")
        host, _, prefix = instead.strip().partition("/")
        if not equals or not registry.strip() or not host:
            raise UsageError(f"{text!r} names no registry and who stands in for it", _HOW)
        asked = parse_name(f"{_as_host(registry.strip(), text)}/{_ANY}/{_ANY}").host
        prefix = prefix.strip("/")
        parse_name(f"{_as_host(host, text)}/{prefix or _ANY}/{_ANY}")
        found[asked] = (host, prefix)
    return Mirrors(found)


def _as_host(text: str, whole: str) -> str:
    """A text that is a registry wherever it stands at the beginning of a name."""
    if text in (DOCKER_HUB, "localhost") or "." in text or ":" in text:
        return text
    raise UsageError(f"{whole!r}: {text!r} is no registry", _HOW)
