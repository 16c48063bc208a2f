"""Options that commands share, and how their values are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lightship.cli.output import REPORT_SUFFIXES, SUFFIXES
from lightship.errors import UsageError
from lightship.model.platform import Platform
from lightship.settings import parse_count, parse_file, parse_hosts
from lightship.units import parse_bandwidth, parse_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_F = TypeVar("_F", bound="Callable[..., Any]")


if TYPE_CHECKING:
    _Type = click.ParamType[object]
else:
    # Older clicks have the same type, but not generic.
    _Type = click.ParamType


class Parsed(_Type):
    """A value read by one of lightship's own readers."""

    def __init__(self, name: str, parse: Callable[[str], object]) -> None:
        self.name = name
        self._parse = parse

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """Read a text; what is no text was read before."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except (UsageError, ValueError) as error:
            self.fail(str(error), param, ctx)


def _platform(text: str) -> str:
    return str(Platform.parse(text))


SIZE = Parsed("size", parse_bytes)
RATE = Parsed("rate", parse_bandwidth)
PLATFORM = Parsed("os/arch", _platform)
HOSTS = Parsed("host", parse_hosts)
FILE = Parsed("file", parse_file)
FOLDER = click.Path(path_type=Path)
MOST = Parsed("n", parse_count)


def all_of(*decorators: Callable[[_F], _F]) -> Callable[[_F], _F]:
    """Several decorators as one, the first outermost."""

    def decorate(function: _F) -> _F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


image_argument = click.argument("reference", required=False, metavar="IMAGE")

image_options = all_of(
    click.option("--platform", type=PLATFORM, help="Platform of the image, such as linux/arm64."),
    click.option("--exact", is_flag=True, help="Compress plain layers to know their wire size."),
    click.option("--verify", is_flag=True, help="Read and verify every layer again."),
)

cache_options = all_of(
    click.option("--cache-dir", type=FOLDER, help="Where what layers hold is remembered."),
)

network_options = all_of(
    click.option("--offline", is_flag=True, default=None, help="Never use a network."),
    click.option(
        "--plain-http",
        type=HOSTS,
        metavar="HOST",
        help="Registries to speak to without TLS, such as localhost:5000.",
    ),
    click.option("--ca-file", type=FILE, help="Authorities to trust as well (PEM)."),
    click.option("--auth-file", type=FILE, help="Credentials, as docker login writes them."),
)

layer_options = all_of(
    click.option("--no-cache", is_flag=True, help="Neither use nor keep what layers hold."),
    cache_options,
    click.option("--max-entries", type=MOST, help="Refuse a layer of more entries."),
    click.option("--max-depth", type=MOST, help="Refuse a path through more directories."),
    click.option("--jobs", type=MOST, help="How many layers are read at once."),
    network_options,
)

reading_options = all_of(
    click.option("--max-unpacked", type=SIZE, help="Refuse an image that unpacks to more."),
    layer_options,
)

screen_options = all_of(
    click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), help="When to use colour."
    ),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but the answer and errors."),
    click.option("-v", "--verbose", is_flag=True, help="Show the traceback of an error."),
    click.option(
        "--show-settings", is_flag=True, help="Print each setting and where it comes from."
    ),
)


def several_outputs(suffixes: Mapping[str, tuple[str, ...]]) -> Callable[[_F], _F]:
    """`--format` and any number of `-o`, for `cli.outputs.several`."""
    return all_of(
        click.option(
            "--format",
            "format_name",
            type=click.Choice(list(suffixes)),
            help="Format on standard output; by default text.",
        ),
        click.option(
            "-o",
            "--output",
            "outputs",
            multiple=True,
            metavar="[FORMAT=]FILE",
            help="Write to this file as well, in the format that is named or that its name ends "
            "with. FORMAT+=FILE adds to a file.",
        ),
    )


def output_options_of(suffixes: Mapping[str, tuple[str, ...]]) -> Callable[[_F], _F]:
    """`--format` and one `-o`, and those of the screen."""
    return all_of(
        click.option(
            "--format",
            "format_name",
            type=click.Choice(list(suffixes)),
            help="Format of the output; by default as -o ends, or text.",
        ),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path, allow_dash=True),
            help="Write to this file instead of standard output, whole or not at all.",
        ),
        screen_options,
    )


output_options = output_options_of(SUFFIXES)
report_options = output_options_of(REPORT_SUFFIXES)

bandwidth_option = click.option(
    "--bandwidth", type=RATE, help="Estimate pull times for this, such as 100Mbit/s."
)
top_option = click.option("--top", type=MOST, help="How many rows a list has at most.")
