from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.model.finding import Evidence
from lightship.report.findings_text import where
from lightship.report.inspect_text import inspect_text
from lightship.report.paper import Look

from .contents_samples import EXPLAINED, FINDINGS, finding
from .samples import MB

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.finding import Finding

NARROW = Look(width=80, bars=True)


def shown(*findings: Finding, everything: bool = False, top: int = 10) -> str:
    text = inspect_text(
        replace(EXPLAINED, findings=findings), NARROW, every_finding=everything, top=top
    )
    return text[text.index("What the bytes are") :]


@pytest.mark.parametrize(("name", "width"), [("findings-80.txt", 80), ("findings-120.txt", 120)])
def test_all_of_them_look_as_agreed(
    name: str, width: int, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, inspect_text(EXPLAINED, Look(width=width, bars=True), every_finding=True))


def test_a_line_for_each_that_matters_with_the_rule_to_explain() -> None:
    text = shown(*FINDINGS)
    for mark, rule in (("error", "secrets"), ("warn ", "apt-lists"), ("warn ", "metadata-copy")):
        line = next(line for line in text.splitlines() if rule in line)
        assert line.startswith(mark)
    assert "root-user" not in text
    assert "documentation" not in text
    assert "lightship explain RULE" in text


def test_how_many_are_left_out_is_said_by_weight() -> None:
    assert "--all shows 1 info, 1 suppressed more; --details" in shown(*FINDINGS)
    many = [replace(FINDINGS[2], rule=f"rule-{at}") for at in range(9)]
    text = shown(*many, FINDINGS[4])
    assert "rule-5" in text
    assert "rule-6" not in text
    assert "--all shows 3 warnings, 1 info more" in text
    assert "--all" not in shown(*FINDINGS[:4])


def test_nothing_to_act_on_is_good_news() -> None:
    text = shown(*FINDINGS[4:])
    assert "Nothing found that is worth acting on." in text
    assert "--all shows 1 info, 1 suppressed more" in text
    assert "--all" not in shown()
    assert "No findings." in shown(everything=True)


def test_all_of_them_tell_message_advice_evidence_and_why_they_are_silent() -> None:
    text = shown(*FINDINGS, everything=True)
    assert "Findings (1 error, 3 warnings, 1 info, 1 suppressed)" in text
    for one in FINDINGS:
        assert one.rule in text
        assert " ".join(one.message.split()) in " ".join(text.split())
    assert "suppressed: the licences have to stay" in text
    assert "frees 44.0 MB, ≈ 17.0 MB wire, 30 files" in text
    assert "a guess" in text
    assert "44.0 MB  layer 2  /var/lib/apt/lists" in text


def test_evidence_is_cut_and_counted() -> None:
    places = tuple(Evidence(f"spool/{at}", MB) for at in range(20))
    many = finding("temporary", "Temporary files", evidence=places, evidence_count=500)
    text = shown(many, everything=True, top=5)
    assert "/spool/4" in text
    assert "/spool/5" not in text
    assert "495 more: --top 20" in text
    whole = shown(many, everything=True, top=30)
    assert "480 more\n" in whole
    assert "500 more" not in shown(replace(many, evidence=()), everything=True)


def test_where_says_the_first_place() -> None:
    assert where(FINDINGS[0]) == "/home/.ssh/id_ed25519, layer 7"
    assert where(FINDINGS[2]) == "/var/lib/apt/lists, layer 2 (+ 13)"
    assert where(FINDINGS[2], layers=False) == "/var/lib/apt/lists (+ 13)"
    assert where(FINDINGS[4]) == ""
    variable = finding("x", "y", evidence=(Evidence(None, 0, note="ENV TOKEN"),), evidence_count=1)
    assert where(variable) == "ENV TOKEN"


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize("everything", [False, True])
def test_nothing_is_wider_than_the_screen(width: int, everything: bool) -> None:
    odd = finding("r" * 30, "写真" * 80, message="w" * 500, advice="a b " * 100, evidence_count=1)
    odd = replace(odd, evidence=(Evidence("写真/" * 90, 5, layer=3, note="n" * 90),))
    text = inspect_text(
        replace(EXPLAINED, findings=(odd, *FINDINGS)),
        Look(width=width, bars=True),
        every_finding=everything,
    )
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_foreign_words_stay_words() -> None:
    hostile = "\x1b[2J\u202e[bold]x[/bold]\n::error::y"
    odd = finding(
        "odd",
        hostile,
        message=hostile,
        advice=hostile,
        suppressed=None,
        evidence=(Evidence(hostile, 5, layer=1, created_by=hostile, note=hostile),),
        evidence_count=1,
    )
    for everything in (False, True):
        text = shown(odd, replace(odd, suppressed=hostile), everything=everything)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[bold]" in text
        assert not any(line.startswith("::") for line in text.splitlines())
