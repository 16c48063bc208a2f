"""`check`: holds an image against limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Unpack

from msgspec import Struct

from lightship.api.dockerfile_lines import with_lines
from lightship.api.opening import parse_platform
from lightship.api.weighing import (
    ByLayers,
    ByManifest,
    baseline_bytes,
    is_json,
)
from lightship.errors import PlatformMismatchError, UsageError
from lightship.model.platform import Platform
from lightship.model.results.check import CheckResult
from lightship.policy.baselines import read_baseline
from lightship.policy.gate import gate_from, places
from lightship.policy.judging import judge, require, undecided, worse
from lightship.transports.references import STDIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.api.options import ReadKeywords
    from lightship.policy.baselines import Baseline
    from lightship.policy.dive_ci import DiveRules
    from lightship.policy.figures import Figures
    from lightship.policy.gate import Gate

ARGUMENTS = "arguments"
Reader: TypeAlias = ByLayers | ByManifest


def check(
    reference: str,
    *,
    budgets: Mapping[str, object] | None = None,
    profile: str | None = None,
    baseline: str | None = None,
    dive: DiveRules | None = None,
    manifest_only: bool = False,
    platform: str | None = None,
    dockerfile: str = "Dockerfile",
    **reading: Unpack[ReadKeywords],
) -> CheckResult:
    """Hold an image against limits. Broken ones are told in the result, not raised.

    Args:
        reference: the image, as for `inspect`.
        budgets: limits by name, as in a settings file: `{"max-wire": "5GiB", "warn-wire": "1GB",
            "forbid": ["**/.git"], "max-growth": "5%"}`; see docs/reference/budgets.md. An image
            that measures exactly a limit passes.
        profile: a built-in one, such as `rahti`; what `budgets` says wins.
        baseline: what growth is counted from: an image, or a JSON file that lightship wrote.
        dive: rules that are judged by dive's own formulas as well.
        manifest_only: read no layer, and believe the sizes that the manifest claims.
        platform: such as `linux/arm64`; by default the profile's, else as for `inspect`.
        dockerfile: what reports point at; relative to the repository.
        reading: how the images are read: fields of `ReadOptions`.

    Returns:
        The verdict with every figure: bytes are wire bytes (compressed) where the budget is on
        wire, blobs or growth, else unpacked bytes. An estimate that is too near to a limit to tell
        the verdict is replaced by the exact figure.

    Raises:
        UsageError: a limit or profile is wrong, there is no limit, or one cannot be judged.
        LightshipError: the image or the baseline cannot be read, as for `inspect`.
    """
    given = {**(budgets or {}), "profile": profile}
    gate = gate_from(places(given, {}, (), origin=ARGUMENTS), ())
    subject = Question(
        reference=reference,
        platform=platform,
        baseline=baseline,
        dive=dive,
        manifest_only=manifest_only,
        dockerfile=dockerfile,
        asked_by=ARGUMENTS,
    )
    return check_gate(subject, gate, reading)


class Question(Struct, frozen=True, kw_only=True):
    """What `check` is asked besides the gate.

    Attributes:
        platform_origin: who named the platform, for messages.
        asked_by: origin of the limits that must be judged; others may be left unjudged.
    """

    reference: str
    platform: str | None = None
    platform_origin: str = ARGUMENTS
    baseline: str | None = None
    dive: DiveRules | None = None
    manifest_only: bool = False
    dockerfile: str = "Dockerfile"
    asked_by: str = ARGUMENTS


def check_gate(asked: Question, gate: Gate, reading: ReadKeywords) -> CheckResult:
    """Hold an image against a gate whose limits may come from several places.

    Raises:
        LightshipError: as `check`.
    """
    if not gate and asked.dive is None:
        raise UsageError(
            "there is no limit to hold the image against",
            "Give one, such as --max-wire 500MB; or --profile rahti; or write a table [check] in "
            "lightship.toml; or --dive-ci.",
        )
    if asked.baseline is not None and not gate.counts_growth:
        raise UsageError(
            f"nothing is compared with the baseline {asked.baseline}",
            "Give a limit on growth, such as --max-growth 5%, or leave out --baseline.",
        )
    if asked.dive is not None:
        _see_rules(asked.dive, manifest_only=asked.manifest_only)
    platform = _platform(asked, gate)
    reader = (
        ByManifest(reading) if asked.manifest_only else ByLayers(reading, asked.reference, gate)
    )
    figures = reader.figures(asked.reference, platform)
    _see_platform(figures, gate)
    baseline = _baseline(asked, reader, figures)
    require(gate, figures, baseline, asked.asked_by)
    if undecided(figures, gate, baseline):
        figures, baseline = _exactly(asked, gate, reader, figures, baseline)
    judgement = judge(figures, gate, baseline)
    if not judgement.judged and judgement.unjudged and asked.dive is None:
        names = ", ".join(dict.fromkeys(one.budget for one in judgement.unjudged))
        raise UsageError(f"no limit can be judged ({names}): {judgement.unjudged[0].why}")
    dive = reader.dive(asked.dive, figures)
    lines = reader.lines(asked.dockerfile)
    verdict = judgement.verdict
    return CheckResult(
        verdict=worse(verdict, "fail") if dive is not None and not dive.passed else verdict,
        image=figures.image,
        profile=gate.profile.name if gate.profile else None,
        baseline=baseline.name if baseline else None,
        judged=tuple(with_lines(one, lines) for one in judgement.judged),
        dive=dive,
        file=asked.dockerfile,
        warnings=(*figures.warnings, *(asked.dive.warnings if asked.dive else ())),
        unjudged=judgement.unjudged,
    )


def _see_rules(rules: DiveRules, *, manifest_only: bool) -> None:
    """Better said before the work.

    Raises:
        UsageError: a rule is written wrongly, or cannot be judged.
    """
    from lightship.policy.dive_ci import dive_limits  # noqa: PLC0415 - only if asked for

    dive_limits(rules)
    if manifest_only:
        raise UsageError(
            "dive's rules cannot be judged by the manifest alone", "Leave out --manifest-only."
        )


def _exactly(
    asked: Question,
    gate: Gate,
    reader: Reader,
    figures: Figures,
    baseline: Baseline | None,
) -> tuple[Figures, Baseline | None]:
    """Both measured exactly, as far as they are estimates.

    Raises:
        UsageError: a saved baseline is an estimate, and that leaves the verdict open.
    """
    reader = reader.exactly()
    if figures.image.wire_bytes_error:
        figures = reader.figures(asked.reference, figures.image.platform)
    left = undecided(figures, gate, baseline)
    if left and asked.baseline is not None and not is_json(asked.baseline):
        baseline = reader.baseline(asked.baseline, figures.image.platform)
        left = undecided(figures, gate, baseline)
    if left:
        raise UsageError(
            f"the baseline {asked.baseline} is an estimate, too near to {left[0].name} to tell",
            "Save it again with --exact.",
        )
    return figures, baseline


def _platform(asked: Question, gate: Gate) -> str | None:
    """The platform that was named, else the profile's.

    Raises:
        UsageError: the two contradict each other.
    """
    needed = gate.profile.platform if gate.profile else None
    if needed is None or gate.profile is None:
        return asked.platform
    named = parse_platform(asked.platform)
    if named is not None and not named.matches(needed):
        raise UsageError(
            f"the profile {gate.profile.name} is for {needed} only, not for {named} "
            f"({asked.platform_origin})",
            "Name no platform, or another profile.",
        )
    return asked.platform or str(needed)


def _see_platform(figures: Figures, gate: Gate) -> None:
    """An index may call an image what its config does not."""
    needed = gate.profile.platform if gate.profile else None
    says = figures.image.platform
    if needed is not None and gate.profile and not Platform.parse(says).matches(needed):
        raise PlatformMismatchError(
            f"{figures.image.reference} is for {says}, but {gate.profile.name} runs {needed} only",
            f"Build it with --platform {needed}.",
        )


def _baseline(asked: Question, reader: Reader, figures: Figures) -> Baseline | None:
    name = asked.baseline
    if name is None:
        return None
    if is_json(name):
        return read_baseline(baseline_bytes(Path(name)), name, figures.image.platform)
    if name == STDIN and asked.reference == STDIN:
        raise UsageError("image and baseline cannot both come from standard input")
    return reader.baseline(name, figures.image.platform)
