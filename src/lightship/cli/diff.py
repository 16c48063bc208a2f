"""`lightship diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.options import (
    bandwidth_option,
    image_options,
    reading_options,
    report_options,
    top_option,
)
from lightship.cli.output import REPORT_SUFFIXES
from lightship.cli.session import Session, show_settings
from lightship.errors import UsageError

if TYPE_CHECKING:
    from lightship.model.results.diff import DiffResult


@click.command("diff")
@click.argument("reference_a", required=False, metavar="A")
@click.argument("reference_b", required=False, metavar="B")
@click.option("--details", is_flag=True, help="List every layer, and the names that differ.")
@top_option
@click.option("--mtime", is_flag=True, help="List names that differ in their time only, too.")
@image_options
@bandwidth_option
@report_options
@reading_options
def command(reference_a: str | None, reference_b: str | None, **options: object) -> None:
    """Compare two images: layers, files, bytes, and what a node pays.

    A is the image before, B the image after; each is written as for inspect, and one of them may
    be - for standard input. Names that differ in their modification time only are counted by
    themselves: a rebuild touches every file. -o report.html makes a page of what grew, and
    -o report.md the short form for a pull request.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    if not reference_a or not reference_b:
        raise UsageError("two images are compared", "Write lightship diff A B, or --help for more.")
    from lightship.api.diffing import diff  # noqa: PLC0415 # see app
    from lightship.model.results.diff import LISTED  # noqa: PLC0415 # likewise

    session = Session(options, REPORT_SUFFIXES)
    top = session.settings["top"]
    with session.progress() as progress:
        result = diff(
            reference_a,
            reference_b,
            platform=session.settings["platform"],
            bandwidth=session.settings["bandwidth"],
            listed=max(LISTED, top),
            mtimes=bool(options["mtime"]),
            progress=progress,
            **session.reading(),
        )
    session.write(_written(result, session))


def _written(result: DiffResult, session: Session) -> str:
    format_name = session.destination.format_name
    if format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # likewise

        return to_json(result)
    if format_name == "markdown":
        from lightship.report.diff_markdown import diff_markdown  # noqa: PLC0415 # likewise

        return diff_markdown(result)
    if format_name == "html":
        from lightship.report.html.diff_html import diff_html  # noqa: PLC0415 # likewise

        return diff_html(result)
    from lightship.report.diff_text import diff_text  # noqa: PLC0415 # likewise

    detailed = bool(session.options["details"])
    return diff_text(result, session.look, top=session.settings["top"], detailed=detailed)
