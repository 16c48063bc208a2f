"""Whether libraries that come along are only found by the cache that `ldconfig` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.reasoning import listed, reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "library_cache"


def judge(move: Move) -> Iterator[Reason]:
    """The cache stays behind, as it is of the old base's libraries: it has to be written anew.

    Packages that are installed there write it themselves.
    """
    landing = move.landing
    if landing is None:
        return
    paths = [path for path in _configured(landing) if _is_carried(move, landing, path)]
    if not paths:
        return
    says = "libraries that come along are found there only by the cache that ldconfig writes"
    evidence = listed(map(text_of, paths))
    if landing.program(b"ldconfig") is None or landing.program(b"/bin/sh") is None:
        says = f"{says}, and nothing can be run there to write it"
        yield reason(_KIND, "unproven", says, evidence=evidence)
    else:
        yield reason(_KIND, "carry", says, evidence=evidence, todo="RUN ldconfig")


def _configured(landing: Landing) -> dict[bytes, None]:
    """Paths of such libraries, of all that its command runs."""
    return {
        path: None
        for file in (*landing.started.files, *landing.entrypoint.files)
        if file.record in landing.elves
        for path in landing.loaded(file).configured
    }


def _is_carried(move: Move, landing: Landing, path: bytes) -> bool:
    file = landing.lookup.file(path)
    return file is not None and landing.origins[file.record] in move.application.carried
