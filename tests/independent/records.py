"""The records of a layer's tar, read with the standard library as Go's archive/tar reads them."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any

_KINDS = {
    tarfile.LNKTYPE: "hard_link",
    tarfile.SYMTYPE: "symlink",
    tarfile.DIRTYPE: "directory",
    tarfile.CHRTYPE: "character_device",
    tarfile.BLKTYPE: "block_device",
    tarfile.FIFOTYPE: "fifo",
}
_XATTR = "SCHILY.xattr."


@dataclass(frozen=True)
class Record:
    """One record as the tar has it; only a regular file has content."""

    name: bytes
    kind: str
    content: bytes = b""
    target: bytes = b""
    mode: int = 0o755
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    device: tuple[int, int] = (0, 0)
    xattrs: dict[bytes, bytes] = field(default_factory=dict)


class _AsGo(tarfile.TarInfo):
    """Go hands a global PAX header out and applies it to nothing; tarfile applies it."""

    def _proc_pax(self, archive: Any) -> Any:
        if self.type != tarfile.XGLTYPE:
            return super()._proc_pax(archive)  # type: ignore[misc]
        archive.fileobj.read((self.size + 511) // 512 * 512)
        return self.fromtarfile(archive)


def read_records(tar: bytes) -> list[Record]:
    """Every record in tar order; tarfile.TarError if there is no making sense of it."""
    with tarfile.open(
        fileobj=io.BytesIO(tar),
        mode="r:",
        tarinfo=_AsGo,
        encoding="utf-8",
        errors="surrogateescape",
    ) as archive:
        return [_record(archive, member) for member in archive]


def _record(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Record:
    kind = "regular" if member.isreg() else _KINDS[member.type]
    content = b""
    if kind == "regular":
        stream = archive.extractfile(member)
        assert stream is not None
        content = stream.read()
    return Record(
        name=_bytes(member.name),
        kind=kind,
        content=content,
        target=_bytes(member.linkname) if kind in {"hard_link", "symlink"} else b"",
        mode=member.mode & 0o7777,
        uid=member.uid,
        gid=member.gid,
        mtime_ns=_nanoseconds(member),
        device=(member.devmajor, member.devminor) if kind.endswith("_device") else (0, 0),
        xattrs={
            _bytes(key[len(_XATTR) :]): _bytes(value)
            for key, value in member.pax_headers.items()
            if key.startswith(_XATTR)
        },
    )


def _nanoseconds(member: tarfile.TarInfo) -> int:
    # tarfile makes a float of it, which cannot hold nanoseconds
    seconds = Decimal(member.pax_headers.get("mtime", str(member.mtime)))
    return int((seconds * 10**9).to_integral_value(ROUND_DOWN))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
