"""`base suggest`: the bases that an application could run on, with what speaks against each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Unpack

from lightship.api.base_candidates import in_folder, opened_candidate
from lightship.api.base_dockerfile import (
    Shipped,
    change_for,
    dockerfile_of,
    now_of,
    read_shipped,
    suggest_by_dockerfile,
)
from lightship.api.base_facts import against, as_it_is, instructions, other_base, unknown_base
from lightship.api.base_indexes import read_indexes
from lightship.api.base_opening import look_inside
from lightship.api.base_scratch import SCRATCH, scratch
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.bases.application import application_of
from lightship.bases.candidate import Candidate
from lightship.bases.judging import verdict
from lightship.bases.known import known_bases
from lightship.bases.move import Move
from lightship.bases.ranking import ranked
from lightship.bases.suggesting import choose, wants_of
from lightship.bases.weight import Burden, base_bytes, burden, weight_on
from lightship.errors import LightshipError
from lightship.model.platform import Platform
from lightship.model.results.base_suggest import BaseSuggestResult, DockerfileChange, Suggested

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lightship.bases.known import Known
    from lightship.model.results.base_check import AsItIs


def base_suggest(
    reference: str,
    *,
    language: str | None = None,
    index: Sequence[str] = (),
    candidates: Sequence[str] = (),
    any_libc: bool = False,
    image: str | None = None,
    base: str | None = None,
    platform: str | None = None,
    data: Path | None = None,
    today: date | None = None,
    **reading: Unpack[ReadKeywords],
) -> BaseSuggestResult:
    """Say on which bases an image's application could run.

    Args:
        reference: the image, as for `inspect`; or a Dockerfile, or the folder that it is in.
        language: take the catalogue's bases for it, whatever the application runs.
        index: package indexes, as `read_indexes` takes them.
        candidates: references of bases, and folders of such that are opened and judged as well.
        any_libc: judge also the catalogue's bases with another C library.
        image: that the Dockerfile built: its files are the evidence then.
        base: a reference of the image's own base; None for what is known or likely.
        platform: of the image; None for this machine's where there is a choice.
        data: the user's data folder, with what `base update` learnt; None for none.
        today: the day by which facts are stale and support has ended.
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        LightshipError: the image cannot be read, as for `inspect`; or none of the candidates.
    """
    options = ReadOptions(**reading)
    known = known_bases(data, today or datetime.now(UTC).date())
    file = dockerfile_of(reference)
    shipped = read_shipped(file, known) if file is not None else None
    if shipped is not None and image is None:
        wanted = platform or str(Platform.here())
        return suggest_by_dockerfile(shipped, known, wanted, language=language, any_libc=any_libc)
    inside = look_inside(image or reference, platform, options, base)
    application = application_of(inside)
    wants = wants_of(application)
    choice = choose(wants, known, str(inside.platform), language=language, any_libc=any_libc)
    opened, problems = _opened(candidates, str(inside.platform), options, known)
    if wants.is_bare and all(one.name != SCRATCH for one in opened):
        opened.append(scratch(str(inside.platform)))
    named = {one.name for one in opened} | {one.row.name for one in opened if one.row}
    listed = [Candidate(name=row.name, row=row) for row in choice.rows if row.name not in named]
    indexes, unread = read_indexes(index, options)
    load = burden(application)
    suggested = [
        _suggested(load, Move(application, one, indexes), known, given=one.name in candidates)
        for one in (*opened, *listed)
    ]
    in_order = ranked(suggested)
    on_platform = str(inside.platform)
    now = as_it_is(inside, image or reference)
    return BaseSuggestResult(
        image=now,
        dockerfile=now_of(shipped, on_platform) if shipped is not None else None,
        languages=wants.languages,
        needs=wants.says,
        candidates=in_order,
        left_out=choice.left_out,
        change=_change(shipped, in_order, now),
        warnings=(*known.notes, *unknown_base(inside), *problems, *unread),
    )


def _change(
    shipped: Shipped | None, candidates: Sequence[Suggested], now: AsItIs
) -> DockerfileChange | None:
    if shipped is None:
        return None
    return change_for(shipped, candidates, now.wire_bytes, now.system)


def _opened(
    references: Sequence[str], platform: str, options: ReadOptions, known: Known
) -> tuple[list[Candidate], list[str]]:
    """The candidates that can be had, and of the others why not: one does not stop the rest."""
    found: list[Candidate] = []
    problems: list[str] = []
    every = dict.fromkeys(one for given in references for one in in_folder(given))
    for reference in every:
        try:
            found.append(opened_candidate(reference, platform, options, known))
        except LightshipError as problem:
            if len(every) == 1:
                raise
            problems.append(str(problem))
    return found, problems


def _suggested(load: Burden, move: Move, known: Known, *, given: bool) -> Suggested:
    judged, candidate = verdict(move), move.candidate
    return Suggested(
        base=other_base(candidate),
        given=given,
        answer=judged.answer,
        weight=weight_on(load, move),
        base_wire_bytes=base_bytes(candidate, str(move.application.inside.platform))[0],
        reasons=judged.reasons,
        speaks_against=tuple(against(candidate, known)),
        instructions=instructions(judged.reasons),
    )
