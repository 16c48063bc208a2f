"""`lightship base suggest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.base_options import (
    JUDGED_SUFFIXES,
    index_option,
    known_options,
    once_from_stdin,
    own_base_option,
)
from lightship.cli.options import image_options, output_options_of, reading_options
from lightship.cli.session import Session, wanted_reference

if TYPE_CHECKING:
    from lightship.model.results.base_suggest import BaseSuggestResult


@click.command("suggest")
@click.argument("reference", required=False, metavar="IMAGE|DOCKERFILE")
@click.option(
    "--for", "language", metavar="LANGUAGE", help="Take the catalogue's bases for this language."
)
@click.option(
    "--candidate",
    "candidates",
    multiple=True,
    metavar="REFERENCE",
    help="A base to open and judge as well, or a folder of such; may stand several times.",
)
@click.option(
    "--image", metavar="IMAGE", help="That the Dockerfile built: its files are the evidence then."
)
@click.option("--any-libc", is_flag=True, help="Judge bases with another C library, too.")
@own_base_option
@index_option
@click.option("--all", "everything", is_flag=True, help="List every candidate.")
@known_options
@image_options
@output_options_of(JUDGED_SUFFIXES)
@reading_options
def command(reference: str | None, **options: object) -> None:
    """Say on which bases an application could run, by the bytes of the whole image.

    Each base has its answer, runs, needs a test or will not run, and what speaks against it.
    Candidates are the catalogue's bases that make sense for the application, which are judged by
    what is known of them, and those of --candidate, which are opened and looked into.

    Of a Dockerfile, or the folder that it is in, the stage that is shipped is looked at, and the
    change to the best base is printed as a diff.
    """
    reference = wanted_reference(options, reference, "base suggest")
    if reference is None:
        return
    from lightship.api.base_suggesting import base_suggest  # noqa: PLC0415 # see app

    once_from_stdin((reference, options["image"], *options["candidates"], options["own_base"]))  # type: ignore[misc]  # click's `multiple`
    session = Session(options, JUDGED_SUFFIXES)
    with session.progress() as progress:
        result = base_suggest(
            reference,
            language=options["language"],  # type: ignore[arg-type]  # click's, a text or None
            candidates=options["candidates"],  # type: ignore[arg-type]  # click's `multiple`
            any_libc=bool(options["any_libc"]),
            image=options["image"],  # type: ignore[arg-type]  # click's, a text or None
            index=options["indexes"],  # type: ignore[arg-type]  # click's `multiple`
            base=options["own_base"],  # type: ignore[arg-type]  # click's, a text or None
            platform=session.settings["platform"],
            data=session.settings["data-dir"],
            today=options["today"],  # type: ignore[arg-type]  # a date or None
            progress=progress,
            **session.reading(),
        )
    session.write(_written(result, session))


def _written(result: BaseSuggestResult, session: Session) -> str:
    format_name = session.destination.format_name
    if format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # see app

        return to_json(result)
    if format_name == "markdown":
        from lightship.report.base_suggest_markdown import (  # noqa: PLC0415 # likewise
            base_suggest_markdown,
        )

        return base_suggest_markdown(result)
    from lightship.report.base_suggest_text import base_suggest_text  # noqa: PLC0415 # likewise

    return base_suggest_text(result, session.look, everything=bool(session.options["everything"]))
