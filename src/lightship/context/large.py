"""Large files that are data, archives or dumps, and how a `.dockerignore` says them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.data_types import data_type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.context.survey import Survey

_LARGE_BYTES = 1_000_000
_MOST_PATHS = 10
_FOLDERS = re.compile(
    r"(?i)(?:data|datasets?|raw|models?|weights|checkpoints|ckpt|artifacts|samples)\Z"
)
_ARCHIVE = re.compile(
    r"(?i).*\.(?:tar|tgz|tar\.(?:gz|bz2|xz|zst)|zip|7z|rar|iso|img|qcow2|vmdk|vdi|sql\.gz|dump)\Z",
    re.DOTALL,
)
_CODE = re.compile(
    r"(?i).*\.(?:py|[mc]?js|tsx?|jsx|go|rs|java|kt|scala|r|jl|cs|fs|php|rb|cc?|cpp|h|sh|html|css|vue"
    r"|toml|ya?ml|sql)\Z",
    re.DOTALL,
)


class Large(Struct, frozen=True):
    """A file or a folder.

    Attributes:
        group: of the catalogue: `data` or `archives`.
        pattern: of a `.dockerignore`, without escapes: a path, or `**/*` and an end.
        is_path: whether it is a path.
    """

    group: str
    pattern: str
    is_path: bool


def large_files(seen: Survey, skips: Callable[[str], bool]) -> Iterator[Large]:
    """What lies there and is large.

    Args:
        seen: the context.
        skips: whether a file is left out anyway.
    """
    data: list[str] = []
    code: set[str] = set()
    archives: list[str] = []
    for place in seen.places:
        prefix = place.path + "/" if place.path else ""
        if any(_CODE.match(name) for name in place.names):
            code.add(place.path)
            code.update(_up(place.path))
        for name, size in zip(place.names, place.sizes, strict=True):
            if size < _LARGE_BYTES:
                continue
            kind = data_type_of(name.encode("utf-8", "surrogateescape"))
            is_data = kind is not None and size >= kind.least_bytes
            is_archive = _ARCHIVE.match(name) is not None
            if (is_data or is_archive) and not skips(prefix + name):
                (data if is_data else archives).append(prefix + name)
    yield from _data(data, code)
    yield from (Large("archives", path, True) for path in archives[: 2 * _MOST_PATHS])


def _data(paths: list[str], code: set[str]) -> Iterator[Large]:
    folders: dict[str, None] = {}
    rest: dict[str, list[str]] = {}
    for path in paths:
        folder = next(
            (
                up
                for up in reversed(list(_up(path)))
                if _FOLDERS.match(up.rpartition("/")[2]) and up not in code
            ),
            None,
        )
        if folder is not None:
            folders[folder] = None
        else:
            name = path.rpartition("/")[2]
            rest.setdefault(name[name.rfind(".") :], []).append(path)
    yield from (Large("data", folder, True) for folder in folders)
    for suffix, some in rest.items():
        if len(some) > _MOST_PATHS:
            yield Large("data", f"**/*{suffix}", False)
        else:
            yield from (Large("data", path, True) for path in some)


def _up(path: str) -> list[str]:
    """The directories above a path, the innermost first."""
    found = []
    while "/" in path:
        path = path.rpartition("/")[0]
        found.append(path)
    return found
