"""What hinders a random user of group 0, as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.elf import elves
from lightship.analysis.permissions import (
    EXECUTE,
    READ,
    SETUID,
    closed_directory,
    is_writable,
    may,
    unreadable_below,
)
from lightship.analysis.scripts import scripts
from lightship.analysis.writing import written_directories
from lightship.printable import decode_path, printable
from lightship.rules.evidence import at_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.entrypoint import Entrypoint
    from lightship.analysis.run_settings import RunSettings
    from lightship.model.finding import Evidence
    from lightship.rules.rule import Subject

_CHANGING_USER = frozenset(
    (b"gosu", b"su-exec", b"su", b"sudo", b"runuser", b"chpst", b"setuidgid")
)
_ASKING = (b"id -u", b"$UID", b"EUID", b"whoami", b"id --user")


def blocked(subject: Subject, entrypoint: Entrypoint) -> Iterator[Evidence]:
    """Files of the command that the user cannot reach, read or run."""
    tree = subject.ledger.tree
    programs = {one.record for one in elves(subject.ledger.records)}
    for file in entrypoint.files:
        closed = closed_directory(tree, file.path)
        layer = tree.locate(file.record)[0]
        entry = tree.entry(file.path, file.record)
        is_program = file == entrypoint.program
        if closed is not None:
            note = f"/{decode_path(closed)} is closed to others"
            yield at_path(file.path, 0, layer=layer, note=printable(note))
        elif not may(entry, EXECUTE) and is_program:
            yield at_path(file.path, 0, layer=layer, note=f"may not be run: {entry.mode:04o}")
        elif not may(entry, READ) and file.record not in programs:
            yield at_path(file.path, 0, layer=layer, note=f"may not be read: {entry.mode:04o}")


def unwritable_directories(
    subject: Subject, settings: RunSettings, entrypoint: Entrypoint
) -> Iterator[Evidence]:
    """Directories that it probably writes to and cannot."""
    tree = subject.ledger.tree
    for path, why in written_directories(settings, entrypoint):
        directory = tree.find(path.strip(b"/"))
        if directory is None or is_writable(tree, directory):
            continue
        at = directory.path_of(b"")[:-1]
        entry = tree.entry(at, directory.record)
        layer = tree.locate(directory.record)[0] if directory.record >= 0 else None
        note = f"{why}, not writable: {entry.mode:04o}, group {entry.gid}"
        yield at_path(at or b"/", 0, layer=layer, note=note)


def unreadable_files(subject: Subject, settings: RunSettings) -> Iterator[Evidence]:
    """The application's files that the user cannot read: what is in the working directory."""
    tree = subject.ledger.tree
    directory = tree.find(settings.working_directory.strip(b"/"))
    if directory is None or directory is tree.root:
        return
    unreadable = unreadable_below(tree, directory)
    if unreadable:
        more = f" and {len(unreadable) - 1} more" if len(unreadable) > 1 else ""
        yield at_path(unreadable[0], 0, note=f"may not be read{more}")


def user_changers(subject: Subject, entrypoint: Entrypoint) -> Iterator[Evidence]:
    """Programs that need root to change the user; none where a script asks first who it is."""
    tree, texts = subject.ledger.tree, scripts(subject.ledger.records)
    for file in entrypoint.files:
        if any(ask in texts.get(file.record, b"") for ask in _ASKING):
            return
    for file in entrypoint.files:
        is_setuid = tree.entry(file.path, file.record).mode & SETUID
        if is_setuid or file.path.rpartition(b"/")[2] in _CHANGING_USER:
            layer = tree.locate(file.record)[0]
            yield at_path(file.path, 0, layer=layer, note="changes the user, which needs root")
