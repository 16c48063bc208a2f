from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from lightship.filetree.patterns import Pattern
from lightship.model.finding import Evidence
from lightship.rules.discovery import image_rules
from lightship.rules.image.unused_suppression import RULE as UNUSED
from lightship.rules.judging import judge, judgement
from lightship.rules.rule import Claim, Rule, Subject
from lightship.rules.suppressing import Ignore
from lightship.testing import Link, Symlink
from rules.subjects import LISTED, subject_of

if TYPE_CHECKING:
    from lightship.model.finding import Finding, Remedy, Severity

CACHES = {
    "cache/pip/a": b"a" * 500_000,
    "cache/pip/b": b"b" * 700_000,
    "cache/npm/deep/c": b"c" * 300_000,
    "cache/npm/d": b"d" * 100_000,
    "etc/key": b"",
}
HISTORY = ["RUN pip install"]


def rule(
    *claims: Claim,
    name: str = "caches",
    severity: Severity = "warning",
    remedy: Remedy = "remove",
    quiet: int = 1_000_000,
) -> Rule:
    return Rule(
        name=name,
        title="Caches",
        severity=severity,
        confidence="likely",
        remedy=remedy,
        advice="Remove them.",
        page="...",
        check=lambda _: claims,
        quiet_below_bytes=quiet,
    )


def ignore(*paths: str, name: str = "caches", reason: str = "because") -> Ignore:
    patterns = tuple(Pattern.parse(path) for path in paths)
    return Ignore(rule=name, reason=reason, patterns=patterns, origin="x.toml [rules], ignore 1")


def told(subject: Subject, *rules: Rule, ignores: tuple[Ignore, ...] = ()) -> tuple[Finding, ...]:
    return judge(subject, rules, listed=LISTED, ignores=ignores)


SUBJECT = subject_of(CACHES, history=HISTORY)


def test_figures_and_evidence_come_from_the_paths() -> None:
    claim = Claim(
        message="{files}, {bytes}, {wire}; {other} {}", paths=[b"cache/npm", b"cache/pip"]
    )
    (one,) = told(SUBJECT, rule(claim))
    assert (one.rule, one.title, one.advice) == ("caches", "Caches", "Remove them.")
    assert (one.severity, one.confidence, one.remedy) == ("warning", "likely", "remove")
    assert one.message == "4 files, 1.60 MB, 800 kB; {other} {}"
    assert (one.removable_bytes, one.wire_bytes, one.files) == (1_600_000, 800_000, 4)
    assert one.evidence == (
        Evidence("cache/pip", 1_200_000, 1, "RUN pip install"),
        Evidence("cache/npm", 400_000, 1, "RUN pip install"),
    )
    assert one.evidence_count == 2
    assert one.suppressed is None


def test_a_figure_in_a_foreign_name_is_filled_once_and_no_more() -> None:
    (one,) = told(SUBJECT, rule(Claim(message="{files{bytes}} {{bytes}}", removable_bytes=1)))
    assert one.message == "{files1 B} {1 B}"


def test_a_claim_may_say_otherwise() -> None:
    claim = Claim(
        message="m", paths=[b"cache/npm/d"], advice="Look.", severity="error", confidence="guess"
    )
    (one,) = told(SUBJECT, rule(claim))
    assert (one.advice, one.severity, one.confidence) == ("Look.", "error", "guess")


def test_evidence_of_the_claim_stands_instead_of_the_paths() -> None:
    evidence = [
        Evidence("b", 1, layer=1),
        Evidence("a", 1, layer=9),
        Evidence(None, 5, created_by="known", layer=1),
    ]
    (one,) = told(SUBJECT, rule(Claim(message="m", paths=[b"cache"], evidence=evidence)))
    assert one.removable_bytes == 1_600_000
    assert one.evidence == (
        Evidence(None, 5, 1, "known"),
        Evidence("a", 1, 9),
        Evidence("b", 1, 1, "RUN pip install"),
    )


def test_so_much_evidence_and_its_number() -> None:
    evidence = [Evidence(f"{at:02}", 0) for at in range(LISTED * 2)]
    (one,) = told(SUBJECT, rule(Claim(message="m", evidence=evidence)))
    assert [piece.path for piece in one.evidence] == [f"{at:02}" for at in range(LISTED)]
    assert one.evidence_count == LISTED * 2


def test_a_path_that_is_no_text_keeps_its_bytes() -> None:
    subject = subject_of({b"caf\xe9/x": b"x"})
    (one,) = told(subject, rule(Claim(message="m", paths=[b"caf\xe9"])))
    assert one.evidence == (Evidence("caf\ufffd", 1, 1, path_base64="Y2Fm6Q=="),)
    (one,) = told(
        subject,
        rule(Claim(message="m", evidence=one.evidence)),
        ignores=(Ignore(rule="caches", reason="r", patterns=(Pattern.parse("caf?"),)),),
    )
    assert one.suppressed == "r"


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
@pytest.mark.parametrize("remedy", ["remove", "rebuild", "strip", "share", "move", "change"])
@pytest.mark.parametrize("freed", [0, 999_999, 1_000_000])
def test_a_warning_that_frees_little_is_an_information(
    severity: Severity, remedy: Remedy, freed: int
) -> None:
    claim = Claim(message="m", removable_bytes=freed)
    (one,) = told(SUBJECT, rule(claim, severity=severity, remedy=remedy))
    quiet = severity == "warning" and remedy != "change" and freed < 1_000_000
    assert one.severity == ("info" if quiet else severity)


def test_a_rule_may_never_be_quiet() -> None:
    (one,) = told(SUBJECT, rule(Claim(message="m", removable_bytes=0), quiet=0))
    assert one.severity == "warning"


def test_removing_what_frees_nothing_is_no_finding_unless_an_error() -> None:
    nothing = Claim(message="m", paths=[b"etc/key", b"nowhere"])
    assert told(SUBJECT, rule(nothing)) == ()
    (one,) = told(SUBJECT, rule(nothing, severity="error"))
    assert [piece.path for piece in one.evidence] == ["etc/key"]
    linked = subject_of({"a": b"x" * 10, "b": Link("a"), "c": Symlink("a")})
    assert told(linked, rule(Claim(message="m", paths=[b"b", b"c"]))) == ()


def test_order_severity_then_bytes_then_name_and_the_suppressed_last() -> None:
    rules = [
        rule(Claim(message="m", removable_bytes=5), name="b", severity="info"),
        rule(Claim(message="m", removable_bytes=5), name="a", severity="info"),
        rule(Claim(message="m", removable_bytes=7), name="c", severity="info"),
        rule(Claim(message="m"), name="e", severity="error"),
        rule(Claim(message="m"), name="s", severity="error"),
        rule(
            Claim(message="2", removable_bytes=9_000_000),
            Claim(message="1", removable_bytes=9_000_000),
            name="w",
        ),
    ]
    findings = told(SUBJECT, *rules, ignores=(ignore(name="s"),))
    assert [(one.rule, one.message) for one in findings] == [
        ("e", "m"),
        ("w", "1"),
        ("w", "2"),
        ("c", "m"),
        ("a", "m"),
        ("b", "m"),
        ("s", "m"),
    ]


def test_a_bug_in_a_rule_is_not_hidden() -> None:
    def broken(_: Subject) -> list[Claim]:
        raise LookupError("bug")

    with pytest.raises(LookupError):
        told(SUBJECT, msgspec.structs.replace(rule(), check=broken))


def test_what_all_findings_free_together_counts_nothing_twice() -> None:
    all_of_it = rule(Claim(message="m", paths=[b"cache"]), name="a")
    some = rule(Claim(message="m", paths=[b"cache/pip"]), name="b")
    ours = rule(Claim(message="m", removable_bytes=7), name="c", remedy="rebuild")
    judged = judgement(SUBJECT, [all_of_it, some, ours], listed=LISTED)
    assert judged.freed.content_bytes == 1_600_000
    judged = judgement(SUBJECT, [all_of_it, some], listed=LISTED, ignores=[ignore(name="a")])
    assert judged.freed.content_bytes == 1_200_000
    linked = subject_of({"a": b"x" * 10, "c/b": Link("a"), "c/own": b"o"})
    by_one = rule(Claim(message="m", paths=[b"a"]), name="a")
    by_other = rule(Claim(message="m", paths=[b"c"]), name="b")
    judged = judgement(linked, [by_one, by_other], listed=LISTED)
    assert [one.removable_bytes for one in judged.findings] == [1]
    assert judged.freed.content_bytes == 1


# Suppressions.

CLAIM = Claim(message="{bytes} in {files}", paths=[b"cache/pip", b"cache/npm"])


def test_a_whole_rule_is_suppressed() -> None:
    (one,) = told(SUBJECT, rule(CLAIM), ignores=(ignore(reason="they are wanted"),))
    assert one.suppressed == "they are wanted"
    assert one.removable_bytes == 1_600_000


@pytest.mark.parametrize(
    ("patterns", "suppressed", "shown"),
    [
        (["cache/pip"], {"cache/pip"}, {"cache/npm"}),
        (["/cache/*/a", "nothing"], {"cache/pip/a"}, {"cache/pip/b", "cache/npm"}),
        (["deep"], {"cache/npm/deep"}, {"cache/pip", "cache/npm/d"}),
        (["c"], {"cache/npm/deep/c"}, {"cache/pip", "cache/npm/d"}),
        (
            ["cache/npm/deep/c", "b"],
            {"cache/npm/deep/c", "cache/pip/b"},
            {"cache/npm/d", "cache/pip/a"},
        ),
        (["cache"], {"cache/pip", "cache/npm"}, set()),
        (["pip", "npm"], {"cache/pip", "cache/npm"}, set()),
        (["elsewhere", "cache/pip/a/below"], set(), {"cache/pip", "cache/npm"}),
    ],
)
def test_paths_are_suppressed_and_the_rest_stays(
    patterns: list[str], suppressed: set[str], shown: set[str]
) -> None:
    findings = told(SUBJECT, rule(CLAIM), ignores=(ignore(*patterns),))
    by_state = {True: set[str | None](), False: set[str | None]()}
    for one in findings:
        by_state[one.suppressed is not None].update(piece.path for piece in one.evidence)
        assert one.removable_bytes == sum(piece.bytes for piece in one.evidence)
    assert by_state == {True: suppressed, False: shown}
    assert sum(one.removable_bytes for one in findings) == 1_600_000


def test_several_suppressions_each_with_its_reason() -> None:
    ignores = (ignore("pip", reason="1"), ignore("deep", reason="2"), ignore("cache", reason="3"))
    findings = told(SUBJECT, rule(CLAIM), ignores=ignores)
    assert {(one.suppressed, one.removable_bytes) for one in findings} == {
        ("1", 1_200_000),
        ("2", 300_000),
        ("3", 100_000),
    }


def test_what_a_claim_counts_itself_is_parted_by_its_evidence() -> None:
    evidence = [Evidence("a", 600), Evidence("b/c", 300), Evidence(None, 0, note="ENV")]
    claim = Claim(
        message="{bytes} in {files}",
        evidence=evidence,
        removable_bytes=1000,
        wire_bytes=500,
        files=10,
    )
    shown, silent = told(SUBJECT, rule(claim), ignores=(ignore("b"),))
    assert (silent.suppressed, shown.suppressed) == ("because", None)
    assert (silent.removable_bytes, silent.wire_bytes, silent.files) == (300, 150, 3)
    assert (shown.removable_bytes, shown.wire_bytes, shown.files) == (700, 350, 7)
    assert shown.message == "700 B in 7 files"
    assert [piece.path for piece in silent.evidence] == ["b/c"]
    assert [piece.path for piece in shown.evidence] == ["a", None]


def test_where_each_evidence_is_a_file_files_are_counted() -> None:
    evidence = [Evidence("a", 0), Evidence("b", 0), Evidence("c", 0)]
    claim = Claim(message="m", evidence=evidence, files=3)
    shown, silent = told(SUBJECT, rule(claim), ignores=(ignore("b"),))
    assert (shown.files, silent.files) == (2, 1)


def test_what_is_no_file_is_suppressed_with_its_whole_rule_only() -> None:
    claim = Claim(message="m", evidence=[Evidence(None, 0, note="ENV TOKEN")])
    (one,) = told(SUBJECT, rule(claim), ignores=(ignore("**"),))
    assert one.suppressed is None
    (one,) = told(SUBJECT, rule(claim), ignores=(ignore(),))
    assert one.suppressed == "because"


def test_a_deep_tree_is_parted() -> None:
    deep = "cache/" + "d/" * 1_000
    subject = subject_of({deep + "a": b"a" * 5, deep + "b": b"b" * 7})
    claim = Claim(message="m", paths=[b"cache"])
    findings = told(subject, rule(claim), ignores=(ignore("a"),))
    assert {one.suppressed: one.removable_bytes for one in findings} == {None: 7, "because": 5}


# Suppressions that hold for nothing.


def idle(*rules: Rule, ignores: tuple[Ignore, ...]) -> list[str]:
    return [
        one.message
        for one in told(SUBJECT, *rules, UNUSED, ignores=ignores)
        if one.rule == UNUSED.name
    ]


def test_an_unused_suppression_is_a_finding() -> None:
    assert idle(rule(CLAIM), ignores=(ignore("pip"),)) == []
    assert idle(rule(), ignores=(ignore(),)) == ["caches is ignored, but finds nothing."]
    assert idle(rule(CLAIM), ignores=(ignore("gone/*", "x"),)) == [
        "caches is ignored at gone/*, x, but finds nothing."
    ]
    (one,) = told(SUBJECT, rule(), UNUSED, ignores=(ignore(),))
    assert (one.severity, one.remedy) == ("info", "change")
    assert one.evidence == (Evidence(None, 0, note="x.toml [rules], ignore 1"),)


def test_a_second_suppression_of_the_same_is_unused() -> None:
    assert len(idle(rule(CLAIM), ignores=(ignore(), ignore()))) == 1


def test_what_was_not_asked_may_be_suppressed() -> None:
    assert idle(rule(), ignores=(ignore(name="another"),)) == []
    assert told(SUBJECT, rule(), ignores=(ignore(),)) == ()


def test_unused_suppressions_can_be_suppressed() -> None:
    (one,) = told(SUBJECT, rule(), UNUSED, ignores=(ignore(), ignore(name=UNUSED.name, reason="r")))
    assert (one.rule, one.suppressed) == (UNUSED.name, "r")


def test_all_rules_can_be_asked_about_nothing() -> None:
    assert judge(subject_of(), image_rules(), listed=LISTED) == ()
