"""Compilers and other tools to build programs, in an image that runs one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lightship.analysis.entrypoint import entrypoint_requests, find_entrypoint
from lightship.analysis.needed import needed_packages
from lightship.analysis.owned_files import owned_files
from lightship.analysis.run_settings import run_settings
from lightship.analysis.tool_packages import dragged_along, find_tool_trees, tool_packages
from lightship.catalogue.build_tools import TOOL_GROUPS
from lightship.printable import printable_path
from lightship.rules.packages_found import named, package_evidence
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.entrypoint import Entrypoint
    from lightship.analysis.owned_files import OwnedFile
    from lightship.catalogue.build_tools import ToolGroup
    from lightship.rules.rule import Subject

_FROM_BASE = "They come with the base image: take its slim variant for the last stage."
_PAGE = """
Compilers, `make`, `cmake`, a Go or Rust tool chain, the building half of a JDK, or `git`, in an
image whose command does not need them.

## Why it matters

A C compiler with its parts takes 150 to 400 MB, a Rust tool chain more than 1 GB. Every node pulls
them, scanners report their flaws, and whoever breaks into the container finds them useful.

## What to do

Build in a stage of its own. What was built is copied, the tools stay behind:

```dockerfile
FROM python:3.13 AS build
RUN pip install --no-cache-dir --prefix=/install -r requirements.txt

FROM python:3.13-slim
COPY --from=build /install /usr/local
```

Where one stage must do, install and remove in the same RUN:

```dockerfile
RUN apt-get update \\
 && apt-get install -y --no-install-recommends gcc libc6-dev \\
 && pip install --no-cache-dir -r requirements.txt \\
 && apt-get purge -y --auto-remove gcc libc6-dev \\
 && rm -rf /var/lib/apt/lists/*
```

## What it cannot see

The command's own files, what they load, the words of its shell scripts, and what the packages of
all these depend on count as needed, and so does every tool that another installed package depends
on. What was installed with a tool and serves nobody else goes with it. A program that starts a
compiler or `git` by itself (PyTorch's `compile`, R's `install.packages`) is not seen: then ignore
the rule, and say why.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    ledger = subject.ledger
    settings = run_settings(subject.image)
    entrypoint = find_entrypoint(ledger.records, settings)
    needed = needed_packages(ledger, entrypoint, settings)
    group_of: dict[int, int] = {}
    for at, group in enumerate(TOOL_GROUPS):
        tools = tool_packages(ledger.ownership.packages, group, needed.packages)
        for number in tools | dragged_along(ledger, tools, needed.packages):
            group_of.setdefault(number, at)
    files: dict[int, list[OwnedFile]] = defaultdict(list)
    for file in owned_files(ledger, group_of):
        files[group_of[file.package]].append(file)
    for at in sorted(files):
        yield _claim(subject, TOOL_GROUPS[at], files[at], entrypoint)
    for tree in find_tool_trees(ledger, entrypoint):
        yield _said(
            f"{{bytes}} of {tree.tool} in {{files}} at {printable_path(tree.directory)}",
            entrypoint,
            Claim(message="", paths=tree.paths),
        )


def _claim(
    subject: Subject, group: ToolGroup, files: list[OwnedFile], entrypoint: Entrypoint
) -> Claim:
    """One group's packages, each of them evidence."""
    evidence = package_evidence(subject.ledger, files)
    base = subject.base_layers or 0
    is_of_base = all(one.layer is not None and one.layer <= base for one in evidence)
    advice = _FROM_BASE if is_of_base else group.advice
    paths = [file.path for file in files]
    is_used = any(one.name.lower() in group.users for one in subject.ledger.ownership.packages)
    return _said(
        f"{{bytes}} of {group.title} in {{files}}: {named(evidence)}",
        entrypoint,
        Claim(message="", paths=paths, evidence=evidence, advice=advice),
        is_guess=group.is_for_running_too or is_used,
    )


def _said(what: str, entrypoint: Entrypoint, claim: Claim, *, is_guess: bool = False) -> Claim:
    """The claim, as sure as what is known of the command allows."""
    if entrypoint.is_open:
        message = f"{what}: right in an image to build in, too much in one to run."
    else:
        message = f"{what}; nothing tells that the image's command needs them."
    is_guess = is_guess or entrypoint.is_partial or entrypoint.program is None
    return Claim(
        message=message,
        paths=claim.paths,
        evidence=claim.evidence,
        advice=claim.advice,
        severity="info" if entrypoint.is_open or is_guess else None,
        confidence="guess" if is_guess else None,
    )


RULE = Rule(
    name="build-tools",
    title="Build tools in an image that runs a program",
    severity="warning",
    confidence="likely",
    remedy="remove",
    advice="Build in a stage of its own and copy what it made into the last stage.",
    page=_PAGE,
    check=_check,
    requests=entrypoint_requests(),
)
