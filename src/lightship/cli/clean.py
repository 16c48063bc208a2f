"""`lightship clean`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lightship.cli.options import image_argument, reading_options, screen_options, top_option
from lightship.cli.output import Destination, check_place
from lightship.cli.rewriting import (
    answer,
    compression_of,
    destination_options,
    new_layer_options,
    order_of,
)
from lightship.cli.session import Session, wanted_reference


@click.command("clean")
@image_argument
@destination_options
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="RULE",
    help="What this rule finds goes, however sure it is; see lightship explain. May be repeated.",
)
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="CATEGORY",
    help="Every file of a category goes, licences excepted. May be repeated.",
)
@click.option(
    "--path",
    "paths",
    multiple=True,
    metavar="PATH",
    help="A name goes with everything below it. May be repeated.",
)
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
@click.option(
    "--manifest",
    type=click.Path(path_type=Path, dir_okay=False),
    help="List every name that goes, and why, in this file: text if it ends with .txt, else JSON.",
)
@new_layer_options
@top_option
@reading_options
@screen_options
def command(reference: str | None, **options: Any) -> None:  # noqa: ANN401 # as click gives them
    """Take out what an image does not need, without a rebuild, and prove the rest.

    Without --rule, --category and --path what is certainly not needed goes: see the findings of
    inspect. Each file goes from the layer that brought it; all other layers stay as they are. What
    the image's command runs, certificates and package databases stay: a package's record goes with
    the whole of its package, or not at all. --plan says what would go, and writes nothing.
    """
    wanted = wanted_reference(options, reference)
    if wanted is None:
        return
    from lightship.api.cleaning import clean_order, wanted_of  # noqa: PLC0415 # see app
    from lightship.api.explaining import captures  # noqa: PLC0415 # likewise

    session = Session(options)
    manifest: Path | None = options["manifest"]
    if manifest is not None:
        check_place(manifest)
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
    if manifest is not None:
        from lightship.report.clean_manifest import clean_manifest  # noqa: PLC0415 # likewise

        as_text = manifest.suffix.lower() == ".txt"
        text = clean_manifest(results, as_text=as_text)
        Destination(manifest, "text" if as_text else "json").write(text)
