"""What of a build context is sent, where it goes, and how that is told."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.reachable import target_of
from lightship.rules.sending import ContextSmell
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lightship.context.survey import Place, SentFile
    from lightship.context.uses import Use
    from lightship.dockerfile.build import Step
    from lightship.model.finding import Confidence, Severity
    from lightship.rules.sending import Sending

MOST_PATHS = 20
_SMALL_BYTES = 1_000_000


class Lot(Struct, kw_only=True):
    """A directory or a file of the context that a rule is about.

    Attributes:
        path: from the root.
        sample: a file of it that is sent, one that is taken if there is any.
        files, content_bytes: what of it is sent.
        used_files, used_bytes: what of that the Dockerfile takes.
        title: what kind it is of; empty where the rule knows only one.
        confidence: None for the rule's own.
    """

    path: str
    sample: str = ""
    files: int = 0
    content_bytes: int = 0
    used_files: int = 0
    used_bytes: int = 0
    title: str = ""
    confidence: Confidence | None = None

    @classmethod
    def of(cls, file: SentFile, title: str, confidence: Confidence | None = None) -> Lot:
        """A single file."""
        return cls(
            path=file.path,
            sample=file.path,
            files=1,
            content_bytes=file.content_bytes,
            used_files=int(file.used),
            used_bytes=file.content_bytes if file.used else 0,
            title=title,
            confidence=confidence,
        )

    def add(self, place: Place) -> None:
        """Count the files of a directory in it."""
        self.files += len(place.names)
        self.content_bytes += sum(place.sizes)
        prefix = place.path + "/" if place.path else ""
        if place.names and not self.sample:
            self.sample = prefix + place.names[0]
        for name, size, used in zip(place.names, place.sizes, place.used, strict=True):
            if used:
                if not self.used_files:
                    self.sample = prefix + name
                self.used_files += 1
                self.used_bytes += size


def directories(sending: Sending, is_meant: Callable[[Place], Lot | None]) -> Iterator[Lot]:
    """The outermost directories that are meant, with all below them.

    Args:
        sending: the context.
        is_meant: what to call a directory; None for one that is not meant.
    """
    lot: Lot | None = None
    below = ""
    for place in sending.survey.places:
        if lot is None or not (place.path + "/").startswith(below):
            if lot is not None and lot.files:
                yield lot
            lot = is_meant(place)
            below = place.path + "/"
        if lot is not None:
            lot.add(place)
    if lot is not None and lot.files:
        yield lot


class Taker(Struct, frozen=True):
    """The instruction that takes a lot, and whether it gets into the image with it."""

    step: Step
    ships: bool
    is_sure: bool


def smells(
    sending: Sending, lots: Iterable[Lot], severity: Severity, *, unless_named: bool = True
) -> Iterator[ContextSmell]:
    """What to say of lots, one for each instruction that takes some.

    Args:
        sending: the context.
        lots: what a rule has found.
        severity: of what gets into the image; what is only sent is an info.
        unless_named: pass over what an instruction asks for by its name: somebody wants it.
    """
    by_step: dict[int, tuple[Taker | None, list[Lot]]] = {}
    for lot in lots:
        if not lot.used_files and not sending.sends_unused:
            continue
        users = sending.context.wanted.users(lot.sample) if sending.context.wanted else ()
        if unless_named and any(_names(use, lot.path) for use in users):
            continue
        taker = _taker(sending, users, lot) if lot.used_files else None
        position = taker.step.position if taker is not None else -1
        by_step.setdefault(position, (taker, []))[1].append(lot)
    for position in sorted(by_step):
        yield _smell(sending, *by_step[position], severity)


def amount(files: int, content_bytes: int, *, is_whole: bool = True) -> str:
    """`1 file, 12 kB`; `at least 4,000 files, 12 MB` where not all was walked."""
    counted = f"{files:,} file" + ("" if files == 1 else "s")
    return f"{'' if is_whole else 'at least '}{counted}, {format_bytes(content_bytes)}"


def listed(paths: list[str]) -> str:
    """The first of some paths, and how many more: `a, b and 3 more`."""
    shown = ", ".join(paths[:2])
    more = len(paths) - 2
    return f"{shown} and {more:,} more" if more > 0 else " and ".join(paths)


def _smell(
    sending: Sending, taker: Taker | None, lots: list[Lot], severity: Severity
) -> ContextSmell:
    sizes = [
        (lot.used_files, lot.used_bytes) if taker else (lot.files, lot.content_bytes)
        for lot in lots
    ]
    files, content_bytes = (sum(column) for column in zip(*sizes, strict=True))
    order = sorted(zip(sizes, lots, strict=True), key=lambda one: (-one[0][1], one[1].path))
    largest = [lot for _, lot in order]
    title = f" ({largest[0].title})" if largest[0].title else ""
    paths = [lot.path for lot in largest]
    what = f"{paths[0]}{title}" if len(paths) == 1 or title else listed(paths)
    if title and len(paths) > 1:
        what += f" and {len(paths) - 1:,} more"
    size = amount(files, content_bytes, is_whole=sending.is_whole)
    if taker is None:
        verb = "are" if len(lots) > 1 else "is"
        message = f"{what} {verb} sent: {size}."
    elif taker.ships:
        message = f"{taker.step.keyword} takes {what} into the image: {size}."
    else:
        message = f"{taker.step.keyword} takes {what}: {size} are sent, not for the image itself."
    ships = taker is not None and taker.ships and taker.is_sure
    unsure = taker is not None and not taker.is_sure
    confidences = [lot.confidence for lot in lots if lot.confidence is not None]
    guess: Confidence | None = "guess" if unsure or "guess" in confidences else None
    return ContextSmell(
        message=message,
        position=taker.step.position if taker is not None else None,
        paths=tuple(paths[:MOST_PATHS]),
        files=files,
        content_bytes=content_bytes,
        severity=severity if ships and guess is None else "info",
        confidence=guess or (confidences[0] if len(set(confidences)) == 1 else None),
    )


def _taker(sending: Sending, users: Iterable[Use], lot: Lot) -> Taker | None:
    """The first that ships it, else the first of all."""
    found: list[Taker] = []
    for use in users:
        copies = use.step.keyword in ("COPY", "ADD", "ONBUILD")
        ships = copies and _ships(sending, use.step) and not _is_excluded(use, lot)
        found.append(Taker(use.step, ships, use.is_known))
    return next((one for one in found if one.ships and one.is_sure), found[0] if found else None)


def _ships(sending: Sending, step: Step) -> bool:
    build, target = sending.context.build, sending.context.target
    if build is None or step.stage is None:
        return False
    if target is None:
        return build.is_shipped(step)
    stage = target_of(build, target)
    return stage is not None and stage.index in build.stages.upon(step.stage.index)


def _names(use: Use, path: str) -> bool:
    """Whether an instruction asks for that path itself, or for something in it."""
    return any(source == path or source.startswith(path + "/") for source in use.sources)


def _is_excluded(use: Use, lot: Lot) -> bool:
    """Whether `--exclude` keeps it out of the image: its patterns start at the source."""
    if not use.excludes:
        return False
    text = "\n".join(one for one in use.excludes if not one.startswith("#"))
    patterns = read_ignore_file(text.encode("utf-8", "surrogateescape")).patterns
    matcher = Matcher(patterns)
    return all(
        matcher.test(posixpath.relpath(lot.sample, source)).ignored
        for source in use.sources
        if source == "." or lot.sample.startswith(source + "/")
    )


def is_small(content_bytes: int) -> bool:
    """Whether it is hardly worth a warning."""
    return content_bytes < _SMALL_BYTES
