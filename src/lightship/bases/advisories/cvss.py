"""How bad a vulnerability is by its CVSS vector.

Source: FIRST, "CVSS v3.1 Specification Document", section 7.1 (base metrics equations), 7.4 (metric
values), 5 (qualitative severity) and Appendix A (`Roundup`). Version 3.0 has the same equations but
for the rounding. Vectors of versions 2 and 4 are not scored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.model.results.base_advisories import Level

_IMPACT = {"H": 0.56, "L": 0.22, "N": 0.0}
_VALUES = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "PR": {"N": 0.85, "L": 0.62, "H": 0.27},
    "UI": {"N": 0.85, "R": 0.62},
    "S": {"U": 0.0, "C": 1.0},
    "C": _IMPACT,
    "I": _IMPACT,
    "A": _IMPACT,
}
_PRIVILEGES_CHANGED = {"N": 0.85, "L": 0.68, "H": 0.5}
_LEVELS: tuple[tuple[float, Level], ...] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (0.1, "low"),
    (0.0, "negligible"),
)
_MAX_CHARS = 500


def level_of(vector: str) -> Level | None:
    """The level of a vector's base score; None where it is no vector of version 3."""
    score = base_score(vector)
    if score is None:
        return None
    return next(level for least, level in _LEVELS if score >= least)


def base_score(vector: str) -> float | None:
    """0.0 to 10.0, of one decimal; None where it is no vector of version 3."""
    if not vector.startswith(("CVSS:3.0/", "CVSS:3.1/")) or len(vector) > _MAX_CHARS:
        return None
    said = dict(part.partition(":")[::2] for part in vector.split("/")[1:])
    try:
        value = {metric: values[said[metric]] for metric, values in _VALUES.items()}
    except KeyError:
        return None
    changed = said["S"] == "C"
    privileges = _PRIVILEGES_CHANGED[said["PR"]] if changed else value["PR"]
    base = 1 - (1 - value["C"]) * (1 - value["I"]) * (1 - value["A"])
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if changed else 6.42 * base
    if impact <= 0:
        return 0.0
    exploitability = 8.22 * value["AV"] * value["AC"] * privileges * value["UI"]
    both = impact + exploitability
    return _round_up(min(1.08 * both if changed else both, 10.0))


def _round_up(number: float) -> float:
    """The smallest number of one decimal that is not less, without the noise of binary numbers."""
    whole = round(number * 100_000)
    tenths, rest = divmod(whole, 10_000)
    return (tenths + (rest > 0)) / 10
