"""Where the stage of an interpreted language is cut in two.

What installs and compiles stays in the builder. What brings the application, makes users and
folders, or runs the application's own programs is repeated in the final stage as it is written, in
its order: so the final stage has it as the file had it, with its owners and modes.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.patterns import ROOT_HOME
from lightship.dockerfile.words import expand, split_words
from lightship.rules.multistage.launching import BUILTINS
from lightship.rules.multistage.plan import CannotTell, Kept
from lightship.rules.multistage.single import at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.dockerfile.build import Step
    from lightship.rules.multistage.single import Ran, Single

SYSTEM_INSTALLERS = frozenset(("apt-get", "apt", "aptitude", "apk"))
# Change nothing outside the folder that they are told.
_SETTING_UP = frozenset(
    """
    useradd groupadd adduser addgroup usermod groupmod mkdir chown chmod chgrp touch ln
    """.split()  # noqa: SIM905 - one to a line is a page
)
# Of every Debian and Alpine image, the small ones too, and of no weight for what is in it.
_EVERYWHERE = _SETTING_UP | frozenset(
    """
    cat cp mv rm rmdir sed awk grep find xargs ls head tail cut tr sort tee env date id getent
    install basename dirname stat mktemp uname sleep chpasswd passwd expr wc du readlink realpath
    """.split()  # noqa: SIM905 - likewise
)
# Beside an installation: nothing is left of them but what they take away.
_BESIDE = frozenset(("rm", "rmdir", "find", "xargs", "ls", "true", "sync", "id", "which", "date"))
_HIDDEN = tuple(
    f"{folder}/"
    for folder in ("/var", ROOT_HOME, "/tmp", "/usr/share", "/home", "/usr/lib", "/usr/local/lib")  # noqa: S108 - paths in the image
)


class Split(Struct, frozen=True):
    """The two parts.

    Attributes:
        builder: positions of the RUNs that only the builder has.
        last: the last of them.
        repeats: positions of COPY, ADD and RUN that the final stage has too.
    """

    builder: frozenset[int]
    last: int
    repeats: frozenset[int]


def split(
    single: Single,
    builds: Callable[[Ran], bool],
    beside: frozenset[str],
    has: frozenset[str],
    early: Callable[[Ran], bool] = lambda ran: False,  # noqa: ARG005 - none is
) -> Split:
    """Cut the stage.

    Args:
        single: the stage.
        builds: whether a command installs or builds, so that its RUN is for the builder.
        beside: programs of the language that leave nothing, which may stand in such a RUN.
        has: programs that the final stage has beside those of every system.
        early: whether a command needs no more than the final base has.

    Raises:
        CannotTell: a RUN does both, or what it leaves is not known.
    """
    runs: dict[int, list[Ran]] = {}
    for step in single.steps:
        if step.keyword == "RUN":
            if step.script is None or not step.script.exact:
                raise CannotTell(f"what line {step.line} leaves: it cannot be read as shell")
            runs[step.position] = []
    for ran in single.ran:
        runs[ran.step.position].append(ran)
    builder = frozenset(
        position
        for position, commands in runs.items()
        if any(ran.name in SYSTEM_INSTALLERS or builds(ran) for ran in commands)
    )
    last = max(builder, default=0)
    for position, commands in runs.items():
        if position in builder:
            for ran in commands:
                _check_beside(ran, builds, beside)
        else:
            allowed = has if position > last else frozenset[str]()
            for ran in commands:
                if not early(ran):
                    _check_repeated(ran, allowed, before=position < last)
    repeats = {
        step.position for step in single.steps if step.keyword in ("RUN", "COPY", "ADD")
    } - builder
    return Split(builder, last, frozenset(repeats))


def _check_beside(ran: Ran, builds: Callable[[Ran], bool], beside: frozenset[str]) -> None:
    """What stands in a RUN that installs must not be missed by the final stage."""
    line = ran.step.line
    for redirect in ran.command.redirects:
        target = redirect.target.text if redirect.target is not None else ""
        if redirect.operator.startswith(">") and not target.startswith(("/dev/", "&", "1", "2")):
            raise CannotTell(f"what the container needs of line {line}: it writes {target[:40]}")
    if not ran.name or ran.name in SYSTEM_INSTALLERS or builds(ran) or ran.name in beside:
        return
    if ran.name in BUILTINS or (ran.name in _BESIDE and _is_cleaning(ran)):
        return
    raise CannotTell(
        f"what of line {line} the container needs: it installs, and runs {ran.name[:40]}; give"
        " each a RUN of its own"
    )


def _is_cleaning(ran: Ran) -> bool:
    """Whether what it takes away is no file of the application."""
    if ran.name not in ("rm", "rmdir", "find", "xargs"):
        return True
    words = ran.command.operands()
    paths = [word.text for word in words if "/" in word.text]
    return all(path.startswith((*_HIDDEN, "~/.", "$HOME/.")) for path in paths)


def _check_repeated(ran: Ran, allowed: frozenset[str], *, before: bool) -> None:
    if not ran.name or ran.name in BUILTINS or ran.name in _SETTING_UP:
        return
    if ran.name in allowed or (not before and ran.name in _EVERYWHERE):
        return
    if "/" in ran.command.words[-len(ran.command.arguments) - 1].text and not before:
        # A program of the application, or of what was installed for it.
        return
    where = "before what it may need is installed" if before else "which the final stage may lack"
    raise CannotTell(f"what line {ran.step.line} needs: it runs {ran.name[:40]}, {where}")


def brought(single: Single, repeats: frozenset[int]) -> tuple[Kept, ...]:
    """What repeated instructions put into the final stage, as if it were copied."""
    found: list[str] = []
    for step in single.steps:
        if step.position not in repeats:
            continue
        if step.keyword == "RUN":
            found += _written(single, step)
        elif (target := target_of(single, step)) is not None:
            found += [target, f"{target.rstrip('/')}/"]
    return tuple(Kept((path,), path, "the application") for path in dict.fromkeys(found))


def target_of(single: Single, step: Step) -> str | None:
    """Where a COPY or ADD puts things, absolute; None where that is not known."""
    words = step.instruction.json
    if words is None:
        words = tuple(word.text for word in split_words(step.instruction.value) or ())
    text = expand(words[-1], single.known(step)) if words else None
    directory = single.workdir(step)
    if text is None or (directory is None and not text.startswith("/")):
        return None
    return at(directory or "/", text)


def _written(single: Single, step: Step) -> Iterator[str]:
    for ran in single.ran:
        if ran.step is not step:
            continue
        for redirect in ran.command.redirects:
            if redirect.target is not None and (path := ran.path(redirect.target)) is not None:
                yield path
        operands = ran.command.operands("-m", "-o", "-g")
        if ran.name in ("cp", "mv", "ln", "install") and len(operands) > 1:
            target, source = ran.path(operands[-1]), ran.path(operands[0])
            if target is not None and source is not None:
                yield target
                yield posixpath.join(target, posixpath.basename(source))
