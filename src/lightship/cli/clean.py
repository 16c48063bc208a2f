"""`lightship clean`."""

from __future__ import annotations

from typing import Any

import click

from lightship.cli.options import image_argument, reading_options, screen_options, top_option
from lightship.cli.rewriting import (
    RewriteCommand,
    answer,
    compression_of,
    destination_options,
    manifest_of,
    new_layer_options,
    order_of,
    removal_options,
    write_manifest,
)
from lightship.cli.session import Session, wanted_reference


@click.command("clean", cls=RewriteCommand)
@image_argument
@destination_options
@removal_options
@click.option(
    "--dedupe",
    is_flag=True,
    help="Make files that are equal in all hard links, within a layer, where nothing is written.",
)
@click.option(
    "--touch-base",
    is_flag=True,
    help="Take out of the base image's layers, too: nobody shares these any more then.",
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
    """Take out what an image does not need, without a rebuild.

    Without --rule, --category and --path what is certainly not needed goes: see the findings of
    inspect. Each file goes from the layer that brought it; all other layers stay as they are. What
    the image's command runs, certificates and package databases stay: a package's record goes with
    the whole of its package, or not at all. --plan says what would go, and writes nothing.
    """
    wanted = wanted_reference(options, reference, "clean")
    if wanted is None:
        return
    from lightship.api.cleaning import clean_order, wanted_of  # noqa: PLC0415 # see app
    from lightship.api.explaining import captures  # noqa: PLC0415 # likewise

    session = Session(options)
    manifest = manifest_of(options)
    to_go = wanted_of(
        options["rules"], options["categories"], options["paths"], session.ignores("image")
    )
    compression = compression_of(options)
    with session.progress() as progress:
        results = clean_order(
            order_of("clean", wanted, session, progress, captures=captures()),
            to_go,
            options["base"],
            compression,
            dedupe=options["dedupe"],
            touch_base=options["touch_base"],
            clamp_mtime=options["clamp_mtime"],
        )
    answer(session, results)
    write_manifest(manifest, results)
