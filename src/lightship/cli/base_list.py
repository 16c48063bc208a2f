"""`lightship base list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.base_options import known_options
from lightship.cli.options import PLATFORM, SIZE, output_options_of
from lightship.cli.output import REPORT_SUFFIXES
from lightship.cli.session import Session, show_settings

if TYPE_CHECKING:
    from lightship.model.results.base_list import BaseListResult


@click.command("list")
@click.option("--for", "language", metavar="LANGUAGE", help="Only bases for this language.")
@click.option("--system", metavar="SYSTEM", help="Only this distribution: debian, or debian:13.")
@click.option("--libc", type=click.Choice(["glibc", "musl", "none"]), help="Only this C library.")
@click.option("--max", "max_wire", type=SIZE, help="Only bases of at most so many bytes, wire.")
@click.option(
    "--sort",
    "order",
    type=click.Choice(["bytes", "age", "support", "name"]),
    default="bytes",
    show_default=True,
    help="Smallest, youngest or longest supported first, or by name.",
)
@click.option("--all", "everything", is_flag=True, help="List every base.")
@click.option("--platform", type=PLATFORM, help="Platform of the sizes, such as linux/arm64.")
@known_options
@output_options_of(REPORT_SUFFIXES)
def command(**options: object) -> None:
    """List base images in common use, with what is known of each.

    The smallest that are supported come first, those whose support has ended last. Sizes are
    compressed. Nothing is opened and no server asked: lightship base update refreshes what is
    known. -o bases.html makes a page with a plot of size against age.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    from lightship.api.base_listing import base_list  # noqa: PLC0415 # see app

    session = Session(options, REPORT_SUFFIXES)
    result = base_list(
        language=options["language"],  # type: ignore[arg-type]  # click's, a text or None
        system=options["system"],  # type: ignore[arg-type]  # likewise
        libc=options["libc"],  # type: ignore[arg-type]  # likewise
        max_wire_bytes=options["max_wire"],  # type: ignore[arg-type]  # SIZE's, a number or None
        order=options["order"],  # type: ignore[arg-type]  # one of click's choice
        platform=session.settings["platform"],
        data=session.settings["data-dir"],
        today=options["today"],  # type: ignore[arg-type]  # a date or None
    )
    session.write(_written(result, session))


def _written(result: BaseListResult, session: Session) -> str:
    format_name = session.destination.format_name
    if format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # see app

        return to_json(result)
    if format_name == "markdown":
        from lightship.report.base_list_markdown import base_list_markdown  # noqa: PLC0415 # likewise

        return base_list_markdown(result)
    if format_name == "html":
        from lightship.report.html.base_list_html import base_list_html  # noqa: PLC0415 # likewise

        return base_list_html(result)
    from lightship.report.base_list_text import base_list_text  # noqa: PLC0415 # likewise

    return base_list_text(result, session.look, everything=bool(session.options["everything"]))
