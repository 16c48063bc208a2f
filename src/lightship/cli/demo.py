"""`lightship demo`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from lightship.cli.options import bandwidth_option, output_options, reading_options, top_option
from lightship.cli.session import Session, show_settings
from lightship.errors import DestinationError


@click.command("demo")
@click.option("--details", is_flag=True, help="List the largest dead files, moves, duplicates.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the image in this new directory.",
)
@top_option
@bandwidth_option
@output_options
@reading_options
def command(**options: object) -> None:
    """Make an image with the classic mistakes, and explain them.

    Needs no engine, no root and no network: it is made of this Python's own library and packages.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    keep = options["keep"]
    if not isinstance(keep, Path):
        with tempfile.TemporaryDirectory(prefix="lightship-demo-") as folder:
            _show(Path(folder), options, kept=False)
        return
    try:
        keep.mkdir(parents=True)
    except OSError as problem:
        raise DestinationError(
            f"{str(keep)!r} cannot be made: {problem.strerror}", "Name a new directory."
        ) from problem
    _show(keep, options, kept=True)


def _show(folder: Path, options: dict[str, object], *, kept: bool) -> None:
    from lightship.api.demo import make_demo_image  # noqa: PLC0415 # see app
    from lightship.api.inspecting import inspect  # noqa: PLC0415 # likewise
    from lightship.report.demo_text import demo_text  # noqa: PLC0415 # likewise
    from lightship.report.inspect_text import inspect_text  # noqa: PLC0415 # likewise
    from lightship.report.json import to_json  # noqa: PLC0415 # likewise

    session = Session({**options, "exact": False, "verify": False, "no_cache": True})
    arguments = session.inspecting()
    with session.progress() as progress:
        try:
            demo = make_demo_image(folder, progress)
        except OSError as problem:
            raise DestinationError(f"the demo image cannot be written: {problem}") from problem
        result = inspect(str(demo.reference), progress=progress, **arguments)
    if session.destination.format_name == "json":
        session.write(to_json(result))
        return
    top, detailed = session.settings["top"], bool(options["details"])
    report = inspect_text(result, session.look, top=top, detailed=detailed)
    session.write(f"{report}\n{demo_text(demo, result, session.look, kept=kept)}")
