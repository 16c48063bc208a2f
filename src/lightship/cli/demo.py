"""`lightship demo`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from lightship.cli.inspect import answer
from lightship.cli.options import (
    bandwidth_option,
    output_options,
    reading_options,
    top_option,
)
from lightship.cli.session import show_settings


@click.command("demo")
@click.option("--details", is_flag=True, help="List the largest dead files, moves, duplicates.")
@top_option
@bandwidth_option
@output_options
@reading_options
def command(**options: object) -> None:
    """Make a small image here and inspect it.

    Needs no engine and no network; the image is gone when the command ends.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    from lightship.api.demo import make_demo_image  # noqa: PLC0415 # see app
    from lightship.progress import SILENT  # noqa: PLC0415

    # The image will not be seen again: nothing of it is worth remembering.
    made = {"exact": False, "verify": False, "platform": None, "all_platforms": False}
    with tempfile.TemporaryDirectory(prefix="lightship-demo-") as folder:
        image = make_demo_image(Path(folder), SILENT)
        answer(str(image.reference), {**options, **made, "no_cache": True})
