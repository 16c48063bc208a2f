"""Whether the programs that the base lends to the application are the ones that it has now.

What the application carries is judged by its loader. What it does not carry - an interpreter, a
server, and all that these open while they run - nobody sees through: it runs for certain only
where it is the same, by packages and versions, or byte for byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.commands import wrapped
from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.needed import with_dependencies
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.analysis.scripts import SHELLS
from lightship.bases.reasoning import listed, reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.lookup import FoundFile
    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "runtime"
_UNREAD = (b"share/doc/", b"share/man/", b"share/info/", b"include/")
_SYSTEM_PREFIXES = (b"", b"usr")
_INTERPRETER = re.compile(
    rb"(?:python|pypy|ruby|perl|php|node|java|lua|julia|Rscript|R|guile|tclsh|beam\.smp)[0-9.]*"
)
# Shells that understand what scripts for the other say.
_AS_GOOD = {b"dash": (b"dash", b"bash", b"busybox"), b"busybox": (b"busybox", b"dash", b"bash")}


def judge(move: Move) -> Iterator[Reason]:
    """Another build of a program that is started leaves a doubt."""
    landing = move.landing
    if landing is None:
        return
    for now, there in _lent(move, landing).items():
        if _name(now) in SHELLS:
            yield from _shell(now, there)
        elif (owner := _owner(move, now)) is not None:
            yield from _packages(move, landing, now, owner)
        elif _prefix(now) not in _SYSTEM_PREFIXES and now.path == there.path:
            yield from _files(move, landing, now)
        elif not _is_same(move, landing, now, there):
            says = f"{text_of(now.path)} there is another build than the image's"
            yield reason(_KIND, "unproven", says)


def _lent(move: Move, landing: Landing) -> dict[FoundFile, FoundFile]:
    """Programs that stay, and interpreters, that are not carried: as they are now, and there."""
    now = move.before
    found: dict[FoundFile, FoundFile | None] = {}
    for step in now.started.steps:
        if step.file is not None and (step.is_interpreter or step.stays):
            found.setdefault(step.file, landing.program(step.word))
    for file in now.entrypoint.files:
        if _INTERPRETER.fullmatch(_name(file)):
            found.setdefault(file, landing.lookup.file(file.path))
    return {
        file: there
        for file, there in found.items()
        if there is not None
        and file.record not in move.application.carried
        and wrapped([_name(file)]) is None
    }


def _name(file: FoundFile) -> bytes:
    return file.path.rpartition(b"/")[2]


def _shell(now: FoundFile, there: FoundFile) -> Iterator[Reason]:
    names = [
        b"busybox" if _name(one).startswith(b"busybox") else _name(one) for one in (now, there)
    ]
    if names[1] not in _AS_GOOD.get(names[0], (names[0],)):
        says = (
            f"its scripts would be run by {text_of(names[1])}, and are by {text_of(names[0])} now"
        )
        yield reason(_KIND, "unproven", says)


def _is_same(move: Move, landing: Landing, now: FoundFile, there: FoundFile) -> bool:
    """Whether the same bytes are loaded."""
    scene = move.application.scene
    if now.record not in scene.elves:
        return scene.content(now.record) == landing.content(there.record)
    loaded, then = scene.loaded(now), landing.loaded(there)
    if then.libc == "unknown":
        return False
    return [scene.content(one.record) for one in loaded.objects] == [
        landing.content(one.record) for one in then.objects
    ]


def _owner(move: Move, file: FoundFile) -> int | None:
    ownership = move.application.inside.ledger.ownership
    owner = ownership.owner_of[file.record]
    if owner == NO_PACKAGE or ownership.packages[owner - 1].system not in DISTRIBUTIONS:
        return None
    return owner - 1


def _packages(move: Move, landing: Landing, now: FoundFile, owner: int) -> Iterator[Reason]:
    """What packages install is the same in the same versions, with all that they depend on."""
    packages = move.application.inside.ledger.ownership.packages
    name = text_of(now.path)
    if not landing.is_same_system:
        says = f"{name} there is not the image's: it is of another system"
        yield reason(_KIND, "unproven", says)
        return
    versions = _versions(move)
    differing = []
    for number in sorted(with_dependencies(packages, (owner,))):
        package = packages[number]
        version = versions.get((package.system, package.name))
        if number not in landing.brought and version != package.version:
            differing.append(f"{package.name} {package.version}, there {version or 'none'}")
    if differing:
        count = len(differing)
        which = "a package" if count == 1 else f"{count} packages"
        says = f"{which} that {name} is made of would be of another version"
        yield reason(_KIND, "unproven", says, evidence=listed(differing))


def _versions(move: Move) -> dict[tuple[str, str], str | None]:
    base = move.candidate.inside
    packages = base.ledger.ownership.packages if base is not None else ()
    return {(one.system, one.name): one.version for one in packages}


def _files(move: Move, landing: Landing, now: FoundFile) -> Iterator[Reason]:
    """What no package owns: all that lies in its prefix, `usr/local` of `usr/local/bin/python`."""
    prefix, scene = _prefix(now), move.application.scene
    name = text_of(now.path)
    every, differing = 0, []
    for place in move.application.inside.ledger.places:
        if not (place.path + b"/").startswith(prefix + b"/"):
            continue
        for child, record in zip(place.names, place.records, strict=True):
            path = place.path + b"/" + child
            if record in move.application.carried or _is_unread(path, prefix):
                continue
            every += 1
            other = landing.lookup.file(path)
            if other is None or scene.content(record) != landing.content(other.record):
                differing.append(path)
    if differing:
        says = (
            f"{len(differing)} of {every} files in {text_of(prefix)} that {name} may read would be "
            "missing or others"
        )
        yield reason(_KIND, "unproven", says, evidence=listed(text_of(one) for one in differing))


def _prefix(file: FoundFile) -> bytes:
    return file.path.rpartition(b"/")[0].rpartition(b"/")[0]


def _is_unread(path: bytes, prefix: bytes) -> bool:
    rest = path[len(prefix) + 1 :]
    return rest.startswith(_UNREAD) or rest.endswith((b".pyc", b".a"))
