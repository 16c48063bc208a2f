"""Clean-up commands added to the end of a RUN, in its own style, without a change of its status.

`list && rm -rf X` at the end of a script has the status of `list`, whatever operators are in it.
Two things can spoil that. Under `set -e` what stands left of `&&` no longer ends the script when
it fails, which matters where it is more than a simple command; there the clean-up goes behind the
command that made it needed. And where the last command's failure is not the script's (`a; b;`), a
clean-up behind it would hide it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.shell.script import Command, Script, Statement

_SIMPLE = frozenset(("command", "assignment", "test", "pipeline"))
_LISTS = frozenset(("subshell", "group", "if", "loop", "case"))
_ENDS = frozenset(("exec", "exit", "return"))
_LONGEST_LINE = 100


def cleaned_up(
    build: Build, step: Step, after: Command, commands: Sequence[str], *, soon: bool = False
) -> tuple[Edit, ...] | str:
    """Run clean-up commands in a RUN after one of its commands.

    Args:
        build: the file.
        step: a RUN with a script, `fixed_reason` None.
        after: the command that made what they remove; the last one, if there are several.
        commands: that only remove, and do not fail.
        soon: whether they have to run right behind `after`, and not at the end.

    Returns:
        Edits; or why they cannot be made, in a few words.
    """
    script, body = step.script, step.body
    if script is None or body is None or not script.statements:
        return "its shell text does not parse"
    if script.comments:
        return "a shell comment swallows its end"
    ends_early = any(not one.within and _ends(one) for one in script.commands)
    statements = script.statements
    stops = stops_on_error(step)
    functions = any(one.kind == "function" for one in statements)
    made = statements[after.statement]
    if soon:
        now = _behind(build, step, made, after.statement, commands)
        return "what cleans up may be gone by its end" if isinstance(now, str) else now
    if stops and (functions or not _is_simple(script, len(statements) - 1) or ends_early):
        return _behind(build, step, made, after.statement, commands)
    if ends_early:
        return "it ends in exec or exit"
    last = statements[-1]
    separate = stops and _is_alone(script, len(statements) - 1)
    if last.operator == ";" and separate:
        return _edits(build, step, last.operator_end, [("", one + ";") for one in commands])
    if last.operator:
        return f"it ends in {last.operator.strip() or 'a line end'}"
    joint = "; " if separate and len(statements) > 1 else "&& "
    return _edits(build, step, last.end, [(joint, one) for one in commands])


def stops_on_error(step: Step) -> bool:
    """Whether `set -e` holds in any part of a RUN, by itself or by SHELL."""
    flags = [word for word in step.scope.shell[1:] if word[:1] == "-" and word[:2] != "--"]
    if any("e" in flag for flag in flags) or "errexit" in step.scope.shell:
        return True
    return any(
        command.name == "set"
        and (command.has("-e") or any(word.text == "errexit" for word in command.arguments))
        for command in (step.script.commands if step.script else ())
    )


def _ends(command: Command) -> bool:
    words = command.words
    return bool(words) and (
        words[0].text in ("exit", "return") or (words[0].text == "exec" and len(words) > 1)
    )


def _behind(
    build: Build, step: Step, made: Statement, index: int, commands: Sequence[str]
) -> tuple[Edit, ...] | str:
    """Put the commands right behind one statement, under `set -e`."""
    script = step.script
    if script is None or not _is_simple(script, index):
        return "set -e holds, and it ends in more than a simple command"
    if made.operator == "&&":
        return _edits(build, step, made.end, [("&& ", one) for one in commands])
    if made.operator == ";" and _is_alone(script, index):
        return _edits(build, step, made.operator_end, [("", one + ";") for one in commands])
    return "set -e holds, and it ends in more than a simple command"


def _is_simple(script: Script, index: int) -> bool:
    """Whether `set -e` ends nothing within a statement: no list stands in it, nor in its pipe."""
    within = (one.within for one in script.commands if one.statement == index)
    return script.statements[index].kind in _SIMPLE and all(map(_LISTS.isdisjoint, within))


def _is_alone(script: Script, index: int) -> bool:
    """Whether a statement is a list of its own, so that `set -e` looks at it."""
    before = script.statements[index - 1].operator if index else ";"
    return before in (";", "\n") and script.statements[index].operator in (";", "\n", "")


def _edits(
    build: Build, step: Step, offset: int, additions: Sequence[tuple[str, str]]
) -> tuple[Edit, ...] | str:
    """Insert commands behind `offset` of the body's text: each with what joins it."""
    body = step.body
    if body is None:
        return "it has no shell text"
    text, instruction = build.dockerfile.text, step.instruction
    place = body.joined.source_end(offset)
    newline = f" {build.dockerfile.escape}{build.dockerfile.newline}"
    layout = _Layout(build, step)
    long = sum(len(joint) + len(one) for joint, one in additions)
    one_line = text.find("\n", instruction.start, place) < 0 and (
        place - instruction.start + long <= _LONGEST_LINE
    )
    edits = []
    for joint, one in additions:
        semicolon = ";" if joint == "; " else ""
        behind = "" if semicolon or not joint or not layout.is_trailing else " &&"
        before = "" if semicolon or behind else joint
        if one_line:
            edits.append(Edit(place, place, f"{semicolon} {'' if semicolon else joint}{one}"))
        else:
            edits.append(
                Edit(place, place, f"{semicolon}{behind}{newline}{layout.indent}{before}{one}")
            )
    return tuple(edits)


class _Layout:
    """How a RUN's lines are laid out.

    Attributes:
        is_trailing: `&&` stands at the end of lines, the last time it stands at either end.
        indent: of the lines on which commands begin.
    """

    def __init__(self, build: Build, step: Step) -> None:
        text = build.dockerfile.text
        body, script = step.body, step.script
        is_trailing = False
        indents: list[str] = []
        lines: list[str] = []
        for statement in script.statements if script and body else ():
            if body is None:
                break
            begins = body.joined.source(statement.start)
            line = text[text.rfind("\n", 0, begins) + 1 : begins]
            if begins > step.instruction.start and not line.strip(" \t"):
                indents.append(line)
            if statement.operator != "&&":
                continue
            at = body.joined.source(statement.operator_start)
            before = text[text.rfind("\n", 0, at) + 1 : at]
            end = text.find("\n", at)
            if not before.strip(" \t"):
                is_trailing = False
                lines.append(before)
            elif text[at + 2 : end].strip() == build.dockerfile.escape:
                is_trailing = True
        self.is_trailing = is_trailing
        found = lines if lines and not is_trailing else indents
        self.indent = found[-1] if found else _last_indent(build, step)


def _last_indent(build: Build, step: Step) -> str:
    """The indent of the instruction's last line; four blanks where it has only one."""
    text, place = build.dockerfile.text, step.instruction.text_end
    start = text.rfind("\n", 0, place) + 1
    if start <= step.instruction.start:
        return "    "
    line = text[start:place]
    return line[: len(line) - len(line.lstrip(" \t"))] or "    "
