"""A bare name: the engines of this machine are asked first, then the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from lightship.errors import PlatformMismatchError, UnreachableError, UsageError
from lightship.model.reference import Reference
from lightship.transports.references import ENGINES
from lightship.transports.registry.names import parse_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.transports.access import Access

_T = TypeVar("_T")


def first_that_has_it(name: str, open_there: Callable[[Reference], _T], access: Access) -> _T:
    """Open a bare name where it is found first, and say where that was.

    Raises:
        UnreachableError: nobody has it; the error lists what each answered.
        PlatformMismatchError: the first that has it has it for other platforms only.
    """
    answers: list[str] = []
    for reference in _places(name):
        if reference.transport == "registry" and access.network.offline:
            answers.append("registry: not asked (--offline)")
            continue
        try:
            found = open_there(reference)
        except PlatformMismatchError:
            raise
        except UnreachableError as error:
            answers.append(f"{reference.transport}: {error.what}")
            continue
        access.progress.note(f"{name!r} was found as {reference}")
        return found
    raise UnreachableError(f"{name!r} is no file, and nobody has it ({'; '.join(answers)})")


def _places(name: str) -> Iterator[Reference]:
    for engine in ENGINES:
        yield Reference(engine, name)
    try:
        yield parse_name(name).reference
    except UsageError:  # an image ID: only an engine knows those
        return
