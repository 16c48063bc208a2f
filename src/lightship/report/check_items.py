"""What `check` judged, one item each, in words that every format of it can use."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from lightship.model.instruction import readable_instruction
from lightship.printable import printable
from lightship.report.ci_report import (
    LONGEST_NAME,
    Item,
    Place,
    Report,
    file_name,
    sentence,
    short,
)
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.results.check import Cause, CheckResult, DiveRule, Judged, Unit, Unjudged

_OF_WIRE = frozenset(("max-wire", "max-blob", "max-growth"))
_HUMP = re.compile("(?<=[a-z])(?=[A-Z])")
_TRANSPORT = re.compile(r"\A[a-z-]+:")


class Budget(Item, frozen=True, kw_only=True):
    """One budget or one of dive's rules, judged, with its figures in words.

    Attributes:
        origin: where the limit was set.
    """

    measured: str
    limits: str
    headroom: str
    origin: str


def report_of(result: CheckResult) -> Report:
    """The result as every system takes it."""
    file = file_of(result)
    return Report(
        command="lightship check",
        verdict=result.verdict,
        headline=headline(result),
        subject=subject(result),
        place=Place(file),
        suite=image_name(result),
        # Two images of one repository have two files.
        category=file,
        fingerprints="lightshipBudget/v1",
        items=items(result),
        notes=tuple(map(printable, result.warnings)),
        facts=(("image", subject(result)),),
    )


def items(result: CheckResult) -> tuple[Budget, ...]:
    """All limits: the budgets in their order, those not judged, then dive's rules."""
    place = (image_name(result), file_of(result))
    about = _OF_WIRE if result.image.wire_bytes_estimated else frozenset()
    found = [_budget(one, place, about) for one in result.judged]
    found += [_unjudged(one, place) for one in result.unjudged]
    if result.dive is not None:
        found += [_dive(rule, result.dive.origin, place) for rule in result.dive.rules]
    return tuple(_numbered(found, place))


def headline(result: CheckResult) -> str:
    """The verdict in one line: which image, and how many budgets are broken, near, kept."""
    verdicts = [item.verdict for item in items(result)]
    counts = (
        ("fail", "broken"),
        ("warn", "near their limit"),
        ("pass", "kept"),
        ("unjudged", "not judged"),
    )
    said = [
        f"{verdicts.count(verdict)} {words}" for verdict, words in counts if verdict in verdicts
    ]
    return f"{subject(result)}: {', '.join(said) or 'nothing to judge'}"


def subject(result: CheckResult) -> str:
    """The image that was judged, and its platform."""
    return short(f"{result.image.reference}, {result.image.platform}", LONGEST_NAME)


def image_name(result: CheckResult) -> str:
    """The image's name without transport, tag and digest, which change from build to build."""
    name = _TRANSPORT.sub("", result.image.reference).partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return short(f"{folder}{slash}{last.rpartition(':')[0] or last}", LONGEST_NAME)


def file_of(result: CheckResult) -> str:
    """The file that reports point at, as forges write it: without a leading `./`."""
    return file_name(result.file)


def _numbered(found: list[Budget], place: tuple[str, str]) -> Iterator[Budget]:
    seen: dict[str, int] = {}
    for item in found:
        seen[item.name] = count = seen.get(item.name, 0) + 1
        if count == 1:
            yield item
        else:
            name = f"{item.name}-{count}"
            yield replace(item, name=name, key=name, fingerprint=_fingerprint(name, place))


def _item(name: str, what: str, place: tuple[str, str], **judged: Any) -> Budget:  # noqa: ANN401 - the fields of `Budget`
    return Budget(
        rule=_rule(name),
        name=name,
        key=name,
        title=f"Limit on {what}",
        about=f"The image is held against a limit on {what}.",
        fails=judged["verdict"] == "fail",
        place=Place(place[1], judged.pop("line", 1)),
        fingerprint=_fingerprint(name, place),
        **judged,
    )


def _budget(judged: Judged, place: tuple[str, str], about: frozenset[str]) -> Budget:
    name = printable(judged.budget)
    measured = amount(judged.measured, judged.unit)
    headroom = "" if judged.headroom is None else amount(judged.headroom, judged.unit)
    return _item(
        name,
        short(judged.what),
        place,
        verdict=judged.verdict,
        measured=f"≈ {measured}" if name in about else measured,
        limits=_limits(judged),
        headroom=headroom,
        message=sentence(judged.message),
        advice=sentence(judged.advice),
        causes=tuple(_cause(cause) for cause in judged.causes),
        line=next((cause.line for cause in judged.causes if cause.line is not None), 1),
        origin=short(judged.origin),
    )


def _unjudged(unjudged: Unjudged, place: tuple[str, str]) -> Budget:
    name = printable(unjudged.budget)
    return _item(
        name,
        f"{name}, which was not judged",
        place,
        verdict="unjudged",
        measured="",
        limits=short(unjudged.limit),
        headroom="",
        message=sentence(f"{name} was not judged: {unjudged.why}"),
        advice="",
        origin=short(unjudged.origin),
    )


def _dive(rule: DiveRule, origin: str, place: tuple[str, str]) -> Budget:
    name = f"dive-{rule.rule}"
    if rule.measured is None:
        measured = "not a number"
    else:
        measured = amount(rule.measured, "bytes" if "Bytes" in rule.rule else "ratio")
    said = {"pass": "keeps", "fail": "breaks", "skip": "is not held against"}[rule.verdict]
    message = f"By dive's formula the image {said} {rule.rule}: {measured}, limit {rule.limit}."
    return _item(
        name,
        f"dive's {rule.rule}",
        place,
        verdict="off" if rule.verdict == "skip" else rule.verdict,
        measured=measured,
        limits=short(rule.limit),
        headroom="",
        message=sentence(message),
        advice=sentence(rule.ours),
        origin=short(origin),
    )


def amount(value: float, unit: Unit) -> str:
    """A measured value or a limit in its unit; below a kilobyte exact, so a limit's edge shows."""
    if unit == "bytes":
        return format_bytes(round(value))
    if unit == "ratio":
        return f"{value:.6g}"
    return f"{round(value):,}"


def _limit(value: float, unit: Unit) -> str:
    # Who wrote 5GiB would not know 5.37 GB again.
    count = round(value)
    if unit == "bytes" and count:
        for power, name in ((30, "GiB"), (20, "MiB")):
            if count % 2**power == 0:
                return f"{count // 2**power:,} {name}"
    return amount(value, unit)


def _limits(judged: Judged) -> str:
    word = "above" if judged.bound == "at_most" else "below"
    said = [
        f"{verb} {word} {_limit(value, judged.unit)}"
        for verb, value in (("warn", judged.warn), ("fail", judged.fail))
        if value is not None
    ]
    return ", ".join(said)


def _cause(cause: Cause) -> str:
    what, made_by = cause.what, cause.created_by or ""
    if made_by and what.endswith(made_by):
        # It is the layer itself that weighs.
        what, made_by = what.removesuffix(made_by) + readable_instruction(made_by), ""
    words = [] if cause.bytes is None else [format_bytes(cause.bytes)]
    words.append(short(what))
    if cause.layer is not None:
        maker = f": {short(readable_instruction(made_by))}" if made_by else ""
        words.append(f"(layer {cause.layer}{maker})")
    return " ".join(words)


def _rule(name: str) -> str:
    return "LS-CHECK-" + printable(_HUMP.sub("-", name)).upper()


def _fingerprint(name: str, place: tuple[str, str]) -> str:
    return sha256("\0".join(("lightship check", name, *place)).encode()).hexdigest()
