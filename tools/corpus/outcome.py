"""What a check counted, with the first files that it is about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

MOST_EXAMPLES = 8


@dataclass
class Outcome:
    """Counts of one file, or of many; those are added up."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)

    def count(self, what: str, number: int = 1) -> None:
        """Something that is no failure."""
        self.counts[what] += number

    def spent(self, what: str, seconds: float) -> None:
        """Processor time."""
        self.cpu_seconds[what] = self.cpu_seconds.get(what, 0.0) + seconds

    def note(self, what: str, example: str) -> None:
        """Something worth a look, with where it is."""
        self.counts[what] += 1
        if len(self.examples.setdefault(what, [])) < MOST_EXAMPLES:
            self.examples[what].append(example)

    def add(self, other: Outcome) -> None:
        """Take in the counts of another."""
        self.counts += other.counts
        for what, seconds in other.cpu_seconds.items():
            self.spent(what, seconds)
        for what, examples in other.examples.items():
            mine = self.examples.setdefault(what, [])
            mine += examples[: MOST_EXAMPLES - len(mine)]
