"""The lines that lightship writes in an ignore file, between two marks, and a person's around them.

A person's lines are kept byte for byte. They come after ours, and the last line that matches
decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.project_kinds import ignored_groups
from lightship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.context.proposing import Proposed

BEGIN = "# >>> lightship context init"
END = "# <<< lightship context init"
_BOM = b"\xef\xbb\xbf"
_ABOUT = f"{BEGIN}: --merge writes these lines anew, and leaves all others alone"


class Parts(Struct, frozen=True):
    """An ignore file without what stands between the marks.

    Attributes:
        before, after: a person's bytes around the marked lines; `before` has the byte order mark.
        has_block: whether there were marked lines.
        newline: the end of lines.
    """

    before: bytes = b""
    after: bytes = b""
    has_block: bool = False
    newline: bytes = b"\n"

    @property
    def own(self) -> bytes:
        """A person's lines alone."""
        return self.before + self.after

    def line_in(self, whole: bytes, line: int) -> int:
        """The number in the whole file of a line of `own`; both from 1."""
        if line <= self.before.count(b"\n"):
            return line
        return line + whole.count(b"\n") - self.own.count(b"\n")


def split_file(data: bytes) -> Parts:
    """Take a file apart.

    Raises:
        UsageError: a mark stands alone, or there are several.
    """
    newline = b"\r\n" if data.partition(b"\n")[0].endswith(b"\r") else b"\n"
    bom = _BOM if data.startswith(_BOM) else b""
    lines = data.removeprefix(_BOM).split(b"\n")
    begins = [at for at, line in enumerate(lines) if line.startswith(BEGIN.encode())]
    ends = [at for at, line in enumerate(lines) if line.startswith(END.encode())]
    if not begins and not ends:
        return Parts(bom, data.removeprefix(_BOM), False, newline)
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        raise UsageError(
            "the marks of lightship's lines in the ignore file do not belong together",
            f"There must be one line {BEGIN} and, below it, one line {END}, or neither.",
        )
    before = b"".join(line + b"\n" for line in lines[: begins[0]])
    return Parts(bom + before, b"\n".join(lines[ends[0] + 1 :]), True, newline)


def composed(parts: Parts, lines: Sequence[Proposed]) -> tuple[bytes, tuple[int, ...]]:
    """The whole file, and the number of each of our lines in it, from 1.

    Without a line of ours it is a person's file as it was.
    """
    if not lines:
        return parts.own, ()
    block: list[str] = [_ABOUT]
    numbers: list[int] = []
    first = parts.before.count(b"\n") + 1
    title = ""
    about = {group.name: f"# {group.title}: {group.why}" for group in ignored_groups().group}
    for line in lines:
        if about[line.group] != title:
            title = about[line.group]
            block += ["", title] if len(block) > 1 else [title]
        block.append(line.text)
        numbers.append(first + len(block) - 1)
    block.append(END)
    end = parts.newline.decode()
    text = (end.join(block) + end).encode("utf-8", "surrogateescape")
    gap = parts.newline if parts.after and not parts.has_block else b""
    return parts.before + text + gap + parts.after, tuple(numbers)
