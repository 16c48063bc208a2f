"""What a container of the image starts: ENTRYPOINT, CMD and HEALTHCHECK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.instructions import read_instruction
from lightship.dockerfile.shell.parsing import script_of
from lightship.dockerfile.tree import Joined
from lightship.rules.multistage.plan import CannotTell, NotItsProgram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.dockerfile.build import Step

# Programs that start the one that their words name, and take its signals or its user.
_INITS = frozenset(("tini", "dumb-init", "catatonit"))
_SHELLS = frozenset(("sh", "bash", "dash", "ash"))
# What a shell has built in, and does not look for on the disk.
BUILTINS = frozenset(
    """
    . : [ alias break cd command continue echo eval exec exit export false getopts hash kill
    local printf pwd read readonly return set shift test times trap true type ulimit umask
    unset wait [[ source declare shopt
    """.split()  # noqa: SIM905 - one to a line is a page
)


class Started(Struct, frozen=True):
    """One ENTRYPOINT, CMD or HEALTHCHECK.

    Attributes:
        step: the instruction.
        words: of one plain command; None where the shell has more to do.
        programs: as called, `./app`, of every command in it; a shell's own are not among them.
        shell: the shell that it needs: `sh`, `bash`; None for one plain command.
        is_json: whether it is in JSON form.
        scripts: of `programs` those that are scripts of the context.
    """

    step: Step
    words: tuple[str, ...] | None
    programs: tuple[str, ...]
    shell: str | None
    is_json: bool
    scripts: tuple[str, ...] = ()


class Launch(Struct, frozen=True):
    """What is started.

    Attributes:
        command: ENTRYPOINT and CMD that count, in this order.
        health: HEALTHCHECK that counts; None without.
    """

    command: tuple[Started, ...]
    health: Started | None

    @property
    def all(self) -> tuple[Started, ...]:
        """All of them."""
        return (*self.command, *((self.health,) if self.health is not None else ()))

    def in_final(self, starts: tuple[str, ...] | None) -> tuple[Started, ...]:
        """Those that a final stage has, where a plan's `starts` may stand for the command."""
        if starts is None:
            return self.all
        return (self.health,) if self.health is not None else ()

    @property
    def program(self) -> str:
        """What the container starts first, as it is called.

        Not an init or a script, but what that starts last: it becomes it.
        """
        scripts = {script for started in self.command for script in started.scripts}
        programs = [program for started in self.command for program in started.programs]
        named = [one for one in programs if not _is_init(one) and one not in scripts]
        return (named[-1] if scripts else named[0]) if named else "".join(programs[:1])

    @property
    def words(self) -> tuple[str, ...] | None:
        """The whole command line; None where a shell puts it together."""
        parts = [started.words for started in self.command]
        return None if None in parts else tuple(word for part in parts for word in part or ())


def launch_of(steps: Sequence[Step]) -> Launch:
    """Read a stage's command.

    Raises:
        NotItsProgram: there is none.
        CannotTell: there are two of one kind, or it is of no known shell.
    """
    entrypoint = _only(steps, "ENTRYPOINT")
    command = _only(steps, "CMD")
    health = _only(steps, "HEALTHCHECK")
    if entrypoint is None and command is None:
        raise NotItsProgram("what the image runs: it has neither CMD nor ENTRYPOINT")
    found = []
    if entrypoint is not None:
        found.append(_started(entrypoint))
    if command is not None and (entrypoint is None or found[0].is_json):
        if found:
            # What CMD adds are arguments of the entrypoint.
            if command.instruction.json is None:
                raise CannotTell("what a CMD in shell form behind an ENTRYPOINT is to do")
            words = command.instruction.json
            called = words[:1] if _waits(found[0]) else ()
            found.append(Started(command, words, called, None, is_json=True))
        else:
            found.append(_started(command))
    if not found[0].programs and not found[0].shell:
        raise CannotTell("what the image runs: its command is empty")
    checked = None
    if health is not None and health.instruction.value.strip().upper() != "NONE":
        checked = _started(health)
    return Launch(tuple(found), checked)


def _only(steps: Sequence[Step], keyword: str) -> Step | None:
    found = [step for step in steps if step.keyword == keyword]
    if len(found) > 1:
        raise CannotTell(f"which {keyword} is meant: there are {len(found)}, and the last one wins")
    return found[0] if found else None


def _started(step: Step) -> Started:
    instruction = step.instruction
    value, words = instruction.value, instruction.json
    if step.keyword == "HEALTHCHECK":
        # What stands behind the options reads like an instruction: CMD, in either form.
        inner = read_instruction(Joined(value, (0,), (0,)), 0, step.line)
        value, words = inner.value, inner.json
    is_json = words is not None
    if words is None:
        if not step.is_posix:
            raise CannotTell(f"what line {step.line} starts: its shell is no sh or bash")
        shell = step.scope.shell[0].rpartition("/")[2]
        return _of_shell(step, value, shell, is_json=False)
    if not words:
        return Started(step, (), (), None, is_json=True)
    shell = words[0].rpartition("/")[2]
    if shell in _SHELLS and len(words) >= 3 and words[1].startswith("-") and "c" in words[1]:
        return _of_shell(step, words[2], shell, is_json=True)
    return Started(step, words, _called(words), None, is_json=is_json)


def _is_init(program: str) -> bool:
    return program.rpartition("/")[2] in _INITS


def _called(words: tuple[str, ...]) -> tuple[str, ...]:
    """The program of a command line, and what it starts in turn."""
    started = next((word for word in words[1:] if not word.startswith("-")), None)
    return (words[0], started) if _is_init(words[0]) and started is not None else (words[0],)


def _waits(entrypoint: Started) -> bool:
    """Whether it is an init that is to start what CMD names."""
    return len(entrypoint.programs) == 1 and _is_init(entrypoint.programs[0])


def _of_shell(step: Step, text: str, shell: str, *, is_json: bool) -> Started:
    script = script_of(text)
    if not script.exact or script.has_heredoc:
        raise CannotTell(f"what line {step.line} starts: its shell text is not clear")
    programs: list[str] = []
    for command in script.commands:
        at = len(command.words) - len(command.arguments) - 1
        if not command.words or command.name in BUILTINS:
            continue
        if not command.words[at].literal:
            raise CannotTell(f"what line {step.line} starts: {command.words[at].text[:40]}")
        programs.append(command.words[at].text)
    only = script.commands[0] if len(script.commands) == 1 else None
    plain = (
        only is not None
        and not is_json
        and len(script.statements) == 1
        and script.statements[0].kind == "command"
        and not script.statements[0].operator
        and not only.redirects
        and not only.assignments
        and not only.within
        and all(word.literal for word in only.words)
        and only.words[0].text.rpartition("/")[2] not in BUILTINS - {"exec"}
    )
    if plain and only is not None:
        words = tuple(word.text for word in only.words)
        words = words[1:] if words[0] == "exec" else words
        if words:
            return Started(step, words, _called(words), None, is_json=False)
    return Started(step, None, tuple(programs), shell, is_json=is_json)
