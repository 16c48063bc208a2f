"""What lies where in a context: kinds of projects, and what the catalogue knows."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.project_kinds import (
    GroupLine,
    has_marker,
    ignored_groups,
    named,
    project_kinds,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.survey import Survey

_DEEPEST_MARKER = 4


class Known(Struct, frozen=True):
    """A path of the context that a row of the catalogue means.

    Attributes:
        path: from the root.
        row: the first that means it.
        name: of that row.
    """

    path: str
    row: GroupLine
    name: str


class Layout:
    """A context, as the catalogue sees it.

    Attributes:
        kinds: of projects in it, by name, in the catalogue's order.
        known: what rows mean; nothing below such a path is looked at again.
        projects: directories with their files' names, as far as projects begin there.
        build_files: paths of files that tell how something is built.
    """

    def __init__(self, seen: Survey) -> None:
        self.known: list[Known] = []
        self.projects: dict[str, frozenset[str]] = {}
        self.build_files: list[str] = []
        self._rows = _Rows()
        found: set[str] = set()
        skipped: str | None = None
        for place in seen.places:
            path = place.path
            if skipped is not None and path.startswith(skipped):
                continue
            names = frozenset(place.names)
            self._remember(path, names)
            row = self._row(path) if path else None
            if row is not None:
                self.known.append(row)
                skipped = path + "/"
                continue
            if path.count("/") < _DEEPEST_MARKER:
                found.update(
                    kind.name for kind in project_kinds() if has_marker(names, kind.markers)
                )
            self._look(path, place.names)
        self.kinds = tuple(kind.name for kind in project_kinds() if kind.name in found)

    def row_of(self, path: str) -> Known | None:
        """What the catalogue knows about a path, there or not."""
        return self._row(path)

    def expected(self) -> Iterator[Known]:
        """What the tools of this project will make; paths are of the topmost directories."""
        for row in ignored_groups().line:
            if not row.expected or (row.kinds and not set(row.kinds) & set(self.kinds)):
                continue
            for top in self._tops(row) if row.beside else ("",):
                for name in row.names:
                    yield Known(f"{top}/{name}" if top else name, row, name)

    def _tops(self, row: GroupLine) -> list[str]:
        tops: list[str] = []
        for path in sorted(self.projects):
            inner = any(path.startswith(top + "/") if top else path for top in tops)
            if not inner and has_marker(self.projects[path], row.beside):
                tops.append(path)
        return tops

    def _remember(self, path: str, names: frozenset[str]) -> None:
        if self._rows.are_projects(names):
            self.projects[path] = names
        if path.count("/") < _DEEPEST_MARKER:
            prefix = path + "/" if path else ""
            self.build_files += [prefix + name for name in sorted(names) if _BUILD.match(name)]

    def _look(self, path: str, names: list[str]) -> None:
        prefix = path + "/" if path else ""
        for name in names:
            if self._rows.may_mean(name):
                row = self._row(prefix + name)
                if row is not None:
                    self.known.append(row)

    def _row(self, path: str) -> Known | None:
        directory, _, name = path.rpartition("/")
        for row, pattern in self._rows.of(name):
            if "/" in pattern:
                if not f"/{path}".endswith("/" + pattern):
                    continue
                directory = path[: -len(pattern)].rstrip("/")
            if row.at_root and directory:
                continue
            if not row.beside or has_marker(self.projects.get(directory, ()), row.beside):
                return Known(path, row, pattern)
        return None


_BUILD = re.compile(
    r"(?:pyproject\.toml|setup\.(?:py|cfg)|Cargo\.toml|build\.rs|package\.json|Makefile|makefile"
    r"|GNUmakefile|CMakeLists\.txt|meson\.build|build\.gradle(?:\.kts)?|pom\.xml|.*\.gemspec"
    r"|.*\.(?:cs|fs|vb)proj|Directory\.Build\.props|Project\.toml|build\.sh|justfile|Taskfile\.ya?ml)\Z"
)


class _Rows:
    """The catalogue's rows by the last component of their names."""

    def __init__(self) -> None:
        self._exact: dict[str, list[tuple[int, GroupLine, str]]] = {}
        self._wild: list[tuple[int, GroupLine, str]] = []
        markers: set[str] = set()
        for at, row in enumerate(ignored_groups().line):
            markers.update(row.beside)
            for name in row.names:
                last = name.rpartition("/")[2]
                if "*" in last or "[" in last:
                    self._wild.append((at, row, name))
                else:
                    self._exact.setdefault(last, []).append((at, row, name))
        self._any_wild = re.compile("|".join(translate(name) for _, _, name in self._wild))
        self._markers = tuple(sorted(markers))

    def are_projects(self, names: frozenset[str]) -> bool:
        return has_marker(names, self._markers)

    def may_mean(self, name: str) -> bool:
        return name in self._exact or self._any_wild.match(name) is not None

    def of(self, name: str) -> Iterator[tuple[GroupLine, str]]:
        rows = list(self._exact.get(name, ()))
        if self._any_wild.match(name):
            rows += [one for one in self._wild if named(one[2], name)]
        for _, row, pattern in sorted(rows, key=lambda one: one[0]):
            yield row, pattern
