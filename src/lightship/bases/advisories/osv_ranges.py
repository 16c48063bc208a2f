"""Whether a version is affected, by OSV's evaluation (ossf.github.io/osv-schema, `Evaluation`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.versions.ordering import ORDERINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.advisories.osv_record import Affected, Event
    from lightship.bases.versions.ordering import Key

_ALL = "0"
_ORDERED = ("ECOSYSTEM", "SEMVER")
_INTRODUCED, _LAST, _FIXED = range(3)


def affects(affected: Affected, system: str, version: str) -> tuple[bool | None, str | None]:
    """Whether a version is affected, and the version that fixes it.

    Returns:
        None instead of a truth where the versions cannot be compared and are not listed either.
    """
    listed = version in (affected.versions or ())
    answer: bool | None = listed
    for one in affected.ranges or ():
        if one.type not in _ORDERED:
            continue
        try:
            inside, fixed = _inside(one.events, system, version)
        except (ValueError, KeyError):
            # Where every affected version is listed, the list answers.
            if not affected.versions:
                answer = answer or None
            continue
        if inside:
            return True, fixed
    return answer, _only_fix(affected) if answer else None


def _inside(events: list[Event], system: str, version: str) -> tuple[bool, str | None]:
    key = ORDERINGS[system]
    at = key(version)
    vulnerable = False
    for point, kind, text in sorted(_points(events, system), key=lambda one: one[:2]):
        after = point[1] > at if point[0] else False
        if kind == _FIXED and after and vulnerable:
            return True, text
        if after:
            break
        if kind == _INTRODUCED:
            vulnerable = True
        elif kind == _FIXED or point[1] < at:
            vulnerable = False
    return vulnerable, None


def _points(events: list[Event], system: str) -> Iterator[tuple[tuple[int, Key], int, str]]:
    key = ORDERINGS[system]
    for event in events:
        for kind, text in (
            (_INTRODUCED, event.introduced),
            (_LAST, event.last_affected),
            (_FIXED, event.fixed),
        ):
            if text == _ALL and kind == _INTRODUCED:
                yield (0, ()), kind, text
            elif text is not None:
                yield (1, key(text)), kind, text


def _only_fix(affected: Affected) -> str | None:
    """The one version that ranges name as fixed; None where they name none, or several."""
    fixes = {
        event.fixed
        for one in affected.ranges or ()
        if one.type in _ORDERED
        for event in one.events
        if event.fixed
    }
    return next(iter(fixes)) if len(fixes) == 1 else None
