"""Packages that nobody asked for and nothing needs: recommended ones, and ones left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.entrypoint import entrypoint_requests, find_entrypoint
from lightship.analysis.needed import needed_packages
from lightship.analysis.reasons import unrequested
from lightship.analysis.run_settings import run_settings
from lightship.rules.packages_found import packages_claim
from lightship.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Claim, Subject

_PAGE = """
Packages that the package manager installed by itself, for another one's sake, and that no package
needs: some are only recommended, others are left over from a package that was removed.

## Why it matters

`apt-get install` takes recommended packages along by default. They are often several times as large
as what was asked for: documentation, fonts, whole desktops.

## What to do

Install without them, and clear away what a removal leaves over:

```dockerfile
RUN apt-get update \\
 && apt-get install -y --no-install-recommends curl \\
 && rm -rf /var/lib/apt/lists/*
```

`apt-get purge --auto-remove` takes along what only the removed package needed. If the application
does need a recommended package, name it in the `install` line: then it is asked for.

## What it cannot see

Who asked for what is known from apt's marks (`extended_states`) and from apk's `world`; other
systems keep none that can be read here. What the image's command runs and loads is left out, with
all it depends on. A program that is started by name in another way may need a recommended package.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    packages = subject.ledger.ownership.packages
    if not any(package.requested is False for package in packages):
        return
    settings = run_settings(subject.image)
    entrypoint = find_entrypoint(subject.ledger.records, settings)
    needed = needed_packages(subject.ledger, entrypoint, settings)
    found = unrequested(packages, needed.packages)
    for claim in (
        packages_claim(subject, sorted(found.recommended), "packages that are only recommended"),
        packages_claim(
            subject,
            sorted(found.orphaned),
            "packages that nothing needs any more",
            advice="Remove packages with apt-get purge --auto-remove.",
            confidence="guess",
        ),
    ):
        if claim is not None:
            yield claim


RULE = Rule(
    name="unrequested-packages",
    title="Packages that nobody asked for",
    severity="warning",
    confidence="likely",
    remedy="remove",
    advice="Install with --no-install-recommends.",
    page=_PAGE,
    check=_check,
    requests=entrypoint_requests(),
)
