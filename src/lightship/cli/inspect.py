"""`lightship inspect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lightship.cli.options import (
    bandwidth_option,
    image_argument,
    image_options,
    reading_options,
    report_options,
    top_option,
)
from lightship.cli.output import REPORT_SUFFIXES
from lightship.cli.session import Session, wanted_reference
from lightship.errors import UsageError

if TYPE_CHECKING:
    from lightship.model.results.inspect import InspectResult


@click.command("inspect")
@image_argument
@click.option("--details", is_flag=True, help="List the largest dead files, moves, duplicates.")
@click.option("--all", "every_finding", is_flag=True, help="Every finding, with its evidence.")
@click.option(
    "--by",
    type=click.Choice(["package", "category", "instruction", "directory", "type"]),
    help="Show the visible bytes by this, and nothing else.",
)
@top_option
@image_options
@click.option("--all-platforms", is_flag=True, help="Measure the image of every platform.")
@click.option(
    "--manifest-only", is_flag=True, help="Read no layer: wire bytes as the manifest has them."
)
@click.option(
    "--base",
    metavar="REFERENCE",
    help="The image that this one was built on, or auto for the one that it names.",
)
@click.option(
    "--node",
    metavar="KEYS",
    help="Say what a pull does to a node, such as disk=100GB,used=70GB.",
)
@bandwidth_option
@report_options
@reading_options
def command(reference: str | None, **options: object) -> None:
    """Measure where an image's bytes go.

    IMAGE is an archive, a layout, or a reference such as oci:folder:tag; - reads an archive from
    standard input. The first screen ends with what to act on: --all tells every finding, --details
    lists the files behind the figures, --by package tells whose the bytes are. -o report.html makes
    a picture of it, -o report.md the short form for a ticket. --manifest-only reads no layer.
    """
    wanted = wanted_reference(options, reference)
    if wanted is None:
        return
    if options["all_platforms"] and options["platform"]:
        raise UsageError("--platform and --all-platforms exclude each other")
    if options["manifest_only"]:
        answer_by_manifest(wanted, options)
    else:
        answer(wanted, options)


def answer(reference: str, options: dict[str, object]) -> None:
    """Inspect and write the report."""
    from lightship.api.inspecting import inspect, inspect_all_platforms  # noqa: PLC0415 # see app

    session = Session(options, REPORT_SUFFIXES)
    arguments = {**session.inspecting(), "base": options["base"], "node": options["node"]}
    if session.destination.format_name == "html":
        _picture(reference, session, arguments)
        return
    with session.progress() as progress:
        if options["all_platforms"]:
            results = inspect_all_platforms(reference, progress=progress, **arguments)
        else:
            platform = session.settings["platform"]
            results = (inspect(reference, platform=platform, progress=progress, **arguments),)
    session.write(_written(results, session))


def _picture(reference: str, session: Session, arguments: dict[str, Any]) -> None:
    if session.options["all_platforms"]:
        raise UsageError("a picture shows one platform", "Name it with --platform.")
    from lightship.api.inspecting import inspect_with_picture  # noqa: PLC0415 # likewise
    from lightship.report.html.inspect_html import inspect_html  # noqa: PLC0415 # likewise

    platform = session.settings["platform"]
    with session.progress() as progress:
        result, picture = inspect_with_picture(
            reference, platform=platform, progress=progress, **arguments
        )
    session.write(inspect_html(result, picture))


def _written(results: tuple[InspectResult, ...], session: Session) -> str:
    options, format_name = session.options, session.destination.format_name
    if format_name == "json":
        from lightship.report.json import to_json  # noqa: PLC0415 # likewise

        return to_json(results if options["all_platforms"] else results[0])
    if format_name == "markdown":
        from lightship.report.inspect_markdown import inspect_all_markdown  # noqa: PLC0415 # likewise

        return inspect_all_markdown(results)
    from lightship.report.inspect_text import inspect_all_text  # noqa: PLC0415 # likewise

    return inspect_all_text(
        results,
        session.look,
        top=session.settings["top"],
        detailed=bool(options["details"]),
        every_finding=bool(options["every_finding"]),
        by=options["by"],
    )


def answer_by_manifest(reference: str, options: dict[str, object]) -> None:
    """Inspect what the image's documents say, and write the report."""
    unread = ("exact", "verify", "details", "every_finding", "by", "node")
    for name in unread:
        if options[name]:
            option = "all" if name == "every_finding" else name
            raise UsageError(
                f"--{option} needs the layers, and --manifest-only reads none", "Leave out one."
            )
    if options["format_name"] in {"markdown", "html"}:
        raise UsageError(
            f"{options['format_name']} tells of files, and --manifest-only reads none",
            "Write --format text or json.",
        )
    from lightship.api.manifests import (  # noqa: PLC0415 # likewise
        manifest_only,
        manifest_only_all_platforms,
    )
    from lightship.model.results.manifest import ManifestList  # noqa: PLC0415 # likewise
    from lightship.report.json import to_json  # noqa: PLC0415 # likewise
    from lightship.report.manifest_text import manifest_all_text  # noqa: PLC0415 # likewise

    session = Session(options)
    settings = session.settings
    arguments = {
        **session.reading(),
        "bandwidth": settings["bandwidth"],
        "base": options["base"],
    }
    with session.progress() as progress:
        if options["all_platforms"]:
            results = manifest_only_all_platforms(reference, progress=progress, **arguments)
        else:
            platform = settings["platform"]
            results = (manifest_only(reference, platform=platform, progress=progress, **arguments),)
    if session.destination.format_name == "json":
        whole = ManifestList(manifests=results) if options["all_platforms"] else results[0]
        session.write(to_json(whole))
        return
    session.write(manifest_all_text(results, session.look, top=settings["top"]))
