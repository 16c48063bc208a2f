"""`lightship base update`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lightship.cli.base_options import data_dir_option
from lightship.cli.options import MOST, PLATFORM, Parsed, output_options, reading_options
from lightship.cli.session import Session, show_settings

if TYPE_CHECKING:
    from lightship.model.results.base_update import BaseUpdateResult

_UNREACHED = 3


def _days(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise ValueError(f"{text!r} is no number of days")
    return int(text)


_DAYS = Parsed("days", _days)


@click.command("update")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--read", is_flag=True, help="Read the layers too: unpacked bytes, packages, libc.")
@click.option(
    "--since",
    type=_DAYS,
    default="1",
    metavar="DAYS",
    show_default=True,
    help="Leave alone what was learnt less than so many days ago.",
)
@click.option(
    "--platform",
    "platforms",
    type=PLATFORM,
    multiple=True,
    help="Platform to learn the bytes of, several times; else linux/amd64 and linux/arm64.",
)
@click.option("--all-platforms", is_flag=True, help="Learn the bytes of every platform.")
@click.option(
    "--mirror",
    "mirrors",
    multiple=True,
    metavar="REGISTRY=HOST[/PREFIX]",
    help="Ask HOST for the images of REGISTRY, such as docker.io=mirror.example.com.",
)
@click.option("--dates", metavar="URL", help="A copy of endoflife.date's API v1 to ask instead.")
@click.option("--no-dates", is_flag=True, help="Do not ask when releases end.")
@click.option("--max-requests", type=MOST, help="Stop after so many requests; else 2,000.")
@data_dir_option
@output_options
@reading_options
@click.pass_context
def command(context: click.Context, /, names: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401 # click's
    """Refresh what is known of base images, from registries.

    Without a NAME all bases are asked for that base list knows, and when releases end is asked of
    endoflife.date. An interrupted run goes on where it was. Exit 3 if nothing could be reached.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    from lightship.api.base_updating import UpdateTerms, base_update  # noqa: PLC0415 # see app

    session = Session(options)
    chosen: dict[str, Any] = {}
    if options["platforms"] or options["all_platforms"]:
        chosen["platforms"] = () if options["all_platforms"] else options["platforms"]
    if options["no_dates"] or options["dates"]:
        chosen["dates"] = "" if options["no_dates"] else options["dates"]
    if options["max_requests"]:
        chosen["most_requests"] = options["max_requests"]
    terms = UpdateTerms(
        read=options["read"], since_days=options["since"], mirrors=options["mirrors"], **chosen
    )
    with session.progress() as progress:
        result = base_update(
            names,
            data=session.settings["data-dir"],
            terms=terms,
            progress=progress,
            **session.reading(),
        )
    session.write(_written(result, session))
    if not result.is_reached:
        context.exit(_UNREACHED)


def _written(result: BaseUpdateResult, session: Session) -> str:
    if session.destination.format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # see app

        return to_json(result)
    from lightship.report.base_update_text import base_update_text  # noqa: PLC0415 # likewise

    return base_update_text(result, session.look)
