"""The build contexts of the Dockerfiles that `lint` reads, each walked once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.api.dockerfile_paths import Named
from lightship.api.dockerfiles import INVALID, NOT_FOUND, problem
from lightship.context.context import Context
from lightship.context.dockerfiles import inside
from lightship.context.retaking import taken
from lightship.context.survey import survey
from lightship.errors import CorruptInputError, UnreachableError
from lightship.rules.sending import Sending

if TYPE_CHECKING:
    from lightship.api.dockerfiles import Opened
    from lightship.context.survey import Survey
    from lightship.model.results.lint import FileProblem


class Asked(Struct, frozen=True):
    """The build context of a Dockerfile.

    Attributes:
        ignore_file: its ignore file's path; None without one.
        sending: what rules see of it; None where there is nothing to ask them about.
        problem: why every build refuses the ignore file.
    """

    ignore_file: Named | None
    sending: Sending | None
    problem: FileProblem | None = None


class LintContexts:
    """Contexts as BuildKit reads them; the last walk is kept, for the next Dockerfile."""

    def __init__(self) -> None:
        self._walked: tuple[tuple[str, str | None], Survey] | None = None

    def of(self, one: Opened) -> Asked | None:
        """The context of a Dockerfile; None where it takes nothing from any that is known.

        What is written in a template is not known either.
        """
        matter = one.matter
        if matter is None or matter.folder is None:
            return None
        if matter.build.is_template or one.named.is_template:
            return None
        root, path = matter.folder.path, one.named.path
        name = inside(path, root) if path is not None else None
        context = Context(
            root, dockerfile=name, outside=path if name is None else None, build=matter.build
        )
        wanted = context.wanted
        if wanted is None or not any(use.takes_files for use in wanted.uses):
            return None
        try:
            context.check()
        except (CorruptInputError, UnreachableError) as error:
            return _refused(context, error)
        ignore_file = _named(context)
        try:
            whole = self._survey(context)
        except OSError:
            # That the folder is not there is no matter of the Dockerfile.
            return Asked(ignore_file, None)
        return Asked(ignore_file, Sending(context=context, survey=taken(whole, wanted)))

    def _survey(self, context: Context) -> Survey:
        key = (str(context.root.resolve()), context.ignore_name)
        if self._walked is None or self._walked[0] != key:
            self._walked = (key, survey(context, count_ignored=False))
        return self._walked[1]


def _named(context: Context) -> Named | None:
    name = context.ignore_name
    return Named.of(context.root / Path(name)) if name is not None else None


def _refused(context: Context, error: CorruptInputError | UnreachableError) -> Asked | None:
    code = INVALID if isinstance(error, CorruptInputError) else NOT_FOUND
    try:
        place, refusal = _named(context), context.ignore.refusal
    except OSError:
        return None
    if place is None:
        return None
    if refusal is None:
        return Asked(place, None, problem(place, error.what, code))
    return Asked(place, None, problem(place, refusal.reason, code, refusal.line))
