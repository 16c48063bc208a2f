"""What all findings free together: every byte once, whichever of them would free it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.filetree.tree import Directory
from lightship.rules.evidence import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.filetree.tree import FileTree
    from lightship.model.finding import Evidence, Finding, Remedy
    from lightship.rules.judging import Judgement
    from lightship.rules.rule import Subject


def freed_together(subject: Subject, judgement: Judgement) -> int:
    """Unpacked bytes that all findings free which are not suppressed, if all are acted on.

    Dead bytes and visible ones are never the same. Of the visible ones first what is removed goes;
    then all copies but one of what is left; then what stripping frees of the files that are left.

    Args:
        subject: the image, with all of its duplicates.
        judgement: its findings, with all of their evidence.
    """
    dead_bytes = sum(one.content_bytes for one in subject.dead)
    total = min(sum(one.removable_bytes for one in _open(judgement, "rebuild")), dead_bytes)
    removed = judgement.freed.records
    total += judgement.freed.content_bytes
    copies: dict[int, int] = {}
    shared = sum(one.removable_bytes for one in _open(judgement, "share"))
    if shared:
        copies = _copies(subject)
        left = {record for record in copies if record not in removed}
        kept = {copies[record] for record in left}
        tree = subject.ledger.tree
        again = sum(_content_bytes(tree, record) for record in left)
        again -= sum(_content_bytes(tree, first) for first in kept)
        total += min(again, shared)
    stripped: set[int] = set()
    for evidence in (one for finding in _open(judgement, "strip") for one in finding.evidence):
        record = _record_at(subject.ledger.tree, evidence)
        if record is None or record in removed:
            continue
        record = copies.get(record, record)
        if record not in stripped:
            stripped.add(record)
            total += evidence.bytes
    return total


def _open(judgement: Judgement, remedy: Remedy) -> Iterator[Finding]:
    for finding in judgement.findings:
        if finding.remedy == remedy and finding.suppressed is None:
            yield finding


def _copies(subject: Subject) -> dict[int, int]:
    """For each visible inode whose content is there several times, the first such inode."""
    classes = subject.duplicates.largest
    return {record: min(one.records) for one in classes for record in one.records}


def _content_bytes(tree: FileTree, record: int) -> int:
    _, index, entry = tree.locate(record)
    return index.columns.content_bytes[entry]


def _record_at(tree: FileTree, evidence: Evidence) -> int | None:
    path = path_of(evidence)
    if path is None:
        return None
    head, _, name = path.rpartition(b"/")
    directory = tree.find(head)
    child = directory.children.get(name) if directory is not None else None
    if child is None or isinstance(child, Directory):
        return None
    return tree.inode_of.get(child, child)
