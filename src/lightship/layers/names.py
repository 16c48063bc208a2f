"""Places in a layer: directories are numbered once, entries point at them."""

from __future__ import annotations

from lightship.errors import CorruptInputError, OverLimitError
from lightship.layers.headers import clean
from lightship.layers.limits import MAX_PATH_BYTES, Limits
from lightship.model.entry import Kind

WHITEOUT = b".wh."
_OPAQUE = b".wh..wh..opq"
_NO_CONTENT = frozenset((b".wh.", b".wh..wh.plnk", b".wh..wh.orph", b".wh..wh.aufs"))


class Names:
    """Numbers a layer's directories.

    Attributes:
        directories: distinct clean paths; the root is number 0.
        numbers: number by the directory part of a name as tars write it.
        ignored: numbers of directories below AUFS's own records; nothing in them is content.
    """

    def __init__(self, limits: Limits) -> None:
        self._max_depth = limits.max_depth
        self.directories: list[bytes] = [b""]
        self.numbers: dict[bytes, int] = {b"": 0}
        self.ignored: set[int] = set()
        self._clean_numbers: dict[bytes, int] = {b"": 0}

    def place(self, name: bytes) -> tuple[int, bytes]:
        """The directory number and the last component of a name, however it is written.

        Raises:
            CorruptInputError: the name climbs out of the root, or is longer than a path can be.
        """
        if len(name) > MAX_PATH_BYTES:
            raise OverLimitError(
                f"a path of {len(name)} bytes; no engine can create one above {MAX_PATH_BYTES}"
            )
        head, _, basename = clean(name).rpartition(b"/")
        number = self._clean_numbers.get(head)
        if number is None:
            number = self._add(head)
        written_head, _, written_basename = name.rpartition(b"/")
        if written_basename == basename:
            self.numbers[written_head] = number
        return number, basename

    def _add(self, directory: bytes) -> int:
        parts = directory.split(b"/")
        if len(parts) > self._max_depth:
            raise OverLimitError(
                f"a path through {len(parts)} directories", "If that is right, raise --max-depth."
            )
        number = len(self.directories)
        self.directories.append(directory)
        self._clean_numbers[directory] = number
        if not _NO_CONTENT.isdisjoint(parts):
            self.ignored.add(number)
        return number


def marker(basename: bytes) -> tuple[Kind, bytes]:
    """What a name that starts with `.wh.` stands for, and the name it acts on.

    Source: OCI image-spec, layer.md, "Whiteouts"; AUFS's own records are no content. `.wh.` alone
    names nothing (stereoscope#647).

    Raises:
        CorruptInputError: it would remove its own directory or the one above, which engines do and
            the specification does not say.
    """
    if basename == _OPAQUE:
        return Kind.OPAQUE, b""
    hidden = basename[len(WHITEOUT) :]
    if basename in _NO_CONTENT:
        return Kind.IGNORED, basename
    if hidden in (b".", b".."):
        raise CorruptInputError(
            f"a whiteout of {hidden.decode()!r}",
            "Engines disagree what such a record means; build the layer again.",
        )
    return Kind.WHITEOUT, hidden
