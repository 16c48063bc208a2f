"""npm packages that only building and testing need."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

from lightship.printable import printable_path
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Subject

_MODULES = b"/node_modules/"
_PAGE = """
Packages in `node_modules` that only `devDependencies` of the application's `package.json` lead to:
compilers, bundlers, linters, test frameworks.

## Why it matters

They are often more than half of `node_modules`, they slow down pulls and scans, and every known
hole in them is reported for an image that never runs them.

## What to do

Install without them, in a stage of its own where building needs them:

```dockerfile
FROM node:22 AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-slim
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
```

Where nothing is built, `RUN npm ci --omit=dev` is enough. Removing them in a later `RUN` frees
nothing: the layer below still has them.

## What it cannot see

What is development's is told by npm's lock in `node_modules`, else by following the dependencies
of `package.json` as Node does; where one is missing, nothing is said. Nobody but you knows whether
the command starts a development tool after all (`ts-node`, `next dev`, migrations): then it belongs
into `dependencies`.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    npm = [one for one in subject.ledger.ownership.packages if one.system == "npm"]
    needed = sorted(tree for one in npm if not one.development for tree in one.trees)
    places: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for one in npm:
        for tree in one.trees if one.development else ():
            if not _holds(tree, needed):
                places[(b"/" + tree).partition(_MODULES)[0]].append(tree)
    for place, trees in sorted(places.items()):
        count = len(trees)
        packages = "1 package" if count == 1 else f"{count} packages"
        yield Claim(
            message=f"{packages} in {_shown(place)}/node_modules, with {{bytes}} in {{files}}, "
            "only building and testing need.",
            paths=trees,
        )


def _holds(tree: bytes, needed: list[bytes]) -> bool:
    """Whether a package that is needed lies in another's folder."""
    below = tree + b"/"
    at = bisect_left(needed, below)
    return at < len(needed) and needed[at].startswith(below)


def _shown(place: bytes) -> str:
    """A folder from the root, as part of a message: braces in it are no figures."""
    return printable_path(place).replace("{", "(").replace("}", ")")


RULE = Rule(
    name="npm-dev-dependencies",
    title="Development dependencies of npm",
    severity="warning",
    confidence="likely",
    remedy="remove",
    advice="Install with npm ci --omit=dev, or run npm prune --omit=dev in the stage that builds.",
    page=_PAGE,
    check=_check,
)
