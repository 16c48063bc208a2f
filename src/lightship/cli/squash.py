"""`lightship squash`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from lightship.errors import UsageError

if TYPE_CHECKING:
    from lightship.api.removal_wanted import Wanted
    from lightship.api.squashing import Keep

_OF_CLEAN = {
    "rules": "--rule",
    "categories": "--category",
    "paths": "--path",
    "manifest": "--manifest",
}


@click.command("squash", cls=RewriteCommand)
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
@click.option(
    "--clean", "cleans", is_flag=True, help="Take out what is not needed as well, in one pass."
)
@removal_options
@new_layer_options
@top_option
@reading_options
@screen_options
def command(reference: str | None, **options: Any) -> None:  # noqa: ANN401 # as click gives them
    """Make one layer of those over the base; the files stay the same.

    The base image's layers stay, so that nodes and registries go on sharing them. --plan says what
    each choice of --keep would win and cost, and writes nothing. What was written is read back and
    compared name by name before it becomes visible; where nothing would be won, nothing is written.
    --clean goes with --rule, --category, --path and --manifest, which mean what they do for clean.
    """
    wanted = wanted_reference(options, reference, "squash")
    if wanted is None:
        return
    from lightship.api.squashing import squash_order  # noqa: PLC0415 # see app

    session = Session(options)
    keep, compression = _keep(options["keep"]), compression_of(options)
    to_go, more = _cleaning(session, options)
    manifest = manifest_of(options)
    with session.progress() as progress:
        results = squash_order(
            order_of("squash", wanted, session, progress, **more),
            keep,
            options["base"],
            compression,
            to_go,
            clamp_mtime=options["clamp_mtime"],
        )
    answer(session, results)
    write_manifest(manifest, results)


def _cleaning(
    session: Session,
    options: dict[str, Any],
) -> tuple[Wanted | None, dict[str, Any]]:
    """What goes besides, and what an order needs for that."""
    if not options["cleans"]:
        for name, option in _OF_CLEAN.items():
            if options[name]:
                raise UsageError(f"{option} tells what --clean takes out", "Add --clean.")
        return None, {}
    from lightship.api.cleaning import wanted_of  # noqa: PLC0415 # see app
    from lightship.api.explaining import captures  # noqa: PLC0415 # likewise

    wanted = wanted_of(
        options["rules"], options["categories"], options["paths"], session.ignores("image")
    )
    return wanted, {"captures": captures()}


def _keep(text: str) -> Keep:
    if text in ("base", "none"):
        return text  # type: ignore[return-value]  # one of the two
    if text.isascii() and text.isdigit() and len(text) < 6:
        return int(text)
    raise UsageError(f"--keep {text[:40]!r}", "Write base, none, or how many layers stay.")
