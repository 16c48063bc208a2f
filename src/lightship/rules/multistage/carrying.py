"""Which instructions the final stage has as well, and what it needs for them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.variables import settings_of
from lightship.rules.multistage.carried_paths import check_paths
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Step
    from lightship.rules.multistage.launching import Started
    from lightship.rules.multistage.plan import Kept, Plan
    from lightship.rules.multistage.single import Ran, Single

# What has no effect while something is built.
_METADATA = frozenset(
    ("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "STOPSIGNAL", "VOLUME")
)
# What USER and WORKDIR before it mean something to.
_WHERE = ("RUN", "COPY", "ADD")
_ACCOUNTS = frozenset(
    ("useradd", "groupadd", "adduser", "addgroup", "usermod", "groupmod", "passwd", "chpasswd")
)
_PLACES = frozenset(("mkdir", "chown", "chmod", "chgrp", "touch", "ln", "install"))
_SILENT = frozenset(("echo", "set", "true", ":", "cd", "test", "[", "printf", "id", "getent", "ls"))


class Carried(Struct, frozen=True, kw_only=True):
    """Instructions of the final stage that the file has already.

    Attributes:
        steps: in order.
        moved: positions of those that the builder loses: nothing in it needs them.
        accounts: positions of RUNs that make users and groups.
        places: positions of RUNs that make folders or change owners, for run time.
        shell: why the final stage needs a shell, one clause; None if it does not.
        built: position of the last instruction that makes something in the builder alone.
    """

    steps: tuple[Step, ...]
    moved: frozenset[int]
    accounts: frozenset[int]
    places: frozenset[int]
    shell: str | None
    built: int


def setting_up(
    single: Single, kept: tuple[Kept, ...], repeats: frozenset[int] = frozenset()
) -> dict[int, str]:
    """RUNs that only prepare what the container runs in: `accounts` or `places`, by position.

    Those in `repeats` are not asked: all of them is repeated anyway.

    Raises:
        CannotTell: one does this and builds as well.
    """
    build_places = _build_places(single, kept)
    copied = frozenset(source for one in kept for source in one.sources)
    found: dict[int, str] = {}
    by_step: dict[int, list[Ran]] = {}
    for ran in single.ran:
        if ran.step.position not in repeats:
            by_step.setdefault(ran.step.position, []).append(ran)
    for position, commands in by_step.items():
        accounts = any(ran.name in _ACCOUNTS for ran in commands)
        places = any(
            ran.name in _PLACES and _is_for_running(ran, build_places, copied) for ran in commands
        )
        if not (accounts or places):
            continue
        others = [
            ran.name
            for ran in commands
            if ran.name and ran.name not in _ACCOUNTS | _PLACES | _SILENT
        ]
        if others:
            line = commands[0].step.line
            raise CannotTell(
                f"what of line {line} the container needs: it makes users or folders, and runs"
                f" {others[0][:40]}; give each a RUN of its own"
            )
        found[position] = "places" if places else "accounts"
    return found


def _build_places(single: Single, kept: tuple[Kept, ...]) -> frozenset[str]:
    """Folders that the build works in, and all folders above them."""
    places = {"/tmp", "/root"}  # noqa: S108 - a path in the image
    for step in single.steps:
        directory = single.workdir(step)
        if directory is not None and step.keyword in ("RUN", "COPY", "ADD"):
            places.add(directory)
    places |= {posixpath.dirname(one.path) for one in single.sources.copied}
    places |= {posixpath.dirname(source) for one in kept for source in one.sources}
    places |= {ran.directory for ran in single.ran if ran.directory is not None}
    every = set(places)
    for place in places:
        above = place
        while (above := posixpath.dirname(above)) not in every:
            every.add(above)
    return frozenset(every)


def _is_for_running(ran: Ran, build_places: frozenset[str], copied: frozenset[str]) -> bool:
    """Whether it makes or changes something that the build does not work in.

    The mode of a file that is copied comes with it.
    """
    operands = list(ran.command.operands("-m", "-o", "-g", "--mode", "-t"))
    if ran.name in ("chown", "chmod", "chgrp"):
        operands = operands[1:]
        # An owner matters where the program runs, wherever that is.
        if ran.name != "chmod":
            return True
    elif ran.name in ("ln", "install"):
        operands = operands[-1:]
    for word in operands:
        path = ran.path(word)
        if path is None or (ran.name == "chmod" and path in copied):
            continue
        above = path
        while above != "/" and above not in build_places:
            above = posixpath.dirname(above)
        if above == "/":
            return True
    return False


def carried_of(single: Single, plan: Plan) -> Carried:
    """The instructions that the final stage has too.

    Raises:
        CannotTell: what one of them does in a final stage is not known.
    """
    for step in single.steps:
        if step.keyword == "ONBUILD":
            raise CannotTell("what images upon this one build: it has ONBUILD")
    setup = setting_up(single, plan.kept, plan.repeats)
    has_shell = plan.base.system is not None
    repeated = {position for position, kind in setup.items() if has_shell or kind == "places"}
    repeated |= plan.repeats
    found = _chosen(single, plan, repeated)
    _check_volumes(found, plan)
    last = max(
        (
            step.position
            for step in single.steps
            if step.keyword in ("RUN", "COPY", "ADD") and step.position not in repeated
        ),
        default=0,
    )
    check_paths(single, plan, found, built=last)
    moved = {step.position for step in found if step.keyword in _METADATA or step.position > last}
    return Carried(
        steps=tuple(found),
        moved=frozenset(moved),
        accounts=frozenset(at for at, kind in setup.items() if kind == "accounts"),
        places=frozenset(at for at, kind in setup.items() if kind == "places"),
        shell=_shell(single, setup, plan.starts),
        built=last,
    )


def needs_shell(single: Single, kept: tuple[Kept, ...]) -> str | None:
    """Why a final stage needs a shell, one clause; None if it does not. Raises `CannotTell`."""
    return _shell(single, setting_up(single, kept), None)


def _shell(single: Single, setup: dict[int, str], starts: tuple[str, ...] | None) -> str | None:
    for started in health_and_command(single, starts):
        if started.shell is not None:
            return f"line {started.step.line} needs a shell"
    for position, kind in setup.items():
        if kind == "places":
            return f"line {single.build.steps[position].line} runs in it"
    return None


def health_and_command(single: Single, starts: tuple[str, ...] | None) -> tuple[Started, ...]:
    """What of the file a final stage starts. Raises `CannotTell`."""
    has_health = any(step.keyword == "HEALTHCHECK" for step in single.steps)
    if starts is not None and not has_health:
        return ()
    return single.launch.in_final(starts)


def makes_accounts(single: Single, kept: tuple[Kept, ...]) -> bool:
    """Whether the file makes users or groups. Raises `CannotTell`."""
    return "accounts" in setting_up(single, kept).values()


def _chosen(single: Single, plan: Plan, repeated: set[int]) -> list[Step]:
    found: list[Step] = []
    has_system = plan.base.system is not None
    escape = single.build.dockerfile.escape
    for step in single.steps:
        keyword = step.keyword
        if keyword in ("CMD", "ENTRYPOINT") and plan.starts is not None:
            continue
        if keyword in _METADATA or step.position in repeated:
            found.append(step)
        elif keyword == "ENV":
            names = [one.name for one in settings_of(step.instruction, escape) or ()]
            # Without a system there is nothing else on PATH than what is copied to it, and
            # nothing that $PATH stands for.
            unneeded = plan.unneeded if has_system else (*plan.unneeded, "PATH")
            if all(_is_one_of(name, unneeded) for name in names):
                continue
            found.append(step)
            if not has_system and "PATH" in names:
                raise CannotTell(f"what PATH of line {step.line} is to be: it is set with others")
        elif keyword in ("USER", "WORKDIR"):
            found = [*_without_earlier(found, step), step]
        elif keyword == "SHELL" and has_system:
            found.append(step)
    if not any(step.position in repeated or not _is_json(step) for step in found):
        found = [step for step in found if step.keyword != "SHELL"]
    return _with_arguments(single, found)


def _is_json(step: Step) -> bool:
    return step.keyword not in ("CMD", "ENTRYPOINT") or step.instruction.json is not None


def _is_one_of(name: str, patterns: tuple[str, ...]) -> bool:
    return any(name.startswith(one[:-1]) if one.endswith("*") else name == one for one in patterns)


def _without_earlier(found: list[Step], step: Step) -> list[Step]:
    """Without those before it that it replaces; a relative WORKDIR goes on from the one before."""
    value = step.instruction.value.strip("\"'")
    if step.keyword == "WORKDIR" and not value.startswith("/"):
        return found
    kept = list(found)
    while kept:
        at = len(kept) - 1
        while at >= 0 and kept[at].keyword not in (step.keyword, *_WHERE):
            at -= 1
        if at < 0 or kept[at].keyword in _WHERE:
            break
        del kept[at]
    return kept


def _with_arguments(single: Single, found: list[Step]) -> list[Step]:
    """With the ARGs whose variables they use."""
    text = " ".join(step.instruction.value for step in found)
    used = set(re.findall(r"\$\{?(\w+)", text))
    escape = single.build.dockerfile.escape
    arguments = [
        step
        for step in single.steps
        if step.keyword == "ARG"
        and any(one.name in used for one in settings_of(step.instruction, escape) or ())
    ]
    return sorted([*found, *arguments], key=lambda step: step.position)


def _check_volumes(steps: list[Step], plan: Plan) -> None:
    for step in steps:
        if step.keyword != "VOLUME":
            continue
        for volume in _volumes(step):
            for one in plan.kept:
                if f"{one.target.rstrip('/')}/".startswith(f"{volume.rstrip('/')}/"):
                    raise CannotTell(
                        f"what is in the volume {volume}: {one.target}, which the build makes,"
                        " is in it"
                    )


def _volumes(step: Step) -> Iterator[str]:
    instruction = step.instruction
    yield from instruction.json if instruction.json is not None else instruction.value.split()
