"""The reference page of the command line, from the commands themselves.

`python -m lightship.cli.reference` prints docs/reference/cli.md; a test says when that is stale.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lightship.cli.app import app
from lightship.settings import SETTINGS
from lightship.units import format_bandwidth, format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# The command line

This page is generated (`python -m lightship.cli.reference`): change the commands, not the page.

`lightship IMAGE` is short for `lightship inspect IMAGE`. A single word within two edits of a
command is taken for a slip and never for an image, unless a path of that name exists;
`lightship inspect WORD` takes any word for an image.

The answer goes to standard output, everything else to standard error. Progress is drawn only where
standard error is a terminal. Without a terminal the answer has no colour and no bars, and is as
wide as `COLUMNS` says, or 120 columns.
"""

_EXIT_CODES = """\
## Exit codes

| code | meaning |
|---|---|
| 0 | fine: the question was answered |
| 1 | findings, or a failed gate: only of `check`, `lint` and `fix --check` |
| 2 | usage or settings: an option, a value or a file of settings is wrong |
| 3 | the image cannot be reached: not found, not allowed, no such platform |
| 4 | the input is corrupt, contradicts itself or exceeds a limit |
| 5 | the destination could not be written |
| 70 | a bug in lightship, or a proof that failed |
| 130 | interrupted |
| 141 | whoever read the answer stopped before its end |

Every failure is one line on standard error, `lightship: error: ...`. `--verbose` or
`LIGHTSHIP_DEBUG=1` shows the traceback as well.
"""

_COLOR = """\
## Colour

`--color`, else the setting `color`; where that is `auto`, a non-empty `NO_COLOR` turns colour off,
then `FORCE_COLOR` or `CLICOLOR_FORCE` (other than `0`) turns it on, then `CLICOLOR=0` or
`TERM=dumb` turns it off, then it depends on whether the answer goes to a terminal.
"""

_COMPLETION = """\
## Completion

| shell | file | line |
|---|---|---|
| bash | `~/.bashrc` | `eval "$(_LIGHTSHIP_COMPLETE=bash_source lightship)"` |
| zsh | `~/.zshrc` | `eval "$(_LIGHTSHIP_COMPLETE=zsh_source lightship)"` |
| fish | `~/.config/fish/config.fish` | `_LIGHTSHIP_COMPLETE=fish_source lightship \\| source` |
"""

_SETTINGS = """\
## Settings

The first place that gives a value wins:

1. the command line;
2. the environment, `LIGHTSHIP_*`;
3. the project: `lightship.toml`, or `[tool.lightship]` in `pyproject.toml`, in the working
   directory or above it up to the root of its repository; outside a repository only in the working
   directory itself;
4. the user: `lightship.toml` in the user's configuration directory (`~/.config/lightship`);
5. the default.

A project's file comes with somebody's repository, so it may set only what is marked below. A key
that does not exist, or may not stand where it stands, ends with exit code 2. `--show-settings`
prints each value and where it came from.
"""


def cli_reference() -> str:
    """The page, in Markdown."""
    context = click.Context(app, info_name="lightship", help_option_names=["-h", "--help"])
    sections = [_HEAD, "## Commands\n", *_commands(app, context)]
    sections += [_EXIT_CODES, _SETTINGS, _settings_table(), _COLOR, _COMPLETION]
    return "\n".join(sections)


def _commands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield f"### {inner.command_path}\n\n{_words(command)}\n"
            yield from _commands(command, inner)
        else:
            yield _command(command, inner)


def _words(command: click.Command) -> str:
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _command(command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"### {context.command_path}", "", _words(command), ""]
    lines += ["```", f"{context.command_path} {usage}", "```", ""]
    lines += ["| option | meaning |", "|---|---|"]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and isinstance(parameter, click.Option):
            option, meaning = (part.replace("|", "\\|") for part in record)
            lines.append(f"| `{option}` | {meaning} |")
    return "\n".join([*lines, ""])


def _settings_table() -> str:
    lines = ["| setting | variable | default | project | meaning |", "|---|---|---|---|---|"]
    for setting in SETTINGS:
        project = "yes" if setting.in_project else "no"
        default = shown_default(setting.name, setting.default)
        lines.append(
            f"| `{setting.name}` | `{setting.variable}` | {default} | {project} | {setting.doc} |"
        )
    return "\n".join([*lines, ""])


def shown_default(name: str, value: object, *, none: str = "") -> str:
    """A setting's default as people read it; `none` stands for one that is found out."""
    if name == "cache-dir":
        return "`lightship` in the user's cache directory"
    if name == "data-dir":
        return "`lightship` in the user's data directory"
    if value is None or value == frozenset():
        return none
    if isinstance(value, bool) or not isinstance(value, int):
        return f"`{str(value).lower()}`"
    if name == "bandwidth":
        return format_bandwidth(value)
    if name == "max-unpacked":
        return f"{value // 1024**3} GiB"
    return format_bytes(value) if name == "cache-max" else str(value)


if __name__ == "__main__":
    sys.stdout.write(cli_reference())
