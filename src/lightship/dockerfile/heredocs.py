"""Which here-documents a line opens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.dockerfile.tree import Heredoc
from lightship.dockerfile.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENING = re.compile(r"([0-9]*)<<(-?)([^<]+)\Z")


def heredocs_in(joined: str) -> Iterator[Heredoc]:
    """The here-documents that a RUN, COPY or ADD opens, in order; their places are still 0.

    BuildKit looks for them in words, so one without a blank before it (`cat<<EOF`) is none, and a
    line whose quotes do not close has none.
    """
    for word in split_words(joined) or ():
        raw = joined[word.start : word.end]
        found = _OPENING.match(raw)
        if found is None:
            continue
        names = split_words(found[3])
        if names is None or len(names) != 1:
            continue
        name = names[0]
        yield Heredoc(
            name=name.text,
            expands=name.text == found[3],
            strips_tabs=bool(found[2]),
            descriptor=int(found[1] or 0),
            start=0,
            end=0,
            terminator_end=0,
        )
