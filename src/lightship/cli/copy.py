"""`lightship copy`."""

from __future__ import annotations

from typing import Any

import click

from lightship.cli.options import reading_options, screen_options, top_option
from lightship.cli.rewriting import PLACES, answer, format_option, order_of, platform_options
from lightship.cli.session import Session, show_settings
from lightship.errors import UsageError


@click.command("copy")
@click.argument("reference", required=False, metavar="IMAGE")
@click.argument("destination", required=False, metavar="DEST")
@platform_options
@format_option
@top_option
@reading_options
@screen_options
def command(
    reference: str | None,
    destination: str | None,
    **options: Any,  # noqa: ANN401 # as click gives them
) -> None:
    """Copy an image as it is, byte for byte.

    Config, contents and image ID stay the same, and the manifest and its digest too where DEST can
    hold the blobs as they are. A docker-archive holds plain layers: they are compressed on the way
    to any other place, and unpacked on the way into one.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    if not reference or not destination:
        raise UsageError(
            "an image and a place to copy it to are needed",
            f"Write lightship copy IMAGE DEST; DEST is one of {PLACES}.",
        )
    from lightship.api.copying import copy_order  # noqa: PLC0415 # see app

    session = Session({**options, "destination": destination})
    with session.progress() as progress:
        results = copy_order(order_of("copy", reference, session, progress))
    answer(session, results)
