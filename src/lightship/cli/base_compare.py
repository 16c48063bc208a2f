"""`lightship base compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.base_options import known_options, once_from_stdin
from lightship.cli.options import image_options, output_options_of, reading_options
from lightship.cli.output import REPORT_SUFFIXES
from lightship.cli.session import Session, show_settings
from lightship.errors import UsageError

if TYPE_CHECKING:
    from lightship.model.results.base_compare import BaseCompareResult


@click.command("compare")
@click.argument("references", nargs=-1, metavar="IMAGE...")
@click.option(
    "--advisories",
    multiple=True,
    metavar="FILE|URL|live",
    help="Known vulnerabilities: of Debian's tracker, Alpine's secdb or OSV; live asks these, and "
    "sends OSV the names of packages. May stand several times.",
)
@known_options
@image_options
@output_options_of(REPORT_SUFFIXES)
@reading_options
def command(references: tuple[str, ...], **options: object) -> None:
    """Compare base images: size, age, support, security, content.

    Each image is written as for inspect, and opened; one that cannot be had is compared by what
    the catalogue knows of it. -o bases.html makes a page with a plot of size against age.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    if not references:
        raise UsageError("no image is named", "Write lightship base compare A B, or --help.")
    from lightship.api.base_comparing import base_compare  # noqa: PLC0415 # see app

    once_from_stdin(references)
    session = Session(options, REPORT_SUFFIXES)
    with session.progress() as progress:
        result = base_compare(
            references,
            advisories=options["advisories"],  # type: ignore[arg-type]  # click's `multiple`
            platform=session.settings["platform"],
            data=session.settings["data-dir"],
            today=options["today"],  # type: ignore[arg-type]  # a date or None
            progress=progress,
            **session.reading(),
        )
    session.write(_written(result, session))


def _written(result: BaseCompareResult, session: Session) -> str:
    format_name = session.destination.format_name
    if format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # see app

        return to_json(result)
    if format_name == "markdown":
        from lightship.report.base_compare_markdown import (  # noqa: PLC0415 # likewise
            base_compare_markdown,
        )

        return base_compare_markdown(result)
    if format_name == "html":
        from lightship.report.html.base_compare_html import (  # noqa: PLC0415 # likewise
            base_compare_html,
        )

        return base_compare_html(result)
    from lightship.report.base_compare_text import base_compare_text  # noqa: PLC0415 # likewise

    return base_compare_text(result, session.look)
