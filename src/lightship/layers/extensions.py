"""Records that change the record after them: PAX headers and GNU long names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from msgspec import Struct, field

from lightship.layers.headers import (
    GNU_LONG_LINK,
    GNU_LONG_NAME,
    PAX_GLOBAL,
    decimal,
    parse_pax,
    pax_time_ns,
    text,
)
from lightship.layers.limits import MAX_SPECIAL_BYTES, MAX_XATTR_BYTES
from lightship.layers.sparse import is_pax_sparse

if TYPE_CHECKING:
    from lightship.layers.window import Window

_XATTR = b"SCHILY.xattr."


class Extensions(Struct):
    """What the records before an entry say of it. A GNU long name beats a PAX path, as in Go."""

    pax: dict[bytes, bytes] = field(default_factory=dict)
    long_name: bytes = b""
    long_link: bytes = b""

    @classmethod
    def read(
        cls, type_flag: int, size_bytes: int, window: Window, earlier: Self | None
    ) -> Self | None:
        """Read one such record, whose header the window has passed.

        A second PAX header replaces the first. A global one is checked and otherwise ignored, with
        whatever came before it: so do Go's readers, and so every engine.

        Raises:
            ValueError: it is malformed.
        """
        if not 0 <= size_bytes <= MAX_SPECIAL_BYTES:
            raise ValueError(
                f"a PAX or long-name header of {size_bytes} bytes; Go's limit is 1 MiB"
            )
        body = window.take(size_bytes, "a PAX or long-name header")
        window.skip_padding(size_bytes)
        extensions = earlier or cls()
        if type_flag == PAX_GLOBAL:
            parse_pax(body)
            return None
        if type_flag == GNU_LONG_NAME:
            extensions.long_name = text(body, 0, size_bytes)
        elif type_flag == GNU_LONG_LINK:
            extensions.long_link = text(body, 0, size_bytes)
        else:
            extensions.pax = parse_pax(body)
        return extensions

    def size(self, header_bytes: int) -> int:
        """The size that follows in the tar, the header's own unless a record overrides it."""
        value = self.pax.get(b"size")
        return decimal(value) if value else header_bytes

    def name(self, header_name: bytes) -> bytes:
        """The entry's name."""
        if self.sparse_version is not None and (name := self.pax.get(b"GNU.sparse.name")):
            if b"\0" in name:
                raise ValueError("a name that holds a NUL")
            return name
        return self.long_name or self.pax.get(b"path") or header_name

    def link(self, header_link: bytes) -> bytes:
        """The entry's link target."""
        return self.long_link or self.pax.get(b"linkpath") or header_link

    def owner(self, uid: int, gid: int) -> tuple[int, int]:
        """The entry's uid and gid."""
        own_uid, own_gid = self.pax.get(b"uid"), self.pax.get(b"gid")
        return decimal(own_uid) if own_uid else uid, decimal(own_gid) if own_gid else gid

    def mtime_ns(self, header_ns: int) -> int:
        """The entry's modification time."""
        for key in (b"atime", b"ctime"):
            if value := self.pax.get(key):
                pax_time_ns(value)
        value = self.pax.get(b"mtime")
        return pax_time_ns(value) if value else header_ns

    def xattrs(self) -> dict[bytes, bytes]:
        """The entry's extended attributes."""
        found = {
            key[len(_XATTR) :]: value
            for key, value in self.pax.items()
            if key.startswith(_XATTR) and value
        }
        for key, value in found.items():
            if len(value) > MAX_XATTR_BYTES:
                raise ValueError(
                    f"an extended attribute of {len(value)} bytes ({key[:40]!r}); "
                    f"Linux takes {MAX_XATTR_BYTES}"
                )
        return found

    @property
    def sparse_version(self) -> int | None:
        """The PAX sparse format (0 or 1) that the entry uses, if any."""
        return is_pax_sparse(self.pax)

    def sparse_bytes(self, size_bytes: int) -> int:
        """The real size of a PAX sparse file."""
        value = self.pax.get(b"GNU.sparse.size") or self.pax.get(b"GNU.sparse.realsize")
        return decimal(value) if value else size_bytes
