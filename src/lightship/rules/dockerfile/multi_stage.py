r"""A program that is compiled in the image that runs it.

The compiler, the sources and what the build fetched all stay in the image.

## Why it matters

Go's "hello, world" is 1.8 MB, and the image that built it with Debian's Go 625 MB: each pull moves
all of it. A second stage takes the program alone. With the C library that a program may need, and
its shared libraries, the same comes to 120 to 130 MB for C and Rust, instead of 310 to 820 MB.

## What to do

Build in one stage, and copy what was built into another:

```dockerfile
FROM golang:1.21 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /bin/hello .

FROM scratch
COPY --from=build /bin/hello /bin/hello
CMD ["/bin/hello"]
```

`lightship fix --unsafe --select multi-stage` writes it, for Go, Rust, C and C++ (compilers, make,
CMake, Meson, the autotools), Python, Node, Java and .NET: the builder stays as it is, and ENV,
USER, WORKDIR, EXPOSE, VOLUME, HEALTHCHECK, LABEL, ENTRYPOINT and CMD move behind it, or are there
too. The final stage begins from `scratch` or distroless where a program is static, else from the
small image of the same release, with the libraries that the `-dev` packages stand for; musl stays
with musl.

It says what it leaves out. Where it cannot know what the program needs, it writes nothing and says
what is missing: a command whose results nobody knows, sources that are fetched, an output that is
not named (`go build -o`), a library of which it knows no package. This is the way out of what
others call a single-stage compile.

What pip installed for Python is copied to the place where it was; a project of Node is copied
without what only its development needs; what Java and .NET build runs on a JRE, or on the image of
the runtime. The same version and the same system stay, and musl stays with musl.

## What it cannot see

What a program reads or loads by a name that stands nowhere in its sources, and what modules do that
are fetched while it builds. So it is only written when it is asked for by its name: build the
result and run the application's tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.rules.multistage.languages import LANGUAGES
from lightship.rules.multistage.plan import CannotTell, NotItsProgram
from lightship.rules.multistage.single import Single
from lightship.rules.multistage.writing import rewritten
from lightship.rules.smell import DockerfileRule, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.plan import Language, Plan
    from lightship.rules.smell import Fix, Matter

_NAME = "multi-stage"
# Every command is looked at beside every other; no file that people write has as many.
_MOST_STEPS, _MOST_COMMANDS = 1_000, 2_000


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    if len(build.stages.all) != 1 or build.stages.all[0].base == "scratch":
        return
    if len(build.steps) > _MOST_STEPS:
        return
    asked = _NAME in matter.selected
    # The sources are only read for a rewrite: whether there is a smell is in the Dockerfile.
    single = Single(matter if asked else replace(matter, folder=None))
    languages = [one for one in LANGUAGES if not one.last and one.builds(single)]
    languages = languages or [one for one in LANGUAGES if one.last and one.builds(single)]
    if not languages or len(single.ran) > _MOST_COMMANDS:
        return
    try:
        plan, fix, unfixed = _rewrite(single, languages)
    except NotItsProgram as missing:
        if not asked:
            return
        plan, fix, unfixed = None, None, f"it cannot be told {missing}"
    if not asked:
        unfixed = f"it is only written when asked for by name: --unsafe --select {_NAME}"
    yield Smell(
        position=single.stage.first,
        message=f"The image keeps what builds its {languages[0].name} program.",
        fix=fix if asked else None,
        unfixed=unfixed,
        saving=_saving(single, plan, languages[0]),
    )


def _rewrite(
    single: Single, languages: list[Language]
) -> tuple[Plan | None, Fix | None, str | None]:
    """What is planned and written, or what is missing. Raises `NotItsProgram`."""
    if len(languages) > 1:
        names = " and ".join(one.name for one in languages)
        return None, None, f"two languages build here, {names}: each needs a stage of its own"
    try:
        _check_builder(single, languages[0])
        plan = languages[0].recognise(single)
        return plan, rewritten(single, plan), None
    except NotItsProgram:
        raise
    except CannotTell as missing:
        return None, None, f"it cannot be told {missing}"


def _check_builder(single: Single, language: Language) -> None:
    """See that it is known what the builder's image sets. Raises `CannotTell`."""
    if single.builder is not None and "$" not in single.image_text.partition(":")[0]:
        return
    single.launch  # noqa: B018 - an image to build in, without a command, is none to judge
    kind = NotItsProgram if language.last else CannotTell
    raise kind(f"what {single.image_text} sets: ENV, USER, ENTRYPOINT")


def _saving(single: Single, plan: Plan | None, language: Language) -> Saving:
    kept = plan.kept if plan is not None else ()
    # Without the slash a name would be kept wherever it is.
    patterns = tuple(f"/{source.strip('/')}" for one in kept for source in one.sources)
    return Saving(
        # Without a plan nobody knows what would be copied: no file of the image tells.
        kind="keeps" if plan is not None else "base",
        positions=tuple(step.position for step in single.steps),
        patterns=patterns,
        base_bytes=plan.base.unpacked_bytes if plan is not None else None,
        estimate=f"multi-stage-{language.name.lower().partition('/')[0]}",
    )


RULE = DockerfileRule(
    name=_NAME,
    title="Compilers and sources in the image of a program",
    severity="warning",
    confidence="likely",
    advice="Build in a stage of its own, and copy what it made into the last stage.",
    page=__doc__,
    check=_check,
    fixes=("unsafe",),
)
