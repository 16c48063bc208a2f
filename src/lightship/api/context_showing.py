"""`context show`: what a build of a folder sends, and what its ignore file keeps out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.api.context_findings import context_findings
from lightship.api.context_opening import open_context
from lightship.api.context_tree import Fold, TreeFacts, context_tree
from lightship.api.context_uses import Takers, takers
from lightship.context.survey import survey
from lightship.errors import UnreachableError
from lightship.model.results.context import Amount, ContextResult, IgnoreLine
from lightship.printable import shown_path
from lightship.progress import SILENT
from lightship.rules.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.api.context_opening import NamedPath
    from lightship.context.builders import Builder
    from lightship.context.context import Context
    from lightship.context.survey import Survey
    from lightship.context.totals import Totals
    from lightship.progress import Progress
    from lightship.rules.suppressing import Ignore

DEFAULT_FOLD = Fold()


def context_show(
    folder: NamedPath = ".",
    *,
    dockerfile: NamedPath | bytes | None = None,
    target: str | None = None,
    builder: Builder = "buildkit",
    ignore_file: NamedPath | None = None,
    count_ignored: bool = True,
    fold: Fold = DEFAULT_FOLD,
    ignores: Iterable[Ignore] = (),
    progress: Progress = SILENT,
) -> ContextResult:
    """Say what a build of a folder sends to the builder, and what is left out.

    Nothing is built and no file but the Dockerfile and the ignore file is read.

    Args:
        folder: the build context.
        dockerfile: its path, or its bytes; by default the one the builder looks for. Without one,
            everything that is not ignored counts as sent.
        target: the stage that is built; None for the last.
        builder: `buildkit`, `legacy` (docker build without BuildKit) or `buildah`.
        ignore_file: read instead of those that the builder looks for.
        count_ignored: whether to look into directories that are left out.
        fold: how much of the tree is told.
        ignores: findings that are suppressed, as `lightship.rules.suppressing` reads them.
        progress: told what is seen.

    Returns:
        Sizes are content bytes of regular files, uncompressed.

    Raises:
        UnreachableError: the folder or a file is not there, or cannot be read.
        UsageError: the Dockerfile has no such stage.
        CorruptInputError: every build refuses the ignore file.
    """
    context = open_context(
        folder, dockerfile=dockerfile, target=target, builder=builder, ignore_file=ignore_file
    )
    seen = _surveyed(context, count_ignored, progress)
    taken = takers(context, seen)
    has_dockerfile = context.build is not None
    return ContextResult(
        folder=shown_path(folder),
        builder=builder,
        dockerfile=_dockerfile_name(context, dockerfile),
        ignore_file=None if context.ignore_name is None else shown_path(context.ignore_name),
        target=target,
        sent=_amount(seen.sent),
        used=_amount(seen.used) if has_dockerfile else None,
        ignored=_amount(seen.ignored) if count_ignored else None,
        others=sum(place.others for place in seen.places),
        lines=tuple(_lines(context, seen, count_ignored)),
        uses=taken.uses,
        tree=context_tree(seen, _facts(context, taken), fold),
        findings=context_findings(Sending(context=context, survey=seen), ignores=ignores),
        unreadable=tuple(f"{shown_path(path)}: {why}" for path, why in seen.unreadable),
        warnings=tuple(_warnings(context)),
    )


def _surveyed(context: Context, count_ignored: bool, progress: Progress) -> Survey:
    try:
        return survey(context, count_ignored=count_ignored, progress=progress)
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise UnreachableError(f"{context.root}: {said}") from None


def _dockerfile_name(context: Context, given: object) -> str | None:
    if context.outside is not None:
        return shown_path(context.outside)
    if context.dockerfile is not None:
        return shown_path(context.dockerfile)
    return "-" if isinstance(given, bytes) else None


def _amount(totals: Totals) -> Amount:
    return Amount(totals.files, totals.content_bytes)


def _lines(context: Context, seen: Survey, count_ignored: bool) -> Iterable[IgnoreLine]:
    for pattern in context.ignore.patterns:
        totals = seen.by_line.get(pattern.line)
        amount = _amount(totals) if totals is not None else Amount(0, 0)
        yield IgnoreLine(
            line=pattern.line,
            pattern=shown_path(pattern.cleaned),
            amount=amount if count_ignored else None,
            is_exception=pattern.is_exception,
        )


def _facts(context: Context, taken: Takers) -> TreeFacts:
    wanted = context.wanted

    def of(path: str) -> tuple[int, ...]:
        if wanted is None:
            return ()
        return tuple(dict.fromkeys(use.step.instruction.line for use in wanted.users(path)))

    def inside(path: str) -> tuple[int, ...]:
        bits = taken.by_place.get(path, 0)
        return tuple(use.line for at, use in enumerate(taken.uses) if bits >> at & 1)

    return TreeFacts(of, inside, wanted is not None and context.sends_only_used)


def _warnings(context: Context) -> Iterable[str]:
    if context.passed_over is not None:
        # BuildKit does not read it either, the others follow a link.
        named = "" if context.builder == "buildkit" else "; name what is meant with --ignorefile"
        yield (
            f"{context.passed_over} is not read: it is a directory, or a link that leads nowhere in"
            f" this folder{named}"
        )
    if context.build is None or context.wanted is None:
        return
    if not context.build.stages.all:
        yield "the Dockerfile has no FROM: nothing is taken"
    if context.wanted.trouble is not None:
        yield context.wanted.trouble
    for use in context.wanted.uses:
        line = use.step.instruction.line
        if not use.is_known:
            yield (
                f"line {line} of the Dockerfile takes what a variable says that has no value here:"
                " it may take anything, and counts as if it took everything"
            )
        if not use.takes_files and context.sends_only_used:
            yield (
                f"line {line} of the Dockerfile mounts a tmpfs: BuildKit asks for the whole"
                " context because of it"
            )
