"""Options of `lint` and `fix`, and the settings behind them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from lightship.cli.options import FOLDER, PLATFORM, all_of, layer_options
from lightship.cli.session import show_settings
from lightship.report.paper import Column, table
from lightship.rules.lint_settings import LintSettings, lint_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.cli.session import Session

paths_argument = click.argument("paths", nargs=-1, metavar="[PATH]...")

rule_options = all_of(
    click.option(
        "--select",
        multiple=True,
        metavar="RULES",
        help="Ask only these rules: names, or hadolint's codes, with commas. default stands for "
        "those that are asked anyway.",
    ),
    click.option("--ignore", multiple=True, metavar="RULES", help="Do not ask these rules."),
    click.option(
        "--context",
        type=FOLDER,
        metavar="FOLDER",
        help="The build context; by default each file's own folder.",
    ),
)

image_options = all_of(
    click.option(
        "--image",
        metavar="IMAGE",
        help="Measure savings in this image, which the Dockerfile built; a single file only.",
    ),
    click.option("--platform", type=PLATFORM, help="Platform of the image, such as linux/arm64."),
    layer_options,
)


def lint_settings_of(session: Session, options: Mapping[str, object]) -> LintSettings:
    """What to ask, by command line, environment and files.

    Raises:
        UsageError: something of it is written wrongly.
    """
    given = {
        "select": options["select"],
        "ignore": options["ignore"],
        "fail-on": options.get("fail_on"),
    }
    return lint_settings(given, os.environ, session.settings.sections["lint"])


def asking(
    session: Session, settings: LintSettings, options: Mapping[str, object]
) -> dict[str, Any]:
    """The arguments that `lint` and `fix` of the api share."""
    asked: dict[str, Any] = {
        "select": settings.select,
        "ignore": settings.ignore,
        "context": options["context"],
        "ignores": session.ignores("dockerfile"),
        "data": session.settings["data-dir"],
    }
    if options["image"]:
        # The rest is not even imported.
        asked |= {
            **session.reading(),
            "image": options["image"],
            "platform": session.settings["platform"],
        }
    return asked


def show_lint_settings(session: Session, options: Mapping[str, object]) -> None:
    """Print each setting, and after them those of `[lint]`."""
    settings = lint_settings_of(session, options)
    show_settings(options)
    look = session.look
    values = {
        "select": ", ".join(settings.select) or "default",
        "ignore": ", ".join(settings.ignore) or "(none)",
        "fail-on": settings.fail_on,
    }
    rows = [
        [look.ink(key, "bold"), look.ink(value), look.ink(settings.origins[key], "dim")]
        for key, value in values.items()
    ]
    columns = [Column("LINT"), Column("VALUE"), Column("FROM")]
    session.write("\n" + look.render(table(columns, rows, look)))
