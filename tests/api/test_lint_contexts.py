"""`lint` and the build context: where findings point, what suppresses them, what is walked once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.api import lint_contexts
from lightship.api.fixing import fix
from lightship.api.linting import lint
from lightship.context.survey import Survey, survey
from lightship.report.ci_formats import formatter
from lightship.rules.suppressing import Ignore

if TYPE_CHECKING:
    from lightship.context.context import Context
    from lightship.model.results.lint import LintFinding, LintResult

RULES = ["pattern-only-at-root", "version-control-sent"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose ignore file counts only in the root, and whose history is copied."""
    for path in (".git/HEAD", "node_modules/a", "web/node_modules/a", "main.js"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    (tmp_path / ".dockerignore").write_text("node_modules\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    return tmp_path


def places(result: LintResult) -> list[tuple[str, str, int]]:
    return [
        (one.rule, Path(one.path).name, one.line)
        for one in result.findings
        if one.suppressed is None
    ]


def found(result: LintResult, rule: str) -> LintFinding:
    (one,) = (one for one in result.findings if one.rule == rule)
    return one


def test_findings_point_at_the_instruction_and_at_the_line(project: Path) -> None:
    result = lint(project / "Dockerfile", select=RULES)
    assert places(result) == [
        ("version-control-sent", "Dockerfile", 2),
        ("pattern-only-at-root", ".dockerignore", 1),
    ]
    assert found(result, "pattern-only-at-root").instruction == "node_modules"
    assert [Path(one.path).name for one in result.files] == ["Dockerfile", ".dockerignore"]
    assert result.failed


def test_they_are_asked_by_default(project: Path) -> None:
    assert {one for one, _, _ in places(lint(project))} >= set(RULES)


def test_an_ignore_file_of_several_is_told_once(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[Context] = []

    def counted(context: Context, *, count_ignored: bool) -> Survey:
        walks.append(context)
        return survey(context, count_ignored=count_ignored)

    monkeypatch.setattr(lint_contexts, "survey", counted)
    (project / "other.Dockerfile").write_text("FROM scratch\nCOPY main.js /\nCOPY web /\n")
    result = lint(project, select=RULES)
    assert [one for one, _, _ in places(result)].count("pattern-only-at-root") == 1
    assert [one for one, _, _ in places(result)].count("version-control-sent") == 1
    assert len(walks) == 1


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch\nRUN x\n",
        "FROM alpine AS a\nFROM scratch\nCOPY --from=a / /\n",
        "FROM scratch\nCOPY {{ files }} /\n",
    ],
)
def test_what_takes_nothing_has_no_context(project: Path, text: str) -> None:
    (project / "Dockerfile").write_text(text)
    assert places(lint(project, select=RULES)) == []


@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile"])
def test_a_comment_for_the_file(project: Path, name: str) -> None:
    path = project / name
    path.write_text(f"# lightship: ignore-file[{','.join(RULES)}] as it is\n{path.read_text()}")
    result = lint(project, select=[*RULES, "unused-ignore"])
    assert places(result) == []
    assert found(result, "version-control-sent").suppressed == "as it is"


def test_a_comment_above_the_line_and_above_the_instruction(project: Path) -> None:
    comment = "# lightship: ignore[{}] why\n"
    (project / ".dockerignore").write_text(comment.format(RULES[0]) + "node_modules\n")
    (project / "Dockerfile").write_text(f"FROM scratch\n{comment.format(RULES[1])}COPY . /\n")
    assert places(lint(project, select=RULES)) == []


def test_a_comment_in_vain_is_told(project: Path) -> None:
    (project / "Dockerfile").write_text(
        "# lightship: ignore-file[trailing-slash] why\nFROM scratch\nCOPY . /\n"
    )
    assert places(lint(project, select=["trailing-slash", "unused-ignore"])) == [
        ("unused-ignore", "Dockerfile", 1)
    ]
    assert places(lint(project, select=["unused-ignore"])) == []


def test_settings_suppress_by_name_and_path(project: Path) -> None:
    ignores = [Ignore(rule=rule, reason="so") for rule in RULES]
    assert places(lint(project, select=RULES, ignores=ignores)) == []
    assert places(lint(project, select=RULES, ignore=RULES[:1])) == [
        ("version-control-sent", "Dockerfile", 2)
    ]


def test_the_context_is_another_folder(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "Dockerfile"
    elsewhere.write_text("FROM scratch\nCOPY . /\n")
    result = lint(elsewhere, context=project, select=RULES)
    assert found(result, "pattern-only-at-root").path == str(project / ".dockerignore")
    assert found(result, "version-control-sent").path == str(elsewhere)


def test_fix_knows_their_names_and_fixes_nothing(project: Path) -> None:
    (file,) = fix(project, select=RULES).files
    assert (file.diff, file.left) == ("", ())


def test_a_context_that_is_not_there_is_no_matter_of_the_dockerfile(project: Path) -> None:
    result = lint(project / "Dockerfile", context=project / "absent", select=RULES)
    assert (places(result), result.problems) == ([], ())


def test_fingerprints_stay_when_lines_move(project: Path) -> None:
    before = found(lint(project, select=RULES), RULES[0]).fingerprint
    (project / ".dockerignore").write_text("# first\n\nnode_modules\n")
    after = found(lint(project, select=RULES), RULES[0])
    assert (after.line, after.fingerprint) == (3, before)


def test_reports_name_the_ignore_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    result = lint(".", select=RULES)
    sarif = json.loads(formatter("lint", "sarif")(result))
    uris = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in sarif["runs"][0]["results"]
    }
    assert uris == {"Dockerfile", ".dockerignore"}
    assert "file=.dockerignore,line=1" in formatter("lint", "github")(result)


def test_an_ignore_file_that_every_build_refuses_is_a_problem_once(project: Path) -> None:
    (project / ".dockerignore").write_text("a\n[\n")
    (project / "other.Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    result = lint(project, select=RULES)
    (problem,) = result.problems
    assert (Path(problem.path).name, problem.line, problem.exit_code) == (".dockerignore", 2, 4)
    assert places(result) == []
