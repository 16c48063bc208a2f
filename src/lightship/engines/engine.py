"""What an engine answers: whether it holds an image, the image as an archive, what it loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from lightship.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from lightship.model.platform import Platform


class NoEngineError(UnreachableError):
    """No engine answers, or it answers no question; another place may have the image."""


class NotHeldError(UnreachableError):
    """The engine answers, and does not hold the image."""


class BrokenOffError(UnreachableError):
    """The engine holds the image, and did not send it to its end."""


class HeldPlatform(Struct, frozen=True):
    """An image for one platform, below a name that stands for several.

    Attributes:
        digest: of its manifest.
        present: whether its layers are stored; an engine may know of a platform and not have it.
    """

    digest: str
    platform: Platform
    present: bool


class Held(Struct, frozen=True, kw_only=True):
    """What an engine says of an image, before it sends a byte of it.

    Attributes:
        image_id: `sha256:...`; of the config, or in Docker's containerd store of the manifest or
            index.
        names: the names it is tagged with.
        platform: what it is for; None where that cannot be told, or the name may stand for several
            platforms that the engine does not list.
        platforms: where the engine lists them, each platform of the name; else none.
    """

    image_id: str
    names: tuple[str, ...]
    platform: Platform | None
    platforms: tuple[HeldPlatform, ...] = ()


class Engine(Protocol):
    """A place where images are stored, and who answers for it."""

    @property
    def where(self) -> str:
        """For messages: `the Docker engine at /var/run/docker.sock`."""

    def held(self, name: str) -> Held | None:
        """What the engine says of a name or ID; None if it does not hold it.

        Raises:
            NoEngineError: it does not answer, or nothing that can be understood.
        """

    def saved(
        self, name: str, platform: Platform | None
    ) -> AbstractContextManager[Iterator[bytes]]:
        """The image as an archive, once, in pieces of any length.

        Leaving the context ends the transfer, wherever it is.

        Args:
            name: as for `held`.
            platform: send this one alone; None for whatever the engine sends.

        Raises:
            BrokenOffError: at the start, or from the iterator: the engine did not send all of it.
        """

    def load(self, archive: Path) -> None:
        """Let it take the images of an archive file, under the names that the archive gives them.

        Raises:
            NotLoadedError: it did not take all of it, or says that it failed.
        """

    def keeps_platforms(self) -> bool:
        """Whether one name may stand for several platforms, as in Docker's containerd store.

        Raises:
            NoEngineError: it does not answer.
        """
