"""`lightship fix`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.api.dockerfile_paths import STDIN
from lightship.cli.build_logs import obeyed_by_none
from lightship.cli.lint_options import (
    asking,
    image_options,
    lint_settings_of,
    paths_argument,
    rule_options,
    show_lint_settings,
)
from lightship.cli.options import output_options_of
from lightship.cli.session import Session
from lightship.dockerfile.tree import to_bytes

if TYPE_CHECKING:
    from lightship.model.results.fix import FixResult

_FAILED = 1
SUFFIXES = {"text": (".txt",), "json": (".json",), "diff": (".diff", ".patch")}
"""The formats, and the ends of file names that mean them."""


@click.command("fix")
@paths_argument
@click.option("--write", is_flag=True, help="Write the fixed files, each whole or not at all.")
@click.option("--diff", is_flag=True, help="Only show what would change, which is the default.")
@click.option("--check", is_flag=True, help="End with exit code 1 if there is something to fix.")
@click.option(
    "--unsafe", is_flag=True, help="Also make fixes that change what is installed or built."
)
@rule_options
@image_options
@output_options_of(SUFFIXES)
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], **options: object) -> None:
    """Mend that in Dockerfiles: a diff, and what each fix saves.

    --write writes the files. A fix is only made if the file, read again, is valid, has every
    comment and differs only where it was meant to. PATH and the rules to ask are as for lightship
    lint. With --write and - for standard input the fixed file goes to standard output.
    """
    session = Session(options, SUFFIXES)
    if options["show_settings"]:
        show_lint_settings(session, options)
        return
    if options["write"] and (options["check"] or options["diff"]):
        raise click.UsageError("--write goes with neither --check nor --diff")
    result = _answer(session, paths, options)
    is_filter = options["write"] and paths == (STDIN,) and options["format_name"] is None
    session.write(_filtered(result) if is_filter else _written(result, session))
    worst = session.tell(result.problems)
    failed = _FAILED if options["check"] and result.fixes else 0
    if worst or failed:
        context.exit(max(worst, failed))


def _answer(session: Session, paths: tuple[str, ...], options: dict[str, object]) -> FixResult:
    from lightship.api.fixing import fix  # noqa: PLC0415 # see app

    settings = lint_settings_of(session, options)
    asked = asking(session, settings, options)
    with session.progress() as progress:
        return fix(
            paths or ".",
            write=bool(options["write"]),
            unsafe=bool(options["unsafe"]),
            progress=progress,
            **asked,
        )


def _filtered(result: FixResult) -> bytes:
    """The fixed file itself; nothing of one that could not be read."""
    fixed = result.files[0].fixed if result.files else None
    return to_bytes(fixed or "")


def _written(result: FixResult, session: Session) -> str | bytes:
    name = session.destination.format_name
    if name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # see app

        return to_json(result)
    from lightship.report.fix_text import fix_diff, fix_text  # noqa: PLC0415 # likewise

    if name == "text":
        return fix_text(result, session.look)
    # A patch has the file's bytes, whatever they are; but in a build's log it commands nothing.
    diff = fix_diff(result)
    return to_bytes(diff if session.destination.file else obeyed_by_none(diff, "text"))
