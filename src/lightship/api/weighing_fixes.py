"""What resolving findings saves: counted in the image that the file built, or estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import UsageError
from lightship.rules.savings import ESTIMATED, Savings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from lightship.api.dockerfile_paths import Named
    from lightship.api.options import ReadKeywords
    from lightship.dockerfile.build import Build
    from lightship.model.results.lint import Saved
    from lightship.rules.smell import Saving

    WeighOf: TypeAlias = Callable[[Named, Build], "Weigher"]


class Weigher:
    """Bytes to the savings of one file; called with one, it gives them."""

    def __init__(self, savings: Savings) -> None:
        self._savings = savings
        self._given: dict[int, tuple[Saved, Saving]] = {}

    def __call__(self, saving: Saving) -> Saved | None:
        """What one saving comes to; None where nobody knows."""
        saved = self._savings.count(saving)
        if saved is not None:
            self._given[id(saved)] = saved, saving
        return saved

    def together(self, answers: Iterable[Saved | None]) -> Saved | None:
        """What several of the answers that were given come to, without counting a byte twice."""
        given = (self._given[id(one)][1] for one in answers if one is not None)
        return self._savings.together(given)


def weigher(image: str | None, platform: str | None, reading: ReadKeywords) -> WeighOf:
    """How to weigh for a file.

    Args:
        image: a reference of the image that the only file built; None to estimate.
        platform: of the image.
        reading: how it is read.

    Raises:
        LightshipError: the image cannot be read, as for `inspect`. What is returned raises
            UsageError when a second file is weighed in one image.
    """
    if image is None:
        return lambda _named, _build: Weigher(ESTIMATED)
    return _InImage(image, platform, reading).weigher


class _InImage:
    """One image, measured, for one file."""

    def __init__(self, image: str, platform: str | None, reading: ReadKeywords) -> None:
        # Without an image nothing of this is needed, and `lint` is quick.
        from lightship.analysis.wire_files import wire_use  # noqa: PLC0415 - see above
        from lightship.api.measuring import measure  # noqa: PLC0415 - see above
        from lightship.api.options import ReadOptions  # noqa: PLC0415 - see above
        from lightship.rules.saved_records import SavedRecords  # noqa: PLC0415 - see above

        self._name = image
        self._options = ReadOptions(**reading)
        self._measured = measure(image, platform, self._options)
        self._records = SavedRecords(
            self._measured.tree, wire_use(self._measured.tree, self._measured.scans)
        )
        self._first: str | None = None

    def weigher(self, named: Named, build: Build) -> Weigher:
        from lightship.analysis.built_from import map_instructions  # noqa: PLC0415 - see above

        if self._first not in (None, named.shown):
            raise UsageError(
                f"{self._name} was built from one Dockerfile, and there are several",
                "Name the Dockerfile that built it.",
            )
        self._first = named.shown
        built_from = map_instructions(
            build, self._measured.history, [len(scan.index) for scan in self._measured.scans]
        )
        if not built_from.matched:
            reasons = "; ".join(built_from.reasons)
            self._options.progress.note(
                f"{self._name} was not built from {named.shown} as it is: {reasons}. "
                "What is counted in it is an estimate."
            )
        return Weigher(Savings(self._records, built_from, self._name))
