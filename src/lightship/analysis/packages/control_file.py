"""Control files of Debian: stanzas of fields, relations between packages (deb-control(5))."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9+.-]*)")
_MAX_FIELD_CHARS = 200_000


class Stanza(dict[str, str]):
    """One package's fields; of a field that stands twice the last counts."""

    def groups(self, field: str) -> list[list[str]]:
        """A relation: for each clause the alternatives' names, without versions."""
        return names_of(self.get(field, ""))


def stanzas(data: bytes) -> Iterator[Stanza]:
    """Every stanza of a control file; lines that are no field are passed over."""
    stanza = Stanza()
    last = ""
    for raw in data.split(b"\n"):
        line = raw.decode("utf-8", "replace")
        if not line.strip():
            if stanza:
                yield stanza
            stanza, last = Stanza(), ""
        elif line[0] in " \t":
            if last and len(stanza[last]) < _MAX_FIELD_CHARS:
                stanza[last] += line
        else:
            name, colon, value = line.partition(":")
            if colon:
                last = name
                stanza[name] = value.strip()[:_MAX_FIELD_CHARS]
    if stanza:
        yield stanza


def names_of(relation: str) -> list[list[str]]:
    """`a (>= 1) | b, c:any` as `[["a", "b"], ["c"]]`."""
    clauses = []
    for clause in relation.split(","):
        names = [found[1] for one in clause.split("|") if (found := _NAME.match(one))]
        if names:
            clauses.append(names)
    return clauses
