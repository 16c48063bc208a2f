"""Lightship's answers in the form of the independent applier's, so that `==` compares them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import xxhash

import lightship
from independent.applier import Node, Outcome
from lightship.api.trees import open_tree
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from lightship.filetree.tree import FileTree
    from lightship.model.results.inspect import InspectResult

NO_TARGET = "hard link"
"""What the warning about a link without a target speaks of."""


def fingerprint(content: bytes) -> bytes:
    """Content as a tree entry tells it."""
    return xxhash.xxh3_128_digest(content)


def fingerprinted(outcome: Outcome) -> Outcome:
    """The applier's outcome with contents as lightship tells them, and links counted as 0 or 1."""
    tree = {
        path: replace(node, content=fingerprint(node.content)) if node.kind == "regular" else node
        for path, node in outcome.tree.items()
    }
    return replace(outcome, tree=tree, links_without_target=bool(outcome.links_without_target))


def read_ours(reference: str) -> Outcome:
    """What lightship says of an image."""
    result = lightship.inspect(reference, cache=None)
    image = result.image
    assert image.dead_bytes == image.unpacked_bytes - image.visible_bytes
    assert image.layers == len(result.layers)
    return Outcome(
        tree=read_tree(reference),
        unpacked_bytes=image.unpacked_bytes,
        visible_bytes=image.visible_bytes,
        duplicate_bytes=image.duplicate_bytes,
        files=image.files,
        dead={
            "deleted": result.dead.deleted,
            "overwritten": result.dead.overwritten,
            "metadata_copy": result.dead.metadata_copy,
            "in_layer_duplicate": result.dead.in_layer_duplicate,
        },
        killed=_killed(result),
        layer_unpacked_bytes=[layer.unpacked_bytes for layer in result.layers],
        layer_dead_bytes=[layer.dead_bytes for layer in result.layers],
        layer_files=[layer.files for layer in result.layers],
        links_without_target=any(NO_TARGET in text for text in result.warnings),
    )


def _killed(result: InspectResult) -> dict[tuple[int, int, str], int]:
    killed: dict[tuple[int, int, str], int] = {}
    for layer in result.layers:
        for share in layer.killed:
            key = (layer.index, share.layer, share.kind)
            assert key not in killed
            if share.bytes:
                killed[key] = share.bytes
    return killed


def read_tree(reference: str) -> dict[bytes, Node]:
    """The final tree, the root under the empty path."""
    opened = open_tree(reference)
    names: dict[int, list[bytes]] = {}
    tree: dict[bytes, Node] = {b"": _root(opened)}
    walked: list[bytes] = []
    for entry in opened.walk():
        walked.append(entry.path)
        regular = entry.kind is Kind.REGULAR
        assert regular or not entry.content_bytes
        tree[entry.path] = Node(
            kind=entry.kind.name.lower(),
            content=entry.content_hash if regular else b"",
            mode=entry.mode,
            uid=entry.uid,
            gid=entry.gid,
            mtime_ns=entry.mtime_ns,
            link_target=entry.link_target,
            device=entry.device,
            xattrs=tuple(sorted(entry.xattrs.items())),
            leader=entry.path,
        )
        if entry.kind is not Kind.DIRECTORY:  # they have one name each; the implicit share -1
            names.setdefault(entry.inode, []).append(entry.path)
    for paths in names.values():
        for path in paths:
            tree[path] = replace(tree[path], leader=min(paths))
    assert walked == sorted(walked, key=lambda path: path.split(b"/"))
    return tree


def _root(tree: FileTree) -> Node:
    if tree.root.record < 0:
        return Node("directory", b"", 0o755, 0, 0, 0, b"", (0, 0), (), b"")
    _, index, entry = tree.locate(tree.root.record)
    columns = index.columns
    return Node(
        kind="directory",
        content=b"",
        mode=columns.modes[entry],
        uid=columns.uids[entry],
        gid=columns.gids[entry],
        mtime_ns=columns.mtimes_ns[entry],
        link_target=b"",
        device=(0, 0),
        xattrs=tuple(sorted(index.rarities.xattrs.get(entry, {}).items())),
        leader=b"",
    )


def disagreements(theirs: Outcome, ours: Outcome) -> list[str]:
    """One line for each figure or name that differs."""
    lines = []
    for field in fields(Outcome):
        his, mine = getattr(theirs, field.name), getattr(ours, field.name)
        if field.name == "tree":
            lines += _tree_lines(his, mine)
        elif his != mine:
            lines.append(f"{field.name}: applier {his}, lightship {mine}")
    return lines


def _tree_lines(his: dict[bytes, Any], mine: dict[bytes, Any]) -> list[str]:
    return [
        f"{path!r}: applier {his.get(path)}, lightship {mine.get(path)}"
        for path in sorted({*his, *mine})
        if his.get(path) != mine.get(path)
    ]
