r"""What a build on this machine has made, such as Rust's `target`, is sent with the sources.

A directory counts where what lies beside it says which tool fills it: `target` beside `Cargo.toml`
or `pom.xml`, `obj` beside a `.csproj`.

## Why it matters

The Dockerfile builds it again, and the old one is only in the way: gigabytes of intermediate files
are sent, and what was built for another system may get into the image in place of the new.

## What to do

Leave it out in `.dockerignore`:

```
target
```

Or ask for the one file that the image needs, and for nothing else:

```dockerfile
COPY target/app.jar /app/app.jar
```

## What it cannot see

Whether the image is meant to ship what was built outside: `dist` and `build` are a guess, and an
info. What an instruction asks for by its name is not told. Below 1 MB it is an info.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.beside import beside
from lightship.rules.sending import ContextRule
from lightship.rules.sent import Lot, directories, is_small, smells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.survey import Place
    from lightship.rules.sending import ContextSmell, Sending

_DOTNET = ("*.csproj", "*.fsproj", "*.vbproj")
_PYTHON = ("setup.py", "pyproject.toml")
# Where nothing need lie beside it, the name is used by one tool only.
_KNOWN: dict[str, tuple[str, ...]] = {
    "target": ("Cargo.toml", "pom.xml", "build.sbt"),
    "obj": _DOTNET,
    "_build": ("mix.exs", "rebar.config", "dune-project"),
    "zig-out": ("build.zig",),
    "zig-cache": ("build.zig",),
    ".next": (),
    ".nuxt": (),
    ".svelte-kit": (),
    ".angular": (),
    "dist-newstyle": (),
    "cmake-build-debug": (),
    "cmake-build-release": (),
}
_GUESSED: dict[str, tuple[str, ...]] = {
    "build": (*_PYTHON, "build.gradle", "build.gradle.kts", "package.json", "CMakeLists.txt"),
    "dist": (*_PYTHON, "package.json"),
    "bin": _DOTNET,
}


def _check(sending: Sending) -> Iterator[ContextSmell]:
    def is_meant(place: Place) -> Lot | None:
        name = place.path.rpartition("/")[2]
        known, guessed = _KNOWN.get(name), _GUESSED.get(name)
        if known is not None and (not known or beside(sending, place, *known)):
            return Lot(path=place.path)
        if guessed is not None and beside(sending, place, *guessed):
            return Lot(path=place.path, confidence="guess")
        return None

    lots = list(directories(sending, is_meant))
    for is_guess in (False, True):
        some = [lot for lot in lots if (lot.confidence == "guess") is is_guess]
        small = is_small(sum(lot.content_bytes for lot in some))
        yield from smells(sending, some, "info" if small else "warning")


RULE = ContextRule(
    name="build-output-sent",
    title="The output of an earlier build is sent",
    severity="warning",
    confidence="likely",
    advice="Leave it out, or copy only the file that is needed.",
    page=__doc__,
    check=_check,
)
