"""What a proof finds to differ, and the error that it ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from lightship.errors import InternalError
from lightship.printable import printable, printable_path

if TYPE_CHECKING:
    from collections.abc import Sequence

What = Literal[
    "added",
    "removed",
    "kind",
    "content",
    "link_target",
    "device",
    "mode",
    "uid",
    "gid",
    "xattrs",
    "links",
    "mtime",
    "config",
    "blob",
]
"""In what something differs; `config` is a field of the config, `blob` the stored bytes."""

MOST_LINES = 1000
MOST_ROWS = 10_000
_REPORT = "Nothing was kept. Please report this as a bug in lightship."


class Difference(Struct, frozen=True):
    """One difference between what is and what was to be.

    Attributes:
        path: of the name, relative to the root (the root is `b""`); of a field, its keys with dots
            between them; of a blob, its digest. Foreign bytes.
        what: what differs.
        before: in the old image, as text; foreign.
        after: in the new one.
    """

    path: bytes
    what: What
    before: str
    after: str

    @property
    def line(self) -> str:
        """For a screen."""
        place = printable_path(self.path) if self.path else "/"
        return f"{place}: {self.what}: {printable(self.before)} -> {printable(self.after)}"


class Found(Struct):
    """What a comparison finds.

    Attributes:
        wrong: differences that were not announced, and announced ones that are missing.
        counts: of announced changes that were found, by kind.
        rows: the first `MOST_ROWS` of each kind.
    """

    wrong: list[Difference] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[Difference]] = field(default_factory=dict)

    def announced(self, kind: str, row: Difference) -> None:
        """Take note of a change that was to happen, and did."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        rows = self.rows.setdefault(kind, [])
        if len(rows) < MOST_ROWS:
            rows.append(row)


class ProofFailedError(InternalError):
    """What was written is not what was announced.

    Attributes:
        differences: what differs, up to `MOST_LINES`.
        count: how many there are.
    """

    def __init__(self, differences: Sequence[Difference]) -> None:
        self.count = len(differences)
        self.differences = tuple(differences[:MOST_LINES])
        first = self.differences[0].line
        more = f" (the first of {self.count} differences)" if self.count > 1 else ""
        super().__init__(f"the proof failed: {first}{more}", _REPORT)

    @property
    def details(self) -> tuple[str, ...]:
        """A line for each difference; none where the message tells the only one."""
        if self.count < 2:
            return ()
        left = self.count - len(self.differences)
        rest = (f"and {left} more",) if left else ()
        return (*(difference.line for difference in self.differences), *rest)
