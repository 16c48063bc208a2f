"""A real tree on a disk, or in an exported tar, path by path: what two of them are compared by.

Nothing here imports lightship.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """One path. `names` are all paths of its inode."""

    kind: str
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    content: str
    target: str
    device: int
    xattrs: tuple[tuple[str, bytes], ...]
    names: tuple[str, ...]


def snapshot(root: Path) -> dict[str, Seen]:
    """Every path below a directory; the directory itself is `.`."""
    names: dict[int, list[str]] = {}
    paths = ["."]
    for folder, directories, files in os.walk(root):
        base = Path(folder).relative_to(root)
        paths += [str(base / name) for name in (*directories, *files)]
    for path in paths:
        status = os.lstat(root / path)
        if not stat.S_ISDIR(status.st_mode):
            names.setdefault(status.st_ino, []).append(path)
    return {path: _seen(root, path, names) for path in paths}


def _seen(root: Path, path: str, names: dict[int, list[str]]) -> Seen:
    place = root / path
    status = os.lstat(place)
    content = target = ""
    if stat.S_ISREG(status.st_mode):
        with place.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
    elif stat.S_ISLNK(status.st_mode):
        target = str(place.readlink())
    xattrs = {
        name: os.getxattr(place, name, follow_symlinks=False)
        for name in os.listxattr(place, follow_symlinks=False)
    }
    return Seen(
        kind=stat.filemode(status.st_mode)[0],
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        mtime_ns=status.st_mtime_ns,
        content=content,
        target=target,
        device=status.st_rdev,
        xattrs=tuple(sorted(xattrs.items())),
        names=tuple(sorted(names.get(status.st_ino, ()))),
    )


def exported(archive: Path, leave_out: frozenset[str]) -> dict[str, Seen]:
    """Every path of what `docker export` wrote; hard links as groups."""
    seen: dict[str, tuple[tarfile.TarInfo, str]] = {}
    group: dict[str, str] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.rstrip("/")
            content = ""
            if member.islnk():
                group[name] = group.get(member.linkname, member.linkname)
                seen[name] = seen[group[name]]
                continue
            if member.isreg():
                stream = tar.extractfile(member)
                assert stream is not None
                content = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]  # it reads
            seen[name] = member, content
    names: dict[str, list[str]] = {}
    for name in seen:
        names.setdefault(group.get(name, name), []).append(name)
    return {
        name: Seen(
            kind=chr(member.type[0]) if member.type != b"\0" else "0",
            mode=member.mode,
            uid=member.uid,
            gid=member.gid,
            mtime_ns=int(member.mtime * 1_000_000_000),
            content=content,
            target=member.linkname if member.issym() else "",
            device=os.makedev(member.devmajor, member.devminor),
            xattrs=tuple(
                sorted(
                    (key, value.encode("utf-8", "surrogateescape"))
                    for key, value in member.pax_headers.items()
                    if key.startswith("SCHILY.xattr.")
                )
            ),
            names=tuple(sorted(names[group.get(name, name)])),
        )
        for name, (member, content) in seen.items()
        if name not in leave_out
    }


def compare(
    before: dict[str, Seen], after: dict[str, Seen], untimed: frozenset[str] = frozenset()
) -> list[str]:
    """What differs, a line each; the times of `untimed` paths are nobody's promise."""
    lines = [f"- {path}" for path in before.keys() - after.keys()]
    lines += [f"+ {path}" for path in after.keys() - before.keys()]
    for path in before.keys() & after.keys():
        old, new = before[path], after[path]
        if path in untimed:
            old, new = replace(old, mtime_ns=0), replace(new, mtime_ns=0)
        if old != new:
            lines.append(f"{path}: {old} -> {new}")
    return sorted(lines)
