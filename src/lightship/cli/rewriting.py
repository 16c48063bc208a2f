"""What the commands that write images share: options, and how their answers are given."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lightship.cli.notes import write_error
from lightship.cli.options import MOST, PLATFORM, all_of
from lightship.cli.output import Destination, check_place
from lightship.cli.terminal import look_of
from lightship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.api.rewriting import Order
    from lightship.cli.session import Session
    from lightship.layers.compressing import Compression
    from lightship.model.results.proof import ProofDocument
    from lightship.model.results.rewrite import Rewrite, RewriteResult
    from lightship.progress import Progress
    from lightship.report.paper import Look

PLACES = (
    "oci:DIR:TAG, oci-archive:FILE, docker-archive:FILE, registry:HOST/NAME:TAG, docker:NAME,"
    " podman:NAME"
)


class RewriteCommand(click.Command):
    """A command with one image; who names the destination as a second one is told of `-o`."""

    allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and look at what is left over.

        Raises:
            UsageError: something is.
        """
        left = super().parse_args(ctx, args)
        if ctx.args:
            raise UsageError(
                f"one image is rewritten, and {ctx.args[0]!r} is a second argument",
                f"Write -o {ctx.args[0]} if the new image is to go there.",
            )
        return left


platform_options = all_of(
    click.option("--platform", type=PLATFORM, help="Platform of the image, such as linux/arm64."),
    click.option(
        "--all-platforms", is_flag=True, help="Every platform that is stored, each by itself."
    ),
)

format_option = click.option(
    "--format",
    "format_name",
    type=click.Choice(["text", "json"]),
    help="Format of the answer on standard output; by default text.",
)

destination_options = all_of(
    click.option(
        "-o",
        "--output",
        "destination",
        metavar="DEST",
        help="Where the new image goes: oci:DIR:TAG, docker-archive:FILE, registry:NAME:TAG...",
    ),
    click.option(
        "--plan", "only_plan", is_flag=True, help="Say what would be won and lost, and stop."
    ),
    click.option(
        "--proof",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Keep what was compared in this file, as JSON, whole or not at all.",
    ),
    format_option,
    platform_options,
    click.option("--exact", is_flag=True, help="Compress plain layers to know their wire size."),
    click.option("--verify", is_flag=True, help="Read and verify every layer again."),
)

new_layer_options = all_of(
    click.option(
        "--codec",
        type=click.Choice(["gzip", "zstd", "plain"]),
        help="Compression of new layers; by default as the destination would have it.",
    ),
    click.option(
        "--level", type=MOST, help="Level of --codec: gzip 1 to 12 (6), zstd 1 to 22 (3)."
    ),
    click.option(
        "--clamp-mtime", is_flag=True, help="Make no file younger than SOURCE_DATE_EPOCH."
    ),
)

removal_options = all_of(
    click.option(
        "--rule",
        "rules",
        multiple=True,
        metavar="RULE",
        help="What this rule finds goes, however sure it is; see lightship explain. May be "
        "repeated.",
    ),
    click.option(
        "--category",
        "categories",
        multiple=True,
        metavar="CATEGORY",
        help="Every file of a category goes, licences excepted. May be repeated.",
    ),
    click.option(
        "--path",
        "paths",
        multiple=True,
        metavar="PATH",
        help="A name goes with everything below it. May be repeated.",
    ),
    click.option(
        "--manifest",
        type=click.Path(path_type=Path, dir_okay=False),
        help="List every name that goes, and why, in this file: text if it ends with .txt, "
        "else JSON.",
    ),
)


def compression_of(options: Mapping[str, Any], codec: str | None = None) -> Compression | None:
    """How new layers are compressed; None where nobody said it.

    Args:
        options: of the command line.
        codec: what it is without `--codec`.

    Raises:
        UsageError: a level without a codec, or one that the codec has not.
    """
    name, level = options["codec"] or codec, options["level"]
    if name is None:
        if level is not None:
            raise UsageError(f"--level {level} is of no codec", "Name it with --codec.")
        return None
    from lightship.layers.compressing import Compression, checked_level  # noqa: PLC0415 - see app
    from lightship.layers.scan import Codec  # noqa: PLC0415 - likewise

    chosen = Codec(name)
    return Compression(chosen, checked_level(chosen, level))


def order_of(
    command: Rewrite,
    reference: str,
    session: Session,
    progress: Progress,
    **more: Any,  # noqa: ANN401 - fields of an order
) -> Order:
    """What is asked for.

    Raises:
        UsageError: there is no destination, and no plan is asked for either; or both platforms.
        DestinationError: the proof's file could not be written, as far as that shows now.
    """
    from lightship.api.options import ReadOptions  # noqa: PLC0415 - see app
    from lightship.api.rewriting import Order  # noqa: PLC0415 - likewise

    options = session.options
    every = bool(options["all_platforms"])
    if every and options["platform"]:
        raise UsageError("--platform and --all-platforms exclude each other")
    fields: dict[str, Any] = {
        "command": command,
        "reference": reference,
        "destination": written(command, options),
        "options": ReadOptions(progress=progress, **session.reading()),
        "platform": None if every else session.settings["platform"],
        "all_platforms": every,
    }
    if isinstance(proof := options.get("proof"), Path):
        if fields["destination"] is None:
            raise UsageError("--proof: a plan proves nothing", "Leave out --plan or --proof.")
        check_place(proof)
        fields["keep_proofs"] = partial(_keep_proofs, proof)
    return Order(**{**fields, **more})


def written(command: str, options: Mapping[str, Any]) -> str | None:
    """The destination; None if only a plan was asked for.

    Raises:
        UsageError: there is neither.
    """
    destination = options["destination"]
    if options.get("only_plan"):
        return None
    if not isinstance(destination, str):
        raise UsageError(
            "no destination is named",
            f"Write -o and one of {PLACES}; or lightship {command} IMAGE --plan.",
        )
    return destination


def answer(session: Session, results: Sequence[RewriteResult]) -> None:
    """Write the answer to standard output; to standard error where an archive went there."""
    if not _goes_to_stdout(session.options):
        session.write(_text(session, results, session.look))
    elif not session.options["quiet"]:
        look = look_of(sys.stderr or sys.stdout, session.settings["color"])
        write_error(_text(session, results, look))


def _goes_to_stdout(options: Mapping[str, object]) -> bool:
    destination = options["destination"]
    if options.get("only_plan") or not isinstance(destination, str):
        return False
    from lightship.transports.destinations import parse_destination  # noqa: PLC0415 - see app
    from lightship.transports.references import STDIN  # noqa: PLC0415 - likewise

    return parse_destination(destination).location == STDIN


def _keep_proofs(place: Path, proofs: tuple[ProofDocument, ...]) -> None:
    """Write what was proven to its file.

    Raises:
        DestinationError: it could not be written; the image is written all the same.
    """
    from lightship.report.rewrite_proof import proof_json  # noqa: PLC0415 - see app

    Destination(place, "json").write(proof_json(proofs))


def _text(session: Session, results: Sequence[RewriteResult], look: Look) -> str:
    if session.destination.format_name == "json":
        from lightship.model.results.rewrite import RewriteList  # noqa: PLC0415 - see app
        from lightship.report.json import to_json  # noqa: PLC0415 - likewise

        every = session.options["all_platforms"]
        return to_json(RewriteList(rewrites=tuple(results)) if every else results[0])
    from lightship.report.rewrite_text import rewrite_all_text  # noqa: PLC0415 - likewise

    return rewrite_all_text(results, look, top=session.settings["top"])


def manifest_of(options: Mapping[str, Any]) -> Path | None:
    """Where what goes is listed.

    Raises:
        DestinationError: as far as that shows now, it could not be written.
    """
    place: Path | None = options["manifest"]
    if place is not None:
        check_place(place)
    return place


def write_manifest(place: Path | None, results: Sequence[RewriteResult]) -> None:
    """List what went, and why, if that was asked for.

    Raises:
        DestinationError: it could not be written; the image is written all the same.
    """
    if place is None:
        return
    from lightship.report.clean_manifest import clean_manifest  # noqa: PLC0415 - see app

    as_text = place.suffix.lower() == ".txt"
    text = clean_manifest(results, as_text=as_text)
    Destination(place, "text" if as_text else "json").write(text)
