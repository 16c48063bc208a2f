"""`lightship squash`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.options import image_argument, image_options, reading_options, screen_options
from lightship.cli.rewriting import destination_options, written
from lightship.cli.session import Session, wanted_reference
from lightship.errors import UsageError

if TYPE_CHECKING:
    from lightship.api.squashing import Keep


@click.command("squash")
@image_argument
@click.option(
    "--keep",
    default="base",
    metavar="base|none|N",
    help="Which first layers stay as they are: the base image's (default), none, or N.",
)
@click.option("--base", help="The base image, or auto for the one that annotations name.")
@destination_options
@image_options
@reading_options
@screen_options
def command(reference: str | None, **options: object) -> None:
    """Make one layer of those over the base, and prove that the files are the same.

    The base image's layers stay, so that nodes and registries go on sharing them.
    """
    reference = wanted_reference(options, reference)
    if reference is None:
        return
    from lightship.api.squashing import squash  # noqa: PLC0415 # see app

    session = Session({**options, "output": None})
    keep = _keep(str(options["keep"]))
    with session.progress() as progress:
        result = squash(
            reference,
            written(options),
            keep=keep,
            base=options["base"],  # type: ignore[arg-type]  # click gives text or None
            platform=session.settings["platform"],
            progress=progress,
            **session.reading(),
        )
    from lightship.report.rewrite_text import rewrite_text  # noqa: PLC0415 # likewise

    session.write(rewrite_text(result, session.look))


def _keep(text: str) -> Keep:
    if text == "base":
        return "base"
    if text == "none":
        return "none"
    if text.isdigit():
        return int(text)
    raise UsageError(f"--keep {text!r}", "Write base, none, or how many layers stay.")
