"""What the old base's config sets and the new one's does not: variables, search paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.secrets import kind_of_variable
from lightship.bases.dockerfile_words import added_path, variable
from lightship.bases.reasoning import listed, reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "environment"


def judge(move: Move) -> Iterator[Reason]:
    """Each is set again by an instruction; what nothing is known to read is a note."""
    base, landing = move.candidate.inside, move.landing
    if base is None or landing is None:
        return
    for name, folders in landing.how.searched.items():
        if folders:
            shown, text = text_of(b":".join(folders)), text_of(name)
            says = f"it does not search {shown}, as the image does now by {text}"
            is_set = text == "PATH" or name in base.settings.environment
            todo = added_path(text, shown) if is_set else variable(text, shown)
            yield reason(_KIND, "carry", says, todo=todo)
    for name, value in landing.how.again.items():
        shown = text_of(value)
        if kind_of_variable(text_of(name), shown) is not None:
            shown = "..."
        says = f"it does not set the variable {text_of(name)} as the image does now"
        yield reason(_KIND, "carry", says, todo=variable(text_of(name), shown))
    others = [text_of(name) for name in landing.how.lost]
    if others:
        which = "a variable" if len(others) == 1 else f"{len(others)} variables"
        says = f"it does not set {which} that the image has now, and nothing is known to need"
        yield reason(_KIND, "note", says, evidence=listed(others))
