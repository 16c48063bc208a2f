"""Where the files go that a build makes."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from lightship.rules.multistage.plan import CannotTell, Kept, NotItsProgram
from lightship.rules.multistage.single import USUAL_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.rules.multistage.single import Ran, Single

_FOLDERS = frozenset(
    ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt", "/tmp")  # noqa: S108 - a path in the image
)
_WITH_VALUE = ("-m", "-o", "-g", "-t", "--mode", "--owner", "--group", "--target-directory", "-S")


def followed(single: Single, made: Mapping[str, int]) -> dict[str, int]:
    """Where made files are in the end, after `mv`, `cp`, `install`, `ln` and `rm`.

    Args:
        single: the stage.
        made: absolute path -> position of the RUN that makes it.

    Returns:
        The same for every place that one of them is at when all is done.
    """
    places: dict[str, int] = {}
    waiting = dict(made)
    for ran in single.ran:
        fresh = [path for path, position in waiting.items() if position <= ran.step.position]
        for path in fresh:
            places[path] = waiting.pop(path)
        if ran.name in ("mv", "cp", "install", "ln"):
            _move(ran, places)
        elif ran.name in ("rm", "unlink"):
            for word in ran.command.operands():
                gone = ran.path(word)
                for path in list(places):
                    if gone is not None and f"{path}/".startswith(f"{gone}/"):
                        del places[path]
    places.update(waiting)
    return places


def _move(ran: Ran, places: dict[str, int]) -> None:
    operands = [ran.path(word) for word in ran.command.operands(*_WITH_VALUE)]
    into = ran.option("-t", "--target-directory")
    raw = ran.command.operands(*_WITH_VALUE)
    if into is not None:
        target, sources, is_folder = ran.path(into), operands, True
    elif len(operands) >= 2:
        target, sources = operands[-1], operands[:-1]
        text = ran.text(raw[-1]) or ""
        is_folder = text.endswith(("/", ".")) or len(sources) > 1 or target in _FOLDERS
    else:
        return
    for source in sources:
        if source is None or target is None or source not in places:
            continue
        to = posixpath.join(target, posixpath.basename(source)) if is_folder else target
        places[to] = ran.step.position
        if ran.name == "mv":
            del places[source]


def started(single: Single, places: Mapping[str, int], tools: frozenset[str]) -> str:
    """The made file that the container starts first.

    Args:
        single: the stage.
        places: where made files are.
        tools: programs of the language that cannot be done without: `go`.

    Raises:
        CannotTell: it starts a tool of the language.
        NotItsProgram: it starts something else.
    """
    program = single.launch.program
    name = program.rpartition("/")[2]
    if name in tools:
        line = single.launch.command[0].step.line
        words = " ".join((single.launch.words or (program,))[:2])
        raise CannotTell(
            f"a program to start: line {line} starts `{words[:60]}`, which builds when it runs"
        )
    for path in single.resolved(program):
        if path in places:
            return path
    raise NotItsProgram(
        f"what makes {program[:60] or 'the command'}, which the container starts: no line that"
        " could be read does"
    )


def kept_programs(single: Single, places: Mapping[str, int]) -> Iterator[Kept]:
    """Made files that are copied, each to its own place; what PATH alone finds to /usr/local/bin.

    The folders of PATH that only the builder's image has are not in the final one's.
    """
    own = [folder for folder in single.path if folder not in USUAL_PATH]
    bare = {program for one in single.launch.all for program in one.programs}
    for path in sorted(_worth(single, places)):
        name = posixpath.basename(path)
        if posixpath.dirname(path) in own and name in bare:
            yield Kept((path,), f"/usr/local/bin/{name}", "the program")
        else:
            yield Kept((path,), path, "the program")


def called(single: Single, places: Mapping[str, int]) -> dict[str, int]:
    """Of made files those that the command, or the health check, starts."""
    return {
        path: places[path]
        for one in single.launch.all
        for program in one.programs
        for path in single.resolved(program)
        if path in places
    }


def _worth(single: Single, places: Mapping[str, int]) -> Iterator[str]:
    """Without copies under the same name of what is called, and what a cache mount holds."""
    starts = called(single, places)
    names = {posixpath.basename(path) for path in starts}
    for path, position in places.items():
        hidden = single.build.steps[position].covered(path)
        if path in starts or not (hidden or posixpath.basename(path) in names):
            yield path


def within(single: Single, folders: Mapping[str, int], *, deep: bool = False) -> dict[str, int]:
    """Files in folders that builds write to, as far as the file names them.

    Args:
        single: the stage.
        folders: absolute path -> position of the RUN that writes there.
        deep: whether they may be in folders below.

    Returns:
        Absolute path -> that position, of what the container starts and what is copied or moved.
    """
    named: set[str] = set()
    for started_one in single.launch.all:
        for program in started_one.programs:
            named.update(single.resolved(program))
    for ran in single.ran:
        if ran.name in ("mv", "cp", "install", "ln", "strip", "upx"):
            named.update(path for word in ran.command.operands() if (path := ran.path(word)))
    found: dict[str, int] = {}
    for path in sorted(named):
        folder = posixpath.dirname(path)
        while deep and folder not in folders and folder != "/":
            folder = posixpath.dirname(folder)
        if folder in folders:
            found[path] = folders[folder]
    return found
