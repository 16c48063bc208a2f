"""`lightship inspect`."""

from __future__ import annotations

import click

from lightship.cli.options import (
    bandwidth_option,
    image_argument,
    image_options,
    output_options,
    reading_options,
    top_option,
)
from lightship.cli.session import Session, wanted_reference
from lightship.errors import UsageError


@click.command("inspect")
@image_argument
@click.option("--details", is_flag=True, help="List the largest dead files, moves, duplicates.")
@top_option
@image_options
@click.option("--all-platforms", is_flag=True, help="Measure the image of every platform.")
@bandwidth_option
@output_options
@reading_options
def command(reference: str | None, **options: object) -> None:
    """Measure where an image's bytes go.

    IMAGE is an archive, a layout, or a reference such as oci:folder:tag; - reads an archive from
    standard input. The first screen ends with what would win most; --details lists
    the files behind the figures.
    """
    wanted = wanted_reference(options, reference)
    if wanted is None:
        return
    if options["all_platforms"] and options["platform"]:
        raise UsageError("--platform and --all-platforms exclude each other")
    answer(wanted, options)


def answer(reference: str, options: dict[str, object]) -> None:
    """Inspect and write the report."""
    from lightship.api.inspecting import inspect, inspect_all_platforms  # noqa: PLC0415 # see app
    from lightship.report.inspect_text import inspect_all_text  # noqa: PLC0415
    from lightship.report.json import to_json  # noqa: PLC0415

    session = Session(options)
    arguments = session.inspecting()
    with session.progress() as progress:
        if options["all_platforms"]:
            results = inspect_all_platforms(reference, progress=progress, **arguments)
        else:
            platform = session.settings["platform"]
            results = (inspect(reference, platform=platform, progress=progress, **arguments),)
    if session.destination.format_name == "json":
        session.write(to_json(results if options["all_platforms"] else results[0]))
        return
    top, detailed = session.settings["top"], bool(options["details"])
    session.write(inspect_all_text(results, session.look, top=top, detailed=detailed))
