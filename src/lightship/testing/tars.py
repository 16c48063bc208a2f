"""A described layer as a tar, written with the standard library: not with our own writer."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from lightship.testing.entries import Device, Dir, Entry, Fifo, File, Link, Symlink

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.testing.entries import Layer

TarFormat: TypeAlias = Literal["pax", "gnu", "ustar"]

_FORMATS = {"pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT, "ustar": tarfile.USTAR_FORMAT}
_MODES: dict[type[Entry], int] = {Dir: 0o755, Symlink: 0o777}
_MODE = 0o644


def layer_tar(layer: Layer | bytes, *, tar_format: TarFormat = "pax") -> bytes:
    """The uncompressed tar of a layer; the same description always gives the same bytes.

    Args:
        layer: path to content, in tar order; pairs where a path is repeated; bytes are a tar as is.
        tar_format: how names and numbers that a plain header cannot hold are written.

    Raises:
        TypeError: a content is neither bytes nor an entry.
        ValueError: the tar format cannot hold the layer: only PAX holds extended attributes.
    """
    if isinstance(layer, bytes):
        return layer
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer,
        mode="w",
        format=_FORMATS[tar_format],
        encoding="utf-8",
        errors="surrogateescape",
    ) as archive:
        for path, content in _pairs(layer):
            entry = File(content) if isinstance(content, bytes) else content
            if not isinstance(entry, Entry):
                raise TypeError(f"{path!r} is {content!r}, neither bytes nor an entry")
            if tar_format != "pax" and (entry.xattrs or entry.pax):
                raise ValueError(f"{path!r} has PAX records: tar_format must be 'pax'")
            data = entry.content if isinstance(entry, File) else b""
            archive.addfile(_record(_text(path), entry), io.BytesIO(data))
    return buffer.getvalue()


def _pairs(layer: Layer) -> Iterable[tuple[str | bytes, object]]:
    return layer.items() if isinstance(layer, Mapping) else layer


def _text(name: str | bytes) -> str:
    return name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


def _record(name: str, entry: Entry) -> tarfile.TarInfo:
    record = tarfile.TarInfo(name)
    record.mode = _MODES.get(type(entry), _MODE) if entry.mode is None else entry.mode
    record.uid, record.gid, record.mtime = entry.uid, entry.gid, entry.mtime
    records = {f"SCHILY.xattr.{_text(key)}": value for key, value in entry.xattrs.items()}
    record.pax_headers = {key: _text(value) for key, value in {**records, **entry.pax}.items()}
    match entry:
        case File():
            record.size = len(entry.content)
        case Link():
            record.type, record.linkname = tarfile.LNKTYPE, _text(entry.target)
        case Symlink():
            record.type, record.linkname = tarfile.SYMTYPE, _text(entry.target)
        case Dir():
            record.type = tarfile.DIRTYPE
        case Device():
            record.type = tarfile.BLKTYPE if entry.block else tarfile.CHRTYPE
            record.devmajor, record.devminor = entry.major, entry.minor
        case Fifo():
            record.type = tarfile.FIFOTYPE
        case _:
            raise TypeError(f"{entry!r} is no entry")
    return record
