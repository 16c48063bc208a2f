"""`-` an archive on standard input: read once, forwards, in memory that its layers do not count in.

Documents are kept, layers are scanned as they come by; at the end the two are put together as
if they lay in a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.layers.codecs import sniff
from lightship.layers.headers import BLOCK
from lightship.layers.scan import Codec
from lightship.model.documents import MAX_CONFIG_BYTES
from lightship.transports.archive import Links, inside, two_contents
from lightship.transports.reading import PieceReader
from lightship.transports.store import Blob, Document, digest_in_name
from lightship.transports.tape import MemberKind, TarError, is_tar_header, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from lightship.layers.scan import LayerScan
    from lightship.model.image import FileIdentity
    from lightship.transports.tape import Member

    ReadLayer: TypeAlias = Callable[[BinaryIO], LayerScan]

_DOCUMENTS = ("manifest.json", "index.json")
MAX_DOCUMENTS_BYTES = 256 << 20
"""Of all JSON documents of a stream together: what is kept in memory."""


class Scanned(Struct, frozen=True):
    """A layer that came by, as a blob."""

    scan: LayerScan

    @property
    def stored_bytes(self) -> int:
        return self.scan.stored_bytes

    def identity(self) -> None:
        return None

    def open(self) -> BinaryIO:
        raise OSError("the bytes of a pipe cannot be read twice")


class _Gone(Struct, frozen=True):
    """A member that was not kept; finding it is an error unless its size already is."""

    stored_bytes: int
    error: CorruptInputError

    @property
    def scan(self) -> None:
        return None

    def identity(self) -> FileIdentity | None:
        return None

    def open(self) -> BinaryIO:
        raise self.error


class ArchiveStream:
    """The members of an archive that came through a pipe (`transports.store.Store`).

    Args:
        chunks: the archive's bytes, uncompressed. They are read to their end.
        read_layer: given the stored bytes of each layer once.
        where: for messages.

    Raises:
        CorruptInputError: the tar breaks its format or is cut off.
    """

    def __init__(self, chunks: Iterator[bytes], read_layer: ReadLayer, where: str) -> None:
        self.where = where
        self._read_layer = read_layer
        self._links = Links(where)
        self._blobs: dict[str, Blob] = {}
        self._twice: set[str] = set()
        self._kept_bytes = 0
        self._tape = ChunkTape(chunks)
        for member in members(self._tape, where):
            name = inside(member.name, where)
            self._links.note(name, member)
            if member.kind is MemberKind.FILE:
                self._note(name, self._taken(name, member))
        self._tape.drain()
        self.archive_bytes = self._tape.position

    def find(self, name: str) -> Blob | None:
        name = self._links.follow(name)
        if name in self._twice:
            raise two_contents(name, self.where)
        return self._blobs.get(name)

    def resolved(self, name: str) -> str:
        return self._links.follow(name)

    def missing(self, name: str, role: str) -> CorruptInputError:
        return CorruptInputError(
            f"{self.where} does not hold {name} ({role}); it ends after "
            f"{self._tape.position} bytes",
            "The archive is incomplete: look for an error of the program that writes it.",
        )

    def _note(self, name: str, blob: Blob) -> None:
        earlier = self._blobs.setdefault(name, blob)
        if earlier is not blob and not _same(earlier, blob):
            self._twice.add(name)

    def _taken(self, name: str, member: Member) -> Blob:
        start = self._tape.read(min(BLOCK, member.length))
        if _is_layer(name, start):
            return self._scanned(name, member, start)
        is_document = name in _DOCUMENTS or start.lstrip()[:1] in (b"{", b"[")
        if is_document and member.length <= MAX_CONFIG_BYTES:
            return self._document(name, member, start)
        told = f"{name!r} of {self.where} is neither a JSON document nor a tar, gzip or zstd layer"
        return _Gone(member.length, CorruptInputError(told))

    def _document(self, name: str, member: Member, start: bytes) -> Document:
        self._kept_bytes += member.length
        if self._kept_bytes > MAX_DOCUMENTS_BYTES:
            raise CorruptInputError(
                f"{self.where} holds more than {MAX_DOCUMENTS_BYTES} bytes of JSON documents",
                "Save the archive to a file and give its path.",
            )
        data = start + self._tape.read(member.length - len(start))
        if len(data) < member.length:
            raise self._cut_off(name)
        return Document(data)

    def _scanned(self, name: str, member: Member, start: bytes) -> Blob:
        cut_off = self._cut_off
        stream = _MemberStream(self._tape, start, member.length, lambda: cut_off(name))
        try:
            return Scanned(self._read_layer(cast("BinaryIO", stream)))
        except TarError:
            raise
        except CorruptInputError as error:
            if stream.was_cut_off:
                raise self._cut_off(name) from None
            # It matters only if the chosen image has this layer.
            return _Gone(member.length, error)

    def _cut_off(self, name: str) -> TarError:
        return TarError(
            f"{self.where}: the archive ends after {self._tape.position} bytes, inside {name!r}",
            "Look for an error of the program that writes it.",
        )


class ChunkTape:
    """Chunks, read forwards (`transports.tape.Tape`)."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")
        self.position = 0

    def read(self, count: int) -> bytes:
        parts = []
        while count and (part := self._some(count)):
            parts.append(part)
            count -= len(part)
        return parts[0].tobytes() if len(parts) == 1 else b"".join(parts)

    def skip(self, count: int) -> int:
        done = 0
        while done < count and (part := self._some(count - done)):
            done += len(part)
        return done

    def drain(self) -> None:
        """Read on to the end, so that who writes into the pipe is not cut off."""
        while self._some(1 << 20):
            pass

    def _some(self, count: int) -> memoryview:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return memoryview(b"")
            self._rest = memoryview(chunk)
        part, self._rest = self._rest[:count], self._rest[count:]
        self.position += len(part)
        return part


class _MemberStream(PieceReader):
    """The bytes of one member as they come by."""

    def __init__(
        self, tape: ChunkTape, start: bytes, length: int, error: Callable[[], TarError]
    ) -> None:
        super().__init__()
        self._tape = tape
        self._start = start
        self._left = length
        self._error = error
        self.was_cut_off = False

    def take(self, count: int) -> bytes:
        wanted = min(count, self._left)
        if not wanted:
            return b""
        data, self._start = self._start[:wanted], self._start[wanted:]
        if not data:
            data = self._tape.read(wanted)
        self._left -= len(data)
        if not data:
            self.was_cut_off = True
            raise self._error()
        return data


def _is_layer(name: str, start: bytes) -> bool:
    if not start:
        return name.endswith("layer.tar") or digest_in_name(name) is not None
    if sniff(start) is not Codec.PLAIN or name.endswith("/layer.tar"):
        return True
    return is_tar_header(start) or start[257:262] == b"ustar" or start == bytes(BLOCK)


def _same(one: Blob, other: Blob) -> bool:
    if one.scan is not None and other.scan is not None:
        return one.scan.digest == other.scan.digest
    return one == other
