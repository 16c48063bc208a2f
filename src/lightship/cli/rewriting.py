"""Options that the rewriting commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.options import all_of
from lightship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

destination_options = all_of(
    click.option(
        "-o",
        "--output",
        "destination",
        metavar="DEST",
        help="Where the new image goes: oci:DIR:TAG, docker-archive:FILE, registry:NAME:TAG...",
    ),
    click.option("--plan", "only_plan", is_flag=True, help="Say what would be done, and stop."),
    click.option(
        "--format",
        "format_name",
        type=click.Choice(["text", "json"]),
        help="Format of the answer on standard output; by default text.",
    ),
)


def written(options: Mapping[str, object]) -> str | None:
    """The destination; None if only a plan was asked for.

    Raises:
        UsageError: there is neither.
    """
    destination = options["destination"]
    if options["only_plan"]:
        return None
    if not isinstance(destination, str):
        raise UsageError(
            "no destination is named", "Write -o oci:DIR:TAG, or --plan to see what would be done."
        )
    return destination
