"""Directories that loaders search: of the image's own files, and the usual ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import UsageError
from lightship.filetree.patterns import Matcher, Pattern
from lightship.layers.captures import CaptureRequest, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.elf import Elf
    from lightship.analysis.lookup import Lookup
    from lightship.analysis.packages.records import Records

_READER = "library-directories"
_CONF = b"etc/ld.so.conf"
_CONF_FOLDER = b"etc/ld.so.conf.d"
_MAX_CONF_BYTES = 65536
_MAX_DIRECTORIES = 1000
_MUSL_MACHINES = (
    b"x86_64",
    b"aarch64",
    b"i386",
    b"armhf",
    b"arm",
    b"powerpc64le",
    b"s390x",
    b"riscv64",
    b"loongarch64",
)
_MUSL_USUAL = (b"lib", b"usr/local/lib", b"usr/lib")
# By e_machine and bits: Debian's directories (multiarch tuples), the name for $PLATFORM.
_TUPLES = {
    (62, 64): (b"x86_64-linux-gnu", b"x86_64"),
    (62, 32): (b"x86_64-linux-gnux32", b"x86_64"),
    (3, 32): (b"i386-linux-gnu", b"i686"),
    (183, 64): (b"aarch64-linux-gnu", b"aarch64"),
    (40, 32): (b"arm-linux-gnueabihf", b"v7l"),
    (21, 64): (b"powerpc64le-linux-gnu", b"power8"),
    (22, 64): (b"s390x-linux-gnu", b"z13"),
    (243, 64): (b"riscv64-linux-gnu", b"riscv64"),
    (258, 64): (b"loongarch64-linux-gnu", b"loongarch64"),
    (8, 64): (b"mips64el-linux-gnuabi64", b"mips64"),
    (8, 32): (b"mipsel-linux-gnu", b"mips"),
}


def library_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `LibraryPlaces`."""
    return (_REQUEST,)


class LibraryPlaces:
    """Where the loaders of an image look.

    Attributes:
        configured: of `ld.so.conf` and what it includes, in order.
        is_musl: whether musl's loader is in the image and glibc's is not.
    """

    def __init__(self, records: Records, lookup: Lookup) -> None:
        self._lookup = lookup
        self._texts = {
            one.path: one.extract for one in records.of(_READER) if one.extract is not None
        }
        self.configured = tuple(dict.fromkeys(self._read(_CONF, 0)))[:_MAX_DIRECTORIES]
        names = [name for path in (b"lib", b"lib64") for name in records.names_in(path)]
        is_glibc = any(name.startswith(b"ld-linux") for name in names)
        self.is_musl = not is_glibc and any(name.startswith(b"ld-musl-") for name in names)

    def musl(self) -> Iterator[bytes]:
        """The directories of musl's loader: those of its file, else the usual ones."""
        for machine in _MUSL_MACHINES:
            text = self._texts.get(b"etc/ld-musl-" + machine + b".path")
            if text is not None:
                yield from (one for one in text.replace(b"\n", b":").split(b":") if one)
                return
        yield from _MUSL_USUAL

    def musl_loaders(self) -> Iterator[bytes]:
        """Paths of musl's loader for each machine."""
        yield from (b"lib/ld-musl-" + machine + b".so.1" for machine in _MUSL_MACHINES)

    def usual(self, elf: Elf) -> Iterator[bytes]:
        """The directories that glibc's loader was built to search, in any distribution."""
        name, _ = _TUPLES.get((elf.machine, elf.bits), (b"", b""))
        suffix = b"64" if elf.bits == 64 else b"32"
        for root in (b"lib", b"usr/lib"):
            if name:
                yield root + b"/" + name
            yield root + suffix
            yield root

    def variants(self, directory: bytes) -> Iterator[bytes]:
        """A directory's `glibc-hwcaps`, searched before it on processors that can do more."""
        hwcaps = self._lookup.directory(directory + b"/glibc-hwcaps")
        for name in sorted(hwcaps.children) if hwcaps is not None else ():
            yield directory + b"/glibc-hwcaps/" + name

    def expanded(self, path: bytes, origin: bytes, elf: Elf) -> bytes:
        """A path with $ORIGIN, $LIB and $PLATFORM put in (ld.so(8), "Dynamic string tokens")."""
        if b"$" not in path:
            return path
        name, platform = _TUPLES.get((elf.machine, elf.bits), (b"", b""))
        lib = b"lib/" + name
        if not name or self._lookup.directory(lib) is None:
            lib = b"lib64" if elf.bits == 64 else b"lib"
        for token, value in ((b"ORIGIN", origin), (b"LIB", lib), (b"PLATFORM", platform)):
            path = path.replace(b"${" + token + b"}", value).replace(b"$" + token, value)
        return path

    def is_loader(self, name: bytes) -> bool:
        """Whether a name is the loader's own, which is there before anything is searched for."""
        return name.startswith((b"ld-linux", b"ld-musl", b"libc.musl-", b"linux-vdso", b"ld64.so"))

    def _read(self, path: bytes, depth: int) -> Iterator[bytes]:
        """Directories of a file, and of what it includes (ldconfig(8))."""
        file = self._lookup.file(path)
        text = self._texts.get(file.path if file is not None else path, b"")
        for line in text.splitlines():
            words = line.partition(b"#")[0].split()
            if words[:1] == [b"include"] and depth == 0:
                for pattern in words[1:]:
                    yield from self._included(pattern)
            elif words and words[0] != b"hwcap":
                yield words[0].partition(b"=")[0]

    def _included(self, pattern: bytes) -> Iterator[bytes]:
        wanted = pattern if pattern.startswith(b"/") else b"/etc/" + pattern
        try:
            matcher = Matcher([Pattern.parse(wanted.strip(b"/").decode("utf-8", "replace"))])
        except UsageError:
            return
        folder = self._lookup.directory(_CONF_FOLDER)
        for name in sorted(folder.children) if folder is not None else ():
            path = _CONF_FOLDER + b"/" + name
            if matcher.match(path) is not None:
                yield from self._read(path, 1)


_REQUEST = CaptureRequest(
    name=_READER,
    version=1,
    paths=frozenset((_CONF, *(b"etc/ld-musl-" + one + b".path" for one in _MUSL_MACHINES))),
    directories=frozenset((_CONF_FOLDER,)),
    head_bytes=_MAX_CONF_BYTES,
    extract=whole,
)
