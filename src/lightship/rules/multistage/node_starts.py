"""What a container of a Node image starts in the end, through scripts of package.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.node_packages import BUILD_WHEN_RUN, PACKAGE_OF
from lightship.dockerfile.shell.parsing import script_of
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.node_project import Project
    from lightship.rules.multistage.plan import FinalBase
    from lightship.rules.multistage.single import Single

_WRAPPERS = frozenset(("tini", "dumb-init", "docker-entrypoint.sh"))
_SHELL = frozenset(("sh", "echo", "exit", "cd", "exec", "sleep", "mkdir", "export"))
_MOST_SCRIPTS = 3
_MOST_COMMANDS = 20
_DEVELOPS = frozenset(("dev", "develop", "watch", "build", "start:dev"))


def check_started(single: Single, project: Project, base: FinalBase) -> None:
    """See that what the container starts is there, and builds nothing. Raises `CannotTell`."""
    line = single.launch.command[0].step.line
    words = single.launch.words
    if words is not None:
        names = list(programs_of(project, _unwrapped(words), line))
    else:
        names = [name for one in single.launch.command for name in one.programs]
    for name in names:
        if name in BUILD_WHEN_RUN:
            raise CannotTell(f"what to start: line {line} starts {name}, which builds when it runs")
        if words is None and name in ("npm", "yarn", "pnpm", "npx"):
            raise CannotTell(f"what line {line} starts: its shell calls {name}")
        if name and "/" not in name and name not in base.has - {"npx"} | _SHELL:
            _check_program(project, name, line)


def _unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """Without a program that only starts the rest."""
    if words[0].rpartition("/")[2] not in _WRAPPERS:
        return words
    rest = 1
    while rest < len(words) and words[rest].startswith("-"):
        rest += 1
    return words[rest:]


def programs_of(
    project: Project, words: tuple[str, ...], line: int, through: frozenset[str] = frozenset()
) -> Iterator[str]:
    """The programs that a command line starts in the end, through scripts of package.json.

    Args:
        project: whose scripts they are.
        words: the command line.
        line: of the file, for people.
        through: the scripts that call it.

    Raises:
        CannotTell: a script is not there, or is not clear.
    """
    name = words[0].rpartition("/")[2] if words else ""
    if name not in ("npm", "yarn", "pnpm"):
        if words[1:2] and words[1] in _DEVELOPS:
            raise CannotTell(f"what to start: line {line} starts {name} {words[1]}, which builds")
        yield name
        return
    rest = [word for word in words[1:] if not word.startswith("-")]
    script = (
        rest[1] if rest[:1] in (["run"], ["run-script"]) and len(rest) > 1 else (rest or [""])[0]
    )
    if len(through) > _MOST_SCRIPTS or script in through or script not in project.scripts:
        raise CannotTell(
            f"what `{' '.join(words)[:60]}` of line {line} starts: package.json has no such script"
        )
    for key in (f"pre{script}", script, f"post{script}"):
        text = project.scripts.get(key)
        if text is None:
            continue
        read = script_of(text)
        if not read.exact or len(read.commands) > _MOST_COMMANDS:
            raise CannotTell(f"what the script {key[:40]} of package.json starts")
        for command in read.commands:
            inner = tuple(word.text for word in command.words)
            while inner[:1] in (("cross-env",), ("cross-env-shell",), ("dotenv",)):
                yield inner[0]
                inner = tuple(word for at, word in enumerate(inner) if at and "=" not in word)
            if inner:
                yield from programs_of(project, inner, line, through | {script})


def _check_program(project: Project, name: str, line: int) -> None:
    """See that a program is of a dependency that stays. Raises `CannotTell`."""
    package = PACKAGE_OF.get(name, name)
    if package in project.develops:
        raise CannotTell(
            f"how to start {name} of line {line}: {package} is a dependency of development"
        )
    if package not in project.depends:
        raise CannotTell(
            f"where {name[:60]} of line {line} comes from: package.json does not name it"
        )
