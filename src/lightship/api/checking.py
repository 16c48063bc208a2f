"""`check`: holds an image against limits."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from msgspec import Struct
from msgspec.structs import replace

from lightship.errors import CorruptInputError, PlatformMismatchError, UnreachableError, UsageError
from lightship.model.platform import Platform
from lightship.model.results.check import CheckResult
from lightship.policy.baselines import MAX_BASELINE_BYTES, baseline_of, read_baseline
from lightship.policy.figures import figures_of, manifest_figures
from lightship.policy.gate import gate_from, places
from lightship.policy.judging import judge, require, undecided, worse
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.api.measuring import Measured, ReadKeywords
    from lightship.layers.scan import LayerScan
    from lightship.model.image import Layer
    from lightship.model.results.check import DiveVerdict
    from lightship.model.results.inspect import InspectResult
    from lightship.policy.baselines import Baseline
    from lightship.policy.dive_ci import DiveRules
    from lightship.policy.figures import Figures
    from lightship.policy.gate import Gate

ARGUMENTS = "arguments"
_LISTED = 50
_STDIN = "-"


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
    if asked.dive is not None:
        _see_rules(asked.dive, manifest_only=asked.manifest_only)
    platform = _platform(asked, gate)
    reader = _Manifests(reading) if asked.manifest_only else _Layers(reading, asked, gate)
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
    dive = reader.dive(asked, figures)
    verdict = judgement.verdict
    return CheckResult(
        verdict=worse(verdict, "fail") if dive is not None and not dive.passed else verdict,
        image=figures.image,
        profile=gate.profile.name if gate.profile else None,
        baseline=baseline.name if baseline else None,
        judged=judgement.judged,
        dive=dive,
        file=asked.dockerfile,
        warnings=(*figures.warnings, *(asked.dive.warnings if asked.dive else ())),
        unjudged=judgement.unjudged,
    )


class _Layers:
    """Figures from an image's layers."""

    def __init__(self, reading: ReadKeywords, asked: Question, gate: Gate) -> None:
        from lightship.api.measuring import ReadOptions  # noqa: PLC0415 - see _Manifests

        options = ReadOptions(**reading)
        # What comes by only once is measured exactly the first time.
        exact = options.exact or (gate.weighs_wire and _comes_once(asked.reference))
        self._options = replace(options, exact=exact)
        self._gate = gate
        self._subject: Measured | None = None

    def exactly(self) -> _Layers:
        """The same, with exact wire sizes."""
        self._options.progress.note("the estimate is too near to a limit: compressing to be exact")
        self._options = replace(self._options, exact=True)
        return self

    def figures(self, reference: str, platform: str | None) -> Figures:
        """Of the image that is judged, forbidden paths with it."""
        from lightship.api.measuring import measure  # noqa: PLC0415 - see _Manifests
        from lightship.policy.budgets import BUDGETS  # noqa: PLC0415
        from lightship.policy.forbidden import find_forbidden  # noqa: PLC0415

        self._subject = measure(reference, platform, self._options)
        tree = self._subject.tree
        found = {
            budget.name: find_forbidden(tree, [one.pattern for one in patterns])
            for budget in BUDGETS
            if (patterns := self._gate.patterns(budget))
        }
        return figures_of(_inspected(self._subject), found)

    def baseline(self, reference: str, platform: str) -> Baseline:
        """An image as a baseline."""
        from lightship.api.measuring import measure  # noqa: PLC0415 - see _Manifests

        return baseline_of(figures_of(_inspected(measure(reference, platform, self._options))))

    def dive(self, asked: Question, figures: Figures) -> DiveVerdict | None:
        """What dive would say."""
        if asked.dive is None or self._subject is None:
            return None
        from lightship.analysis.dive import dive_figures  # noqa: PLC0415 - only if asked for
        from lightship.policy.dive_ci import judge_dive  # noqa: PLC0415

        indexes = [scan.index for scan in self._subject.scans]
        return judge_dive(
            dive_figures(indexes),
            asked.dive,
            origin=asked.dive.origin,
            efficiency=1.0 if figures.image.efficiency is None else figures.image.efficiency,
            dead_bytes=figures.image.dead_bytes or 0,
        )


class _Manifests:
    """Figures from manifests and configs alone. What only layers need is not even imported."""

    def __init__(self, reading: ReadKeywords) -> None:
        from lightship.net.options import NetOptions  # noqa: PLC0415
        from lightship.progress import SILENT  # noqa: PLC0415
        from lightship.transports.access import Access  # noqa: PLC0415

        self._access = Access(
            network=reading.get("network", NetOptions()),
            auth_file=reading.get("auth_file"),
            progress=reading.get("progress", SILENT),
        )

    def exactly(self) -> _Manifests:
        """The same: a manifest does not estimate."""
        return self

    def figures(self, reference: str, platform: str | None) -> Figures:
        """Of one image."""
        from lightship.transports.opening import open_image  # noqa: PLC0415

        if _comes_once(reference):
            raise UsageError(
                f"{reference}: what comes through a pipe has its layers with it",
                "Leave out --manifest-only.",
            )
        wanted = _parsed(platform)
        image = open_image(reference, platform=wanted, read_layer=_unwanted, access=self._access)
        return manifest_figures(image, _is_compressed)

    def baseline(self, reference: str, platform: str) -> Baseline:
        """An image as a baseline."""
        return baseline_of(self.figures(reference, platform))

    def dive(self, _asked: Question, _figures: Figures) -> None:
        """Nothing: dive's rules need the layers."""


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


def _inspected(measured: Measured) -> InspectResult:
    from lightship.analysis.pulling import DEFAULT_BANDWIDTH  # noqa: PLC0415 - see _Manifests
    from lightship.api.inspecting import inspect_measured  # noqa: PLC0415

    return inspect_measured(measured, DEFAULT_BANDWIDTH, _LISTED)


def _exactly(
    asked: Question,
    gate: Gate,
    reader: _Layers | _Manifests,
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
    if left and asked.baseline is not None and not _is_json(asked.baseline):
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
    named = _parsed(asked.platform)
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


def _parsed(text: str | None) -> Platform | None:
    if text is None:
        return None
    try:
        return Platform.parse(text)
    except ValueError as problem:
        raise UsageError(str(problem), "Write linux/amd64, linux/arm64/v8, or arm64.") from problem


def _baseline(asked: Question, reader: _Layers | _Manifests, figures: Figures) -> Baseline | None:
    name = asked.baseline
    if name is None:
        return None
    if _is_json(name):
        return read_baseline(_bytes(Path(name)), name, figures.image.platform)
    if name == _STDIN and asked.reference == _STDIN:
        raise UsageError("image and baseline cannot both come from standard input")
    return reader.baseline(name, figures.image.platform)


def _is_json(name: str) -> bool:
    """By its name, or by its content."""
    path = Path(name)
    if path.suffix.lower() == ".json" and not path.is_dir():
        return True
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(64).lstrip()[:1] == b"{"
    except (OSError, ValueError):
        return False


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BASELINE_BYTES + 1)
    except OSError as error:
        raise UnreachableError(f"the baseline {path}: {error.strerror}") from None
    if len(data) > MAX_BASELINE_BYTES:
        most = format_bytes(MAX_BASELINE_BYTES)
        raise CorruptInputError(f"the baseline {path} is larger than {most}")
    return data


def _comes_once(reference: str) -> bool:
    """Whether an image comes through a pipe, so that it cannot be read a second time."""
    location = reference if reference == _STDIN else reference.rpartition(":")[2]
    if location == _STDIN:
        return True
    try:
        return stat.S_ISFIFO(os.stat(location).st_mode)  # noqa: PTH116 - any text may stand here
    except (OSError, ValueError):
        return False


def _unwanted(_stream: object) -> LayerScan:
    raise UsageError(
        "an engine gives an image with its layers, not by its manifest alone",
        "Leave out --manifest-only, or name it in a registry or layout.",
    )


def _is_compressed(layer: Layer) -> bool:
    """Whether a blob is stored as a registry would store it: a plain one is compressed there."""
    from lightship.layers.codecs import sniff  # noqa: PLC0415 - not for registries and layouts
    from lightship.layers.scan import Codec  # noqa: PLC0415

    with layer.open() as stream:
        return sniff(stream.read(4)) is not Codec.PLAIN
