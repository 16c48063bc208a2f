"""`lightship base`."""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

# The short helps stand here too, so that --help imports none of them; a test compares.
_COMMANDS = {
    "list": "List base images in common use, with what is known of each.",
    "compare": "Compare base images: size, age, support, security, content.",
    "suggest": "Say on which bases an application could run, by size.",
    "check": "Say whether an image's application runs on a base; exit 1 if not.",
    "update": "Refresh what is known of base images, from registries.",
}


class _Lazy(click.Group):
    """Commands that live one a module, `lightship.cli.base_NAME`, as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        """In the order in which a newcomer needs them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 # likewise
        """Import the command's module."""
        if cmd_name not in _COMMANDS:
            return None
        return cast("click.Command", import_module(f"lightship.cli.base_{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 # likewise
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group("base", cls=_Lazy)
def command() -> None:
    """Evaluate base images: content, maintenance, security, size."""
