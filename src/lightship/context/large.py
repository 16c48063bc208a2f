"""Large files that are data, archives or dumps, and how a `.dockerignore` says them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.data_types import data_type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.context.survey import Place, Survey

_LARGE_BYTES = 1_000_000
_MOST_PATHS = 10
_MANY = 20
_FOLDERS = re.compile(
    r"(?i)(?:data|datasets?|raw|models?|weights|checkpoints|ckpt|artifacts|samples)\Z"
)
_SERVED = re.compile(r"(?i)(?:public|static|assets|www|wwwroot|htdocs|webroot)\Z")
_ARCHIVE = re.compile(
    r"(?i).*\.(?:tar|tgz|tar\.(?:gz|bz2|xz|zst)|zip|7z|rar|iso|img|qcow2|vmdk|vdi|sql\.gz|dump)\Z",
    re.DOTALL,
)
_CODE = re.compile(
    r"(?i).*\.(?:py|[mc]?js|tsx?|jsx|go|rs|java|kt|scala|r|jl|cs|fs|php|rb|cc?|cpp|h|sh|html|css|vue"
    r"|toml|ya?ml|sql)\Z",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(
    r"(?:\.git(?:keep|ignore)|README.*|.*\.dvc|.*\.md5|.*\.sha256|SHA256SUMS)\Z"
)


class Large(Struct, frozen=True):
    """A file or a folder.

    Attributes:
        group: of the catalogue: `data` or `archives`.
        pattern: of a `.dockerignore`, without escapes: a path, or a directory, `/*` and an end.
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
    mixed: set[str] = set()
    archives: list[str] = []
    for place in seen.places:
        prefix = place.path + "/" if place.path else ""
        found = _Found(place)
        is_served = _is_served(place.path)
        if found.others or is_served:
            mixed.add(place.path)
            mixed.update(_up(place.path))
        if is_served:
            continue
        data += [prefix + name for name in found.data if not skips(prefix + name)]
        archives += [prefix + name for name in found.archives if not skips(prefix + name)]
    yield from _data(data, mixed)
    yield from (Large("archives", path, True) for path in archives[: 2 * _MOST_PATHS])


class _Found:
    """The files of one directory: large data, large archives, and whether there is anything else.

    Many of one suffix in a folder for data are data together, of whatever size and type.
    """

    def __init__(self, place: Place) -> None:
        self.data: list[str] = []
        self.archives: list[str] = []
        self.others = False
        is_for_data = any(_FOLDERS.match(part) for part in place.path.split("/"))
        many = self._many(place) if is_for_data else {}
        for name, size in zip(place.names, place.sizes, strict=True):
            if _suffix(name) in many:
                if many[_suffix(name)] >= _LARGE_BYTES:
                    self.data.append(name)
            elif size >= _LARGE_BYTES and _is_data(name, size):
                self.data.append(name)
            elif size >= _LARGE_BYTES and _ARCHIVE.match(name):
                self.archives.append(name)
            elif not _PLACEHOLDER.match(name):
                self.others = True

    @staticmethod
    def _many(place: Place) -> dict[str, int]:
        """Suffixes of many files, with their bytes."""
        totals: dict[str, list[int]] = {}
        for name, size in zip(place.names, place.sizes, strict=True):
            totals.setdefault(_suffix(name), []).append(size)
        return {
            suffix: sum(sizes)
            for suffix, sizes in totals.items()
            if suffix and len(sizes) >= _MANY and not _CODE.match("x" + suffix)
        }


def _is_served(directory: str) -> bool:
    """Whether a web server gives its files out: a film in it is a part of a page."""
    parts = directory.split("/")
    return any(map(_SERVED.match, parts)) and not any(map(_FOLDERS.match, parts))


def _is_data(name: str, size: int) -> bool:
    kind = data_type_of(name.encode("utf-8", "surrogateescape"))
    return kind is not None and size >= kind.least_bytes


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower() if "." in name else ""


def _data(paths: list[str], mixed: set[str]) -> Iterator[Large]:
    folders: dict[str, None] = {}
    rest: dict[tuple[str, str], list[str]] = {}
    for path in paths:
        folder = next(
            (
                up
                for up in reversed(_up(path))
                if up not in mixed and any(_FOLDERS.match(part) for part in up.split("/"))
            ),
            None,
        )
        if folder is not None:
            folders[folder] = None
        else:
            directory = path.rpartition("/")[0]
            rest.setdefault((directory, path[path.rfind(".") :]), []).append(path)
    yield from (Large("data", folder, True) for folder in folders)
    for (directory, suffix), some in rest.items():
        if len(some) > _MOST_PATHS and not re.search(r"[^\w./ -]", directory + suffix):
            yield Large("data", f"{directory}/*{suffix}".lstrip("/"), False)
        else:
            yield from (Large("data", path, True) for path in some[:_MOST_PATHS])


def _up(path: str) -> list[str]:
    """The directories above a path, the innermost first."""
    found = []
    while "/" in path:
        path = path.rpartition("/")[0]
        found.append(path)
    return found
