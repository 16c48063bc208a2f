"""The budgets that `check` knows, in one table; docs/reference/budgets.md shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from lightship.model.results.check import Bound, Unit

Kind = Literal["bytes", "count", "ratio", "growth", "paths"]


class Budget(Struct, frozen=True):
    """Something that is measured and held against limits.

    Attributes:
        name: of the budget, and of the limit beyond which the check fails, as an option and in
            files.
        warn_name: of the limit beyond which it warns; empty if it never only warns. The same as
            `name` where it only warns.
        what: is measured, in words.
        kind: how its limits are written.
        bound: the side on which an image passes; equality passes on both.
        doc: one sentence.
        needs_layers: whether the manifest alone does not tell it.
        advice: what to do where it is broken.
    """

    name: str
    warn_name: str
    what: str
    kind: Kind
    doc: str
    advice: str
    bound: Bound = "at_most"
    needs_layers: bool = True

    @property
    def fail_name(self) -> str:
        """Of the limit beyond which the check fails; empty if it only warns."""
        return "" if self.name == self.warn_name else self.name

    @property
    def limit_names(self) -> tuple[str, ...]:
        """Of all its limits."""
        return tuple(filter(None, (self.fail_name, self.warn_name)))

    @property
    def unit(self) -> Unit:
        """What it is measured in."""
        return "bytes" if self.kind == "growth" else self.kind

    @property
    def metavar(self) -> str:
        """How a limit is written, in one word."""
        words = {"growth": "SIZE|PERCENT", "paths": "PATTERN", "count": "N", "ratio": "RATIO"}
        return words.get(self.kind, "SIZE")


_KEEP_OUT = (
    "Keep them out of the build (.dockerignore), or remove them in the RUN that makes them: "
    "a later layer only hides them."
)
BUDGETS = (
    Budget(
        "max-wire",
        "warn-wire",
        "wire bytes",
        "bytes",
        "Config and distinct layer blobs, compressed: what a node pulls.",
        "Make the heaviest layers smaller: lightship inspect --details lists what is in them.",
        needs_layers=False,
    ),
    Budget(
        "max-blob",
        "warn-blob",
        "wire bytes of the largest layer blob",
        "bytes",
        "Each layer blob by itself, compressed.",
        "Split the instruction that makes the layer, or make it bring less.",
        needs_layers=False,
    ),
    Budget(
        "max-unpacked",
        "warn-unpacked",
        "unpacked bytes",
        "bytes",
        "Content of all files in all layers.",
        "Remove what the application does not need: lightship inspect --details lists it.",
    ),
    Budget(
        "max-layer",
        "warn-layer",
        "unpacked bytes of the largest layer",
        "bytes",
        "Each layer by itself, unpacked.",
        "Split the instruction that makes the layer, or make it bring less.",
    ),
    Budget(
        "max-dead",
        "warn-dead",
        "dead bytes",
        "bytes",
        "What layers hold and the final tree does not show.",
        "Delete files in the RUN that makes them, and write each file once.",
    ),
    Budget(
        "max-duplicate",
        "warn-duplicate",
        "duplicate bytes",
        "bytes",
        "Equal content at several paths of the final tree, all copies but one.",
        "Keep one copy and link to it, or find out what installs them twice.",
    ),
    Budget(
        "min-efficiency",
        "warn-efficiency",
        "efficiency",
        "ratio",
        "Visible through unpacked bytes: 1 if nothing is dead.",
        "Delete files in the RUN that makes them, and write each file once.",
        bound="at_least",
    ),
    Budget(
        "max-layers",
        "warn-layers",
        "layers",
        "count",
        "Number of layers, one that is listed twice counted twice.",
        "Combine instructions that change together.",
        needs_layers=False,
    ),
    Budget(
        "max-files",
        "warn-files",
        "files",
        "count",
        "Names of regular files in the final tree.",
        "Leave out caches, tests and documentation; archive what is only read as a whole.",
    ),
    Budget(
        "forbid",
        "",
        "forbidden paths",
        "paths",
        "Paths that must not be in any layer, also where a higher layer removes them.",
        _KEEP_OUT,
    ),
    Budget(
        "warn-path",
        "warn-path",
        "unwanted paths",
        "paths",
        "Paths that should not be in any layer; otherwise as forbid.",
        _KEEP_OUT,
    ),
    Budget(
        "max-growth",
        "warn-growth",
        "growth in wire bytes",
        "growth",
        "Wire bytes more than the baseline has, as bytes or percent of it.",
        "See what is new: lightship diff BASELINE IMAGE.",
        needs_layers=False,
    ),
    Budget(
        "max-growth-unpacked",
        "warn-growth-unpacked",
        "growth in unpacked bytes",
        "growth",
        "Unpacked bytes more than the baseline has, as bytes or percent of it.",
        "See what is new: lightship diff BASELINE IMAGE.",
    ),
)
BY_LIMIT = {name: budget for budget in BUDGETS for name in budget.limit_names}
"""Each budget by the names of its limits."""
