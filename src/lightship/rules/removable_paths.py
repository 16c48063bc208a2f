"""The rows of catalogue/removable.toml as rules: paths that need not be there, by their names."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lightship.catalogue.removable import RowMatcher, row_matcher, rows, variable_names
from lightship.filetree.tree import Directory
from lightship.model.entry import Kind
from lightship.rules.removable_page import page
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.analysis.packages.records import Records
    from lightship.catalogue.removable import Row
    from lightship.filetree.patterns import State
    from lightship.filetree.tree import Child, FileTree
    from lightship.rules.rule import Subject

_REGULAR = Kind.REGULAR.value
_Rows = frozenset[int]
_NONE: _Rows = frozenset()
# One walk of the tree serves every row; forgotten together with the image.
_FOUND: WeakKeyDictionary[Records, dict[int, list[bytes]]] = WeakKeyDictionary()


def find_removable(tree: FileTree, variables: Mapping[str, str]) -> dict[int, list[bytes]]:
    """For each row's number what may go, in byte order: files, and directories as a whole.

    Args:
        tree: of the image.
        variables: its ENV, which names homes, caches and locales.
    """
    known = {name: variables[name] for name in variable_names() & variables.keys()}
    walk = _Walk(tree, _matcher(tuple(sorted(known.items()))))
    walk.run()
    return walk.paths()


class _Walk:
    """Finds the places of all rows in one walk.

    A row that keeps something of what it matches is found in two steps: the walk notes what is
    kept, and marks the directories above it as broken; then all is taken but what is kept.
    """

    def __init__(self, tree: FileTree, rows_matched: RowMatcher) -> None:
        self._tree = tree
        self._match = rows_matched
        self._files_only = {number for number, row in enumerate(rows()) if row.files_only}
        self._tops: dict[int, list[tuple[bytes, Child]]] = defaultdict(list)
        self._broken: set[tuple[int, int]] = set()
        self._kept: set[tuple[int, int, bytes]] = set()

    def run(self) -> None:
        """Walk the tree."""
        matcher = self._match.matcher
        # A directory's path, and the rows that match something above it.
        stack: list[tuple[bytes, Directory, State, _Rows]]
        stack = [(b"", self._tree.root, matcher.start, _NONE)]
        while stack:
            prefix, directory, state, above = stack.pop()
            children = directory.children
            everywhere, some = matcher.among(state, children.keys())
            inside: dict[bytes, _Rows] = {}
            for name in children if everywhere else some:
                matched = some.get(name, everywhere)
                inside[name] = self._take(prefix, directory, name, matched, above)
            for name, child in children.items():
                if isinstance(child, Directory):
                    after = matcher.reach(state, name)[0]
                    if after:
                        path = prefix + name + b"/"
                        stack.append((path, child, after, inside.get(name, above)))

    def _take(
        self,
        prefix: bytes,
        directory: Directory,
        name: bytes,
        matched: tuple[int, ...],
        above: _Rows,
    ) -> _Rows:
        """Note what is matched at a name; the rows that match there or above."""
        row_of, keeps = self._match.row_of, self._match.keeps
        kept = {row_of[pattern] for pattern in matched if keeps[pattern]}
        taken = {row_of[pattern] for pattern in matched if not keeps[pattern]} - above - kept
        for row in taken:
            self._tops[row].append((prefix + name, directory.children[name]))
        for row in kept:
            self._kept.add((row, id(directory), name))
            at: Directory | None = directory
            while at is not None and (row, id(at)) not in self._broken:
                self._broken.add((row, id(at)))
                at = at.parent
        return above | taken | kept

    def paths(self) -> dict[int, list[bytes]]:
        """What was found."""
        found = {}
        for row, tops in self._tops.items():
            paths: list[bytes] = []
            for path, child in tops:
                paths += self._files(path, child) if row in self._files_only else ()
                paths += self._pieces(row, path, child) if row not in self._files_only else ()
            found[row] = sorted(paths)
        return found

    def _pieces(self, row: int, top: bytes, child: Child) -> Iterator[bytes]:
        """A path in as few pieces as can be without what is kept of it.

        A link by itself is none: it frees nothing, and may lead to what is kept.
        """
        stack = [(top, child)]
        while stack:
            path, at = stack.pop()
            if not isinstance(at, Directory):
                if self._is_file(at):
                    yield path
                continue
            if (row, id(at)) not in self._broken:
                yield path
                continue
            stack += [
                (path + b"/" + name, below)
                for name, below in at.children.items()
                if (row, id(at), name) not in self._kept
            ]

    def _files(self, top: bytes, child: Child) -> Iterator[bytes]:
        stack = [(top, child)]
        while stack:
            path, at = stack.pop()
            if isinstance(at, Directory):
                stack += [(path + b"/" + name, below) for name, below in at.children.items()]
            elif self._is_file(at):
                yield path

    def _is_file(self, record: int) -> bool:
        return self._tree.kinds[self._tree.inode_of.get(record, record)] == _REGULAR


@lru_cache(maxsize=4)
def _matcher(variables: tuple[tuple[str, str], ...]) -> RowMatcher:
    return row_matcher(dict(variables))


def _check(number: int, row: Row, subject: Subject) -> Iterator[Claim]:
    records = subject.ledger.records
    found = _FOUND.get(records)
    if found is None:
        found = _FOUND[records] = find_removable(subject.ledger.tree, _variables(subject))
    if found.get(number):
        yield Claim(message=f"{row.title} take {{bytes}} in {{files}}.", paths=found[number])


def _variables(subject: Subject) -> dict[str, str]:
    run = subject.image.config.config
    pairs = (text.partition("=") for text in (run.env if run and run.env else ()))
    return {name: value for name, _, value in pairs}


def _rule(number: int, row: Row) -> Rule:
    return Rule(
        name=row.name,
        title=row.title,
        severity=row.severity,
        confidence=row.confidence,
        remedy="remove",
        advice=row.advice,
        page=page(row),
        check=partial(_check, number, row),
        quiet_below_bytes=row.quiet_below_bytes,
    )


RULES = tuple(_rule(number, row) for number, row in enumerate(rows()))
