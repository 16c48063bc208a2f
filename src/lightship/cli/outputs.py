"""One answer in several places: standard output and any number of files, each in its format."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.cli.output import Destination, check_place, is_special
from lightship.errors import DestinationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_NAMED = re.compile(r"(?P<format>[a-z]+)(?P<adds>\+?)=(?P<file>.*)", re.DOTALL)


def several(
    outputs: Sequence[str], format_name: str | None, suffixes: Mapping[str, tuple[str, ...]]
) -> tuple[Destination, ...]:
    """What `-o`, given any number of times, and `--format` ask for.

    Standard output always gets the answer, in `format_name` or as text; each of `outputs` is one
    more place:

    - `FILE`: the end of its name says the format; replaced as a whole;
    - `FORMAT=FILE`: whatever its name is;
    - `FORMAT+=FILE`: added to the end of the file;
    - `FORMAT=-`: standard output, instead of `--format`; `-` alone changes nothing.

    Args:
        outputs: the values of `-o`.
        format_name: the value of `--format`.
        suffixes: the known formats, and the ends of file names that mean each.

    Raises:
        UsageError: no format is known for a file, a format is not known, or a place is named twice.
        DestinationError: a file's directory cannot be written: better said before the work.
    """
    places = [_place(output, suffixes) for output in outputs]
    spoken = [place for place in places if place.file is None and place.format_name]
    if len(spoken) + (format_name is not None) > 1:
        raise UsageError("standard output is given two formats", "Write the others to files.")
    chosen = spoken[0].format_name if spoken else format_name or "text"
    files = [place for place in places if place.file is not None]
    _refuse_twins(files)
    for place in files:
        if place.file is not None:
            check_place(place.file)
    return (*files, Destination(None, chosen))


def write_all(destinations: Iterable[Destination], text: Callable[[Destination], str]) -> None:
    """Write the answer everywhere; a place that fails keeps it from no other.

    Raises:
        DestinationError: a place could not be written, the first of them.
        BrokenPipeError: the reader of standard output went away, and all files were written.
    """
    failed: list[DestinationError] = []
    broken: BrokenPipeError | None = None
    for place in destinations:
        try:
            place.write(text(place))
        except DestinationError as error:
            failed.append(error)
        except BrokenPipeError as error:
            broken = error
    if failed:
        more = f"; and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise DestinationError(f"{failed[0].what}{more}", failed[0].hint) from failed[0]
    if broken:
        raise broken


def _place(output: str, suffixes: Mapping[str, tuple[str, ...]]) -> Destination:
    named = _NAMED.fullmatch(output)
    if named is None:
        return _by_suffix(output, suffixes)
    if named["format"] not in suffixes:
        raise UsageError(
            f"{output!r}: no format {named['format']!r}",
            f"Known are {', '.join(suffixes)}. A file of that name is written ./{output}.",
        )
    if not named["file"]:
        raise UsageError(f"{output!r} names no file", f"Write {named['format']}=FILE.")
    file = None if named["file"] == "-" else Path(named["file"])
    return Destination(file, named["format"], adds=bool(named["adds"]))


def _by_suffix(output: str, suffixes: Mapping[str, tuple[str, ...]]) -> Destination:
    if output == "-":
        return Destination(None, "")
    known = {suffix: name for name, ends in suffixes.items() for suffix in ends}
    # The longest first: .sarif.json is not .json.
    for suffix in sorted(known, key=len, reverse=True):
        if output.lower().endswith(suffix):
            return Destination(Path(output), known[suffix])
    raise UsageError(
        f"{output!r}: its name says no format",
        f"End it with one of {', '.join(known)}, or write FORMAT={output}.",
    )


def _refuse_twins(places: Iterable[Destination]) -> None:
    seen: set[str] = set()
    for place in places:
        if place.file is None or is_special(place.file):
            continue
        real = os.path.realpath(place.file)
        if real in seen:
            raise UsageError(f"{str(place.file)!r} is named twice", "Each -o needs its own file.")
        seen.add(real)
