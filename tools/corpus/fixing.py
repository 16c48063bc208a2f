"""What rules say of each file, and whether their fixes keep it whole."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from corpus.oracle import can_be_asked, theirs
from corpus.reading import unknown
from corpus.shells import newly_rejected
from lightship.context.folder import Folder
from lightship.dockerfile.build import Build
from lightship.dockerfile.lines import is_comment
from lightship.rules.choosing import choose
from lightship.rules.discovery import dockerfile_rules
from lightship.rules.fixing import fix_file
from lightship.rules.linting import said_of
from lightship.rules.smell import Matter

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.outcome import Outcome
    from lightship.rules.choosing import Choice
    from lightship.rules.smell import DockerfileRule, Tier


class Mode(NamedTuple):
    """A way to call `fix`: the tiers, and whether every rule is selected by its name."""

    tiers: frozenset[Tier]
    by_name: bool = False

    def choice(self) -> Choice[DockerfileRule]:
        """The rules that are asked."""
        every = dockerfile_rules()
        return choose(every, [rule.name for rule in every] if self.by_name else ())


MODES = {
    "fix": Mode(frozenset(("safe",))),
    "fix --unsafe": Mode(frozenset(("safe", "unsafe"))),
    "fix --unsafe, every rule by name": Mode(frozenset(("safe", "unsafe")), by_name=True),
}
FAULTS = (
    "invalid afterwards",
    "with an unknown instruction only afterwards",
    "RUN bodies newly rejected by a shell",
    "comments lost",
    "changed again by another fix",
)


def check_rules(name: str, path: Path, data: bytes, outcome: Outcome) -> None:
    """Ask every rule, make the fixes of both tiers, and look at what comes out."""
    rules = choose(dockerfile_rules()).rules
    started = time.process_time()
    matter = _matter(path, data)
    said = list(said_of(matter, rules)) if matter.build.stages.all else []
    outcome.spent("lint", time.process_time() - started)
    found = Counter(one.rule.name for one in said if one.pragma is None)
    for rule, number in found.items():
        outcome.count(f"findings of {rule}", number)
        outcome.count(f"files with {rule}")
    outcome.count("findings suppressed", sum(one.pragma is not None for one in said))
    if matter.build.stages.all:
        for name_of_mode, mode in MODES.items():
            _check_fix(name, (path, data), (name_of_mode, mode), outcome)


def _matter(path: Path, data: bytes, selected: frozenset[str] = frozenset()) -> Matter:
    build, folder = Build.read(data), Folder.open(path.parent)
    return Matter(build=build, folder=folder, name=path.name, selected=selected)


def _check_fix(
    name: str, file: tuple[Path, bytes], asked: tuple[str, Mode], outcome: Outcome
) -> None:
    path, data = file
    mode, choice, tiers = asked[0], asked[1].choice(), asked[1].tiers
    started = time.process_time()
    fixed = fix_file(_matter(path, data, choice.selected), choice.rules, tiers)
    outcome.spent(mode, time.process_time() - started)
    if fixed.untouched is not None:
        outcome.count(f"{mode}: not to be edited")
    for made in fixed.made:
        outcome.count(f"{mode} of {made.rule}")
    for refused in fixed.refused:
        outcome.note(
            f"{mode}: fixes that the proof refused",
            f"{name}:{refused.line}: {refused.rule}: {refused.refused}",
        )
    if fixed.after == data:
        return
    outcome.count(f"{mode}: files changed")
    for fault, detail in faults(data, fixed.after):
        outcome.note(f"{mode}: {fault}", f"{name}{detail}")
    again = fix_file(_matter(path, fixed.after, choice.selected), choice.rules, tiers)
    if again.after != fixed.after:
        rules = ", ".join(dict.fromkeys(made.rule for made in again.made))
        outcome.note(f"{mode}: {FAULTS[4]}", f"{name}: {rules}")


def faults(before: bytes, after: bytes) -> list[tuple[str, str]]:
    """What is wrong with the fixed file; each fault with a detail."""
    old, new = Build.read(before), Build.read(after)
    found = []
    if can_be_asked(before):
        if not isinstance(theirs(old.dockerfile.text), str):
            error = theirs(new.dockerfile.text)
            if isinstance(error, str):
                found.append((FAULTS[0], f": {error[:120]}"))
                return found
        lost = _comments(old.dockerfile.text) - _comments(new.dockerfile.text)
        found += [(FAULTS[3], f": {comment[:80]}") for comment in lost.elements()]
    if unknown(new.dockerfile) and not unknown(old.dockerfile):
        found.append((FAULTS[1], ""))
    for shell, text in newly_rejected(_bodies(old), _bodies(new)):
        found.append((FAULTS[2], f": {shell}: {text[:200]!r}"))
    return found


def _bodies(build: Build) -> set[str]:
    return {step.body.text for step in build.steps if step.body is not None}


def _comments(text: str) -> Counter[str]:
    """Comment lines outside here-documents, whose lines the package tells."""
    commands = theirs(text)
    inside: set[int] = set()
    for command in commands if not isinstance(commands, str) else ():
        lines = sum(content.count("\n") + 1 for _, _, content in command.heredocs)
        inside.update(range(command.end_line - lines + 1, command.end_line + 1))
    return Counter(
        line.strip()
        for number, line in enumerate(text.split("\n"), 1)
        if number not in inside and is_comment(line)
    )
