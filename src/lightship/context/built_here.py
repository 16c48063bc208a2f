"""Which Dockerfiles are built in a folder: the one at hand, and others that lie below it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lightship.context.reading import read_inside
from lightship.context.uses import all_uses
from lightship.context.wildcards import has_wildcards
from lightship.dockerfile.build import Build
from lightship.printable import shown_path

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.context.dockerfiles import FoundDockerfile
    from lightship.context.survey import Place, Survey

_MOST_BYTES = 4 * 1024 * 1024
_MOST_DOCKERFILES = 50
_MOST_OTHERS = 500
_DOCKERFILE = re.compile(
    # What Dockerfiles are made from, and copies that editors leave, are no Dockerfiles.
    r"(?:Dockerfile|Containerfile|dockerfile)"
    r"(?:\.(?!.*dockerignore\Z)(?!(?:.*\.)?(?:j2|jinja2?|tmpl|tpl|template|erb|orig|bak)\Z).+)?\Z"
    r"|.+\.(?:Dockerfile|dockerfile|Containerfile)\Z"
)

_ABOUT_BUILDING = re.compile(
    rf"{_DOCKERFILE.pattern}|(?i:Docker|Container)file\..*|.*\.?dockerignore\Z"
    r"|(?:docker-)?compose.*\.ya?ml\Z|README.*|.*\.sh\Z"
)


class Dockerfiles(NamedTuple):
    """Dockerfiles of a folder: those that are built in it, by their names, and others."""

    here: dict[str, Build]
    elsewhere: list[str]


def dockerfiles_of(root: Path, main: FoundDockerfile | None, seen: Survey) -> Dockerfiles:
    """The Dockerfile that is built, and others, by whether this folder is the one for them."""
    own = main.name if main is not None else None
    found = Dockerfiles({}, [])
    if main is not None:
        found.here[shown_path(own or main.outside or "Dockerfile")] = Build.read(main.data)
    for place in seen.places:
        prefix = place.path + "/" if place.path else ""
        for name in place.names:
            path = prefix + name
            if not _DOCKERFILE.match(name) or path == own:
                continue
            build = _read(root, path)
            if build is None:
                continue
            if not prefix or _takes_from(root, build, place):
                found.here[shown_path(path)] = build
            else:
                found.elsewhere.append(path)
            if len(found.here) > _MOST_DOCKERFILES or len(found.elsewhere) > _MOST_OTHERS:
                return found
    return found


def _read(root: Path, path: str) -> Build | None:
    try:
        data = read_inside(root, path, _MOST_BYTES)
    except OSError:
        return None
    build = Build.read(data or b"")
    return build if data and b"\0" not in data and build.stages.all else None


def _takes_from(root: Path, build: Build, place: Place) -> bool:
    """Whether this folder, and not its own, is the one that a Dockerfile is built in.

    It names what is here, or it takes all, and there is nothing to take where it lies.
    """
    sources = {source for use in all_uses(build) for source in use.sources}
    if "." in sources and all(map(_ABOUT_BUILDING.match, place.names)):
        return True
    named = [source for source in sources - {"."} if not has_wildcards(source)]
    return any((root / source).exists() for source in named if "\0" not in source)
