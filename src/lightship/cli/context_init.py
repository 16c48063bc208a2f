"""`lightship context init`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.options import FOLDER, output_options
from lightship.cli.session import Session, show_settings

if TYPE_CHECKING:
    from pathlib import Path


@click.command("init")
@click.argument("folder", default=".", metavar="[DIR]", type=FOLDER)
@click.option("-f", "--file", "dockerfile", type=FOLDER, help="The Dockerfile.")
@click.option(
    "--merge", is_flag=True, help="Keep the lines of a file that is there; they decide last."
)
@click.option("--force", is_flag=True, help="Write a new file over one that is there.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write nothing: the file goes to standard output, the report to standard error.",
)
@output_options
def command(folder: Path, **options: object) -> None:
    """Write a .dockerignore for a project.

    From what kind of project it is, what its .gitignore files say and what lies there. What a COPY,
    ADD or bind mount of its Dockerfiles names stays, and what their commands name.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    if options["merge"] and options["force"]:
        raise click.UsageError("--merge does not go with --force")
    from lightship.api.context_init import context_init  # noqa: PLC0415 # see app

    session = Session(options)
    is_dry = bool(options["dry_run"])
    with session.progress() as progress:
        made = context_init(
            folder,
            dockerfile=options["dockerfile"],  # type: ignore[arg-type] # click's path
            merge=bool(options["merge"]),
            # Whoever only wants to see it need not decide what becomes of the old one.
            replace=bool(options["force"]) or (is_dry and not options["merge"]),
            write=not is_dry,
            progress=progress,
        )
    if session.destination.format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # likewise

        session.write(to_json(made))
        return
    from lightship.report.context_init_text import context_init_text  # noqa: PLC0415 # likewise

    if not is_dry:
        session.write(context_init_text(made, session.look))
        return
    session.write(made.text)
    if not options["quiet"]:
        click.echo(f"\n{context_init_text(made, session.look)}", err=True, nl=False)
