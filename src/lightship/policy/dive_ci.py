"""dive's CI rules, judged as `dive --ci` judges them, with our figures beside.

Source: dive 0.13.1, runtime/ci/rule.go and cmd/root.go (the defaults); byte sizes as go-humanize
1.0.1, `ParseBytes`. From dive's later code comes one thing: `""`, `off` and `false` switch a rule
off; 0.13.1 knows `disabled` alone and fails with the others, whatever the image.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, structs

from lightship.errors import UsageError
from lightship.model.results.check import DiveRule, DiveVerdict
from lightship.units import format_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.analysis.dive import DiveFigures

_EFFICIENCY: Literal["lowestEfficiency"] = "lowestEfficiency"
_WASTED: Literal["highestWastedBytes"] = "highestWastedBytes"
_PERCENT: Literal["highestUserWastedPercent"] = "highestUserWastedPercent"
_KEBAB = {
    "lowest-efficiency": _EFFICIENCY,
    "highest-wasted-bytes": _WASTED,
    "highest-user-wasted-percent": _PERCENT,
}
_OFF = frozenset(("", "disabled", "off", "false"))
_DIGITS = "[0-9](?:_?[0-9])*"
_NUMBER = re.compile(rf"[-+]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?")
_UNITS = {
    f"{prefix}{ending}": float((1024 if "i" in ending else 1000) ** power)
    for power, prefix in enumerate(("", "k", "m", "g", "t", "p", "e"))
    for ending in (("", "b", "i", "ib") if prefix else ("", "b"))
}
_MAX_UINT64 = float(2**64)
_LONGEST_SHOWN = 40


class DiveRules(Struct, frozen=True):
    """The three rules, as they are written; the defaults are dive's.

    Attributes:
        lowest_efficiency: ratio, or a word that switches the rule off.
        highest_wasted_bytes: size in bytes with a unit or without, or such a word.
        highest_user_wasted_percent: ratio (not percent, for all its name), or such a word.
        origin: where they come from: dive's defaults, a file, the command line.
        warnings: what stands in the file and dive does not read, one sentence each.
    """

    lowest_efficiency: str = "0.9"
    highest_wasted_bytes: str = "disabled"
    highest_user_wasted_percent: str = "0.1"
    origin: str = "dive's defaults"
    warnings: tuple[str, ...] = ()


class DiveLimits(Struct, frozen=True):
    """The rules as numbers; None is switched off. Equality passes all three."""

    lowest_efficiency: float | None
    highest_wasted_bytes: int | None
    highest_user_wasted_percent: float | None


def read_dive_rules(path: Path) -> DiveRules:
    """Read `.dive-ci`. What it does not say has dive's default, and unknown keys are ignored.

    dive takes a file that is not there for an empty one; here it is an error, since somebody has
    named it. The kebab-case names of `.dive.yaml` mean nothing to dive in this file: they get a
    warning.

    Raises:
        UsageError: the file cannot be read, or dive would not read it; see `read_texts`.
    """
    from lightship.policy.dive_file import read_texts  # noqa: PLC0415 - YAML is for those who use it

    texts, others = read_texts(path, (_EFFICIENCY, _WASTED, _PERCENT))
    warnings = tuple(
        f"{path}: dive does not read {name} in this file, nor is it read here; write {rule}."
        for name, rule in _KEBAB.items()
        if name in others
    )
    default = DiveRules()
    return DiveRules(
        texts.get(_EFFICIENCY, default.lowest_efficiency),
        texts.get(_WASTED, default.highest_wasted_bytes),
        texts.get(_PERCENT, default.highest_user_wasted_percent),
        str(path),
        warnings,
    )


def dive_rules_from(
    *,
    lowest_efficiency: str | None = None,
    highest_wasted_bytes: str | None = None,
    highest_user_wasted_percent: str | None = None,
    file: DiveRules | None = None,
) -> DiveRules:
    """The rules of dive's flags; None is not given, and then the file's rule or the default holds.

    So does dive 0.13.1; its later code lets the file win.

    The texts are not judged yet: `dive_limits` does.
    """
    base = file or DiveRules()
    given = {
        "lowest_efficiency": lowest_efficiency,
        "highest_wasted_bytes": highest_wasted_bytes,
        "highest_user_wasted_percent": highest_user_wasted_percent,
    }
    flags = {name: text for name, text in given.items() if text is not None}
    origin = "command line" if file is None else f"{base.origin} and command line"
    return structs.replace(base, **flags, origin=origin) if flags else base


def dive_limits(rules: DiveRules) -> DiveLimits:
    """What the rules say.

    Not taken, though dive takes it: NaN, which lets every image pass, and hexadecimal ratios.

    Raises:
        UsageError: a rule's text is no limit. dive exits 1 then, as if the image had failed.
    """
    return DiveLimits(
        _ratio(_EFFICIENCY, rules.lowest_efficiency, rules.origin),
        _byte_limit(_WASTED, rules.highest_wasted_bytes, rules.origin),
        _ratio(_PERCENT, rules.highest_user_wasted_percent, rules.origin),
    )


def judge_dive(
    figures: DiveFigures, rules: DiveRules, *, origin: str, efficiency: float, dead_bytes: int
) -> DiveVerdict:
    """The verdict of `dive --ci` with these rules on an image with these figures.

    Args:
        figures: dive's.
        rules: held against them; strictly lower efficiency or strictly more waste fails.
        origin: where the rules come from.
        efficiency: ours: visible over unpacked bytes.
        dead_bytes: ours.

    Raises:
        UsageError: a rule's text is no limit.
    """
    limits = dive_limits(rules)
    lowest, most, share = (
        limits.lowest_efficiency,
        limits.highest_wasted_bytes,
        limits.highest_user_wasted_percent,
    )
    percent = figures.user_wasted_percent
    # Without bytes above the first layer dive compares +Inf, which fails, or NaN, which passes.
    too_much = figures.wasted_bytes > 0 if percent is None else percent > (share or 0)
    judged = (
        DiveRule(
            rule=_EFFICIENCY,
            limit=rules.lowest_efficiency,
            measured=figures.efficiency,
            verdict=_verdict(lowest, broken=figures.efficiency < (lowest or 0)),
            ours=f"efficiency {efficiency:.3f}",
        ),
        DiveRule(
            rule=_WASTED,
            limit=rules.highest_wasted_bytes,
            measured=figures.wasted_bytes,
            verdict=_verdict(most, broken=figures.wasted_bytes > (most or 0)),
            ours=f"{format_bytes(dead_bytes)} dead",
        ),
        DiveRule(
            rule=_PERCENT,
            limit=rules.highest_user_wasted_percent,
            measured=percent,
            verdict=_verdict(share, broken=too_much),
            ours=_share_of_user_bytes(dead_bytes, figures.user_size_bytes),
        ),
    )
    return DiveVerdict(
        origin=origin,
        passed=all(rule.verdict != "fail" for rule in judged),
        efficiency=figures.efficiency,
        wasted_bytes=figures.wasted_bytes,
        user_wasted_percent=percent,
        rules=judged,
    )


def _verdict(limit: float | None, *, broken: bool) -> Literal["pass", "fail", "skip"]:
    if limit is None:
        return "skip"
    return "fail" if broken else "pass"


def _share_of_user_bytes(dead_bytes: int, user_size_bytes: int) -> str:
    if not user_size_bytes:
        return f"{format_bytes(dead_bytes)} dead, and nothing above layer 1"
    return f"dead bytes are {dead_bytes / user_size_bytes:.3f} of those above layer 1"


def _is_off(text: str) -> bool:
    return text.strip().lower() in _OFF


def _ratio(rule: str, text: str, origin: str) -> float | None:
    if _is_off(text):
        return None
    value = float(text) if _NUMBER.fullmatch(text) else -1.0
    if 0 <= value <= 1:
        return value
    raise UsageError(
        f"{rule} is {text[:_LONGEST_SHOWN]!r}, which is no ratio ({origin})",
        "Write a number from 0 to 1, or `disabled`.",
    )


def _byte_limit(rule: str, text: str, origin: str) -> int | None:
    if _is_off(text):
        return None
    rest = text.lstrip("0123456789.,")
    digits, unit = text[: len(text) - len(rest)].replace(",", ""), rest.strip().lower()
    if _NUMBER.fullmatch(digits) and unit in _UNITS:
        value = float(digits) * _UNITS[unit]
        if value < _MAX_UINT64:
            return int(value)
    raise UsageError(
        f"{rule} is {text[:_LONGEST_SHOWN]!r}, which is no size ({origin})",
        "Write a number and a unit, as in 20MB or 20MiB, or `disabled`.",
    )
