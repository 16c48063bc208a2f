"""An engine behind its command line: `docker save`, `podman save`, `docker load`, `podman load`.

For podman where no service listens, and for Docker where only its client knows the way: over ssh,
with client certificates, through a pipe of Windows.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from lightship.engines.engine import BrokenOffError, NoEngineError
from lightship.engines.inspected import keeps_platforms, read_images
from lightship.engines.loading import ANSWER_BYTES, ANSWER_SECONDS, NotLoadedError
from lightship.engines.running import ProgramError, output_of, whole_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from lightship.engines.engine import Held
    from lightship.model.platform import Platform

_LIMIT = 16 << 20
_NOT_HELD = ("no such image", "image not known", "no such object")
_ANSWER_SECONDS = 60.0


class CommandedEngine:
    """An engine behind a program (`engines.engine.Engine`).

    Args:
        command: the program, and the options that come before its command.
        save_options: of its `save`, which writes to standard output.
        environment: of the program.
        stall_seconds: how long it may write nothing while it saves.
        where: for messages.
    """

    def __init__(
        self,
        command: Sequence[str],
        save_options: Sequence[str],
        environment: Mapping[str, str],
        *,
        stall_seconds: float,
        where: str,
    ) -> None:
        self.where = where
        self._command = tuple(command)
        self._save_options = tuple(save_options)
        self._environment = environment
        self._stall_seconds = stall_seconds

    def held(self, name: str) -> Held | None:
        command = (*self._command, "image", "inspect", "--", name)
        try:
            said = whole_output(
                command, self._environment, limit=_LIMIT, stall_seconds=_ANSWER_SECONDS
            )
        except ProgramError as error:
            if any(words in str(error).lower() for words in _NOT_HELD):
                return None
            raise NoEngineError(f"{self.where} does not answer: {error}") from None
        try:
            return read_images(said)
        except ValueError:
            raise NoEngineError(f"what {self.where} answers cannot be understood") from None

    @contextmanager
    def saved(self, name: str, platform: Platform | None) -> Iterator[Iterator[bytes]]:
        """The archive; all platforms that the program saves, since older ones take no choice."""
        del platform
        command = (*self._command, "save", *self._save_options, "--", name)

        def told(pieces: Iterator[bytes]) -> Iterator[bytes]:
            try:
                yield from pieces
            except ProgramError as error:
                raise self._broken_off(name, error) from None

        try:
            with output_of(command, self._environment, stall_seconds=self._stall_seconds) as pieces:
                yield told(pieces)
        except ProgramError as error:
            raise self._broken_off(name, error) from None

    def load(self, archive: Path) -> None:
        command = (*self._command, "load", "--quiet", "--input", str(archive))
        try:
            whole_output(
                command, self._environment, limit=ANSWER_BYTES, stall_seconds=ANSWER_SECONDS
            )
        except ProgramError as error:
            raise NotLoadedError(f"{self.where} did not load the image ({error})") from None

    def keeps_platforms(self) -> bool:
        """Of Docker; podman's information has another form, and its store one platform a name."""
        command = (*self._command, "info", "--format", "{{json .}}")
        try:
            said = whole_output(
                command, self._environment, limit=_LIMIT, stall_seconds=_ANSWER_SECONDS
            )
        except ProgramError as error:
            raise NoEngineError(f"{self.where} does not answer: {error}") from None
        return keeps_platforms(said)

    def _broken_off(self, name: str, error: ProgramError) -> BrokenOffError:
        return BrokenOffError(f"{self.where} did not save {name!r} to its end ({error})")
