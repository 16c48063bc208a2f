"""Options that `base check` and `base suggest` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.output import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

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
