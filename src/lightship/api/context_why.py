"""`context why`: which line of an ignore file decides about a path."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lightship.api.context_opening import open_context
from lightship.context.deciding import decided
from lightship.context.dockerfiles import inside
from lightship.context.uses import Wanted
from lightship.errors import UsageError
from lightship.model.results.context import ContextPath, WhyResult
from lightship.printable import base64_of, decode_path, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.api.context_opening import NamedPath
    from lightship.context.builders import Builder
    from lightship.context.context import Context


class Taker(NamedTuple):
    """An instruction that takes a path: its keyword, and its line in the Dockerfile."""

    keyword: str
    line: int


class ExplainedPaths(NamedTuple):
    """Which lines decide, and what becomes of what no line leaves out.

    Attributes:
        result: the lines.
        ignore_file: its name; None without one.
        takers: for each path those instructions that take it; None where everything that is not
            ignored is sent.
        notes: for each path what else there is to say; empty for nothing.
    """

    result: WhyResult
    ignore_file: str | None
    takers: tuple[tuple[Taker, ...], ...] | None
    notes: tuple[str, ...]


def context_why(
    paths: Iterable[str | bytes | os.PathLike[str]],
    *,
    folder: NamedPath = ".",
    dockerfile: NamedPath | bytes | None = None,
    builder: Builder = "buildkit",
    ignore_file: NamedPath | None = None,
) -> WhyResult:
    """Say which line decides about each path; the paths need not exist.

    Args:
        paths: from the folder; absolute ones have to be in it.
        folder: the build context.
        dockerfile: its path, or its bytes; by default the one the builder looks for. It may have
            an ignore file of its own.
        builder: `buildkit`, `legacy` (docker build without BuildKit) or `buildah`.
        ignore_file: read instead of those that the builder looks for.

    Raises:
        UnreachableError: the folder or a file is not there, or cannot be read.
        UsageError: a path leads out of the folder.
        CorruptInputError: every build refuses the ignore file.
    """
    return explain_paths(
        paths, folder=folder, dockerfile=dockerfile, builder=builder, ignore_file=ignore_file
    ).result


def explain_paths(
    paths: Iterable[str | bytes | os.PathLike[str]],
    *,
    folder: NamedPath = ".",
    dockerfile: NamedPath | bytes | None = None,
    target: str | None = None,
    builder: Builder = "buildkit",
    ignore_file: NamedPath | None = None,
) -> ExplainedPaths:
    """As `context_why`, with the instructions that take each path in a build of the target."""
    context = open_context(
        folder, dockerfile=dockerfile, target=target, builder=builder, ignore_file=ignore_file
    )
    given = [os.fsdecode(one) for one in paths]
    cleaned = [_from_root(one, context.root) for one in given]
    told = tuple(_decided(context, shown, path) for shown, path in zip(given, cleaned, strict=True))
    takers = None
    if context.wanted is not None and context.sends_only_used:
        uses = [
            (Taker(use.step.keyword, use.step.instruction.line), Wanted(context.root, (use,)))
            for use in context.wanted.uses
            if use.takes_files
        ]
        takers = tuple(_takers(uses, path) for path in cleaned)
    notes = tuple(_note(context, path, one) for path, one in zip(cleaned, told, strict=True))
    return ExplainedPaths(WhyResult(paths=told), context.ignore_name, takers, notes)


def _from_root(path: str, root: Path) -> str:
    """A path from the root, cleaned; empty for the root itself.

    Raises:
        UsageError: it is not in the root, or no path.
    """
    if not path or "\0" in path:
        raise UsageError(f"{path!r} is no path")
    if path.startswith("/"):
        above = Path(posixpath.normpath(path))
        found = "." if above.resolve() == root.resolve() else inside(above, root)
        if found is None:
            raise UsageError(
                f"{path} is not in the build context {root}",
                "Name paths from the context's folder; -C names the folder.",
            )
        cleaned = found
    else:
        cleaned = posixpath.normpath(path)
    if cleaned == ".." or cleaned.startswith("../"):
        raise UsageError(
            f"{path} leads out of the build context",
            "Name paths from the context's folder; -C names the folder.",
        )
    return "" if cleaned == "." else cleaned


def _decided(context: Context, given: str, path: str) -> ContextPath:
    raw = os.fsencode(given)
    decision = decided(context.matcher, context.builder, path) if path else None
    pattern = decision.pattern if decision is not None else None
    return ContextPath(
        path=decode_path(raw),
        path_base64=base64_of(raw),
        ignored=decision is not None and decision.ignored,
        pattern=None if pattern is None else shown_path(pattern.cleaned),
        line=None if pattern is None else pattern.line,
    )


def _note(context: Context, path: str, told: ContextPath) -> str:
    """Builders read two files whatever the patterns say, and no pattern is about the root."""
    if not path:
        return "the folder itself"
    if not told.ignored or path not in {context.dockerfile, context.ignore_name}:
        return ""
    if context.builder == "legacy":
        return "sent all the same, and taken out before COPY"
    return "the builder reads it all the same, COPY does not"


def _takers(uses: Sequence[tuple[Taker, Wanted]], path: str) -> tuple[Taker, ...]:
    """Those that take a path, or something below it."""
    found = [taker for taker, one in uses if one.takes(path) or one.below(path) != "none"]
    return tuple(dict.fromkeys(found))
