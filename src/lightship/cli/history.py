"""`lightship history`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from lightship.cli.options import image_argument, image_options, output_options, reading_options
from lightship.cli.session import Session, wanted_reference


@click.command("history")
@image_argument
@click.option("--no-trunc", is_flag=True, help="Show IDs and instructions in full.")
@image_options
@output_options
@reading_options
def command(reference: str | None, **options: object) -> None:
    """Show what each instruction added, as docker history does.

    The columns are docker's, newest first, without an engine; WIRE, DEAD and FILES are ours.
    """
    wanted = wanted_reference(options, reference)
    if wanted is None:
        return
    from lightship.api.history import history  # noqa: PLC0415 # see app
    from lightship.report.history_text import history_text  # noqa: PLC0415 # likewise
    from lightship.report.json import to_json  # noqa: PLC0415 # likewise

    session = Session(options)
    platform = session.settings["platform"]
    with session.progress() as progress:
        result = history(wanted, platform=platform, progress=progress, **session.reading())
    if session.destination.format_name == "json":
        session.write(to_json(result))
        return
    truncated = not options["no_trunc"]
    session.write(history_text(result, session.look, now=datetime.now(UTC), truncated=truncated))
