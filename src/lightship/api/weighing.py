"""What a gate is held against: figures of images, from their layers or their manifests alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.api.claims import claimed_image, claimed_layers
from lightship.api.opening import open_only
from lightship.api.options import ReadOptions
from lightship.errors import CorruptInputError, UnreachableError, UsageError
from lightship.policy.baselines import MAX_BASELINE_BYTES, baseline_of
from lightship.policy.figures import figures_of, figures_of_claims
from lightship.transports.references import STDIN, parse
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.api.measuring import Measured
    from lightship.api.options import ReadKeywords
    from lightship.model.results.check import DiveVerdict
    from lightship.model.results.inspect import InspectResult
    from lightship.policy.baselines import Baseline
    from lightship.policy.dive_ci import DiveRules
    from lightship.policy.figures import Figures
    from lightship.policy.gate import Gate

_LISTED = 50


class ByLayers:
    """Figures from an image's layers."""

    def __init__(self, reading: ReadKeywords, reference: str, gate: Gate) -> None:
        options = ReadOptions(**reading)
        # What comes by only once is measured exactly the first time.
        exact = options.exact or (gate.weighs_wire and _comes_once(reference))
        self._options = replace(options, exact=exact)
        self._gate = gate
        self._subject: Measured | None = None

    def exactly(self) -> ByLayers:
        """The same, with exact wire sizes."""
        self._options.progress.note("the estimate is too near to a limit: compressing to be exact")
        self._options = replace(self._options, exact=True)
        return self

    def figures(self, reference: str, platform: str | None) -> Figures:
        """Of the image that is judged, forbidden paths with it."""
        from lightship.api.measuring import measure  # noqa: PLC0415 - see ByManifest
        from lightship.policy.budgets import BUDGETS  # noqa: PLC0415 - see ByManifest
        from lightship.policy.forbidden import find_forbidden  # noqa: PLC0415 - see ByManifest

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
        from lightship.api.measuring import measure  # noqa: PLC0415 - see ByManifest

        options = replace(self._options, exact=self._options.exact or _comes_once(reference))
        return baseline_of(figures_of(_inspected(measure(reference, platform, options))))

    def lines(self, dockerfile: str) -> Mapping[int, int]:
        """The lines of the file that made the image's layers."""
        if self._subject is None:
            return {}
        from lightship.api.dockerfile_lines import lines_of_layers  # noqa: PLC0415 - see ByManifest

        return lines_of_layers(dockerfile, self._subject)

    def dive(self, rules: DiveRules | None, figures: Figures) -> DiveVerdict | None:
        """What dive would say."""
        if rules is None or self._subject is None:
            return None
        from lightship.analysis.dive import dive_figures  # noqa: PLC0415 - only if asked for
        from lightship.policy.dive_ci import judge_dive  # noqa: PLC0415 - likewise

        indexes = [scan.index for scan in self._subject.scans]
        return judge_dive(
            dive_figures(indexes),
            rules,
            origin=rules.origin,
            efficiency=1.0 if figures.image.efficiency is None else figures.image.efficiency,
            dead_bytes=figures.image.dead_bytes or 0,
        )


class ByManifest:
    """Figures from manifests and configs alone. What only layers need is not even imported."""

    def __init__(self, reading: ReadKeywords) -> None:
        self._access = ReadOptions(**reading).access()

    def exactly(self) -> ByManifest:
        """The same: a manifest does not estimate."""
        return self

    def figures(self, reference: str, platform: str | None) -> Figures:
        """Of one image."""
        if _comes_once(reference):
            raise UsageError(
                f"{reference}: what comes through a pipe has its layers with it",
                "Leave out --manifest-only.",
            )
        image = open_only(reference, platform, self._access)
        layers = claimed_layers(image)
        return figures_of_claims(claimed_image(image, layers), layers, image.notes)

    def baseline(self, reference: str, platform: str) -> Baseline:
        """An image as a baseline."""
        return baseline_of(self.figures(reference, platform))

    def lines(self, _dockerfile: str) -> Mapping[int, int]:
        """None: which instruction made which layer, only the layers tell."""
        return {}

    def dive(self, _rules: DiveRules | None, _figures: Figures) -> None:
        """Nothing: dive's rules need the layers."""


def _inspected(measured: Measured) -> InspectResult:
    from lightship.analysis.pulling import DEFAULT_BANDWIDTH  # noqa: PLC0415 - see ByManifest
    from lightship.api.figures import inspect_measured  # noqa: PLC0415 - likewise

    return inspect_measured(measured, DEFAULT_BANDWIDTH, _LISTED)


def is_json(name: str) -> bool:
    """Whether a baseline is a saved result and no image: by its name, or by its content."""
    path = Path(name)
    try:
        if path.suffix.lower() == ".json" and not path.is_dir():
            return True
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(64).lstrip()[:1] == b"{"
    except (OSError, ValueError):
        return False


def baseline_bytes(path: Path) -> bytes:
    """A saved baseline's bytes.

    Raises:
        UnreachableError: it cannot be read.
        CorruptInputError: it is larger than any that lightship writes.
    """
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
    location = parse(reference).location
    if location == STDIN:
        return True
    try:
        return stat.S_ISFIFO(os.stat(location).st_mode)  # noqa: PTH116 - any text may stand here
    except (OSError, ValueError):
        return False
