from lightship.model.results.base_advisories import (
    AdvisoryCounts,
    AdvisoryShelf,
    AdvisorySource,
    Severities,
    Vulnerabilities,
)
from lightship.report.advisories_text import advisory_lines, advisory_words
from lightship.report.paper import Look

SOME = Vulnerabilities(
    all=12, fixable=9, severities=Severities(critical=1, high=3, unknown=8), packages=4
)
NONE = Vulnerabilities(all=0, fixable=0, severities=Severities(), packages=0)


def test_words() -> None:
    assert advisory_words(SOME) == "12 (1 critical, 3 high), 9 with a fix"
    assert advisory_words(NONE) == "0"
    assert advisory_words(None) == "unknown"


def test_lines_say_where_each_number_is_from_and_how_old_it_is() -> None:
    counts = AdvisoryCounts(
        vulnerabilities=SOME,
        complete=False,
        shelves=(
            AdvisoryShelf(
                name="debian 12", kind="distribution", packages=88, looked_up=87,
                vulnerabilities=SOME, sources=(0,),
            ),
            AdvisoryShelf(
                name="PyPI\x1b[2J", kind="language", packages=1, looked_up=0,
                vulnerabilities=None, why="there is no advisory data for PyPI",
            ),
        ),
        sources=(
            AdvisorySource(
                kind="OSV", place="all.zip", date="2026-01-01", stale="it is 33 days old"
            ),
        ),
        notes=("x.json: broken",),
    )  # fmt: skip
    look = Look(width=200)
    text = look.render(advisory_lines(counts, look))
    assert text.splitlines() == [
        "debian 12, 87 of 88 packages looked up: 12 (1 critical, 3 high), 9 with a fix",
        "PyPI\\x1b[2J, 1 package: unknown: there is no advisory data for PyPI",
        "OSV of 2026-01-01 (all.zip), stale: it is 33 days old",
        "not used: x.json: broken",
    ]
