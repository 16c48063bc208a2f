"""`lightship recompress`."""

from __future__ import annotations

from typing import Any

import click

from lightship.cli.options import MOST, image_argument, reading_options, screen_options, top_option
from lightship.cli.rewriting import (
    RewriteCommand,
    answer,
    compression_of,
    destination_options,
    order_of,
)
from lightship.cli.session import Session, wanted_reference


@click.command("recompress", cls=RewriteCommand)
@image_argument
@destination_options
@click.option(
    "--codec",
    type=click.Choice(["gzip", "zstd"]),
    default="gzip",
    help="gzip (default), which everybody reads, or zstd, which is smaller and faster to unpack.",
)
@click.option("--level", type=MOST, help="gzip 1 to 12 (default 6), zstd 1 to 22 (default 3).")
@top_option
@reading_options
@screen_options
def command(reference: str | None, **options: Any) -> None:  # noqa: ANN401 # as click gives them
    """Compress the layers anew, each where that makes it smaller.

    The layers' contents, their diff IDs and the image ID stay the same. A layer whose blob would
    not be smaller keeps it. zstd fails with old clients: containerd before 1.5, Docker before 23.
    """
    wanted = wanted_reference(options, reference, "recompress")
    if wanted is None:
        return
    from lightship.api.recompressing import recompress_order  # noqa: PLC0415 # see app

    session = Session(options)
    compression = compression_of(options, "gzip")
    if compression is None:
        raise TypeError("a codec was given")
    with session.progress() as progress:
        order = order_of("recompress", wanted, session, progress)
        results = recompress_order(order, compression)
    answer(session, results)
