"""Packages with headers and link libraries: needed to build, not to run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.entrypoint import entrypoint_requests, find_entrypoint
from lightship.analysis.needed import needed_packages
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.analysis.run_settings import run_settings
from lightship.rules.packages_found import packages_claim
from lightship.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.packages.package import Package
    from lightship.rules.rule import Claim, Subject

_NAME = re.compile(r"-(?:dev|devel|headers)(?:-[a-z0-9.]+)?$|^linux-(?:libc-dev|headers\b)")
_SECTIONS = frozenset(("libdevel",))
_PAGE = """
Packages of a distribution that hold headers, `pkg-config` files and static libraries: `-dev` on
Debian and Alpine, `-devel` on Fedora and its relatives. Kernel headers (`linux-libc-dev`) come
along with the C library's.

## Why it matters

They are needed when something is compiled, and by nothing that runs. `linux-libc-dev` alone is
several megabytes, headers of large libraries are tens; scanners report flaws of the kernel for it.

## What to do

Compile in a stage of its own, and install in the last one only what is needed to run:

```dockerfile
FROM debian:bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev
COPY . /src
RUN make -C /src install DESTDIR=/out

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 \\
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out /
```

## What it cannot see

Packages are told by their names and sections. What the image's command needs, or depends on, is
left out; a program that compiles when it runs (some R and Python packages) is not seen. """


def _check(subject: Subject) -> Iterable[Claim]:
    packages = subject.ledger.ownership.packages
    found = {number for number, package in enumerate(packages) if _is_for_development(package)}
    if not found:
        return
    settings = run_settings(subject.image)
    entrypoint = find_entrypoint(subject.ledger.records, settings)
    found -= needed_packages(subject.ledger, entrypoint, settings).packages
    claim = packages_claim(subject, sorted(found), "development packages")
    if claim is not None:
        yield claim


def _is_for_development(package: Package) -> bool:
    if package.system not in DISTRIBUTIONS:
        return False
    section = package.section.rpartition("/")[2]
    return section in _SECTIONS or _NAME.search(package.name) is not None


RULE = Rule(
    name="dev-packages",
    title="Development packages",
    severity="warning",
    confidence="likely",
    remedy="remove",
    advice="Compile in a stage of its own, and install only the run-time packages in the last one.",
    page=_PAGE,
    check=_check,
    requests=entrypoint_requests(),
)
