"""The counts as a table for the screen, and as a page of the docs."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from corpus.fixing import FAULTS, MODES
from corpus.reading import OTHER_REASON, PARTS

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.outcome import Outcome

_REPOSITORY = re.compile(r"([^+]+)\+([^@]+)@([0-9a-f]{7,40})")
_MUST_BE_NONE = (
    "raised",
    "not printed as read",
    *(f"disagreements on {part}" for part in PARTS),
    "refused by BuildKit's parser, and not by lightship",
    OTHER_REASON,
    *(f"{mode}: {fault}" for mode in MODES for fault in FAULTS),
)
_TOLD = (
    "refused by BuildKit's parser",
    "refused by lightship beyond BuildKit's parser",
    "differs, and uses what BuildKit reads differently since 0.12.5",
    "not UTF-8, or with NUL: not compared",
)
_HEAD = """\
<!-- Written by `make corpus DIR=... PAGE=...`. -->

# Real Dockerfiles, read and fixed

`make corpus DIR=...` reads, lints and fixes every file below a folder. Here are its results for
{files:,} files of public projects ({megabytes:.1f} MB, {instructions:,} instructions, {runs:,} of
them RUN, {heredocs:,} here-documents), no two of them the same. The files themselves are not part
of this project.

## Read as BuildKit reads

Beside BuildKit's own parser, version 0.12.5, as the PyPI package `dockerfile` has it. Unknown
instructions and files without FROM are refused by BuildKit at a later step, which the package does
not have. Since 0.12.5 BuildKit also takes `<< NAME` with blanks for a here-document, knows
`${{x#a}}`, `${{x%a}}` and `${{x/a/b}}` and the directive `check`, takes no JSON array for one that
something follows, and heeds the directive `escape` in flags; lightship reads as BuildKit does now.

| | count |
|---|---|"""
_FIXED = f"""
## Fixed, and still whole

Invalid is what the package refuses. Bodies are given to `bash -n` and `dash -n`, and count if the
shell took what stood there before. A comment is a line outside here-documents. What the proof
refuses is not made, and told.

| | {" | ".join(f"`{mode}`" for mode in MODES)} |
|---|{"---|" * len(MODES)}"""
_RULES = """
## What the rules find

| rule | files | findings | fixed, safe | fixed, with `--unsafe` | fixed, every rule by name |
|---|---|---|---|---|---|"""
_TIME = """
## Time

| | CPU milliseconds a file |
|---|---|"""


def failures(outcome: Outcome) -> list[str]:
    """What was counted and must not be."""
    return [what for what in _MUST_BE_NONE if outcome.counts[what]]


def printed(outcome: Outcome) -> str:
    """Everything counted, and the first offenders of what was noted."""
    rows = [f"{number:>9,}  {what}" for what, number in sorted(outcome.counts.items())]
    rows += [f"{outcome.counts[what]:>9,}  {what} (must be none)" for what in _MUST_BE_NONE]
    files = outcome.counts["files"] or 1
    for what, seconds in outcome.cpu_seconds.items():
        rows.append(f"{seconds / files * 1000:>9.2f}  CPU milliseconds a file: {what}")
    for what, examples in outcome.examples.items():
        rows += ["", f"{what}:", *(f"    {example}" for example in examples)]
    return "\n".join(rows)


def page(outcome: Outcome, folder: Path, files: list[Path]) -> str:
    """Results only: the files belong to others."""
    counts = outcome.counts
    files_read = counts["files"] or 1
    after = [
        _cells(what, *(counts[f"{mode}: {what}"] for mode in MODES))
        for what in ("files changed", *FAULTS, "fixes that the proof refused", "not to be edited")
    ]
    times = [
        f"| {what} | {seconds / files_read * 1000:.2f} |"
        for what, seconds in outcome.cpu_seconds.items()
    ]
    lines = [
        _HEAD.format(
            files=counts["files"],
            megabytes=counts["bytes"] / 1e6,
            instructions=counts["instructions"],
            runs=counts["RUN"],
            heredocs=counts["here-documents"],
        ),
        *(_cells(what, counts[what]) for what in (*_MUST_BE_NONE[: 4 + len(PARTS)], *_TOLD)),
        _FIXED,
        *after,
        _RULES,
        *_rules(counts),
        _TIME,
        *times,
        "",
        *_repositories(folder, files),
    ]
    return "\n".join(lines)


def _cells(*cells: object) -> str:
    shown = (f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells)
    return f"| {' | '.join(shown)} |"


def _rules(counts: Counter[str]) -> list[str]:
    names = {key.rpartition(" of ")[2] for key in counts if " of " in key and "these" not in key}
    ordered = sorted(names, key=lambda name: (-counts[f"files with {name}"], name))
    columns = ("files with", "findings of", *(f"{mode} of" for mode in MODES))
    return [_cells(name, *(counts[f"{column} {name}"] for column in columns)) for name in ordered]


def _repositories(folder: Path, files: list[Path]) -> list[str]:
    found = Counter(path.relative_to(folder).parts[0] for path in files)
    named = {name: _REPOSITORY.fullmatch(name) for name in found}
    if not any(named.values()):
        return []
    rows = ["## The files", "", "| repository | commit | files |", "|---|---|---|"]
    for name, number in found.most_common():
        if match := named[name]:
            rows.append(f"| {match[1]}/{match[2]} | {match[3]} | {number:,} |")
    return [*rows, ""]
