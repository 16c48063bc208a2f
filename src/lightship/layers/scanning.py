"""The tar scanner: one pass over an uncompressed layer, straight into an index's columns.

Reads as Go's archive/tar does (headers.py). The loop is one function on purpose: at five
microseconds an entry, a call is a tenth of the budget.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from zlib import adler32

import xxhash

from lightship.errors import CorruptInputError, OverLimitError
from lightship.layers.captures import NO_CAPTURES
from lightship.layers.contents import Contents
from lightship.layers.extensions import Extensions
from lightship.layers.headers import BLOCK, ZEROS, clean, number, parse_header, text
from lightship.layers.index import EMPTY_HASH, NO_HASH, Columns, LayerIndex, Rarities
from lightship.layers.limits import MAX_PATH_BYTES
from lightship.layers.names import WHITEOUT, Names, marker
from lightship.layers.window import Window
from lightship.model.entry import Kind
from lightship.printable import printable_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.layers.captures import Captures
    from lightship.layers.limits import Allowance, Limits

_KINDS = {
    **dict.fromkeys(b"\x0007S", Kind.REGULAR),
    ord("1"): Kind.HARD_LINK,
    ord("2"): Kind.SYMLINK,
    ord("3"): Kind.CHARACTER_DEVICE,
    ord("4"): Kind.BLOCK_DEVICE,
    ord("5"): Kind.DIRECTORY,
    ord("6"): Kind.FIFO,
}
_V7_REGULAR, _PLAIN_FILE, _SPARSE = 0, ord("0"), ord("S")
_OTHER, _USTAR, _GNU = 0, 1, 2  # formats of a header; only the fast path's are told apart
_MAX_LAYER_XATTR_BYTES = 256 * 1024 * 1024
_EXTENSIONS = frozenset(b"xgLK")
_ODD_NAMES = frozenset((b"", b".", b".."))
_MAX_REMEMBERED = 50_000
_MAX_ID = 2**32 - 1
_MAX_TIME = 2**63 - 1


def scan_tar(
    chunks: Iterator[bytes],
    *,
    limits: Limits,
    allowance: Allowance,
    captures: Captures = NO_CAPTURES,
    contents: bytearray | None = None,
) -> LayerIndex:
    """Index a layer's uncompressed tar.

    Args:
        chunks: the tar in pieces of any length; read to the end, also behind the tar's own end.
        limits: what the tar may hold.
        allowance: the unpacked bytes it may have.
        captures: which contents to keep.
        contents: given the SHA-256 of each regular file with content, in the tar's order.

    Raises:
        CorruptInputError: the tar is damaged, truncated, or over a limit; the message tells where.
    """
    window = Window(chunks, allowance)
    scanner = _Scanner(window, limits, captures, contents)
    try:
        scanner.scan()
    except ValueError as problem:
        raise CorruptInputError(f"{problem}, at byte {scanner.start} of the tar") from problem
    return LayerIndex(
        directories=scanner.names.directories,
        columns=scanner.columns,
        rarities=scanner.rarities,
        tar_bytes=window.drain(),
        captures_fingerprint=captures.fingerprint,
        captures_complete=scanner.contents.captures_complete,
    )


class _Scanner:
    def __init__(
        self, window: Window, limits: Limits, captures: Captures, sha256s: bytearray | None
    ) -> None:
        self.window = window
        self.limits = limits
        self.columns = Columns()
        self.rarities = Rarities()
        self.names = Names(limits)
        self.contents = Contents(window, captures, self.rarities, sha256s)
        self.sha256s = sha256s
        self.start = 0
        self._xattr_bytes = 0

    def scan(self) -> None:
        columns, window, names, contents = self.columns, self.window, self.names, self.contents
        add_directory, add_name = columns.directories.append, columns.names.append
        add_kind, add_content = columns.kinds.append, columns.content_bytes.append
        add_mode, add_mtime = columns.modes.append, columns.mtimes_ns.append
        add_uid, add_gid = columns.uids.append, columns.gids.append
        add_hash = columns.hashes.extend
        add_offset, add_header = columns.offsets.append, columns.header_bytes.append
        numbers, ignored, directories = names.numbers, names.ignored, names.directories
        capturing, wanting = contents.capturing, contents.wanting
        sha256s, sha256 = self.sha256s, hashlib.sha256
        hash_of, kinds, max_entries = xxhash.xxh3_128_digest, _KINDS, self.limits.max_entries
        regular, directory_kind = Kind.REGULAR, Kind.DIRECTORY
        checksums: dict[bytes, int] = {}
        owners: dict[bytes, tuple[int, int, int]] = {}
        times: dict[bytes, int] = {}
        forms: dict[bytes, int] = {}
        extensions: Extensions | None = None
        data, view, position, end, base = window.state()
        start = entry = 0
        while True:
            block = data[position : position + BLOCK]
            if extensions is None:
                self.start = start = base + position
            if len(block) == BLOCK:
                position += BLOCK
            else:
                window.position = position
                taken = window.take_header()
                data, view, position, end, base = window.state()
                if taken is None:
                    return
                block = taken

            # The header. ASCII keeps the sum below adler32's modulus, so the comparison is exact.
            stored_sum = block[148:156]
            expected = checksums.get(stored_sum)
            if expected is None:
                expected = _expected_adler(stored_sum)
                if len(checksums) < _MAX_REMEMBERED:
                    checksums[stored_sum] = expected
            middle = block[257:345]
            form = forms.get(middle)
            if form is None:
                form = _form(middle)
                if len(forms) < _MAX_REMEMBERED:
                    forms[middle] = form
            if (
                form
                and adler32(block) & 0xFFFF == expected
                and block.isascii()
                and not block[508]
                and (form is _USTAR or not (block[345] or block[357]))
            ):
                name = block[:100].partition(b"\0")[0]
                if block[345]:
                    name = block[345:500].partition(b"\0")[0] + b"/" + name
                owner_fields = block[100:124]
                owner = owners.get(owner_fields)
                if owner is None:
                    owner = (number(block[100:108]), number(block[108:116]), number(block[116:124]))
                    if len(owners) < _MAX_REMEMBERED:
                        owners[owner_fields] = owner
                mode, uid, gid = owner
                digits = block[124:135]
                if digits.isdigit() and not block[135]:
                    size = int(digits, 8)
                else:
                    size = number(block[124:136])
                time_field = block[136:148]
                mtime = times.get(time_field, -1)
                if mtime < 0:
                    mtime = number(time_field) * 1_000_000_000
                    if len(times) < _MAX_REMEMBERED:
                        times[time_field] = mtime
                type_flag = block[156]
            elif block == ZEROS:
                window.position = position
                self._expect_end()
                return
            else:
                header = parse_header(block)
                name, size, mtime = header.name, header.size_bytes, header.mtime_ns
                mode, uid, gid = header.mode, header.uid, header.gid
                type_flag = header.type_flag

            # Records that change the next one.
            xattrs = None
            if type_flag in _EXTENSIONS:
                window.position = position
                extensions = Extensions.read(type_flag, size, window, extensions)
                data, view, position, end, base = window.state()
                continue
            is_sparse = type_flag == _SPARSE
            if extensions is not None:
                name = extensions.name(name)
                if extensions.pax:
                    size = extensions.size(size)
                    uid, gid = extensions.owner(uid, gid)
                    mtime = extensions.mtime_ns(mtime)
                    xattrs = extensions.xattrs()
                    is_sparse = is_sparse or extensions.sparse_version is not None

            # The place.
            kind = kinds.get(type_flag)
            written = name
            if type_flag != _PLAIN_FILE and name[-1:] == b"/":
                written = name.rstrip(b"/")
                if type_flag == _V7_REGULAR:
                    kind = directory_kind
            head, _, basename = written.rpartition(b"/")
            directory = numbers.get(head, -1)
            if directory < 0 or basename in _ODD_NAMES or extensions is not None:
                directory, basename = names.place(written)
                if not basename and kind is not directory_kind:
                    raise ValueError("the root directory's record is no directory")
            if kind is None:
                raise ValueError(f"a record of type {chr(type_flag)!r}, which no engine unpacks")

            # The content.
            header_bytes = base + position - start
            content, digest = 0, NO_HASH
            is_marker = basename.startswith(WHITEOUT) or (bool(ignored) and directory in ignored)
            if kind is regular and not is_marker and not is_sparse:
                if size < 0:
                    raise ValueError("a negative size")
                content = size
                padded = position + ((size + 511) & -512)
                if not size:
                    digest = EMPTY_HASH
                    if capturing and (asked := wanting(b"", directories[directory], basename, 0)):
                        contents.extract(entry, asked, view[:0], 0)
                elif padded <= end:
                    piece = view[position : position + size]
                    digest = hash_of(piece)
                    if sha256s is not None:
                        sha256s += sha256(piece).digest()
                    if capturing and (
                        asked := wanting(
                            data[position : position + min(4, size)],
                            directories[directory],
                            basename,
                            size,
                        )
                    ):
                        contents.extract(entry, asked, piece, size)
                    position = padded
                else:
                    window.position = position
                    digest = contents.hash(
                        entry, directories[directory], basename, size, _quoted(name)
                    )
                    data, view, position, end, base = window.state()
            elif kind is not directory_kind or is_marker or is_sparse:
                window.position = position
                kind, basename, content, digest, map_bytes = self._rare(
                    block,
                    kind=kind,
                    name=name,
                    directory=directories[directory],
                    basename=basename,
                    size=size,
                    extensions=extensions,
                    is_sparse=is_sparse,
                    is_marker=is_marker,
                    in_aufs=directory in ignored,
                )
                header_bytes += map_bytes
                data, view, position, end, base = window.state()

            if xattrs:
                self._keep_xattrs(entry, xattrs)
            if mtime > _MAX_TIME or mtime < -_MAX_TIME:
                mtime = _MAX_TIME if mtime > 0 else -_MAX_TIME
            if uid > _MAX_ID or gid > _MAX_ID or uid < 0 or gid < 0:
                raise ValueError(f"owner {uid}:{gid}, which Linux cannot have")
            add_directory(directory)
            add_name(basename)
            add_kind(kind)
            add_content(content)
            add_mode(mode & 0o7777)
            add_mtime(mtime)
            add_uid(uid)
            add_gid(gid)
            add_hash(digest)
            add_offset(start)
            add_header(header_bytes)
            extensions = None
            entry += 1
            if entry > max_entries:
                raise OverLimitError(
                    f"a layer of more than {max_entries} entries",
                    "If that is right, raise --max-entries.",
                )

    def _rare(
        self,
        block: bytes,
        *,
        kind: Kind,
        name: bytes,
        directory: bytes,
        basename: bytes,
        size: int,
        extensions: Extensions | None,
        is_sparse: bool,
        is_marker: bool,
        in_aufs: bool,
    ) -> tuple[Kind, bytes, int, bytes, int]:
        """What is no plain file and no plain directory.

        Returns:
            Kind, name, content bytes, hash, and bytes of a map in front of the content.
        """
        entry = len(self.columns.kinds)
        content, digest, map_bytes = 0, NO_HASH, 0
        if is_sparse:
            is_old = extensions is None or extensions.sparse_version is None
            if kind is not Kind.REGULAR or (is_old and block[257:265] != b"ustar  \0"):
                raise ValueError("a sparse record that is no GNU tar's or no file's")
            digest, content, stored, map_bytes = self.contents.hash_sparse(
                entry, block, size, extensions, where=(directory, basename), what=_quoted(name)
            )
            self.rarities.stored_bytes[entry] = stored
        if is_marker:
            if kind is Kind.REGULAR and not is_sparse and size:
                self.contents.pass_over(size, _quoted(name))
                self.rarities.stored_bytes[entry] = size
            kind, basename = (Kind.IGNORED, basename) if in_aufs else marker(basename)
            return kind, basename, 0, NO_HASH, map_bytes
        if kind in (Kind.SYMLINK, Kind.HARD_LINK):
            self.rarities.links[entry] = self._link(block, kind, extensions)
        elif kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE):
            has_numbers = block[257:262] == b"ustar"  # v7 has no place for them
            major, minor = number(block[329:337]), number(block[337:345])
            self.rarities.devices[entry] = (major, minor) if has_numbers else (0, 0)
        return kind, basename, content, digest, map_bytes

    def _link(self, block: bytes, kind: Kind, extensions: Extensions | None) -> bytes:
        target = text(block, 157, 257)
        if extensions is not None:
            target = extensions.link(target)
        if len(target) > MAX_PATH_BYTES:
            raise ValueError(f"a link target of {len(target)} bytes; Linux takes {MAX_PATH_BYTES}")
        return clean(target, what="hard link's target") if kind is Kind.HARD_LINK else target

    def _keep_xattrs(self, entry: int, xattrs: dict[bytes, bytes]) -> None:
        self._xattr_bytes += sum(len(key) + len(value) for key, value in xattrs.items())
        if self._xattr_bytes > _MAX_LAYER_XATTR_BYTES:
            raise OverLimitError("more than 256 MiB of extended attributes in one layer")
        self.rarities.xattrs[entry] = xattrs

    def _expect_end(self) -> None:
        """Two blocks of NULs, or the end of the stream behind one, end a tar."""
        block = self.window.take_header()
        if block is not None and block != ZEROS:
            raise ValueError("a block of NULs between records")


def _form(middle: bytes) -> int:
    """What the fields from the magic to the device numbers say the header's format is.

    Raises:
        ValueError: a device number is malformed; Go refuses such a header whatever its type.
    """
    if middle.startswith((b"ustar\0", b"ustar  \0")):
        number(middle[72:80])
        number(middle[80:88])
        return _USTAR if middle[5] == 0 else _GNU
    return _OTHER


def _expected_adler(stored_sum: bytes) -> int:
    """The low half of adler32 over a block with this checksum field; -1 where it holds no number.

    It is one more than the sum of all bytes; the checksum counts its own field as spaces.
    """
    try:
        return number(stored_sum) + sum(stored_sum) - 8 * 32 + 1
    except ValueError:
        return -1


def _quoted(name: bytes) -> str:
    return repr(printable_path(name[:300]))
