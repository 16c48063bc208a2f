"""What the project promises; each figure with a verdict, none of which stops a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: lightship's CPU seconds over the floor's, by form.
FLOOR_RATIO = {"docker": 1.4, "gz": 1.15, "zst": 1.25}
#: The peer's CPU seconds over lightship's.
PEER_RATIO = {"dive": 20.0, "skopeo to oci": 5.0}
CACHED_WALL_SECONDS = 0.5
#: One new layer against measuring that layer alone.
NEW_LAYER_RATIO = 1.15
#: CPU per added entry from 100k to 1M over the same from 10k to 100k.
GROWTH_RATIO = 1.2
VERSION_SECONDS = 0.12
HELP_SECONDS = 0.2
#: Registry to index, in CPU seconds: so often curl of the same blobs, plus the floor.
CURL_RATIO = 1.3
MANIFEST_ONLY_SECONDS = 0.3
#: Packages, categories and wire shares, over measuring without them, in CPU seconds.
EXPLAINED_RATIO = 1.25
EXPLAINED_CPU_SECONDS = 3.0
#: Of a Dockerfile, after start-up; and of one alone, with start-up.
LINT_CPU_SECONDS = 0.005
LINT_WALL_SECONDS = 0.35
INSTALLED_BYTES = 40_000_000
#: Walking a build context of 200,000 files, over a bare walk; and the peak of a survey of it.
CONTEXT_RATIO = 1.2
CONTEXT_MEMORY_BYTES = 100_000_000
#: A squash with its proof over the floor, in CPU seconds; the other squashers over lightship.
REWRITE_RATIO = 1.25
SQUASHER_RATIO = 10
#: Wall seconds over skopeo's with the same codec.
COPY_RATIO = 1.0
REWRITE_MEMORY_BYTES = 300_000_000
#: Compressed bytes over the peer's; zlib's CPU and wall seconds over ours; the peak to level 9.
COMPRESSED_RATIO = 1.0
ZLIB_RATIO = 3.0
COMPRESSOR_MEMORY_BYTES = 120_000_000
#: 2,000 ELF files, 2 GB, asked for two C libraries.
JUDGED_CPU_SECONDS = 1.0


def memory_limit(entries: int) -> int:
    """Return the promised peak in bytes: it grows with entries, never with the bytes of a layer."""
    return 60_000_000 + 400 * entries


@dataclass(frozen=True)
class Verdict:
    """One promise held against one figure."""

    what: str
    figure: float
    relation: Literal["<=", ">="]
    target: float
    unit: str = ""

    @property
    def passed(self) -> bool:
        """Tell whether the figure holds the promise."""
        if self.relation == "<=":
            return self.figure <= self.target
        return self.figure >= self.target

    def line(self) -> str:
        """Return the verdict as one line for a terminal."""
        word = "PASS" if self.passed else "MISS"
        figure, target = (f"{number:,.4g}" for number in (self.figure, self.target))
        if max(abs(self.figure), abs(self.target)) >= 1000:
            figure, target = (f"{number:,.0f}" for number in (self.figure, self.target))
        return f"{word}  {self.what}: {figure}{self.unit} ({self.relation} {target}{self.unit})"
