r"""Installed dependencies, such as `node_modules`, are sent with the project's own files.

## Why it matters

They were installed on another machine: for its system, its processor and its C library, with what
development needs. They are tens of thousands of files that take long to send, and where the
Dockerfile installs dependencies too, a copy of them overwrites what it has installed.

## What to do

Leave them out in `.dockerignore`, and install them in the image:

```
**/node_modules
```

```dockerfile
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
```

## What it cannot see

Whether the project means to ship what it has installed: it is a guess, and an info, where no
instruction of the Dockerfile runs the program that installs them. What an instruction asks for by
its name is not told. `vendor` of Go is meant to be there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.rules.beside import beside
from lightship.rules.sending import ContextRule
from lightship.rules.sent import Lot, directories, smells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.survey import Place
    from lightship.rules.sending import ContextSmell, Sending

# The directory, what lies beside it, and the programs that fill it.
_KINDS = (
    ("node_modules", "", "npm|yarn|pnpm|bun|corepack"),
    ("bower_components", "", "bower"),
    ("jspm_packages", "", "jspm"),
    ("elm-stuff", "", "elm"),
    ("vendor", "composer.json", "composer"),
    ("vendor/bundle", "", "bundle|bundler"),
    ("deps", "mix.exs", "mix"),
    ("Pods", "Podfile", "pod"),
    ("renv/library", "", "Rscript|R"),
    ("packrat/lib", "", "Rscript|R"),
)


def _check(sending: Sending) -> Iterator[ContextSmell]:
    build = sending.context.build
    runs = (
        "\n".join(step.instruction.value for step in build.steps if step.keyword == "RUN")
        if build is not None
        else ""
    )
    programs = {program for _, _, program in _KINDS if re.search(rf"\b(?:{program})\b", runs)}

    def is_meant(place: Place) -> Lot | None:
        for name, marker, program in _KINDS:
            if ("/" + place.path).endswith("/" + name) and (
                not marker or beside(sending, place, marker)
            ):
                return Lot(path=place.path, confidence=None if program in programs else "guess")
        return None

    yield from smells(sending, directories(sending, is_meant), "warning")


RULE = ContextRule(
    name="dependencies-sent",
    title="Installed dependencies are sent",
    severity="warning",
    confidence="likely",
    advice="Leave them out, and install them in the image: lightship context init --merge.",
    page=__doc__,
    check=_check,
)
