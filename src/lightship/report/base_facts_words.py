"""Facts of bases as words: a question mark for what nobody knows, a star for what is stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.words import about

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lightship.model.results.base_facts import BaseFacts, CountFact, Supported, TextFact
    from lightship.report.paper import Style

UNKNOWN = "?"
STALE = "*"
SOON_DAYS = 90


def size(fact: CountFact) -> str:
    """Bytes."""
    if fact.value is None:
        return UNKNOWN
    return _marked(about(fact.value, estimated=fact.about), fact)


def number(fact: CountFact) -> str:
    """How many."""
    return UNKNOWN if fact.value is None else _marked(f"{fact.value:,}", fact)


def word(fact: TextFact) -> str:
    """A fact in words; foreign text."""
    return UNKNOWN if fact.value is None else _marked(fact.value, fact)


def shell(fact: TextFact) -> str:
    """The last part of the path: `sh`."""
    if fact.value is None:
        return UNKNOWN
    return _marked(fact.value.rpartition("/")[2] or fact.value, fact)


def age(facts: BaseFacts) -> str:
    """How many days old the image is."""
    if facts.age_days is None:
        return UNKNOWN
    return _marked(f"{facts.age_days:,} d", facts.created)


def support_short(facts: BaseFacts) -> tuple[str, Style]:
    """Days to the first end of support, or that it is over; and how that is shown."""
    one = nearest(facts.support)
    if one is None:
        return UNKNOWN, "dim"
    star = STALE if one.stale else ""
    if one.state == "ended":
        return f"ended{star}", "dead"
    if one.state == "extended":
        return f"extended{star}", "warn"
    if one.days is None:
        return f"no date{star}", "dim"
    return f"{one.days:,} d{star}", "warn" if one.days < SOON_DAYS else "good"


def support_long(one: Supported) -> str:
    """`Debian 13: 622 days, until 2028-08-09`."""
    star = STALE if one.stale else ""
    if one.state == "ended":
        return f"{one.name}: ended {one.extended or one.ends}{star}"
    if one.state == "extended":
        return f"{one.name}: extended until {one.extended}{star}"
    if one.days is None:
        return f"{one.name}: no date{star}"
    return f"{one.name}: {one.days:,} days, until {one.ends}{star}"


def nearest(support: Iterable[Supported]) -> Supported | None:
    """Of several the one that is over, or that is over first; None without any."""
    rank = {"ended": 0, "extended": 1, "supported": 2, "no date": 3}
    return min(
        support,
        key=lambda one: (rank[one.state], one.days if one.days is not None else 0),
        default=None,
    )


def all_facts(facts: BaseFacts) -> tuple[CountFact | TextFact, ...]:
    """Those that may be stale, in the order in which they are shown."""
    return (
        facts.wire_bytes,
        facts.unpacked_bytes,
        facts.layers,
        facts.packages,
        facts.system,
        facts.version,
        facts.libc,
        facts.package_manager,
        facts.shell,
        facts.user,
        facts.created,
    )


def stale_days(facts: Mapping[str, BaseFacts]) -> dict[str, list[str]]:
    """Which bases have stale facts, by the day that these are of, oldest first."""
    found: dict[str, list[str]] = {}
    for name, one in facts.items():
        days = [f.seen for f in all_facts(one) if f.state == "stale" and f.seen is not None]
        days += [support.seen for support in one.support if support.stale]
        for day in dict.fromkeys(days):
            found.setdefault(day, []).append(name)
    return dict(sorted(found.items()))


def stale_notes(facts: Mapping[str, BaseFacts]) -> list[str]:
    """What the stars mean, a sentence for each day."""
    return [
        f"{STALE} stale, as of {day}: {', '.join(names)}"
        for day, names in stale_days(facts).items()
    ]


def _marked(text: str, fact: CountFact | TextFact) -> str:
    return f"{text}{STALE}" if fact.state == "stale" else text
