"""Results of `base list` and `base compare` made by hand, for reports to show."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.model.results.base_advisories import (
    AdvisoryCounts,
    AdvisoryEcosystem,
    AdvisorySource,
    Severities,
    Vulnerabilities,
)
from lightship.model.results.base_compare import (
    BaseCompareResult,
    Compared,
    OwnPackage,
    Pair,
    Seen,
)
from lightship.model.results.base_facts import BaseFacts, CountFact, Supported, TextFact
from lightship.model.results.base_list import BaseListResult, ListedBase

from .samples import MB, digest


def text(value: str) -> TextFact:
    return TextFact(value=value, source="repo-info", seen="2026-09-25", state="fresh")


def count(value: int) -> CountFact:
    return CountFact(value=value, source="repo-info", seen="2026-09-25", state="fresh")


def supported(name: str, days: int) -> Supported:
    return Supported(
        name=name,
        state="supported" if days >= 0 else "ended",
        ends="2028-08-09",
        days=days,
        extended=None,
        source="endoflife.date",
        seen="2026-08-22",
    )


SLIM = BaseFacts(
    wire_bytes=count(30 * MB),
    unpacked_bytes=replace(count(79 * MB), about=True),
    layers=count(1),
    packages=count(78),
    system=text("debian 13"),
    version=text("13"),
    libc=text("glibc"),
    libc_version=text("2.41"),
    package_manager=text("apt"),
    shell=text("/bin/sh"),
    user=text("root"),
    created=text("2026-09-20"),
    age_days=66,
    support=(supported("Debian 13", 623), supported("Python 3.13", 1071)),
    platforms=("linux/amd64", "linux/arm64"),
)
UNKNOWN = BaseFacts(
    wire_bytes=CountFact(),
    unpacked_bytes=CountFact(),
    layers=CountFact(),
    packages=CountFact(),
    system=TextFact(),
    version=TextFact(),
    libc=TextFact(),
    libc_version=TextFact(),
    package_manager=TextFact(),
    shell=TextFact(),
    user=TextFact(),
    created=TextFact(),
    age_days=None,
    support=(),
    platforms=(),
)
OLD = replace(
    SLIM,
    wire_bytes=CountFact(
        value=900_000, source="repo-info", seen="2023-01-04", state="stale", why="1421 days old"
    ),
    age_days=1421,
    support=(supported("Debian 10", -800),),
)


def listed(name: str, facts: BaseFacts) -> ListedBase:
    return ListedBase(name=name, kind="system", languages=(), variant="", facts=facts, notes=())


HOSTILE = "evil\x1b[31m<b>|`\u202ex:1"
LISTED = BaseListResult(
    platform="linux/amd64",
    today="2026-11-25",
    bases=(
        listed("debian:13-slim", SLIM),
        listed(HOSTILE, UNKNOWN),
        listed("debian:10", OLD),
    ),
    known=90,
    unsized=2,
    warnings=("a row could not be read",),
)
NONE_LISTED = replace(LISTED, bases=(), unsized=0, warnings=())

VULNERABLE = AdvisoryCounts(
    vulnerabilities=Vulnerabilities(
        all=7, fixable=2, severities=Severities(critical=1, low=6), packages=3
    ),
    complete=False,
    ecosystems=(
        AdvisoryEcosystem(
            name="debian 13",
            kind="distribution",
            packages=78,
            looked_up=77,
            vulnerabilities=None,
            why="",
            sources=(0,),
        ),
    ),
    sources=(AdvisorySource(kind="debian", place="tracker.json", date="2026-11-24"),),
)
SEEN = Seen(
    visible_bytes=79 * MB,
    files=3_200,
    language_packages=0,
    setuid_programs=("usr/bin/su", "usr/bin/mount"),
    setuid_count=2,
    compilers=("gcc",),
    downloaders=(),
    only_here=(OwnPackage(name="perl\x1b[0m", version="5", system="dpkg", visible_bytes=9 * MB),),
    only_here_count=4,
    vulnerabilities=VULNERABLE,
)
COMPARED = BaseCompareResult(
    today="2026-11-25",
    images=(
        Compared(
            name="debian.tar", digest=digest(1), platform="linux/amd64", facts=SLIM, seen=SEEN
        ),
        Compared(
            name="other.tar",
            digest=None,
            platform="linux/amd64",
            facts=replace(SLIM, wire_bytes=count(60 * MB)),
            seen=replace(SEEN, vulnerabilities=None, only_here=(), only_here_count=0),
        ),
        Compared(name=HOSTILE, digest=None, platform="linux/amd64", facts=UNKNOWN, seen=None),
    ),
    pairs=(
        Pair(
            has=0,
            pulls=1,
            common_layers=1,
            common_files=3_000,
            common_bytes=70 * MB,
            pull_wire_bytes=31 * MB,
            added_unpacked_bytes=80 * MB,
            estimated=True,
        ),
        Pair(
            has=1,
            pulls=0,
            common_layers=1,
            common_files=3_000,
            common_bytes=70 * MB,
            pull_wire_bytes=2_000,
            added_unpacked_bytes=0,
            estimated=False,
        ),
    ),
    warnings=("not opened",),
)
MANY = replace(COMPARED, images=(*COMPARED.images, *COMPARED.images[:2]))
