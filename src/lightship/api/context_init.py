"""`context init`: a `.dockerignore` for one project, that no build misses anything for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.analysis.secrets import is_among_tests, kind_of_name
from lightship.catalogue.project_kinds import ignored_groups
from lightship.context.asking import Asking
from lightship.context.built_here import dockerfiles_of
from lightship.context.dockerfiles import FoundDockerfile, dockerfile_at, dockerfile_in
from lightship.context.folder import Folder
from lightship.context.gitignore import translate
from lightship.context.ignore_file import read_ignore_file
from lightship.context.large import large_files
from lightship.context.layout import Layout
from lightship.context.marked_block import composed, split_file
from lightship.context.proposing import Judge, proposed, without_future
from lightship.context.reading import NoFileError, read_inside
from lightship.context.refusal_hints import hint_for
from lightship.context.remarks import remarks
from lightship.context.settling import look, settle
from lightship.errors import CorruptInputError, DestinationError, UnreachableError, UsageError
from lightship.model.results.context import Amount, IgnoredGroup, InitResult
from lightship.printable import decode_path, shown_path
from lightship.progress import SILENT
from lightship.replacing import replace_file
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.api.context_opening import NamedPath
    from lightship.context.gitignore import Translation
    from lightship.context.marked_block import Parts
    from lightship.context.settling import Settled
    from lightship.context.survey import Survey
    from lightship.dockerfile.build import Build
    from lightship.progress import Progress

_MOST_BYTES = 4 * 1024 * 1024
_MOST_TEXT = 256 * 1024
_MOST_BUILD_FILES = 200
_MOST_SECRETS = 200


def context_init(
    folder: NamedPath = ".",
    *,
    dockerfile: NamedPath | None = None,
    merge: bool = False,
    replace: bool = False,
    write: bool = False,
    progress: Progress = SILENT,
) -> InitResult:
    """Make a `.dockerignore` from what a project is, what git ignores, and what lies there.

    What a COPY, ADD or bind mount of any stage of its Dockerfiles names stays, and so does what
    their commands name. Nothing is built.

    Args:
        folder: the build context.
        dockerfile: its path, by default the one that builders look for. The others in the folder
            are read as well. `NAME.dockerignore` is made if that is there, for it counts instead.
        merge: keep the lines of a file that is there; they come last, and the last line decides.
        replace: put the new file in the place of the old one.
        write: whether to write it, whole or not at all.
        progress: told what is seen.

    Raises:
        UnreachableError: the folder or a file is not there, or cannot be read.
        UsageError: there is an ignore file, and neither `merge` nor `replace` is given.
        CorruptInputError: builders refuse the ignore file that is there.
        DestinationError: it could not be written.
    """
    root = Path(folder)
    found = _found(root, dockerfile)
    name = _name(root, found)
    old = _old(root, name)
    if old is not None and not (merge or replace):
        raise UsageError(
            f"{root / name} is there already",
            "--merge keeps its lines and adds to them, --force writes a new one.",
        )
    parts = split_file(old if old is not None and merge else b"")
    refusal = read_ignore_file(parts.own).refusal
    if refusal is not None:
        line = parts.line_in(old or b"", refusal.line)
        what = f"{root / name}:{line}: {refusal.reason}: a build fails"
        raise CorruptInputError(what, hint_for(refusal))
    progress.begin("build context", None)
    try:
        before = look(root, parts.own)
        dockerfiles = dockerfiles_of(root, found, before)
        made = _made(root, dockerfiles.here, parts, before)
    except OSError as error:
        raise UnreachableError(f"{root}: {(error.strerror or str(error)).lower()}") from None
    finally:
        progress.end()
    layout, judge, settled, git = made
    told = remarks(
        judge.kept, settled, git, read=tuple(dockerfiles.here), unread=dockerfiles.elsewhere
    )
    data, _ = composed(parts, settled.lines)
    if write and data != old:
        if _old(root, name) != old:
            raise DestinationError(f"{root / name}: it has changed meanwhile", "Run it again.")
        replace_file(root / name, data, instead_of=old)
    return InitResult(
        folder=shown_path(folder),
        path=shown_path(name),
        text=decode_path(data),
        kinds=layout.kinds,
        groups=tuple(_groups(settled)),
        before=_amount(before),
        after=_amount(settled.seen),
        notes=tuple(map(shown_path, told)),
        written=write,
    )


def _found(root: Path, dockerfile: NamedPath | None) -> FoundDockerfile | None:
    if not root.is_dir():
        raise UnreachableError(f"{root}: no such folder", "Name the build context's folder.")
    if dockerfile is not None:
        return dockerfile_at(Path(dockerfile), root)
    return dockerfile_in(root, "buildkit") or dockerfile_in(root, "buildah")


def _name(root: Path, found: FoundDockerfile | None) -> str:
    own = f"{found.name}.dockerignore" if found is not None and found.name else ""
    return own if own and (root / own).is_file() else ".dockerignore"


def _old(root: Path, name: str) -> bytes | None:
    _see_link(root, name)
    try:
        data = read_inside(root, name, _MOST_BYTES + 1)
    except NoFileError as error:
        raise CorruptInputError(f"{root / name} is {error.strerror}") from None
    except OSError as error:
        raise UnreachableError(f"{root / name}: {(error.strerror or '').lower()}") from None
    if data is not None and len(data) > _MOST_BYTES:
        raise CorruptInputError(f"{root / name} has more than {format_bytes(_MOST_BYTES)}")
    return data


def _see_link(root: Path, name: str) -> None:
    """Refuse a link by which a file outside the folder would be written, or one that is not there.

    Builders follow such a link as if the folder were all there is, and so find nothing.
    """
    path = root / name
    if not path.is_symlink():
        return
    leads_to = Path(os.path.realpath(path))
    if not leads_to.is_relative_to(os.path.realpath(root)) or not leads_to.exists():
        raise CorruptInputError(
            f"{path} is a link that leads to no file of the folder",
            "BuildKit reads nothing through it. Put a file in its place.",
        )


def _made(
    root: Path, builds: Mapping[str, Build], parts: Parts, before: Survey
) -> tuple[Layout, Judge, Settled, Translation]:
    asked = [Asking(name, build, root) for name, build in builds.items()]
    layout = Layout(before)
    texts = list(_build_texts(root, layout))
    git = translate(root)
    known = frozenset(one.path for one in layout.known)
    secrets = frozenset(_secrets(root, before, known))
    judge = Judge(asked, layout, texts, secrets)
    lines = proposed(
        layout,
        large_files(before, lambda path: _is_below(path, known)),
        secrets,
        git,
        judge,
    )
    theirs = {one.cleaned for one in read_ignore_file(parts.own).patterns}
    lines = tuple(line for line in without_future(lines, asked) if line.glob not in theirs)
    settled = settle(
        lines,
        root=root,
        judge=judge,
        builds=list(builds.values()),
        composed=lambda some: composed(parts, some),
    )
    return layout, judge, settled, git


def _build_texts(root: Path, layout: Layout) -> Iterator[str]:
    folder = Folder.open(root)
    for path in layout.build_files[:_MOST_BUILD_FILES]:
        text = folder.text(path)
        if text is not None:
            yield text[:_MOST_TEXT]


def _secrets(root: Path, seen: Survey, known: frozenset[str]) -> Iterator[str]:
    """Files that hold one for certain or likely, by a look into those whose names tell.

    Not those of tests, which may need them.
    """
    folder = Folder.open(root)
    found = 0
    for file in seen.files():
        if kind_of_name(file.path) is None or _is_below(file.path, known - {file.path}):
            continue
        if is_among_tests(file.path):
            continue
        found += 1
        if found > _MOST_SECRETS:
            return
        text = folder.text(file.path)
        kind = kind_of_name(file.path, text.encode() if text is not None else None)
        if kind is not None and kind.confidence != "guess":
            yield file.path


def _is_below(path: str, known: frozenset[str]) -> bool:
    while path:
        if path in known:
            return True
        path = path.rpartition("/")[0]
    return False


def _groups(settled: Settled) -> Iterator[IgnoredGroup]:
    for group in (*ignored_groups().group,):
        rows = [
            (line, settled.seen.by_line.get(number))
            for line, number in zip(settled.lines, settled.numbers, strict=True)
            if line.group == group.name
        ]
        if rows:
            yield IgnoredGroup(
                name=group.name,
                title=group.title,
                patterns=tuple(shown_path(line.text) for line, _ in rows),
                amount=Amount(
                    sum(totals.files for _, totals in rows if totals),
                    sum(totals.content_bytes for _, totals in rows if totals),
                ),
            )


def _amount(seen: Survey) -> Amount:
    return Amount(seen.sent.files, seen.sent.content_bytes)
