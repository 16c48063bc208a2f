"""One hierarchy of errors: each knows its exit code and what to do next."""

from __future__ import annotations

from lightship.printable import printable


class LightshipError(Exception):
    """Something a user can understand and act on.

    Args:
        what: what went wrong and where, in one line, without a final full stop.
        hint: what to do next, one sentence; empty if there is nothing to add.

    Both may hold names that come from images: `str()` makes them safe for a screen.
    """

    exit_code = 70

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint

    @property
    def details(self) -> tuple[str, ...]:
        """More lines, safe for a screen, that go below it."""
        return ()

    def __str__(self) -> str:
        text = printable(self.what)
        return f"{text}. {printable(self.hint)}" if self.hint else text


class UsageError(LightshipError):
    """The command line or a settings file asks for something that does not exist."""

    exit_code = 2


class UnreachableError(LightshipError):
    """The image cannot be reached: not found, not allowed, no such platform."""

    exit_code = 3


class PlatformMismatchError(UnreachableError):
    """The image was found, but not for the platform that was asked for."""


class CorruptInputError(LightshipError):
    """The input breaks its format, contradicts itself, or exceeds a limit."""

    exit_code = 4


class OverLimitError(CorruptInputError):
    """The input asks for more than a limit allows, or than any engine can make."""


class DestinationError(LightshipError):
    """The destination could not be written."""

    exit_code = 5


class InternalError(LightshipError):
    """A bug in lightship, or a proof that failed."""

    exit_code = 70
