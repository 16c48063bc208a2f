"""`lightship diff`."""

from __future__ import annotations

import click

from lightship.cli.options import (
    bandwidth_option,
    image_options,
    output_options,
    reading_options,
    top_option,
)
from lightship.cli.session import Session, show_settings
from lightship.errors import UsageError


@click.command("diff")
@click.argument("reference_a", required=False, metavar="A")
@click.argument("reference_b", required=False, metavar="B")
@click.option("--details", is_flag=True, help="List every layer, and the names that differ.")
@top_option
@click.option("--mtime", is_flag=True, help="List names that differ in their time only, too.")
@image_options
@bandwidth_option
@output_options
@reading_options
def command(reference_a: str | None, reference_b: str | None, **options: object) -> None:
    """Compare two images: layers, files, bytes, and what a node pays.

    A is the image before, B the image after; each is written as for inspect, and one of them may
    be - for standard input. Names that differ in their modification time only are counted by
    themselves: a rebuild touches every file.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    if not reference_a or not reference_b:
        raise UsageError("two images are compared", "Write lightship diff A B, or --help for more.")
    from lightship.api.diffing import diff  # noqa: PLC0415 # see app
    from lightship.model.results.diff import LISTED  # noqa: PLC0415 # likewise
    from lightship.report.diff_text import diff_text  # noqa: PLC0415 # likewise
    from lightship.report.json import to_json  # noqa: PLC0415 # likewise

    session = Session(options)
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
    if session.destination.format_name == "json":
        session.write(to_json(result))
        return
    detailed = bool(options["details"])
    session.write(diff_text(result, session.look, top=top, detailed=detailed))
