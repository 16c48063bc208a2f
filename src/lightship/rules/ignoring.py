"""Which files of the context an ignore file keeps from the build, as BuildKit decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.context.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.rules.smell import Matter


def ignored_by(matter: Matter) -> Callable[[str], bool] | None:
    """Whether a file stays out of the build; None where nobody can say.

    That is where no context is there, or its ignore file cannot be read or is refused.
    """
    if matter.folder is None:
        return None
    context = Context(matter.folder.path, dockerfile=matter.name)
    try:
        if context.ignore.refusal is not None:
            return None
    except OSError:
        return None
    if not context.ignore.patterns:
        return lambda _: False
    return lambda path: context.matcher.walked(path).ignored
