"""What a person should know about a proposed ignore file: what may be missed, what stays, why."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from lightship.catalogue.project_kinds import ignored_groups
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.context.gitignore import Translation
    from lightship.context.settling import Settled
    from lightship.context.survey import Survey

_MOST = 30
_MOST_LISTED = 3


def remarks(
    kept: Mapping[str, Mapping[str, None]],
    settled: Settled,
    git: Translation,
    *,
    read: Sequence[str],
    unread: Sequence[str],
) -> Iterator[str]:
    """The remarks, the weightiest first. Paths in them are as they are: surrogate escapes too.

    Args:
        kept: paths that stay, by the reason.
        settled: the lines.
        git: what became of the lines of git's files.
        read: Dockerfiles that were.
        unread: those that may be built in another folder.
    """
    if not read:
        yield _without_dockerfile(unread)
    yield from _read_by_code(settled)
    weights = _weights(settled.seen, kept)
    for why in islice(sorted(kept, key=lambda one: -weights[one]), _MOST):
        paths = tuple(kept[why])
        yield f"{_listed(paths)} ({format_bytes(weights[why])}) {_verb(paths)} kept: {why}"
    for one in git.dropped[:_MOST]:
        yield f"{one.source}:{one.line}: {one.text} is not translated: {one.reason}"
    for line in git.lines:
        if line.note is not None and not line.note.startswith("again"):
            yield f"{line.source}:{line.line}: {line.note}"


def _without_dockerfile(unread: Sequence[str]) -> str:
    if not unread:
        return "there is no Dockerfile here, so nothing is known to be needed: -f names one"
    return (
        f"no Dockerfile was read: {_listed(unread)} may be built in another folder. "
        "-f names the one that is built in this"
    )


def _read_by_code(settled: Settled) -> Iterator[str]:
    in_code = {group.name for group in ignored_groups().group if group.in_code}
    some = {
        line.text: settled.seen.by_line[number].content_bytes
        for line, number in zip(settled.lines, settled.numbers, strict=True)
        if line.group in in_code and number in settled.seen.by_line
    }
    if some:
        weight = format_bytes(sum(some.values()))
        yield (
            f"{_listed(tuple(some))} ({weight}) {_verb(tuple(some))} left out: what the program "
            "reads of it belongs on a volume; if it must be in the image, take the line out "
            "(lightship explain data-sent)"
        )


def _weights(seen: Survey, kept: Mapping[str, Mapping[str, None]]) -> dict[str, int]:
    """The bytes that are kept for each reason."""
    reasons = {path: why for why, paths in kept.items() for path in paths}
    weights = dict.fromkeys(kept, 0)
    around: dict[str, str | None] = {"": None}
    for place in seen.places:
        path = place.path
        above = around.get(path.rpartition("/")[0])
        reason = around[path] = reasons.get(path, above) if path else None
        prefix = path + "/" if path else ""
        for name, size in zip(place.names, place.sizes, strict=True):
            why = reasons.get(prefix + name, reason)
            if why is not None:
                weights[why] += size
    return weights


def _verb(texts: Sequence[str]) -> str:
    return "are" if len(texts) > 1 else "is"


def _listed(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _MOST_LISTED} more" if len(texts) > _MOST_LISTED else ""
    return ", ".join(texts[:_MOST_LISTED]) + more
