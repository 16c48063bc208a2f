"""The image the tests build: a real root, and the mistakes everybody makes on top of it.

Every file has a size of its own, so that a sum tells which files are in it.
"""

from __future__ import annotations

import io
import random
import subprocess
import tarfile
from pathlib import Path

PROGRAMS = ("sh", "cat", "chown", "cp", "ln", "mkdir", "mv", "rm", "true", "truncate")

# `RUN ["true"]` changes nothing: the legacy builder makes no layer of it, BuildKit an empty one, so
# that its image lists the same layer twice.
DOCKERFILE = """\
FROM scratch
ADD root.tar /
ENV LANG=C.UTF-8
COPY tree /srv/tree/
COPY lib /lib/extra
LABEL org.example.what="the mistakes everybody makes"
RUN rm -rf /srv/tree/removed
RUN chown -R 5:5 /srv/tree/owned
RUN mv /srv/tree/moved /srv/moved
COPY over.bin /srv/tree/over.bin
RUN ln /srv/tree/kept.bin /srv/tree/kept-too.bin && ln -s kept.bin /srv/tree/kept-link
RUN ln /srv/tree/first.bin /srv/tree/second.bin
RUN rm -rf /srv/tree/opaque && mkdir /srv/tree/opaque && echo new > /srv/tree/opaque/x
RUN echo hello > "/srv/naïve ☂ 名.txt" && truncate -s 500009 /srv/sparse.bin
RUN ["true"]
WORKDIR /srv/work
RUN cp /srv/tree/kept.bin /srv/work/copy.bin
RUN ["true"]
CMD ["/bin/sh"]
"""

# What engines put into a container if it is not there would be a change of the next layer.
FOLDERS = {"usr/lib", "etc", "dev", "proc", "sys", "tmp"}
ETC = {
    "passwd": b"root:x:0:0:root:/root:/bin/sh\n",
    "hosts": b"",
    "hostname": b"",
    "resolv.conf": b"",
}

DELETED = {
    "removed/a.bin": 300_007,
    "removed/deep/er/b.bin": 20_011,
    "moved/m.bin": 150_001,
    "opaque/old.bin": 40_009,
}
OVERWRITTEN = {"over.bin": 60_013}
COPIED_FOR_METADATA = {"owned/o.bin": 110_017, "owned/deep/p.bin": 7_019, "first.bin": 45_007}
LINKED = {"kept.bin": 25_033}
TREE = {**DELETED, **OVERWRITTEN, **COPIED_FOR_METADATA, **LINKED, "same.bin": 33_037}
SAME_AGAIN = ("also/same.bin", "ünïcode ☂/same.bin")

# By hand: what the steps above kill, whoever builds them. A second name for a lower file copies it
# up, and the first of its names in byte order becomes the file, the others links to it. So
# first.bin is the file again, with equal content: a copy for its metadata (a link count). But in
# place of kept.bin comes a link to the new kept-too.bin: overwritten.
DEAD = {
    "deleted": sum(DELETED.values()),
    "overwritten": sum(OVERWRITTEN.values()) + sum(LINKED.values()),
    "metadata_copy": sum(COPIED_FOR_METADATA.values()),
    "in_layer_duplicate": 0,
}


def write_context(place: Path) -> Path:
    """A build context for DOCKERFILE."""
    tree = place / "tree"
    for name, size in TREE.items():
        _write(tree / name, size)
    for name in SAME_AGAIN:
        path = tree / name
        path.parent.mkdir(parents=True)
        path.write_bytes((tree / "same.bin").read_bytes())
    (tree / "owned" / "o-again.bin").hardlink_to(tree / "owned" / "o.bin")
    _write(place / "over.bin", 1_009)
    _write(place / "lib" / "extra.so", 5_003)
    (place / "root.tar").write_bytes(root_tar())
    (place / "Dockerfile").write_text(DOCKERFILE)
    return place


def root_tar() -> bytes:
    """A root that runs a shell: programs of this system, and the libraries they load.

    `lib` and `bin` are links into `usr`, as in every root of today, so layers above come through
    a link of a lower layer.
    """
    files: dict[str, Path] = {}
    for name in PROGRAMS:
        program = next(p for p in (Path("/usr/bin") / name, Path("/bin") / name) if p.exists())
        files[f"usr/bin/{name}"] = program.resolve()
        for library in _libraries(program):
            folder = library.parent.as_posix().removeprefix("/usr").removeprefix("/")
            files[f"usr/{folder}/{library.name}"] = library.resolve()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in ("bin", "lib", "lib64"):
            link = tarfile.TarInfo(folder)
            link.type, link.linkname = tarfile.SYMTYPE, f"usr/{folder}"
            tar.addfile(link)
        folders = {parent for name in files for parent in map(str, Path(name).parents)}
        for folder in sorted(folders - {"."} | FOLDERS):
            directory = tarfile.TarInfo(folder)
            directory.type, directory.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(directory)
        for name, source in sorted(files.items()):
            record = tarfile.TarInfo(name)
            record.size, record.mode = source.stat().st_size, 0o755
            with source.open("rb") as content:
                tar.addfile(record, content)
        for name, text in ETC.items():
            record = tarfile.TarInfo(f"etc/{name}")
            record.size = len(text)
            tar.addfile(record, io.BytesIO(text))
    return out.getvalue()


def _libraries(program: Path) -> list[Path]:
    """Lines of ldd(1): `name => path (address)` or `path (address)`."""
    text = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    words = (line.split() for line in text.splitlines())
    return [Path(word) for line in words for word in line if word.startswith("/")]


def _write(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(random.Random(size).randbytes(size))  # noqa: S311 - reproducible
