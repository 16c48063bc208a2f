"""One walk through a build context, as a process of its own.

It prints its own CPU seconds, without the start of the interpreter, and what it found. The bare
walk is the floor: `os.scandir` and the sizes of what is kept, told what the patterns would tell.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.context.context import Context
from lightship.context.survey import survey
from lightship.context.walking import Kind, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def main() -> None:
    """Read who walks, the folder and the ignore file from the command line."""
    who, folder, ignore_file = sys.argv[1:]
    context = Context(Path(folder), ignore_file=Path(ignore_file))
    begin, found = _WALKERS[who](context)
    files, content_bytes = found
    took = time.process_time() - begin
    print(json.dumps({"cpu": took, "files": files, "content_bytes": content_bytes}))


def _walked(context: Context) -> tuple[float, tuple[int, int]]:
    begin = time.process_time()
    files = content_bytes = 0
    for listing in walk(context.root, context.matcher):
        files += len(listing.names)
        content_bytes += sum(listing.sizes)
    return begin, (files, content_bytes)


def _surveyed(context: Context) -> tuple[float, tuple[int, int]]:
    begin = time.process_time()
    seen = survey(context, count_ignored=False)
    return begin, (seen.sent.files, seen.sent.content_bytes)


def _bare(context: Context) -> tuple[float, tuple[int, int]]:
    skipped, left = _told(context)
    begin = time.process_time()
    return begin, _scan(str(context.root), skipped, left)


def _told(context: Context) -> tuple[set[str], Mapping[str, set[str]]]:
    skipped, left = set(), {}
    for one in walk(context.root, context.matcher):
        prefix = one.path + "/" if one.path else ""
        skipped |= {prefix + out.name for out in one.left_out if out.kind is Kind.DIRECTORY}
        left[one.path] = {name for names in one.left_files.values() for name in names}
    return skipped, left


def _scan(root: str, skipped: set[str], left: Mapping[str, set[str]]) -> tuple[int, int]:
    files = content_bytes = 0
    above = [(root, "")]
    while above:
        place, path = above.pop()
        gone = left[path]
        with os.scandir(place) as scanned:
            for entry in scanned:
                if entry.is_dir(follow_symlinks=False):
                    inner = f"{path}/{entry.name}" if path else entry.name
                    if inner not in skipped:
                        above.append((entry.path, inner))
                elif entry.name not in gone:
                    files += 1
                    content_bytes += entry.stat(follow_symlinks=False).st_size
    return files, content_bytes


def _docker_py(context: Context) -> tuple[float, tuple[int, int]]:
    exclude_paths = importlib.import_module("docker.utils.build").exclude_paths
    patterns = [one.cleaned for one in context.matcher.patterns]
    begin = time.process_time()
    # It tells paths alone, directories as well, and no sizes.
    return begin, (len(exclude_paths(str(context.root), patterns)), 0)


_WALKERS: Mapping[str, Callable[[Context], tuple[float, tuple[int, int]]]] = {
    "bare": _bare,
    "walk": _walked,
    "survey": _surveyed,
    "docker-py": _docker_py,
}

if __name__ == "__main__":
    main()
