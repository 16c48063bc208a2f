"""What rules say about a Dockerfile as findings: with places, texts, bytes and fingerprints."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.secrets import kind_of_variable, struck
from lightship.dockerfile.lines import lines_of
from lightship.dockerfile.variables import settings_of
from lightship.model.results.lint import FixOffer, LintFinding, Saved
from lightship.rules.linting import said_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from lightship.api.dockerfile_paths import Named
    from lightship.api.dockerfiles import Opened
    from lightship.api.lint_contexts import Asked
    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.tree import Instruction
    from lightship.rules.choosing import LintRule
    from lightship.rules.linting import Said
    from lightship.rules.smell import Fix, Saving, Smell
    from lightship.rules.suppressing import Ignore

    Weigh: TypeAlias = Callable[[Saving], Saved | None]

_LONGEST_LINE = 65_535
_LONGEST_TEXT = 1_000
_NO_REASON = "no reason is given"


def findings_of(
    opened: Opened,
    rules: Sequence[LintRule],
    *,
    weigh: Weigh,
    ignores: Iterable[Ignore] = (),
    asked: Asked | None = None,
) -> tuple[LintFinding, ...]:
    """What the rules find in a file, by line; the suppressed ones among them.

    Args:
        opened: the file; one that rules can be asked about.
        rules: to ask.
        weigh: bytes to a saving.
        ignores: what settings files suppress.
        asked: its build context; None to ask no rule about one.
    """
    matter = opened.matter
    if matter is None:
        return ()
    teller = _Teller(opened, matter.build, weigh, tuple(ignores), asked)
    sending = asked.sending if asked is not None else None
    found = [teller.tell(said) for said in said_of(matter, rules, sending)]
    found.sort(key=lambda one: (one.path != opened.named.shown, one.line, one.column))
    return tuple(found)


def offer(fix: Fix) -> FixOffer:
    """A fix as results have it."""
    return FixOffer(fix.title, fix.tier, fix.notes)


def together(savings: Iterable[Saved | None]) -> Saved | None:
    """What several files save, as one."""
    known = [one for one in savings if one is not None]
    if not known:
        return None
    wires = [one.wire_bytes for one in known if one.wire_bytes is not None]
    sources = {one.source for one in known}
    return Saved(
        sum(one.unpacked_bytes for one in known),
        sum(wires) if wires else None,
        any(one.estimated for one in known),
        sources.pop() if len(sources) == 1 else "each finding names its own",
    )


class _Where(Struct, frozen=True):
    """The place of a finding, and the text there."""

    file: Named
    line: int
    column: int
    end_line: int
    text: str | None


class _Teller:
    """Smells of one file to findings."""

    def __init__(
        self,
        opened: Opened,
        build: Build,
        weigh: Weigh,
        ignores: tuple[Ignore, ...],
        asked: Asked | None,
    ) -> None:
        self._asked = asked
        self._named = opened.named
        self._untouched = opened.untouched
        self._build = build
        self._weigh = weigh
        self._ignores = ignores
        self._texts: dict[int, str] = {}
        self._seen: Counter[tuple[str, str]] = Counter()

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in lines_of(self._build.dockerfile.text)]

    def tell(self, said: Said) -> LintFinding:
        rule, smell = said.rule, said.smell
        step = self._build.steps[smell.position] if smell.position is not None else None
        where = self._where(said, step)
        return LintFinding(
            rule=rule.name,
            title=rule.title,
            severity=smell.severity or rule.severity,
            confidence=smell.confidence or rule.confidence,
            message=smell.message,
            advice=smell.advice or rule.advice,
            path=where.file.shown,
            path_base64=where.file.base64,
            line=where.line,
            end_line=where.end_line,
            column=where.column,
            instruction=where.text,
            fix=offer(smell.fix) if smell.fix is not None else None,
            unfixed=self._unfixed(smell),
            saving=self._weigh(smell.saving) if smell.saving is not None else None,
            suppressed=self._suppressed(said, where),
            fingerprint=self._fingerprint(rule, where, self._told(where, step)),
        )

    def _where(self, said: Said, step: Step | None) -> _Where:
        ignored = self._ignore_line(said)
        if ignored is not None:
            return ignored
        line, column, end_line = self._place(said.smell, step)
        text = text_of(step, self._build) if step is not None else None
        return _Where(self._named, line, column, end_line, text)

    def _ignore_line(self, said: Said) -> _Where | None:
        line, asked = said.ignore_line, self._asked
        if line is None or asked is None or asked.sending is None or asked.ignore_file is None:
            return None
        patterns = asked.sending.context.ignore.patterns
        at = bisect_left(patterns, line, key=lambda one: one.line)
        text = _cut(patterns[at].text.strip()) if at < len(patterns) else None
        return _Where(asked.ignore_file, line, 1, line, text)

    def _told(self, where: _Where, step: Step | None) -> str:
        """What stays the same of the place when lines move."""
        if where.file is not self._named:
            return where.text or ""
        if step is None:
            return ""
        if step.position not in self._texts:
            self._texts[step.position] = " ".join(step.instruction.joined.text.split())
        return self._texts[step.position]

    def _place(self, smell: Smell, step: Step | None) -> tuple[int, int, int]:
        start, end = smell.start, smell.end
        if start is None and step is not None:
            instruction = step.instruction
            start = instruction.joined.source(instruction.keyword_start)
        if start is None:
            return 1, 1, 1
        line = bisect_right(self._starts, start)
        column = start - self._starts[line - 1] + 1
        if line == 1 and self._build.dockerfile.text.startswith("\ufeff"):
            column -= 1
        if end is not None:
            return line, column, max(bisect_right(self._starts, end - 1), line)
        return line, column, step.instruction.end_line if step is not None else line

    def _unfixed(self, smell: Smell) -> str | None:
        if smell.fix is not None and self._untouched is not None:
            return self._untouched
        return smell.unfixed

    def _suppressed(self, said: Said, where: _Where) -> str | None:
        if said.pragma is not None:
            return said.pragma.reason or f"{_NO_REASON}, line {said.pragma.line}"
        for ignore in self._ignores:
            if ignore.rule == said.rule.name and ignore.holds_for(where.file.shown):
                return ignore.reason
        return None

    def _fingerprint(self, rule: LintRule, where: _Where, text: str) -> str:
        self._seen[rule.name, text] += 1
        count = self._seen[rule.name, text]
        parts = ("lightship lint", rule.name, where.file.shown.removeprefix("./"), text)
        told = "\0".join((*parts, *([str(count)] if count > 1 else [])))
        return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def text_of(step: Step, build: Build) -> str:
    """An instruction on one line, without the secrets in it, and not too long."""
    instruction = step.instruction
    text = instruction.joined.text[instruction.keyword_end :][:_LONGEST_LINE].strip()
    for value in _secret_values(instruction, build.dockerfile.escape):
        text = text.replace(value, "***")
    return _cut(struck(f"{instruction.keyword} {text}"))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _secret_values(instruction: Instruction, escape: str) -> list[str]:
    if instruction.keyword not in ("ENV", "ARG", "LABEL"):
        return []
    settings = settings_of(instruction, escape) or ()
    return [
        one.value
        for one in settings
        if one.value and kind_of_variable(one.name, one.value) is not None
    ]
