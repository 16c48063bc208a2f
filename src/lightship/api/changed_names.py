"""Names that differ, as rows of `diff`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

from lightship.model.entry import Kind
from lightship.model.results.diff import ChangedName, FileFacts, FileKind, MovedNames, Names
from lightship.printable import base64_of, decode_path

if TYPE_CHECKING:
    from lightship.analysis.growth_moves import Moved
    from lightship.analysis.growth_names import Tally
    from lightship.filetree.diffing import Change
    from lightship.filetree.tree import FileTree, TreeEntry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: dict[Kind, FileKind] = dict(zip(Kind, get_args(FileKind), strict=False))


def changed_name(change: Change, a: FileTree, b: FileTree) -> ChangedName:
    """One row; the trees are those that were compared."""
    return ChangedName(
        path=decode_path(change.path),
        facts=change.facts,
        a=_facts(change.old, change.old_link, a),
        b=_facts(change.new, change.new_link, b),
        path_base64=base64_of(change.path),
    )


def moved_names(move: Moved) -> MovedNames:
    """One row."""
    return MovedNames(
        source=decode_path(move.source),
        target=decode_path(move.target),
        names=len(move.pairs),
        files=move.files,
        content_bytes=move.content_bytes,
        source_base64=base64_of(move.source),
        target_base64=base64_of(move.target),
    )


def tallied(tally: Tally) -> Names:
    """A tally as a result has it."""
    return Names(tally.names, tally.files, tally.old_bytes, tally.new_bytes)


def _facts(entry: TreeEntry | None, link: bytes | None, tree: FileTree) -> FileFacts | None:
    if entry is None:
        return None
    has_device = entry.kind in (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE)
    return FileFacts(
        kind=_KINDS[entry.kind],
        layer=tree.locate(entry.inode)[0] if entry.inode >= 0 else None,
        content_bytes=entry.content_bytes,
        mode=entry.mode,
        uid=entry.uid,
        gid=entry.gid,
        mtime=_rfc3339(entry.mtime_ns),
        link_target=decode_path(entry.link_target) if entry.kind is Kind.SYMLINK else None,
        device="{}:{}".format(*entry.device) if has_device else None,
        xattrs=tuple(decode_path(name) for name in sorted(entry.xattrs)),
        linked_to=decode_path(link) if link is not None else None,
    )


def _rfc3339(mtime_ns: int) -> str:
    seconds, nanoseconds = divmod(mtime_ns, 10**9)
    whole = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""
    return f"{whole}{fraction}Z"
