"""The group of commands; a command's module is imported when the command runs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., Any]")

_EPILOG = """\b
lightship IMAGE is short for lightship inspect IMAGE.
Completion: eval "$(_LIGHTSHIP_COMPLETE=bash_source lightship)" (zsh_, fish_).
Exit codes: 0 fine, 1 findings, 2 usage, 3 image not reachable,
4 input corrupt, 5 destination not writable, 70 a bug."""

# The short helps stand here too, so that --help imports none of them; a test compares.
_COMMANDS = {
    "inspect": "Measure where an image's bytes go.",
    "history": "Show what each instruction added, as docker history does.",
    "diff": "Compare two images: layers, files, bytes, and what a node pays.",
    "check": "Hold an image against limits; exit 1 if it breaks one.",
    "lint": "Find what makes Dockerfiles' images big; exit 1 if it is there.",
    "fix": "Mend that in Dockerfiles: a diff, and what each fix saves.",
    "context": "Show what a build sends, and which line keeps what out.",
    "squash": "Make one layer of those over the base; the files stay the same.",
    "clean": "Take out what an image does not need, without a rebuild.",
    "recompress": "Compress the layers anew, each where that makes it smaller.",
    "copy": "Copy an image as it is, byte for byte.",
    "base": "Evaluate base images: content, maintenance, security, size.",
    "explain": "Say what a rule finds, why it matters, and what to do.",
    "cache": "Look after what lightship remembers about layers.",
    "demo": "Make an image with the classic mistakes, and explain them.",
}


class LazyGroup(click.Group):
    """A group whose commands live one a module, `lightship.cli.NAME`, as `command`."""

    names = tuple(_COMMANDS)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        """In the order in which a newcomer needs them."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's module."""
        if cmd_name not in _COMMANDS:
            return None
        return cast("click.Command", import_module(f"lightship.cli.{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _show_settings(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from lightship.cli.session import show_settings  # noqa: PLC0415 # only if asked for

        show_settings({})
        ctx.exit()


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from lightship import __version__  # noqa: PLC0415 # only if asked for

        click.echo(f"lightship {__version__}")
        ctx.exit()


def _flag(
    name: str, about: str, callback: Callable[[click.Context, click.Parameter, bool], None]
) -> Callable[[_F], _F]:
    return click.option(
        name, is_flag=True, is_eager=True, expose_value=False, callback=callback, help=about
    )


@click.group(
    cls=LazyGroup,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
)
@_flag("--version", "Print the version and exit.", _version)
@_flag("--show-settings", "Print each setting and where it comes from.", _show_settings)
def app() -> None:
    """Keep container images small: measure where the bytes go."""
