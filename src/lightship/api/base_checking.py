"""`base check`: whether an image's application runs on another base, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal, Unpack

from msgspec import Struct

from lightship.api.base_candidates import opened_candidate
from lightship.api.base_facts import as_it_is, instructions, other_base, unknown_base
from lightship.api.base_indexes import read_indexes
from lightship.api.base_opening import look_inside
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.bases.application import application_of
from lightship.bases.candidate import Candidate
from lightship.bases.findings import usage_findings
from lightship.bases.judging import verdict
from lightship.bases.known import known_bases
from lightship.bases.move import Move
from lightship.bases.standing import standing
from lightship.bases.weight import burden, weight_on
from lightship.model.results.base_check import BaseCheckResult, BaseFinding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lightship.model.results.base_verdict import Answer, Reason

FailOn = Literal["error", "warning", "info", "never"]
_SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")


class Terms(Struct, frozen=True):
    """What the gate lets pass.

    Attributes:
        allow_untested: whether `needs a test` passes.
        fail_on: the least severity of a finding that does not.
    """

    allow_untested: bool = False
    fail_on: FailOn = "warning"


def base_check(
    reference: str,
    on: str | None = None,
    *,
    index: Sequence[str] = (),
    base: str | None = None,
    platform: str | None = None,
    data: Path | None = None,
    today: date | None = None,
    terms: Terms | None = None,
    **reading: Unpack[ReadKeywords],
) -> BaseCheckResult:
    """Say whether an image's application runs on a base.

    Args:
        reference: the image, as for `inspect`.
        on: the base: a reference, or a name that the catalogue knows; None to check the image's
            own base.
        index: package indexes, as `read_indexes` takes them: which packages the base's
            distribution offers.
        base: a reference of the image's own base; None for what is known or likely.
        platform: of both; None for this machine's where there is a choice.
        data: the user's data folder, with what `base update` learnt; None for none.
        today: the day by which facts are stale and support has ended.
        terms: what passes.
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        LightshipError: one of the images cannot be read, as for `inspect`.
    """
    options, terms = ReadOptions(**reading), terms or Terms()
    known = known_bases(data, today or datetime.now(UTC).date())
    inside = look_inside(reference, platform, options, base)
    application = application_of(inside)
    indexes, problems = read_indexes(index, options)
    answer: Answer | None = None
    reasons: tuple[Reason, ...] = ()
    candidate = weight = None
    if on is None:
        own = inside.base_name or inside.name
        findings = (
            *standing(Candidate(own, known.find(own), inside), known),
            *usage_findings(application, inside.base_name, known),
        )
    else:
        candidate = opened_candidate(on, str(inside.platform), options, known)
        move = Move(application, candidate, indexes)
        judged = verdict(move)
        answer, reasons = judged.answer, judged.reasons
        weight = weight_on(burden(application), move)
        findings = standing(candidate, known)
    why = tuple(_failures(answer, findings, terms))
    return BaseCheckResult(
        verdict="fail" if why else "pass",
        why=why,
        image=as_it_is(inside, reference),
        on=other_base(candidate) if candidate is not None else None,
        answer=answer,
        weight=weight,
        reasons=reasons,
        instructions=instructions(reasons),
        findings=findings,
        warnings=(*known.notes, *unknown_base(inside), *problems),
    )


def _failures(
    answer: Answer | None, findings: Sequence[BaseFinding], terms: Terms
) -> Iterator[str]:
    if answer == "will not run" or (answer == "needs a test" and not terms.allow_untested):
        yield answer
    if terms.fail_on == "never":
        return
    least = _SEVERITIES.index(terms.fail_on)
    counted = sum(_SEVERITIES.index(one.severity) >= least for one in findings)
    if counted:
        yield f"{counted} finding{'s' if counted > 1 else ''}"
