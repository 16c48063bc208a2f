"""dive's rules; that the real dive reads and judges alike, tests/e2e/test_dive_verdict.py shows."""

from __future__ import annotations

from fractions import Fraction
from math import nextafter
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lightship.analysis.dive import DiveFigures
from lightship.errors import UsageError
from lightship.policy.dive_ci import (
    DiveLimits,
    DiveRules,
    dive_limits,
    dive_rules_from,
    judge_dive,
    read_dive_rules,
)

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.check import DiveVerdict

WASTEFUL = DiveFigures(
    efficiency=0.75,
    wasted_bytes=2_000_000,
    user_wasted_percent=0.5,
    size_bytes=9_000_000,
    user_size_bytes=4_000_000,
)
OFF = "disabled"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".dive-ci"


def read(file: Path, content: str | bytes) -> DiveRules:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_dive_rules(file)


def judge(
    efficiency: str = OFF, wasted: str = OFF, percent: str = OFF, figures: DiveFigures = WASTEFUL
) -> DiveVerdict:
    rules = DiveRules(efficiency, wasted, percent)
    return judge_dive(figures, rules, origin="here", efficiency=0.9, dead_bytes=1_000_000)


def verdicts(verdict: DiveVerdict) -> list[str]:
    return [rule.verdict for rule in verdict.rules]


class TestReading:
    def test_the_rules_of_a_file(self, file: Path) -> None:
        text = (
            "rules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: 20MB\n"
            "  highestUserWastedPercent: 0.20\n"
        )
        found = read(file, text)
        assert found == DiveRules("0.95", "20MB", "0.20", str(file))
        assert dive_limits(found) == DiveLimits(0.95, 20_000_000, 0.2)

    @pytest.mark.parametrize("text", ["", "---\n", "rules:\n", "other: 1\n", "rules: {x: 1}\n"])
    def test_what_is_not_said_is_dives_default(self, file: Path, text: str) -> None:
        found = read(file, text)
        assert found == DiveRules("0.9", OFF, "0.1", str(file))
        assert dive_limits(found) == DiveLimits(0.9, None, 0.1)

    def test_letters_count_not_their_case(self, file: Path) -> None:
        assert read(file, "RULES: {LOWESTefficiency: 0.5}").lowest_efficiency == "0.5"

    def test_unknown_keys_and_values_of_any_kind_are_passed_over(self, file: Path) -> None:
        text = (
            "a: [1, {b: [c]}]\nd: !thing {e: f}\nrules:\n  own/rule: [x]\n  lowestEfficiency: 1\n"
        )
        assert read(file, text).lowest_efficiency == "1"

    def test_kebab_case_is_for_another_file_and_gets_a_warning(self, file: Path) -> None:
        found = read(file, "rules:\n  lowest-efficiency: 0.5\n  highest-wasted-bytes: 1\n")
        assert found.lowest_efficiency == "0.9"
        assert [text for text in found.warnings if "lowestEfficiency" in text]
        assert len(found.warnings) == 2

    def test_numbers_are_those_of_yaml(self, file: Path) -> None:
        for written, limit in {
            "1_000": 1000,
            "0x10": 16,
            "010": 8,
            "0o10": 8,
            "0b101": 5,
            "1e3": 1000,
            "+5": 5,
            "-0": 0,
            "089": 89,
            "1.9": 1,
            "!!int '7'": 7,
        }.items():
            rules = read(file, f"rules:\n  highestWastedBytes: {written}\n")
            assert dive_limits(rules).highest_wasted_bytes == limit, written

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ("rules:\n  lowestEfficiency: &x 0.5\n", "line 2: an anchor or an alias"),
            ("a: &x [1]\nb: *x\n", "line 1: an anchor"),
            ("a: 1\na: 2\n", "line 2: 'a' twice"),
            ("rules: {a: {b: 1, 'b': 2}}\n", "'b' twice"),
            ("rules:\n  lowestEfficiency: 1\n  LOWESTEFFICIENCY: 1\n", "upper and lower case"),
            ("rules: 5\n", "rules holds no rules"),
            ("rules: [a]\n", "rules holds no rules"),
            ("text\n", "holds no `rules`"),
            ("[1]\n", "holds no `rules`"),
            ("rules:\n  lowestEfficiency: [1]\n", "lowestEfficiency is no single value"),
            ("? [a]\n: 1\n", "a key that is no text"),
            ("a: 'b\n", "no YAML"),
            ("\tx: 1\n", "line 1: no YAML"),
            (b"a: \xff\n", "no YAML"),
            (b"a: \x07\n", "no YAML"),
            ("[" * 100, "more than 64 levels"),
            ("{a: " * 100, "more than 64 levels"),
            ("# " + "x" * 64 * 1024, "larger than 64 KiB"),
        ],
    )
    def test_what_is_refused(self, file: Path, content: str | bytes, says: str) -> None:
        with pytest.raises(UsageError) as refused:
            read(file, content)
        assert says in str(refused.value)
        assert str(file) in str(refused.value)
        assert refused.value.hint
        assert "\n" not in str(refused.value)

    def test_a_bomb_of_aliases_does_not_go_off(self, file: Path) -> None:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
        with pytest.raises(UsageError, match="line 1: an anchor"):
            read(file, "\n".join(lines))

    def test_a_file_that_is_not_there_is_an_error(self, file: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="No such file"):
            read_dive_rules(file)
        with pytest.raises(UsageError, match="Is a directory"):
            read_dive_rules(tmp_path)

    @given(
        st.dictionaries(
            st.text(max_size=8),
            st.one_of(st.text(max_size=8), st.integers(), st.floats(), st.lists(st.text())),
            max_size=5,
        ),
        st.floats(0, 1),
    )
    def test_any_other_keys_do_not_matter(
        self, tmp_path_factory: pytest.TempPathFactory, others: dict[str, object], ratio: float
    ) -> None:
        document = {**{f"x{key}": value for key, value in others.items()}}
        if len({key.lower() for key in document}) < len(document):
            return
        document["rules"] = {**document, "lowestEfficiency": ratio}
        file = tmp_path_factory.getbasetemp() / "any.yaml"
        text = yaml.dump(document, Dumper=_NoAnchors, allow_unicode=True)
        assert dive_limits(read(file, text)).lowest_efficiency == ratio

    @given(st.text(max_size=60))
    def test_any_text_is_read_or_refused_in_one_line(
        self, tmp_path_factory: pytest.TempPathFactory, text: str
    ) -> None:
        file = tmp_path_factory.getbasetemp() / "any.yaml"
        try:
            dive_limits(read(file, text.encode("utf-8", "replace")))
        except UsageError as refused:
            assert "\n" not in str(refused)  # noqa: PT017 - either is right


class _NoAnchors(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


class TestFlags:
    def test_a_flag_wins_over_the_file_and_the_file_over_the_default(self, file: Path) -> None:
        rules = read(file, "rules: {lowestEfficiency: 0.5, highestWastedBytes: 5}")
        both = dive_rules_from(highest_wasted_bytes="7", file=rules)
        assert both == DiveRules("0.5", "7", "0.1", f"{file} and command line")
        assert dive_rules_from(file=rules) == rules
        alone = dive_rules_from(lowest_efficiency="1", highest_user_wasted_percent="0")
        assert alone == DiveRules("1", OFF, "0", "command line")
        assert dive_rules_from() == DiveRules()

    def test_warnings_of_the_file_stay(self, file: Path) -> None:
        rules = read(file, "rules: {lowest-efficiency: 1}")
        assert dive_rules_from(lowest_efficiency="1", file=rules).warnings == rules.warnings != ()


class TestLimits:
    @pytest.mark.parametrize("word", ["", "disabled", "off", "false", " OFF ", "False"])
    def test_words_that_switch_off(self, word: str) -> None:
        assert dive_limits(DiveRules(word, word, word)) == DiveLimits(None, None, None)

    @pytest.mark.parametrize("text", ["0", "1", "0.5", ".5", "1.", "5e-1", "+0.5", "-0", "0.0_1"])
    def test_ratios(self, text: str) -> None:
        number = float(text)
        assert dive_limits(DiveRules(text, OFF, text)) == DiveLimits(number, None, number)

    @pytest.mark.parametrize(
        "text",
        [
            "95%",
            "95",
            "-0.1",
            "1.0001",
            "nan",
            "inf",
            "x",
            "0x1p-1",
            "1__0e-3",
            " 0.5",
            "0.5 ",
            "\u0660",
        ],
    )
    def test_what_is_no_ratio(self, text: str) -> None:
        with pytest.raises(UsageError, match=r"lowestEfficiency is .* no ratio"):
            dive_limits(DiveRules(text))
        with pytest.raises(UsageError, match=r"highestUserWastedPercent is .* no ratio"):
            dive_limits(DiveRules(OFF, OFF, text))

    @pytest.mark.parametrize(
        ("text", "limit"),
        [
            ("20MB", 20_000_000),
            ("20Mb", 20_000_000),
            ("20 mib", 20 * 2**20),
            ("20Mi", 20 * 2**20),
            ("20m", 20_000_000),
            ("1.5kB", 1500),
            ("1,234 B", 1234),
            ("0.9", 0),
            ("1E", 10**18),
            ("1e", 10**18),
            ("1EiB", 2**60),
            ("15.99EiB", int(float("15.99") * 2**60)),
            ("7\t\n", 7),
        ],
    )
    def test_sizes(self, text: str, limit: int) -> None:
        assert dive_limits(DiveRules(OFF, text, OFF)).highest_wasted_bytes == limit

    @pytest.mark.parametrize(
        "text",
        [
            "-1",
            "+1",
            " 1",
            "1e6",
            "MB",
            "1 bytes",
            "1.2.3",
            "16EiB",
            "9" * 400,
            "1ZB",
            ",",
            ".",
            "1_0",
        ],
    )
    def test_what_is_no_size(self, text: str) -> None:
        with pytest.raises(UsageError, match=r"highestWastedBytes is .* no size") as refused:
            dive_limits(DiveRules(OFF, text, OFF))
        assert len(str(refused.value)) < 200

    @given(
        st.integers(0, 10**6),
        st.sampled_from(["", "k", "M", "G", "T"]),
        st.booleans(),
        st.sampled_from(["", " "]),
    )
    def test_whole_sizes_are_exact(
        self, number: int, prefix: str, binary: bool, space: str
    ) -> None:
        binary = binary and bool(prefix)
        text = f"{number}{space}{prefix}{'i' if binary else ''}B"
        factor = Fraction(1024 if binary else 1000) ** " kMGT".index(prefix or " ")
        assert dive_limits(DiveRules(OFF, text, OFF)).highest_wasted_bytes == number * factor


class TestJudging:
    def test_equality_passes_all_three(self) -> None:
        verdict = judge("0.75", "2MB", "0.5")
        assert verdict.passed
        assert verdicts(verdict) == ["pass", "pass", "pass"]

    def test_one_step_beyond_fails(self) -> None:
        above, below = repr(nextafter(0.75, 1)), repr(nextafter(0.5, 0))
        assert verdicts(judge(above, "2MB", "0.5")) == ["fail", "pass", "pass"]
        assert verdicts(judge("0.75", "1999999", "0.5")) == ["pass", "fail", "pass"]
        assert verdicts(judge("0.75", "2MB", below)) == ["pass", "pass", "fail"]
        assert not judge(above, "2MB", "0.5").passed

    def test_what_is_switched_off_is_skipped_and_passes(self) -> None:
        verdict = judge()
        assert verdict.passed
        assert verdicts(verdict) == ["skip", "skip", "skip"]

    def test_limits_of_zero_are_limits(self) -> None:
        assert verdicts(judge("0", "0", "0")) == ["pass", "fail", "fail"]

    def test_a_division_by_zero_fails_if_anything_is_wasted(self) -> None:
        infinite = DiveFigures(0.5, 1, None, 9, 0)
        assert verdicts(judge(OFF, OFF, "1", infinite)) == ["skip", "skip", "fail"]
        assert verdicts(judge(OFF, OFF, OFF, infinite)) == ["skip", "skip", "skip"]
        assert judge(OFF, OFF, "1", infinite).rules[2].ours.endswith("nothing above layer 1")
        no_number = DiveFigures(1.0, 0, None, 9, 0)
        assert verdicts(judge("1", "0", "0", no_number)) == ["pass", "pass", "pass"]

    def test_an_efficiency_below_zero_fails_any_limit(self) -> None:
        negative = DiveFigures(-2.0, 0, 0.0, 1, 1)
        assert verdicts(judge("0", OFF, OFF, negative)) == ["fail", "skip", "skip"]

    def test_what_the_verdict_tells(self) -> None:
        verdict = judge("0.9", "1 MB", "0.2")
        assert (verdict.origin, verdict.passed) == ("here", False)
        assert (verdict.efficiency, verdict.wasted_bytes) == (0.75, 2_000_000)
        assert verdict.user_wasted_percent == 0.5
        assert [rule.rule for rule in verdict.rules] == [
            "lowestEfficiency",
            "highestWastedBytes",
            "highestUserWastedPercent",
        ]
        assert [rule.limit for rule in verdict.rules] == ["0.9", "1 MB", "0.2"]
        assert [rule.measured for rule in verdict.rules] == [0.75, 2_000_000, 0.5]
        assert [rule.ours for rule in verdict.rules] == [
            "efficiency 0.900",
            "1.00 MB dead",
            "dead bytes are 0.250 of those above layer 1",
        ]

    def test_a_bad_rule_is_a_usage_error_that_says_where_it_stands(self, file: Path) -> None:
        with pytest.raises(UsageError):
            judge("95%")
        with pytest.raises(UsageError) as refused:
            dive_limits(read(file, "rules: {highestWastedBytes: much}"))
        assert str(file) in str(refused.value)
