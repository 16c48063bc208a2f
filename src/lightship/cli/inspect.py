"""`lightship inspect`."""

from __future__ import annotations

import click

from lightship.cli.options import (
    bandwidth_option,
    image_argument,
    image_options,
    output_options,
    reading_options,
    top_option,
)
from lightship.cli.session import Session, wanted_reference
from lightship.errors import UsageError


@click.command("inspect")
@image_argument
@click.option("--details", is_flag=True, help="List the largest dead files, moves, duplicates.")
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
@output_options
@reading_options
def command(reference: str | None, **options: object) -> None:
    """Measure where an image's bytes go.

    IMAGE is an archive, a layout, or a reference such as oci:folder:tag; - reads an archive from
    standard input. The first screen ends with what would win most; --details lists
    the files behind the figures. --manifest-only asks a registry for no layer.
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
    from lightship.report.inspect_text import inspect_all_text  # noqa: PLC0415 # likewise
    from lightship.report.json import to_json  # noqa: PLC0415 # likewise

    session = Session(options)
    arguments = {**session.inspecting(), "base": options["base"], "node": options["node"]}
    with session.progress() as progress:
        if options["all_platforms"]:
            results = inspect_all_platforms(reference, progress=progress, **arguments)
        else:
            platform = session.settings["platform"]
            results = (inspect(reference, platform=platform, progress=progress, **arguments),)
    if session.destination.format_name == "json":
        session.write(to_json(results if options["all_platforms"] else results[0]))
        return
    top, detailed = session.settings["top"], bool(options["details"])
    session.write(inspect_all_text(results, session.look, top=top, detailed=detailed))


def answer_by_manifest(reference: str, options: dict[str, object]) -> None:
    """Inspect what the image's documents say, and write the report."""
    unread = ("exact", "verify", "details", "node")
    for name in unread:
        if options[name]:
            raise UsageError(
                f"--{name} needs the layers, and --manifest-only reads none", "Leave out one."
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
