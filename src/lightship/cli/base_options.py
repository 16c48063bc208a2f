"""Options that commands about bases share."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from lightship.cli.options import FOLDER, Parsed, all_of
from lightship.cli.output import SUFFIXES
from lightship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

JUDGED_SUFFIXES: Mapping[str, tuple[str, ...]] = {**SUFFIXES, "markdown": (".md",)}

own_base_option = click.option(
    "--base",
    "own_base",
    metavar="REFERENCE",
    help="The image's own base, where lightship would not find it; or auto, as it says itself.",
)

index_option = click.option(
    "--index",
    "indexes",
    multiple=True,
    metavar="[SYSTEM=]FILE|URL",
    help="A package index of a base's distribution: APKINDEX.tar.gz, Packages, repomd.xml. "
    "May stand several times.",
)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no day: write 2026-01-31") from None


data_dir_option = click.option(
    "--data-dir", type=FOLDER, help="Where what base update learnt is kept."
)

known_options = all_of(
    click.option(
        "--today",
        type=Parsed("day", _day),
        metavar="DAY",
        help="Reckon ages, ends of support and staleness by this day; by default today.",
    ),
    data_dir_option,
)


def once_from_stdin(references: Iterable[object]) -> None:
    """Refuse several images on standard input: the first takes all of it.

    Raises:
        UsageError: `-` stands more than once.
    """
    if sum(one in ("-", "docker-archive:-", "oci-archive:-") for one in references) > 1:
        raise UsageError(
            "standard input is named twice, and holds one image", "Write the other into a file."
        )
