"""`lint` over real files with real rules."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lightship
from lightship.api import linting
from lightship.api.dockerfile_findings import findings_of, text_of
from lightship.dockerfile.build import Build
from lightship.errors import UsageError
from lightship.filetree.patterns import Pattern
from lightship.rules.suppressing import Ignore

from .dockerfiles_made import FIXABLE, GOOD, UNUSED

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.api.dockerfiles import Opened
    from lightship.model.results.lint import LintFinding, LintResult


def write(folder: Path, **files: bytes) -> Path:
    for name, data in files.items():
        file = folder / name.replace("_", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def lists(result: LintResult) -> list[LintFinding]:
    return [one for one in result.findings if one.rule == "package-lists"]


def test_a_finding_says_where_and_what_can_be_done(tmp_path: Path) -> None:
    result = lightship.lint(write(tmp_path, Dockerfile=FIXABLE))
    (finding,) = lists(result)
    assert (finding.line, finding.end_line, finding.severity) == (2, 2, "warning")
    assert finding.path == str(tmp_path / "Dockerfile")
    assert finding.instruction is not None
    assert finding.instruction.startswith("RUN apt-get update && apt-get install")
    assert finding.fix is not None
    assert finding.fix.tier == "safe"
    assert result.failed
    assert not result.problems


def test_a_good_file_is_silent(tmp_path: Path) -> None:
    result = lightship.lint(write(tmp_path, Dockerfile=GOOD))
    assert not result.failed
    assert [file.path for file in result.files] == [str(tmp_path / "Dockerfile")]


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"", 4, "empty"),
        (b" \n\t\n", 4, "empty"),
        (b"\x7fELF\x00\x00\x01", 4, "binary, or not UTF-8: it has NUL bytes"),
        ("FROM a\n".encode("utf-16"), 4, "binary, or not UTF-8: it has NUL bytes"),
        (b"RUN true\n", 4, "no FROM: not a Dockerfile"),
        (b"hello world\n" * 50, 4, "no FROM: not a Dockerfile"),
        (b"FROM a\nRUNN b\n", 4, "unknown instruction 'RUNN'"),
        (b"FROM a\nRUN <<EOF\nb\n", 4, "the here-document 'EOF' is not terminated"),
        (b"FROM a\nRUN " + b"x" * 1_000_000 + b"\n", 4, "1,000,004 bytes in one line"),
        (b"FROM a\nRUN " + b"x" * 10_000_000 + b"\n", 4, "too big for a Dockerfile"),
        (b"FROM a\n" + b"RUN b\n" * 1_000, 4, "more than 1,000 instructions"),
    ],
    ids=range(11),
)
def test_bad_files_are_told_and_the_rest_goes_on(
    tmp_path: Path, data: bytes, code: int, said: str
) -> None:
    result = lightship.lint(write(tmp_path, a_Dockerfile=data, b_Dockerfile=FIXABLE))
    assert result.problems[0].exit_code == code
    assert said in result.problems[0].message
    assert result.problems[0].path == str(tmp_path / "a/Dockerfile")
    assert [one.path for one in lists(result)] == [str(tmp_path / "b/Dockerfile")]


def test_pipes_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    write(tmp_path, Dockerfile=FIXABLE)
    result = lightship.lint([tmp_path / "pipe", tmp_path])
    assert [(one.exit_code, one.message) for one in result.problems] == [
        (3, "no regular file; - reads standard input")
    ]
    assert lists(result)


def test_of_many_wrong_lines_a_few_are_told(tmp_path: Path) -> None:
    result = lightship.lint(write(tmp_path, Dockerfile=b"FROM a\n" + b"NOPE b\n" * 900))
    assert len(result.problems) == 6
    assert result.problems[-1].message == "and 895 more lines that BuildKit refuses"


def test_a_wrong_file_is_linted_as_far_as_it_goes(tmp_path: Path) -> None:
    result = lightship.lint(write(tmp_path, Dockerfile=FIXABLE + b"NOPE x\n"))
    (finding,) = lists(result)
    assert finding.unfixed == "line 4: unknown instruction 'NOPE'"
    assert result.files[0].untouched == finding.unfixed


def test_a_template_is_no_mistake(tmp_path: Path) -> None:
    template = b"{% for x in y %}\nFROM {{ base }}\n{% endfor %}\nRUN true\n"
    result = lightship.lint(write(tmp_path, Dockerfile=template))
    assert not result.problems
    assert result.files[0].untouched == "it looks like a template"


@pytest.mark.parametrize("name", ["Dockerfile.tmpl", "Dockerfile-slim.template", "a.Dockerfile.in"])
def test_a_name_says_that_it_is_a_template(tmp_path: Path, name: str) -> None:
    write(tmp_path, **{name: FIXABLE + b"%%CMD%%\n"})
    assert not lightship.lint(tmp_path / name).problems
    (finding,) = lists(lightship.lint(tmp_path / name))
    assert finding.unfixed == "its name says that it is a template"
    (file,) = lightship.fix(tmp_path / name, write=True).files
    assert (file.made, file.untouched) == ((), finding.unfixed)


def test_a_bug_with_one_file_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = findings_of

    def broken(one: Opened, rules: Any, **rest: Any) -> Any:
        if one.matter and "RUN" not in one.matter.build.dockerfile.text:
            raise KeyError("oops")
        return real(one, rules, **rest)

    monkeypatch.setattr(linting, "findings_of", broken)
    result = lightship.lint(write(tmp_path, a_Dockerfile=GOOD, b_Dockerfile=FIXABLE))
    (problem,) = result.problems
    assert problem.exit_code == 70
    assert "KeyError: 'oops'" in problem.message
    assert "This is a bug in lightship" in problem.message
    assert lists(result)


def test_rules_are_selected_and_ignored(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile=FIXABLE, b_Dockerfile=UNUSED)
    rules = {one.rule for one in lightship.lint(tmp_path, select=["unused-stage"]).findings}
    assert rules == {"unused-stage"}
    assert not lists(lightship.lint(tmp_path, ignore=["package-lists, unused_stage"]))
    assert lists(lightship.lint(tmp_path, select=["dl3009"]))
    with pytest.raises(UsageError, match="Did you mean 'package-lists'"):
        lightship.lint(tmp_path, select=["pakage-lists"])


@pytest.mark.parametrize(
    ("fail_on", "failed"), [("error", False), ("warning", False), ("info", True)]
)
def test_what_fails(tmp_path: Path, fail_on: Any, failed: bool) -> None:
    result = lightship.lint(
        write(tmp_path, Dockerfile=UNUSED), fail_on=fail_on, select=["unused-stage"]
    )
    assert result.failed is failed


def test_comments_suppress_and_say_why(tmp_path: Path) -> None:
    run = b"# lightship: ignore[package-lists] they are wanted\nRUN apt-get"
    result = lightship.lint(write(tmp_path, Dockerfile=FIXABLE.replace(b"RUN apt-get", run)))
    (finding,) = lists(result)
    assert finding.suppressed == "they are wanted"
    assert not [one for one in result.findings if one.rule == "unused-ignore"]
    run = b"# hadolint ignore=DL3009\nRUN apt-get"
    result = lightship.lint(write(tmp_path, Dockerfile=FIXABLE.replace(b"RUN apt-get", run)))
    assert lists(result)[0].suppressed == "no reason is given, line 2"


def test_a_comment_in_vain_is_told_where_it_stands(tmp_path: Path) -> None:
    text = GOOD + b"\n# lightship: ignore[package-lists] why\nRUN true\n"
    result = lightship.lint(write(tmp_path, Dockerfile=text))
    (finding,) = [one for one in result.findings if one.rule == "unused-ignore"]
    assert (finding.line, finding.message) == (
        4,
        "package-lists is ignored, but finds nothing here.",
    )
    result = lightship.lint(tmp_path, select=["unused-ignore"])
    assert not result.findings


@pytest.mark.parametrize(
    ("patterns", "suppressed"),
    [((), True), (("a/*",), True), (("Dockerfile",), True), (("b/**",), False)],
)
def test_settings_suppress_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    patterns: tuple[str, ...],
    suppressed: bool,
) -> None:
    write(tmp_path, a_Dockerfile=FIXABLE)
    monkeypatch.chdir(tmp_path)
    ignore = Ignore(
        rule="package-lists", reason="known", patterns=tuple(map(Pattern.parse, patterns))
    )
    (finding,) = lists(lightship.lint(".", ignores=[ignore]))
    assert (finding.suppressed == "known") is suppressed
    fixed = lightship.fix(".", ignores=[ignore]).files[0]
    assert (not fixed.made) is suppressed


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("ENV API_TOKEN=s3cretvalue99 B=c", "ENV API_TOKEN=*** B=c"),
        ("ENV PASSWORD hunter2hunter2", "ENV PASSWORD ***"),
        ("env DB_PASSWORD='an0ther secret'", "ENV DB_PASSWORD='***'"),
        ("ARG TOKEN=s3cretvalue99", "ARG TOKEN=***"),
        ("ENV A=b \\\n  API_TOKEN=s3cretvalue99", "ENV A=b   API_TOKEN=***"),
        ("RUN curl -u x:ghp_" + "a1B2" * 9, "RUN curl -u x:***"),
        ("ENV TOKEN_FILE=/run/secrets/token", "ENV TOKEN_FILE=/run/secrets/token"),
    ],
)
def test_secrets_are_struck_from_what_is_shown(line: str, shown: str) -> None:
    build = Build.read(f"FROM a\n{line}\n".encode())
    assert text_of(build.steps[1], build) == shown


def test_a_long_instruction_is_cut_after_it_was_struck(tmp_path: Path) -> None:
    long = b" ".join(b"package-%d" % at for at in range(3000))
    text = b"FROM debian:13-slim\nRUN apt-get update && apt-get install -y " + long + b"\n"
    (finding,) = lists(lightship.lint(write(tmp_path, Dockerfile=text)))
    assert finding.instruction is not None
    assert len(finding.instruction) == 1000


def test_a_fingerprint_stays_when_lines_move(tmp_path: Path) -> None:
    write(tmp_path, Dockerfile=FIXABLE)
    before = lists(lightship.lint(tmp_path))[0]
    moved = FIXABLE.replace(b"RUN apt-get", b"\n# more\nRUN   apt-get")
    after = lists(lightship.lint(write(tmp_path, Dockerfile=moved)))[0]
    assert before.line != after.line
    assert before.fingerprint == after.fingerprint
    run = FIXABLE.split(b"\n")[1] + b"\n"
    twice = lists(lightship.lint(write(tmp_path, Dockerfile=FIXABLE.replace(run, run + run))))
    assert len({one.fingerprint for one in twice}) == len(twice)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"# syntax=docker/dockerfile:1\r\n"])
def test_places_count_characters(tmp_path: Path, start: bytes) -> None:
    text = start + "  FROM debian:13-slim AS é\n".encode() + b"FROM debian:13-slim AS final\n"
    result = lightship.lint(write(tmp_path, Dockerfile=text), select=["unused-stage"])
    (finding,) = result.findings
    assert (finding.line, finding.column) == (1 + start.count(b"\n"), 3)


def test_the_context_can_be_another_folder(tmp_path: Path) -> None:
    write(tmp_path, docker_Dockerfile=b"FROM debian:13-slim\nCOPY . /app\n")
    write(tmp_path, **{".dockerignore": b".git\n", "id_rsa": b"x"})
    file = tmp_path / "docker"
    own = {one.rule for one in lightship.lint(file).findings}
    other = {one.rule for one in lightship.lint(file, context=tmp_path).findings}
    assert own != other


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.sampled_from(
            [
                b"FROM debian:13",
                b"RUN apt-get update && \\",
                b"  apt-get install -y git",
                b"# lightship: ignore[package-lists,\xff] \x1b[31m",
                b"# hadolint ignore=DL3009",
                b"COPY . \xff",
                b"ENV A=\xc3",
                b"\x85",
                b"RUN <<A <<B",
                b"A",
                b"",
                b"ONBUILD RUN x",
            ]
        ),
        max_size=12,
    ),
    st.sampled_from([b"\n", b"\r\n", b"\r", b"\\\n"]),
)
def test_no_file_is_a_bug(tmp_path: Path, lines: list[bytes], end: bytes) -> None:
    write(tmp_path, Dockerfile=b"FROM a\n" + end.join(lines))
    for result in (lightship.lint(tmp_path), lightship.fix(tmp_path, unsafe=True)):
        assert all(one.exit_code == 4 for one in result.problems)
