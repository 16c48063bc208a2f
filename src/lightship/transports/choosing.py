"""Which image of several: by name, digest or number, then by platform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from lightship.errors import (
    CorruptInputError,
    PlatformMismatchError,
    UnreachableError,
    UsageError,
)
from lightship.model.platform import Platform
from lightship.model.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.model.digest import Digest
    from lightship.model.image import Image

_SHOWN = 10
# What an absent variant means (containerd, platforms/database.go).
_PLAIN_VARIANT = {"arm": "v7", "arm64": "v8", "amd64": "v1"}


class Candidate(Protocol):
    """One image for one platform, before it is read."""

    @property
    def digest(self) -> Digest | None:
        """Of its manifest."""

    @property
    def image_id(self) -> Digest | None:
        """Digest of its config."""

    @property
    def platform(self) -> Platform:
        """What the index, else the config says it is for."""

    def image(self, reference: Reference, notes: tuple[str, ...] = ()) -> Image:
        """Read it; `notes` is what is worth knowing about the choice."""


class Choices(Struct, frozen=True):
    """What one root holds.

    Attributes:
        present: the images that are stored.
        absent: the platforms that are listed and not stored, which is normal in what Docker
            saves of an image for many platforms.
    """

    present: tuple[Candidate, ...]
    absent: tuple[Platform, ...] = ()


class Root(Struct, frozen=True):
    """What one name stands for: an image, or an index of one image for many platforms.

    Attributes:
        names: what the image is called, sorted.
        aliases: what else may select it: the bare tag.
        digest: of the manifest or index.
        choices: reads the index.
    """

    names: tuple[str, ...]
    aliases: frozenset[str]
    digest: Digest | None
    choices: Callable[[], Choices]


class Catalogue(Struct, frozen=True):
    """All that a store holds, in its order."""

    transport: str
    location: str
    roots: tuple[Root, ...]

    def one(self, selector: str, platform: Platform | None) -> Image:
        """The image that a selector and a platform name.

        Raises:
            UsageError: several images answer.
            UnreachableError: none does.
            PlatformMismatchError: it is there for other platforms only.
        """
        root, number = self._root(selector)
        choices = root.choices()
        chosen = _by_platform(choices, platform, self._told(selector))
        return chosen.image(self._reference(chosen, root, number, choices))

    def all(self, selector: str) -> tuple[Image, ...]:
        """The image a selector names, for each platform that is stored, in the index's order."""
        root, number = self._root(selector)
        choices = root.choices()
        notes = (f"not stored: {', '.join(map(str, choices.absent))}",) if choices.absent else ()
        return tuple(
            candidate.image(self._reference(candidate, root, number, choices), notes)
            for candidate in choices.present
        )

    def _root(self, selector: str) -> tuple[Root, int]:
        found = [i for i, root in enumerate(self.roots) if _answers(root, selector, i)]
        if selector.startswith("@") and not found:
            nested = self._nested(selector[1:])
            if nested is not None:
                return nested
        if not self.roots:
            raise CorruptInputError(f"{self.location} holds no image")
        if not found:
            raise UnreachableError(
                f"{self.location} holds no image {selector!r}", f"It holds: {self._listed()}."
            )
        if len({self.roots[i].digest or i for i in found}) > 1:
            raise UsageError(
                f"{self._told(selector)} holds {len(found)} images: {self._listed(found)}",
                f"Name one of them: {self.transport}:{self.location}:NAME or @DIGEST.",
            )
        return self.roots[found[0]], found[0]

    def _nested(self, digest: str) -> tuple[Root, int] | None:
        for number, root in enumerate(self.roots):
            for candidate in root.choices().present:
                if digest in (candidate.digest, candidate.image_id):
                    return _alone(root, candidate), number
        return None

    def _reference(
        self, candidate: Candidate, root: Root, number: int, choices: Choices
    ) -> Reference:
        """What names exactly this image: the shortest that leaves no choice."""
        selector = ""
        several = len(choices.present) > 1 or root not in self.roots
        if several or (len(self.roots) > 1 and not root.names):
            digest = candidate.digest or candidate.image_id
            selector = f"@{digest}" if digest else f"@{number}"
        elif len(self.roots) > 1:
            selector = root.names[0]
        return Reference(self.transport, self.location, selector)

    def _told(self, selector: str) -> str:
        return str(Reference(self.transport, self.location, selector))

    def _listed(self, numbers: Sequence[int] | None = None) -> str:
        roots = [self.roots[i] for i in numbers] if numbers is not None else list(self.roots)
        shown = [
            root.names[0] if root.names else f"@{root.digest or number}"
            for number, root in enumerate(roots)
        ]
        more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
        return ", ".join(shown[:_SHOWN]) + more


def familiar(name: str) -> str:
    """An image's name as Docker shortens it: `docker.io/library/x:latest` is `x`.

    What is left out is what Docker's reference library adds (distribution/reference).
    """
    name = re.sub(r"^(docker\.io|index\.docker\.io)/", "", name)
    name = name.removeprefix("library/") if name.count("/") == 1 else name
    return name.removesuffix(":latest")


def _alone(root: Root, candidate: Candidate) -> Root:
    return Root(root.names, root.aliases, candidate.digest, lambda: Choices((candidate,)))


def _answers(root: Root, selector: str, number: int) -> bool:
    if not selector:
        return True
    if selector.startswith("@"):
        return selector[1:] in (root.digest, str(number))
    if selector in root.names or selector in root.aliases:
        return True
    return familiar(selector) in map(familiar, root.names)


def _by_platform(choices: Choices, platform: Platform | None, where: str) -> Candidate:
    present = choices.present
    if platform is None and len(present) == 1:
        return present[0]
    wanted = platform or Platform.here()
    fitting = [candidate for candidate in present if candidate.platform.matches(wanted)]
    if not fitting:
        raise PlatformMismatchError(
            f"{where} holds no image for {wanted}", _what_there_is(choices, platform)
        )
    plain = Platform(
        wanted.os,
        wanted.architecture,
        wanted.variant or _PLAIN_VARIANT.get(wanted.architecture, ""),
    )
    return next((c for c in fitting if c.platform == plain), fitting[0])


def _what_there_is(choices: Choices, asked: Platform | None) -> str:
    there = ", ".join(dict.fromkeys(str(c.platform) for c in choices.present))
    absent = ", ".join(dict.fromkeys(map(str, choices.absent)))
    told = f"It holds {there}" + (f", and lists {absent} without holding them" if absent else "")
    return told + ("." if asked else "; choose one with --platform.")
