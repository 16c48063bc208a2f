"""`lightship context`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightship.cli.context_init import command as init
from lightship.cli.options import FOLDER, MOST, all_of, output_options, report_options, top_option
from lightship.cli.output import REPORT_SUFFIXES
from lightship.cli.session import Session, show_settings
from lightship.errors import CorruptInputError, UsageError

if TYPE_CHECKING:
    from lightship.api.context_tree import Fold
    from lightship.model.results.context import ContextResult

_MOST_STDIN = 64 * 1024 * 1024
_FILE = click.Path(path_type=Path, allow_dash=True)

_build_options = all_of(
    click.option(
        "-f", "--file", "dockerfile", type=_FILE, help="The Dockerfile; - for standard input."
    ),
    click.option("--target", metavar="STAGE", help="The stage that is built."),
    click.option(
        "--builder",
        "context_builder",
        type=click.Choice(["buildkit", "legacy", "buildah"]),
        help="Whose ways count: docker build's (buildkit), those it had (legacy), podman's.",
    ),
    click.option("--ignorefile", "ignore_file", type=FOLDER, help="The ignore file to read."),
)


@click.group("context")
def command() -> None:
    """Show what a build sends, and which line keeps what out."""


command.add_command(init)


@command.command("show")
@click.argument("folder", default=".", metavar="[DIR]", type=FOLDER)
@_build_options
@click.option("--depth", type=MOST, help="Directories of the tree, so deep at most.")
@click.option("--all", "everything", is_flag=True, help="Every file, every line, every finding.")
@click.option("--sent-only", is_flag=True, help="Do not look into directories that are ignored.")
@top_option
@report_options
def show(folder: Path, **options: object) -> None:
    """Show what a build of a folder sends.

    And what its ignore file keeps out, what each instruction takes, and what to act on.
    BuildKit sends only what the COPY, ADD and bind mounts of the stages take that it builds; the
    legacy builder sends all that is not ignored, and buildah reads it. Without a Dockerfile all
    that is not ignored counts as sent. Nothing is built. Sizes are of files as they lie on disk.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    from lightship.api.context_showing import context_show  # noqa: PLC0415 # see app

    session = Session(options, REPORT_SUFFIXES)
    with session.progress() as progress:
        result = context_show(
            folder,
            **_build(session),
            target=options["target"],  # type: ignore[arg-type] # click's text
            count_ignored=not options["sent_only"],
            ignores=session.ignores("dockerfile"),
            fold=_fold(options, session.destination.format_name),
            progress=progress,
        )
    session.write(_shown(result, session))


def _shown(result: ContextResult, session: Session) -> str:
    if session.destination.format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # likewise

        return to_json(result)
    if session.destination.format_name == "html":
        from lightship.report.html.context_html import context_html  # noqa: PLC0415 # likewise

        return context_html(result)
    if session.destination.format_name == "markdown":
        from lightship.report.context_markdown import context_markdown  # noqa: PLC0415 # likewise

        return context_markdown(result)
    from lightship.report.context_text import context_text  # noqa: PLC0415 # likewise

    top, everything = session.settings["top"], bool(session.options["everything"])
    return context_text(result, session.look, top=top, everything=everything)


@command.command("why")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-C", "folder", type=FOLDER, default=".", metavar="DIR", help="The build context's folder."
)
@_build_options
@click.option(
    "--stdin", "reads", is_flag=True, help="Read paths from standard input, a line each or by NUL."
)
@output_options
def why(paths: tuple[str, ...], **options: object) -> None:
    """Name the line that decides about a path.

    PATH is from the build context's folder; it need not exist. What no line leaves out may still
    stay behind: BuildKit sends only what the Dockerfile takes, and the answer says who takes it.
    """
    if options["show_settings"]:
        show_settings(options)
        return
    wanted = [*paths, *(_piped() if options["reads"] else ())]
    if not wanted and not options["reads"]:
        raise UsageError("no path is named", "Write lightship context why PATH, or --stdin.")
    from lightship.api.context_why import explain_paths  # noqa: PLC0415 # see app

    session = Session(options)
    told = explain_paths(
        wanted,
        folder=options["folder"],  # type: ignore[arg-type] # click's path
        target=options["target"],  # type: ignore[arg-type] # click's text
        **_build(session),
    )
    if session.destination.format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # likewise

        session.write(to_json(told.result))
        return
    from lightship.report.context_why_text import why_text  # noqa: PLC0415 # likewise

    takers = None
    if told.takers is not None:
        takers = tuple(tuple((one.keyword, one.line) for one in some) for some in told.takers)
    session.write(why_text(told.result, told.ignore_file, takers, session.look, told.notes))


def _build(session: Session) -> dict[str, Any]:
    dockerfile = session.options["dockerfile"]
    return {
        "dockerfile": _stdin() if str(dockerfile) == "-" else dockerfile,
        "builder": session.settings["context-builder"],
        "ignore_file": session.options["ignore_file"],
    }


def _fold(options: dict[str, object], format_name: str) -> Fold:
    from lightship.api.context_tree import PICTURE, Fold  # noqa: PLC0415 # see app

    depth = options["depth"]
    assert depth is None or isinstance(depth, int)  # noqa: S101 - click's type
    usual = PICTURE if format_name == "html" else Fold()
    enough = sys.maxsize if options["everything"] else usual.enough
    return Fold(enough=enough, part=usual.part, depth=depth)


def _piped() -> list[bytes]:
    """Paths that are written one a line, or with NULs between them where there are any."""
    data = _stdin()
    pieces = data.split(b"\0" if b"\0" in data else b"\n")
    return [piece for piece in pieces if piece]


def _stdin() -> bytes:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise UsageError("standard input is closed")
    data: bytes = stream.read(_MOST_STDIN + 1)
    if len(data) > _MOST_STDIN:
        raise CorruptInputError("standard input has more than 64 MiB")
    return data
