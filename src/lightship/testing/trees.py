"""Whether two images hold the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.api.trees import open_tree
from lightship.model.entry import Kind
from lightship.printable import printable_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.filetree.tree import FileTree, TreeEntry

_SHOWN = 10


def assert_same_tree(reference_a: str, reference_b: str) -> None:
    """Hold two images' final file trees against each other.

    Path, kind, mode, uid, gid, modification time, link target, device numbers, extended
    attributes, content, and which names are one inode must be equal.

    Raises:
        AssertionError: they differ; its text has the first differences, one a line.
        LightshipError: an image cannot be read.
    """
    first, second = _described(reference_a), _described(reference_b)
    differences = list(_differences(first, second))
    if differences:
        more = len(differences) - _SHOWN
        shown = differences[:_SHOWN] + ([f"and {more} more"] if more > 0 else [])
        raise AssertionError("\n".join((f"{reference_a} and {reference_b} differ:", *shown)))


def _described(reference: str) -> dict[bytes, dict[str, object]]:
    tree = open_tree(reference)
    leaders: dict[int, bytes] = {}
    described = {b"": _root_facts(tree)}
    for entry in tree.walk():
        is_directory = entry.kind is Kind.DIRECTORY  # one name each; the implicit share a number
        leader = entry.path if is_directory else leaders.setdefault(entry.inode, entry.path)
        described[entry.path] = _facts(entry, leader)
    return described


def _root_facts(tree: FileTree) -> dict[str, object]:
    """What can be said of the root: it has no name to differ in."""
    if tree.root.record < 0:
        return {"mode": oct(0o755), "uid": 0, "gid": 0, "mtime_ns": 0, "xattrs": {}}
    _, index, entry = tree.locate(tree.root.record)
    columns = index.columns
    return {
        "mode": oct(columns.modes[entry]),
        "uid": columns.uids[entry],
        "gid": columns.gids[entry],
        "mtime_ns": columns.mtimes_ns[entry],
        "xattrs": index.rarities.xattrs.get(entry, {}),
    }


def _facts(entry: TreeEntry, leader: bytes) -> dict[str, object]:
    return {
        "kind": entry.kind.name.lower(),
        "mode": oct(entry.mode),
        "uid": entry.uid,
        "gid": entry.gid,
        "mtime_ns": entry.mtime_ns,
        "link target": entry.link_target,
        "device": entry.device,
        "xattrs": dict(entry.xattrs),
        "content bytes": entry.content_bytes,
        "content": bytes(entry.content_hash).hex(),
        "same inode as": leader,
    }


def _differences(
    first: dict[bytes, dict[str, object]], second: dict[bytes, dict[str, object]]
) -> Iterator[str]:
    for path in sorted({*first, *second}):
        if path not in first or path not in second:
            side = "second" if path not in first else "first"
            yield f"/{printable_path(path)}: only in the {side}"
            continue
        for fact, value in first[path].items():
            other = second[path][fact]
            if value != other:
                yield f"/{printable_path(path)}: {fact} {value!r}, then {other!r}"
