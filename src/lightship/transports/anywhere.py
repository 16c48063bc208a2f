"""A bare name: the engines of this machine are asked first, then the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from lightship.engines.engine import BrokenOffError, NotHeldError
from lightship.errors import PlatformMismatchError, UnreachableError, UsageError
from lightship.model.reference import Reference
from lightship.transports.references import ENGINES, is_image_id
from lightship.transports.registry.names import parse_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.transports.access import Access

_T = TypeVar("_T")


def first_that_has_it(name: str, open_there: Callable[[Reference], _T], access: Access) -> _T:
    """Open a bare name where it is found first, and say where that was.

    An engine that has it for other platforms only, or that cannot be asked, stops nothing: who asks
    for a platform wants that one from wherever it is. An engine that has it and breaks off does:
    what the registry has under that name may be another image.

    Raises:
        UnreachableError: nobody has it; the error lists what each answered.
        PlatformMismatchError: it was found, for other platforms only; likewise.
        BrokenOffError: an engine has it, and did not send all of it.
    """
    answers = _Answers(name)
    for reference in _places(name):
        if reference.transport == "registry" and access.network.offline:
            answers.add(reference, UnreachableError("not asked (--offline)"))
            continue
        try:
            found = open_there(reference)
        except BrokenOffError:
            raise
        except UnreachableError as error:
            answers.add(reference, error)
            continue
        # One image knows its whole name; of one for each platform there are several.
        whole = getattr(found, "reference", reference)
        access.progress.note(f"{name!r} was found as {whole}{answers.worth_telling()}")
        return found
    raise answers.failure()


def _places(name: str) -> list[Reference]:
    engines = [Reference(engine, name) for engine in ENGINES]
    if is_image_id(name):
        return engines
    try:
        return [*engines, parse_name(name).reference]
    except UsageError:
        return engines


class _Answers:
    """What each place said that does not have the image."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said: list[tuple[Reference, UnreachableError]] = []

    def add(self, reference: Reference, error: UnreachableError) -> None:
        self._said.append((reference, error))

    def worth_telling(self) -> str:
        """Why the image does not come from an engine, where one has another of that name."""
        there = [
            f"{reference.transport}: {_short(error)}"
            for reference, error in self._said
            if isinstance(error, PlatformMismatchError)
        ]
        return f" ({'; '.join(there)})" if there else ""

    def failure(self) -> UnreachableError:
        mismatched = [e for _, e in self._said if isinstance(e, PlatformMismatchError)]
        told = "; ".join(f"{reference.transport}: {_short(e)}" for reference, e in self._said)
        if mismatched:
            return PlatformMismatchError(
                f"{self._name!r} is not there for that platform ({told})",
                "Choose another with --platform.",
            )
        if is_image_id(self._name):
            return UnreachableError(
                f"no engine has the image ID {self._name!r} ({told})",
                "Only engines know image IDs; elsewhere write NAME@sha256:DIGEST.",
            )
        _, last = self._said[-1]
        return UnreachableError(f"{self._name!r} is no file, and nobody has it ({told})", last.hint)


def _short(error: UnreachableError) -> str:
    """Engines that do not run or lack the image are no error to dwell on."""
    if isinstance(error, NotHeldError):
        return "does not have it"
    if isinstance(error, PlatformMismatchError) and error.hint.startswith("It holds "):
        return error.hint.partition(";")[0].removeprefix("It ").rstrip(".")
    return error.what
