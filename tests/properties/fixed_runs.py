"""What the RUNs of a Dockerfile do before and after safe fixes, where all programs are stubs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

from msgspec import Struct

from lightship.dockerfile.build import Build
from lightship.rules.choosing import choose
from lightship.rules.discovery import dockerfile_rules
from lightship.rules.fixing import fix_file
from lightship.rules.smell import Matter
from properties import scratch_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from random import Random

    from lightship.dockerfile.build import Step
    from lightship.rules.fixing import FixedFile

_ISOLATED = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--net", "--ipc")
_SHELLS = {"sh": None, "ash": "dash", "dash": "dash", "bash": "bash"}
_MERGES = frozenset(("apt-update-alone", "clean-up-in-later-run", "combine-runs"))
_OWN = re.compile(r"^export (?:OLDPWD|SHLVL|_)\b.*\n?", re.MULTILINE)
_LISTS = re.compile(r"/var/lib/apt/lists/(?:list|\*)")  # what the shell makes of it, if all is gone
_JOINS = re.compile(r"\A(?:[\s;&\\`]|&&)+|(?:[\s;&\\`]|&&)+\Z")
_KNOWN_ONLY_THEN = re.compile(r'"\$\([^"]*\)"|\$\{[^}]*\}|\$\w+|[*~]|["\']')
_NAME = re.compile(r"(?!.*\.\.)(?:[\w.+-]+|\.?/[\w.+/-]+)")
# What runs at once is called in any order; what runs in the background may end before it calls.
_AT_ONCE = re.compile(r"(?<![|>])\|(?![|])")
_BACKGROUND = re.compile(r"(?<![&>])&(?!&)")
_REAL = frozenset((*scratch_root.APPLETS, *scratch_root.SHELLS, "sh"))
_MOST_CALLS = 60
_OFTEN = 0.3


class Outcome(Struct, frozen=True):
    """What a stage's RUNs did.

    Attributes:
        status: 0; or that of the first that failed; -1 if it took too long.
        calls: each with its number among its like, its words, its folder, what is exported.
        files: of the root, with mode and content.
    """

    status: int
    calls: list[str]
    files: dict[str, list[Any]]

    @property
    def names(self) -> list[str]:
        """The calls as `failing` names them."""
        return [call.partition("\x1e")[0] for call in self.calls]


class Roots:
    """Scratch roots, one after the other; a context."""

    def __init__(self, tools: Path) -> None:
        if not tools.exists():
            scratch_root.make_tools(tools)
        mine = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        self._process = subprocess.Popen(
            [*_ISOLATED, *mine, sys.executable, scratch_root.__file__, str(tools)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def outcome(self, stage: Sequence[Step], shell: str, failing: Iterable[str] = ()) -> Outcome:
        """Run the RUNs of a stage.

        Args:
            stage: its RUNs.
            shell: `dash` or `bash`, for those that SHELL says nothing of.
            failing: calls that fail.
        """
        texts = [step.body.text for step in stage if step.body is not None]
        names = {name for step in stage for name in _programs(step)}
        prelude = _prelude(sorted(name for name in names if name.startswith("./")))
        request = {
            "programs": sorted(name for name in names if not name.startswith("./")),
            "folders": ["/var/lib/apt/lists", "/w"],
            "failing": list(failing),
            "runs": [
                {
                    "arguments": [*_shell_of(step, shell), f"{prelude}\n{text}"],
                    "environment": _environment(step),
                    "folder": step.scope.workdir or "/w",
                }
                for step, text in zip(stage, texts, strict=True)
            ],
        }
        pipes = self._process
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        pipes.stdin.write(json.dumps(request) + "\n")
        pipes.stdin.flush()
        return Outcome(**json.loads(pipes.stdout.readline()))


def _programs(step: Step) -> Iterable[str]:
    for command in step.script.commands if step.script is not None else ():
        words = [word.text for word in command.words[:2]]
        for name in (command.name, *words[:1], *(word for word in words if "/" not in word)):
            if name not in _REAL and name.strip("./") and _NAME.fullmatch(name[:80]):
                yield name[:80]


def _prelude(relative: Sequence[str]) -> str:
    """Directories are there when a script goes to them, and so are the programs in them."""
    links = "".join(
        f" [ -e {name} ] || {{ /.tools/busybox mkdir -p {name.rpartition('/')[0]};"
        f" /.tools/busybox ln -s /.tools/stub {name}; }};"
        for name in relative
    )
    return (
        f"n() {{ :;{links} :; }}; n 2> /dev/null; "
        'cd() { /.tools/busybox mkdir -p -- "${1:-/w}" 2> /dev/null || :;'
        ' command cd "$@" || return; n 2> /dev/null || :; }'
    )


def _shell_of(step: Step, shell: str) -> list[str]:
    program, *options = step.scope.shell
    return [f"/.tools/{_SHELLS[program.rpartition('/')[2]] or shell}", *options]


def _environment(step: Step) -> dict[str, str]:
    told = {
        name: value
        for name, value in step.scope.environment.items()
        if value is not None and "\0" not in value and re.fullmatch(r"\w+", name)
    }
    return {**told, "HOME": "/root", "PATH": "/.bin:/.tools/applets"}


class Announced(Struct, frozen=True):
    """What fixes say that they change: calls by their words, and files that are gone."""

    calls: re.Pattern[str]
    files: re.Pattern[str]


def announced(fixed: FixedFile) -> Announced:
    """What the fixes that were made add and take away, from their own edits."""
    calls, files = [r"gem env gemdir"], [r"/var/lib/apt/lists/list"]
    for made in fixed.made:
        if made.fix.title.endswith("--no-cache") or made.fix.title.startswith("leave out "):
            calls.append(r"(?:sudo )?[\w-]+ (?:-\S+ )*(?:update|makecache|ref(?:resh)?)\b.*")
        if made.rule == "ownership-after-copy":
            calls.append(r"(?:chown|chgrp|chmod)\b.*")
        if made.rule in _MERGES:
            continue
        for edit in made.fix.edits:
            for command in re.split(r"&&|;", _JOINS.sub("", edit.replacement)):
                text = _JOINS.sub("", command)
                if text and not text.startswith("-"):
                    calls += [_likely(text), _likely(text.removeprefix("sudo "))]
                words = text.removeprefix("sudo ").split()
                if words[:1] == ["rm"]:
                    files += [".*" + _likely(word) + ".*" for word in words[2:]]
    return Announced(
        *(re.compile("|".join(f"(?:{one})" for one in some)) for some in (calls, files))
    )


def _likely(text: str) -> str:
    """A pattern for what a shell makes of a text."""
    ends = [0, *(end for found in _KNOWN_ONLY_THEN.finditer(text) for end in found.span())]
    plain = [
        re.escape(text[start:end])
        for start, end in zip(ends[::2], [*ends[1::2], len(text)], strict=True)
    ]
    return ".*".join(plain).replace("\\ ", " ")


def fixed(data: bytes, *, combine: bool = False) -> FixedFile:
    """A file with the safe fixes of all rules; or of `combine-runs`, asked for by name."""
    choice = choose(dockerfile_rules(), ["combine-runs"] if combine else ())
    matter = Matter(build=Build.read(data), selected=choice.selected)
    return fix_file(matter, choice.rules)


def differences(
    roots: Roots, result: FixedFile, shell: str, random: Random | None = None
) -> list[str]:
    """How the stages of a file differ in what they do after its fixes; empty if they do not.

    Args:
        roots: to run in.
        result: of `fixed`.
        shell: `dash` or `bash`.
        random: chooses calls that fail, one and then some; without it each single call fails in
            its turn, at most 60 of a stage.
    """
    old, new = Build.read(result.before), Build.read(result.after)
    told, found = announced(result), []
    for one, two in zip(old.stages.all, new.stages.all, strict=True):
        stages = _runs(old, one.index), _runs(new, two.index)
        if [step.body for step in stages[0]] == [step.body for step in stages[1]]:
            continue
        calls: set[str] = set()
        plans: list[tuple[str, ...]] = [()]
        for number in range(_MOST_CALLS):
            if number >= len(plans):
                break
            before, after = (roots.outcome(side, shell, plans[number]) for side in stages)
            difference = _difference(before, after, told, stages[0])
            if difference is not None:
                found.append(f"{shell}, failing {list(plans[number])}: {difference}")
                break
            fresh = {*before.names, *after.names} - calls
            calls |= fresh
            singles = [(name,) for name in sorted(fresh) if not _never_fails(told, name)]
            plans += _chosen(singles, random) if random is not None and not number else []
            plans += singles if random is None else []
    return found


def _chosen(singles: list[tuple[str]], random: Random) -> list[tuple[str, ...]]:
    if not singles:
        return []
    some = tuple(name for (name,) in singles if random.random() < _OFTEN)
    return [random.choice(singles), some]


def _runs(build: Build, stage: int) -> list[Step]:
    """The RUNs of a stage with a shell text; none if one has a shell of another kind."""
    runs = [step for step in build.runs(build.stages.all[stage]) if step.body is not None]
    known = all(step.scope.shell[0].rpartition("/")[2] in _SHELLS for step in runs)
    return runs if known else []


def _never_fails(told: Announced, name: str) -> bool:
    return _is_told(told, name) or _LISTS.search(name) is not None


def _is_told(told: Announced, name: str) -> bool:
    words = name.partition("\t")[2]
    return told.calls.fullmatch(words) is not None


def _difference(old: Outcome, new: Outcome, told: Announced, steps: Sequence[Step]) -> str | None:
    if -1 in (old.status, new.status):
        return None
    if bool(old.status) != bool(new.status):
        return f"status {old.status} becomes {new.status}"
    texts = [step.body.text for step in steps if step.body is not None]
    if any(map(_BACKGROUND.search, texts)):
        return None
    at_once = any(map(_AT_ONCE.search, texts))
    calls = [_seen(outcome, told) for outcome in (old, new)]
    if at_once:
        calls = [sorted(some) for some in calls]
    if calls[0] != calls[1]:
        return f"calls\n  {calls[0]}\nbecome\n  {calls[1]}"
    if old.status:
        return None
    for path in old.files.keys() | new.files.keys():
        if old.files.get(path) != new.files.get(path):
            gone = path not in new.files and told.files.fullmatch(path)
            if not gone:
                return f"{path}: {old.files.get(path)} becomes {new.files.get(path)}"
    return None


def _seen(outcome: Outcome, told: Announced) -> list[str]:
    return [
        _LISTS.sub("/var/lib/apt/lists/", _OWN.sub("", call.partition("\t")[2]))
        for call, name in zip(outcome.calls, outcome.names, strict=True)
        if not _is_told(told, name)
    ]
