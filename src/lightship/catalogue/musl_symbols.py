"""What musl's C library defines for programs, by its version."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

OLDEST, NEWEST = "1.2.3", "1.2.5"
"""The releases between which nothing is unknown."""
_NUMBER = re.compile(r"\d+")
# ldso/dynlink.c, `get_lfs64`, since 1.2.4: the loader gives the plain one for NAME64.
_LEGACY = frozenset(
    b"aio_cancel aio_error aio_fsync aio_read aio_return aio_suspend aio_write alphasort creat"
    b" fallocate fgetpos fopen freopen fseeko fsetpos fstat fstatat fstatfs fstatvfs ftello"
    b" ftruncate ftw getdents getrlimit glob globfree lio_listio lockf lseek lstat mkostemp"
    b" mkostemps mkstemp mkstemps mmap nftw open openat posix_fadvise posix_fallocate pread preadv"
    b" prlimit pwrite pwritev readdir scandir sendfile setrlimit stat statfs statvfs tmpfile"
    b" truncate versionsort __fxstat __fxstatat __lxstat __xstat".split()
)


def legacy_base(name: bytes) -> bytes | None:
    """The name that musl's loader looks up instead of an old one for large files; else None."""
    if name == b"readdir64_r":
        return b"readdir_r"
    return name[:-2] if name.endswith(b"64") and name[:-2] in _LEGACY else None


@cache
def musl_symbols(version: str | None = None) -> frozenset[bytes]:
    """All names that a program can be bound to by musl's loader, old names included.

    Args:
        version: `1.2.4`; older ones than 1.2.3 count as that. Newer ones than 1.2.5 may have more
            than is known here. None for all that any of them has.
    """
    wanted = None if version is None else _ordered(version)
    if wanted is not None:
        wanted = max(wanted, _ordered(OLDEST))
    names = set()
    for name, since in _table():
        if wanted is None or since <= wanted:
            names.add(name)
    return frozenset(names)


def is_known(version: str | None) -> bool:
    """Whether a release has nothing that `musl_symbols` leaves out."""
    return version is not None and _ordered(version) <= _ordered(NEWEST)


@cache
def _table() -> tuple[tuple[bytes, tuple[int, ...]], ...]:
    text = files(__package__).joinpath("musl_symbols.txt").read_bytes()
    rows = []
    for line in text.splitlines():
        words = line.split()
        if words and not line.startswith(b"#"):
            since = words[1].decode() if len(words) > 1 else OLDEST
            rows.append((words[0], _ordered(since)))
    return tuple(rows)


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBER.findall(version)[:3])
