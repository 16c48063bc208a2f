"""Lines of a `.dockerignore` for one project, so that no Dockerfile misses what it asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.project_kinds import Group, ignored_groups
from lightship.context.asking import samples
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.narrowing import all_but_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.catalogue.project_kinds import GroupLine
    from lightship.context.asking import Asking
    from lightship.context.gitignore import Translation
    from lightship.context.large import Large
    from lightship.context.layout import Known, Layout

_SPECIAL = re.compile(r"([\\*?\[\]^])")
_UNSAFE = re.compile(r"[^\x20-\x7e\x80-\U0010ffff]|[\udc80-\udcff\x80-\xa0\u2000-\u200a\u3000]")
_MOST_EXACT = 40


class Proposed(Struct, frozen=True):
    """A line.

    Attributes:
        group: of the catalogue that it stands in.
        text: the line.
        is_path: whether it means one path, and not a name wherever it lies.
        part_of: lines with the same only hold together; empty for one that stands alone.
        for_later: whether it is there for what tools will make, although it may hit nothing yet.
    """

    group: str
    text: str
    is_path: bool
    part_of: str = ""
    for_later: bool = False

    @property
    def glob(self) -> str:
        """The pattern as a builder holds it; empty where it holds none."""
        patterns = read_ignore_file(self.text.encode("utf-8", "surrogateescape")).patterns
        return patterns[0].cleaned if patterns else ""


class Judge:
    """Whether a path may be left out, as far as Dockerfiles and build files tell.

    Attributes:
        kept: what has to stay, by the reason.
    """

    def __init__(
        self,
        asked: Sequence[Asking],
        layout: Layout,
        build_texts: Sequence[str],
        secrets: frozenset[str] = frozenset(),
    ) -> None:
        self._asked = asked
        self._plain = {known.path for known in layout.known if known.row.unless_secret} - secrets
        self._layout = layout
        self._texts = build_texts
        self._groups = {group.name: group for group in ignored_groups().group}
        self._kept_for: dict[GroupLine, bool] = {}
        self.kept: dict[str, dict[str, None]] = {}

    def keeps(self, path: str, group: str, *, is_there: bool = True) -> bool:
        """Whether it has to stay; it is among `kept` then, unless an instruction names it.

        Whoever names a thing wants it. A secret is told all the same.

        Args:
            path: a file or a directory of the context.
            group: of the line that would leave it out.
            is_there: whether there is one; of what is not, nothing is noted.
        """
        known = self._layout.row_of(path)
        row = known.row if known is not None else None
        of = self._groups[row.group if row is not None else group]
        why = self._named(path)
        if why is not None and of.name != "secrets":
            return True
        why = why or self._reason(path, of, row)
        if why is not None and is_there:
            self.kept.setdefault(why, {})[path] = None
        return why is not None

    def narrowed(self, known: Known) -> tuple[Proposed, ...]:
        """Lines for a directory of which instructions only name things in it; none for others."""
        row = known.row
        if not row.beside or not self._groups[row.group].in_named or self._is_kept_for(row):
            return ()
        for one in self._asked:
            by_name = known.path in one.named or known.path in one.sources
            if by_name or self._around(one, known.path, self._groups[row.group], row) is not None:
                return ()
        lines = all_but_named(known.path, self._asked)
        return tuple(Proposed(row.group, text, False, lines[0], True) for text in lines)

    def _named(self, path: str) -> str | None:
        for one in self._asked:
            line = one.takes_by_name(path)
            if line is not None:
                return f"line {line} of {one.name} takes it by name"
        return None

    def _reason(self, path: str, group: Group, row: GroupLine | None) -> str | None:
        for one in self._asked:
            why = self._around(one, path, group, row)
            if why is not None:
                return why
        if row is not None and self._is_kept_for(row):
            if not row.unless_secret:
                return "a build file or a RUN reads it"
            if path in self._plain:
                return "what builds the page reads it, and no secret was seen in it"
        if group.in_code and self._is_built_from(path):
            return "a build file names it"
        return None

    def _is_built_from(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        return any(name in text for text in self._texts)

    def _around(self, one: Asking, path: str, group: Group, row: GroupLine | None) -> str | None:
        """Why it stays as a part of something larger that is taken."""
        around = one.takes_around(path)
        if around and not group.in_named:
            return f"{one.name} takes the directory that it lies in"
        return self._said(one, path, group, row) if around or one.is_whole else None

    def _said(self, one: Asking, path: str, group: Group, row: GroupLine | None) -> str | None:
        if row is not None and row.made_by:
            if one.makes(row.made_there if row.made_there and one.says(path) else row.made_by):
                return None
            return (
                f"{one.name} copies what is around it, and no RUN makes it; "
                "add the line if the image can do without"
            )
        if one.says(path) or (not group.in_named and one.says_around(path)):
            return f"a command of {one.name} names it"
        return None

    def _is_kept_for(self, row: GroupLine) -> bool:
        if row not in self._kept_for:
            self._kept_for[row] = any(
                any(one.has_text(pattern) for one in self._asked if one.is_whole or one.named)
                or any(re.search(pattern, text) for text in self._texts)
                for pattern in row.kept_for
            )
        return self._kept_for[row]


def proposed(
    layout: Layout,
    large: Iterable[Large],
    secrets: Iterable[str],
    git: Translation,
    judge: Judge,
) -> tuple[Proposed, ...]:
    """The lines, in the order of their groups; what the judge keeps is not among them.

    Lines that mean many paths are still to be tried on the context: see `settling`.

    Args:
        layout: the context.
        large: files and folders.
        secrets: paths of files that hold one.
        git: what git ignores; it comes first, so that its exceptions let nothing of ours in.
        judge: of what has to stay.
    """
    found = [Proposed("git", line.text, False) for line in git.lines]
    holds = set(secrets)
    for known in layout.known:
        row = known.row
        if row.if_secret and known.path not in holds:
            continue
        narrowed = judge.narrowed(known)
        if narrowed:
            found += narrowed
        elif not judge.keeps(known.path, row.group):
            found += _line(known)
    for known in layout.expected():
        narrowed = judge.narrowed(known)
        if narrowed:
            found += narrowed
        elif not judge.keeps(known.path, known.row.group, is_there=False):
            found += _line(known)
    for one in large:
        if not one.is_path:
            found.append(Proposed(one.group, one.pattern, False))
        elif layout.row_of(one.pattern) is None and not judge.keeps(one.pattern, one.group):
            found += _exact(one.group, one.pattern)
    for path in sorted(holds):
        if layout.row_of(path) is None and not judge.keeps(path, "secrets"):
            found += _exact("secrets", path)
    return _ordered(found)


def without_future(lines: Sequence[Proposed], asked: Iterable[Asking]) -> tuple[Proposed, ...]:
    """The lines that hit no source of a COPY, not even one that is not there yet."""
    paths = [sample for one in asked for source in one.sources for sample in samples(source)]
    together: dict[str, list[str]] = {}
    for line in lines:
        together.setdefault(line.part_of or line.text, []).append(line.text)
    wrong = set()
    for name, texts in together.items():
        patterns = read_ignore_file("\n".join(texts).encode("utf-8", "surrogateescape")).patterns
        matcher = Matcher(patterns)
        if any(matcher.test(path).ignored for path in paths):
            wrong.add(name)
    return tuple(line for line in lines if (line.part_of or line.text) not in wrong)


def exact_line(group: str, path: str) -> tuple[Proposed, ...]:
    """The line for one path; none for a path that no line can say safely."""
    return tuple(_exact(group, path))


def _line(known: Known) -> list[Proposed]:
    row = known.row
    if row.beside:
        return _exact(row.group, known.path, for_later=row.expected)
    text = known.name if row.at_root else f"**/{known.name}"
    return [Proposed(row.group, text, False, for_later=row.expected)]


def _exact(group: str, path: str, *, for_later: bool = False) -> list[Proposed]:
    # What a reader would trim, take for a comment or an exception, or refuse, is left alone.
    if _UNSAFE.search(path) or path != path.strip() or path[:1] in ("#", "!"):
        return []
    return [Proposed(group, _SPECIAL.sub(r"\\\1", path), True, for_later=for_later)]


def _ordered(found: Iterable[Proposed]) -> tuple[Proposed, ...]:
    order = {group.name: at for at, group in enumerate(ignored_groups().group)}
    lines = sorted(dict.fromkeys(found), key=lambda line: order[line.group])
    wide = {line.text for line in lines if not line.is_path}
    ours = {line.text for line in lines if line.group != "git"}
    counts: dict[tuple[str, str], int] = {}
    kept = []
    for line in lines:
        if line.group == "git" and line.text in ours:
            continue
        if line.is_path:
            name = line.text.rpartition("/")[2]
            counts[line.group, name] = counts.get((line.group, name), 0) + 1
            if f"**/{name}" in wide or counts[line.group, name] > _MOST_EXACT:
                continue
        kept.append(line)
    return tuple(kept)
