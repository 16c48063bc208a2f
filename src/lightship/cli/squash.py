"""`lightship squash`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lightship.cli.options import image_argument, reading_options, screen_options, top_option
from lightship.cli.rewriting import (
    answer,
    compression_of,
    destination_options,
    new_layer_options,
    order_of,
)
from lightship.cli.session import Session, wanted_reference
from lightship.errors import UsageError

if TYPE_CHECKING:
    from lightship.api.squashing import Keep


@click.command("squash")
@image_argument
@destination_options
@click.option(
    "--keep",
    default="base",
    metavar="base|none|N",
    help="Which first layers stay as they are: the base image's (default), none, or N.",
)
@click.option(
    "--base",
    metavar="REFERENCE",
    help="The image that this one was built on, or auto for the one that it names.",
)
@new_layer_options
@top_option
@reading_options
@screen_options
def command(reference: str | None, **options: Any) -> None:  # noqa: ANN401 # as click gives them
    """Make one layer of those over the base, and prove that the files are the same.

    The base image's layers stay, so that nodes and registries go on sharing them. --plan says what
    each choice of --keep would win and cost, and writes nothing. What was written is read back and
    compared name by name before it becomes visible; where nothing would be won, nothing is written.
    """
    wanted = wanted_reference(options, reference, "squash")
    if wanted is None:
        return
    from lightship.api.squashing import squash_order  # noqa: PLC0415 # see app

    session = Session(options)
    keep, compression = _keep(options["keep"]), compression_of(options)
    with session.progress() as progress:
        results = squash_order(
            order_of("squash", wanted, session, progress),
            keep,
            options["base"],
            compression,
            clamp_mtime=options["clamp_mtime"],
        )
    answer(session, results)


def _keep(text: str) -> Keep:
    if text in ("base", "none"):
        return text  # type: ignore[return-value]  # one of the two
    if text.isascii() and text.isdigit() and len(text) < 6:
        return int(text)
    raise UsageError(f"--keep {text[:40]!r}", "Write base, none, or how many layers stay.")
