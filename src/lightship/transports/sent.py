"""An archive as an engine sends it, and what is said when it does not come whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from lightship.engines.engine import BrokenOffError
from lightship.transports import oci_archive
from lightship.transports.tape import TarError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.engines.engine import Engine
    from lightship.model.platform import Platform
    from lightship.progress import Progress
    from lightship.transports.choosing import Candidate
    from lightship.transports.receiving import Receiver
    from lightship.transports.store import Archive

_TAIL_BYTES = 4096
# How Docker says that it failed when half of an archive is sent already.
_LAST_WORDS = re.compile(rb'"(?:message|error)":"([^"\\\0]{1,300})"')


class SentArchive:
    """The archive of one name; each reading is a transfer.

    Args:
        engine: sends it.
        name: as the engine knows it.
        told: for messages.
        receiver: takes what the engine sends.
        progress: told that nothing has come yet.
    """

    def __init__(
        self, engine: Engine, name: str, told: str, receiver: Receiver, progress: Progress
    ) -> None:
        self.told = told
        self._engine = engine
        self._name = name
        self._receiver = receiver
        self._progress = progress

    def candidates(self, platform: Platform | None) -> tuple[Candidate, ...]:
        """Let the engine send it, and read it: the images in it.

        Raises:
            BrokenOffError: the engine does not send all of it.
            CorruptInputError: it breaks its format.
        """
        # Docker gathers all layers before it sends the first byte.
        with (
            _Waiting(self.told, self._progress) as waiting,
            self._engine.saved(self._name, platform) as pieces,
        ):
            store = self._read(waiting.passing(pieces))
        archive = oci_archive.of_archive(store, "docker-archive", self.told)
        return tuple(one for root in archive.roots for one in root.choices().present)

    def _read(self, pieces: Iterator[bytes]) -> Archive:
        tail = _Tail()
        try:
            return self._receiver.receive(tail.passing(pieces), self.told)
        except TarError as error:
            reason = tail.last_words() or error.what
            raise BrokenOffError(
                f"{self._engine.where} did not send all of {self._name!r} ({reason})",
                "Look at the engine's own log, and ask again.",
            ) from None


class _Waiting:
    """Shows that nothing has come yet, until something does."""

    def __init__(self, what: str, progress: Progress) -> None:
        self._what = what
        self._progress = progress
        self._over = False

    def __enter__(self) -> Self:
        self._progress.begin(f"waiting for {self._what}", None)
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def passing(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._end()
            yield piece

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._progress.end()


class _Tail:
    """The last bytes of what goes by."""

    def __init__(self) -> None:
        self._kept = b""

    def passing(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._kept = (self._kept + piece[-_TAIL_BYTES:])[-_TAIL_BYTES:]
            yield piece

    def last_words(self) -> str:
        """What an engine wrote in place of the rest."""
        found = _LAST_WORDS.findall(self._kept)
        return found[0].decode("utf-8", "replace") if found else ""
