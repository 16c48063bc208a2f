"""`lightship base check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.base_options import (
    JUDGED_SUFFIXES,
    index_option,
    known_options,
    once_from_stdin,
    own_base_option,
)
from lightship.cli.options import (
    image_argument,
    image_options,
    output_options_of,
    reading_options,
)
from lightship.cli.session import Session, wanted_reference

if TYPE_CHECKING:
    from lightship.model.results.base_check import BaseCheckResult

_FAILED = 1


@click.command("check")
@image_argument
@click.option(
    "--on", metavar="BASE", help="The base to try: any image, or a name that base list knows."
)
@own_base_option
@index_option
@click.option(
    "--allow",
    type=click.Choice(["needs-test"]),
    help="Let an answer pass that needs a test.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="warning",
    show_default=True,
    help="The least severity of a finding that fails.",
)
@click.option("--exit-zero", is_flag=True, help="End with exit code 0 whatever the verdict.")
@click.option("--all", "everything", is_flag=True, help="List every reason.")
@known_options
@image_options
@output_options_of(JUDGED_SUFFIXES)
@reading_options
@click.pass_context
def command(
    context: click.Context, /, reference: str | None, on: str | None, **options: object
) -> None:
    """Say whether an image's application runs on a base; exit 1 if not.

    Without --on, the base that the image is built on is checked: its end of life, newer patches,
    what of it is used. The answer is "runs" only with proof, "will not run" only where that is
    certain, and else "needs a test", with what nobody can know from reading.
    """
    reference = wanted_reference(options, reference, "base check")
    if reference is None:
        return
    from lightship.api.base_checking import Terms, base_check  # noqa: PLC0415 # see app

    once_from_stdin((reference, on, options["own_base"]))
    session = Session(options, JUDGED_SUFFIXES)
    with session.progress() as progress:
        result = base_check(
            reference,
            on,
            index=options["indexes"],  # type: ignore[arg-type]  # click's `multiple`
            base=options["own_base"],  # type: ignore[arg-type]  # click's, a text or None
            platform=session.settings["platform"],
            data=session.settings["data-dir"],
            today=options["today"],  # type: ignore[arg-type]  # a date or None
            terms=Terms(options["allow"] == "needs-test", options["fail_on"]),  # type: ignore[arg-type]  # click's choices
            progress=progress,
            **session.reading(),
        )
    session.write(_written(result, session))
    if result.verdict == "fail" and not options["exit_zero"]:
        context.exit(_FAILED)


def _written(result: BaseCheckResult, session: Session) -> str:
    format_name = session.destination.format_name
    if format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # see app

        return to_json(result)
    if format_name == "markdown":
        from lightship.report.base_check_markdown import (  # noqa: PLC0415 # likewise
            base_check_markdown,
        )

        return base_check_markdown(result)
    from lightship.report.base_check_text import base_check_text  # noqa: PLC0415 # likewise

    listed = {"listed": 1_000_000} if session.options["everything"] else {}
    return base_check_text(result, session.look, **listed)
