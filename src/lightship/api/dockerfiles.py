"""Dockerfiles by their paths, read; a file that cannot be read stops no other."""

from __future__ import annotations

import traceback
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.api.dockerfile_paths import MOST_BYTES, Named, named_files
from lightship.bases.known import Known, known_bases
from lightship.context.folder import Folder
from lightship.dockerfile.build import Build
from lightship.errors import UsageError
from lightship.model.results.lint import FileProblem
from lightship.rules.smell import Matter
from lightship.units import format_bytes

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from lightship.progress import Progress

NOT_FOUND, INVALID, BUG = 3, 4, 70
_MOST_PROBLEMS = 5
MOST_INSTRUCTIONS = 1_000
"""Of one file, as rules look at pairs of them; the longest of seven thousand real ones has 254."""


class Opened(Struct, frozen=True):
    """A file that was named.

    Attributes:
        named: its path.
        matter: what rules see of it; None where there is nothing to ask them about.
        problems: what is wrong with it; also of a file that rules can be asked about.
        untouched: why nothing in it may be edited; None if it may.
    """

    named: Named
    matter: Matter | None
    problems: tuple[FileProblem, ...] = ()
    untouched: str | None = None


def opened(
    paths: Iterable[str | os.PathLike[str]],
    *,
    context: Path | None,
    selected: frozenset[str],
    image: str | None,
    progress: Progress,
    data: Path | None = None,
) -> Iterator[Opened]:
    """Read every file, one after the other.

    Args:
        paths: of files and folders; `-` is standard input.
        context: the build context; None for each file's own folder.
        selected: the rules that somebody asked for by name.
        image: that the file built.
        progress: told how many bytes are read.
        data: the user's data folder, with what `base update` learnt; None for none.

    Raises:
        UsageError: an image is named, and several files.
    """
    named = list(named_files(paths))
    # Read once, and only if a rule asks.
    known_on = cache(partial(known_bases, data))
    if image is not None and len(named) > 1:
        raise UsageError(
            f"{image} was built from one Dockerfile, and there are {len(named)}",
            "Name the Dockerfile that built it.",
        )
    progress.begin("Dockerfiles", sum(map(_stored_bytes, named)))
    for one in named:
        try:
            found = _open(one, context, selected, known_on)
        except Exception as error:  # noqa: BLE001 - a bug with one file keeps it from no other
            found = Opened(one, None, (bug(one, error),))
        yield found
        progress.advance(_stored_bytes(one))
    progress.end()


def problem(named: Named, message: str, exit_code: int, line: int | None = None) -> FileProblem:
    """What is wrong with a file."""
    return FileProblem(named.shown, named.base64, line, message, exit_code)


def bug(named: Named, error: Exception) -> FileProblem:
    """A mistake of ours with one file, told so that it can be mended, while the rest go on."""
    frames = traceback.extract_tb(error.__traceback__)
    package = Path(__file__).parent.parent
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(package)]
    last = own[-1] if own else frames[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    said = f"{type(error).__name__}: {error}"[:200]
    return problem(named, f"{said} ({place}). This is a bug in lightship: please report it", BUG)


def _stored_bytes(named: Named) -> int:
    try:
        return named.path.stat().st_size if named.path is not None else 0
    except (OSError, ValueError):
        return 0


def _open(
    named: Named,
    context: Path | None,
    selected: frozenset[str],
    known_on: Callable[[date], Known],
) -> Opened:
    if named.problem is not None:
        return Opened(named, None, (problem(named, named.problem, NOT_FOUND),))
    try:
        data = named.read()
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        return Opened(named, None, (problem(named, said, NOT_FOUND),))
    wrong = _wrong(data)
    if wrong is not None:
        return Opened(named, None, (problem(named, wrong, INVALID),))
    build = Build.read(data)
    if len(build.steps) > MOST_INSTRUCTIONS:
        said = f"more than {MOST_INSTRUCTIONS:,} instructions: too many for a Dockerfile"
        return Opened(named, None, (problem(named, said, INVALID),))
    # What is no Dockerfile yet may well look like a wrong one.
    is_template = build.is_template or named.is_template
    problems = () if is_template else _problems(named, build)
    if not build.stages.all:
        return Opened(named, None, problems)
    place = context or (named.path.parent if named.path is not None else None)
    matter = Matter(
        build=build,
        folder=Folder.open(place) if place is not None else None,
        name=named.name,
        selected=selected,
        known_on=known_on,
    )
    untouched = "its name says that it is a template" if named.is_template else build.untouchable
    return Opened(named, matter, problems, untouched)


def _wrong(data: bytes) -> str | None:
    if len(data) > MOST_BYTES:
        return f"more than {format_bytes(MOST_BYTES)}: too big for a Dockerfile"
    if b"\0" in data:
        return "binary, or not UTF-8: it has NUL bytes"
    if not data.strip():
        return "empty"
    return None


def _problems(named: Named, build: Build) -> tuple[FileProblem, ...]:
    found = [
        problem(named, one.message, INVALID, one.line)
        for one in build.dockerfile.problems[:_MOST_PROBLEMS]
    ]
    if not build.stages.all:
        # What has no FROM is mostly no Dockerfile at all, and each line of it would be wrong.
        return (problem(named, "no FROM: not a Dockerfile", INVALID),)
    more = len(build.dockerfile.problems) - len(found)
    if more > 0:
        found.append(problem(named, f"and {more:,} more lines that BuildKit refuses", INVALID))
    return tuple(found)
