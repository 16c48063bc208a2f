"""`lightship lint`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.lint_options import (
    asking,
    image_options,
    lint_settings_of,
    paths_argument,
    rule_options,
    show_lint_settings,
)
from lightship.cli.options import screen_options, several_outputs
from lightship.cli.outputs import several, write_all
from lightship.cli.session import Session
from lightship.report.ci_formats import SUFFIXES, formatter

if TYPE_CHECKING:
    from lightship.cli.output import Destination
    from lightship.model.results.lint import LintResult

_FAILED = 1


@click.command("lint")
@paths_argument
@rule_options
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info"]),
    help="The least severity that ends with exit code 1; by default warning.",
)
@click.option("--exit-zero", is_flag=True, help="End with exit code 0 whatever is found.")
@click.option("--all", "show_all", is_flag=True, help="Show suppressed findings as well.")
@image_options
@several_outputs(SUFFIXES)
@screen_options
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], **options: object) -> None:
    """Find what makes Dockerfiles' images big; exit 1 if it is there.

    PATH is a file, a folder (every Dockerfile and Containerfile below it) or - for standard input;
    by default the current folder. Which rules are asked, options say, LIGHTSHIP_LINT_SELECT and
    LIGHTSHIP_LINT_IGNORE, and the table [lint] of lightship.toml; the first that speaks wins.
    """
    session = Session(options)
    if options["show_settings"]:
        show_lint_settings(session, options)
        return
    outputs, chosen = options["outputs"], options["format_name"]
    assert isinstance(outputs, tuple)  # noqa: S101 - click's `multiple`
    destinations = several(outputs, chosen if isinstance(chosen, str) else None, SUFFIXES)
    result = _answer(session, paths, options)
    write_all(destinations, lambda place: _written(result, place, session))
    worst = session.tell(result.problems)
    failed = _FAILED if result.failed and not options["exit_zero"] else 0
    if worst or failed:
        context.exit(max(worst, failed))


def _answer(session: Session, paths: tuple[str, ...], options: dict[str, object]) -> LintResult:
    from lightship.api.linting import lint  # noqa: PLC0415 # see app

    settings = lint_settings_of(session, options)
    asked = asking(session, settings, options)
    with session.progress() as progress:
        return lint(paths or ".", fail_on=settings.fail_on, progress=progress, **asked)


def _written(result: LintResult, place: Destination, session: Session) -> str:
    if place.format_name != "text":
        return formatter("lint", place.format_name)(result)
    from lightship.report.lint_text import lint_text  # noqa: PLC0415 # see app

    look = place.look(session.settings["color"])
    return lint_text(result, look, suppressed=bool(session.options["show_all"]))
