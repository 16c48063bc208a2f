from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.report.ci_formats import formatter
from lightship.report.ci_github import LONGEST_MESSAGE, SHOWN

from .gate_samples import ALL, HOSTILE, NOTHING, PASSED, holding, many

if TYPE_CHECKING:
    from lightship.model.results.check import CheckResult

to_github = formatter("check", "github")

_COMMAND = re.compile(r"::(?P<kind>[a-z]+) (?P<properties>[^\r\n]*?)::(?P<data>[^\r\n]*)")


def as_a_runner_reads(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands, read by the rules of the runner's source: unescaped in its order."""
    commands = []
    assert text.endswith("\n")
    for line in text.removesuffix("\n").split("\n"):
        found = _COMMAND.fullmatch(line)
        assert found, line
        properties = {}
        for pair in found["properties"].split(","):
            key, _, value = pair.partition("=")
            for escape, sign in (("%3A", ":"), ("%2C", ",")):
                value = value.replace(escape, sign)
            properties[key] = plain(value)
        commands.append((found["kind"], properties, plain(found["data"])))
    return commands


def plain(text: str) -> str:
    for escape, sign in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(escape, sign)
    return text


def test_errors_warnings_and_a_notice() -> None:
    commands = as_a_runner_reads(to_github(ALL))
    assert [(kind, properties["title"]) for kind, properties, _ in commands] == [
        ("error", "lightship max-wire"),
        ("error", "lightship forbid"),
        ("error", "lightship dive-lowestEfficiency"),
        ("warning", "lightship min-efficiency"),
        ("warning", "lightship max-growth"),
        ("notice", "lightship check: fail"),
    ]
    assert {(p["file"], p["line"]) for _, p, _ in commands} == {("Dockerfile", "1")}
    assert commands[0][2].split("\n") == [
        "5,368,709,121 wire bytes are 1 more than the 5 GiB that OpenShift takes.",
        "Make the heaviest layers smaller.",
        "3.22 GB opt/conda/lib/libtorch.so (layer 4: RUN conda install torch)",
        "2.15 GB /models (layer 7)",
        "4.00 kB RUN make (layer 8)",
        "the base image",
    ]


def test_the_escapes_are_githubs() -> None:
    result = replace(ALL, file="a%b,c:d/Dockerfile")
    first = to_github(result).split("\n")[3]
    assert first.startswith(
        "::warning file=a%25b%2Cc%3Ad/Dockerfile,line=1,title=lightship min-efficiency::"
    )
    assert "below 0.95: 50%25 off.%0ADelete" in first


@pytest.mark.parametrize(("result", "said"), [(PASSED, "1 kept"), (NOTHING, "nothing to judge")])
def test_a_pass_is_one_notice(result: CheckResult, said: str) -> None:
    ((kind, properties, data),) = as_a_runner_reads(to_github(result))
    assert (kind, properties["title"]) == ("notice", "lightship check: pass")
    assert data.endswith(said)


@pytest.mark.parametrize("count", [SHOWN, SHOWN + 1, 40])
def test_no_more_annotations_than_github_shows(count: int) -> None:
    commands = as_a_runner_reads(to_github(many(count)))
    for kind in ("error", "warning"):
        found = [command for command in commands if command[0] == kind]
        assert len(found) == SHOWN
        said = "\n".join(properties["title"] + data for _, properties, data in found)
        prefix = "max" if kind == "error" else "min"
        assert all(f"{prefix}-{at}" in said for at in range(count))
        assert (f"lightship: {count - SHOWN + 1} more" in said) == (count > SHOWN)


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_makes_no_command(text: str) -> None:
    commands = as_a_runner_reads(to_github(holding(text)))
    assert [kind for kind, *_ in commands] == ["error", "error", "warning", "warning", "notice"]
    assert {properties["file"] for _, properties, _ in commands} == {"Dockerfile"}
    assert all(len(data) <= LONGEST_MESSAGE for *_, data in commands)


@given(st.text())
def test_any_file_name_survives(name: str) -> None:
    for _, properties, _ in as_a_runner_reads(to_github(replace(ALL, file=f"x{name}"))):
        assert set(properties) == {"file", "line", "title"}
        if name.isascii() and name.isprintable():
            assert properties["file"] == f"x{name}"
