"""What one command runs with: settings, screen, limits, cache, progress."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lightship.cli.notes import Notes, say_error
from lightship.cli.output import SUFFIXES, Destination
from lightship.cli.terminal import is_terminal, look_of, wants_color
from lightship.errors import UsageError
from lightship.printable import printable
from lightship.progress import SILENT
from lightship.report.paper import Column, Look, table
from lightship.settings import DEFAULT_ORIGIN, SETTINGS, Settings, load_settings
from lightship.units import format_bandwidth, format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lightship.layers.cache import CachePlace
    from lightship.layers.limits import Limits
    from lightship.model.results.lint import FileProblem
    from lightship.net.options import NetOptions
    from lightship.progress import Progress
    from lightship.rules.suppressing import Ignore

_NAMES = {setting.name.replace("-", "_"): setting.name for setting in SETTINGS}


class Session:
    """One command's run."""

    def __init__(
        self, options: Mapping[str, object], suffixes: Mapping[str, tuple[str, ...]] = SUFFIXES
    ) -> None:
        """Take a command's options as click gives them, and the formats that it knows.

        Raises:
            UsageError: a setting is wrong.
            DestinationError: the output could not be written, as far as that shows now.
        """
        self.options = options
        self.settings = load_settings(_given(options))
        output, format_name = options.get("output"), options.get("format_name")
        self.destination = Destination.chosen(
            output if isinstance(output, Path) else None,
            format_name if isinstance(format_name, str) else None,
            suffixes,
        )

    @property
    def look(self) -> Look:
        """How to draw where the answer goes."""
        return self.destination.look(self.settings["color"])

    def write(self, text: str | bytes) -> None:
        """Put the answer where it goes."""
        self.destination.write(text)

    def tell(self, problems: Iterable[FileProblem]) -> int:
        """Say on standard error what is wrong with files; the highest of their exit codes."""
        worst = 0
        for one in problems:
            place = one.path if one.line is None else f"{one.path}:{one.line}"
            say_error(printable(f"{place}: {one.message}"), self.settings["color"])
            worst = max(worst, one.exit_code)
        return worst

    def limits(self) -> Limits:
        """What an image may cost at most."""
        from lightship.layers.limits import Limits  # noqa: PLC0415 # not every command reads

        return Limits(
            max_unpacked_bytes=self.settings["max-unpacked"],
            max_entries=self.settings["max-entries"],
            max_depth=self.settings["max-depth"],
        )

    def cache(self) -> CachePlace | None:
        """Where layers are remembered; None with `--no-cache`."""
        return None if self.options.get("no_cache") else cache_place(self.settings)

    def reading(self) -> dict[str, Any]:
        """The arguments that every function of the api that reads an image takes."""
        return {
            "exact": bool(self.options.get("exact")),
            "verify": bool(self.options.get("verify")),
            "limits": self.limits(),
            "cache": self.cache(),
            "jobs": self.settings["jobs"],
            "network": self.network(),
            "auth_file": self.settings["auth-file"],
        }

    def network(self) -> NetOptions:
        """How registries are reached."""
        from lightship.net.options import NetOptions  # noqa: PLC0415 - not every command reads

        return NetOptions(
            offline=self.settings["offline"],
            plain_http=self.settings["plain-http"],
            ca_file=self.settings["ca-file"],
        )

    def inspecting(self) -> dict[str, Any]:
        """The arguments that `inspect` takes besides the reference and the platform."""
        from lightship.model.results.inspect import LISTED  # noqa: PLC0415 # not every command reads

        listed = max(LISTED, self.settings["top"])
        return {
            **self.reading(),
            "bandwidth": self.settings["bandwidth"],
            "listed": listed,
            "ignores": self.ignores("image"),
        }

    def ignores(self, kind: Literal["image", "dockerfile"]) -> tuple[Ignore, ...]:
        """What settings files suppress of the rules of that kind; contexts are with Dockerfiles.

        Raises:
            UsageError: an entry is written wrongly, of whichever kind its rule is.
        """
        sections = self.settings.sections["rules"]
        if not sections:
            return ()
        from lightship.rules.discovery import (  # noqa: PLC0415 # not every command judges
            image_rules,
            lint_rules,
        )
        from lightship.rules.suppressing import read_ignores  # noqa: PLC0415 # likewise

        names = {
            "image": [rule.name for rule in image_rules()],
            "dockerfile": [rule.name for rule in lint_rules()],
        }
        every = read_ignores(sections, [*names["image"], *names["dockerfile"]])
        return tuple(one for one in every if one.rule in names[kind])

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Notes on standard error, and bars if a person looks at it; nothing with `--quiet`."""
        if self.options.get("quiet") or sys.stderr is None:
            yield SILENT
            return
        if not is_terminal(sys.stderr):
            yield Notes(sys.stderr)
            return
        from lightship.cli.bars import Bars  # noqa: PLC0415 # only terminals need it

        color = wants_color(self.settings["color"], sys.stderr, os.environ)
        bars = Bars(sys.stderr, color=color)
        try:
            yield bars
        finally:
            bars.close()


def cache_place(settings: Settings) -> CachePlace:
    """The cache that the settings name."""
    from lightship.layers.cache import CachePlace  # noqa: PLC0415 # not every command reads

    directory = settings.values["cache-dir"]
    return CachePlace(
        directory.value, settings["cache-max"], chosen=directory.origin != DEFAULT_ORIGIN
    )


def wanted_reference(
    options: Mapping[str, object], reference: str | None, command: str = "inspect"
) -> str | None:
    """The image that was asked for; None if only the settings were, which are then shown.

    Raises:
        UsageError: there is neither.
    """
    if options["show_settings"]:
        show_settings(options)
        return None
    if not reference:
        raise UsageError(
            "no image is named", f"Write lightship {command} IMAGE, or --help for more."
        )
    return reference


def show_settings(options: Mapping[str, object]) -> None:
    """Print each setting, its value and where it came from."""
    settings = load_settings(_given(options))
    look = look_of(sys.stdout, settings["color"])
    rows = [
        [look.ink(name, "bold"), look.ink(_shown(name, value.value)), look.ink(value.origin, "dim")]
        for name, value in settings.values.items()
    ]
    columns = [Column("SETTING"), Column("VALUE"), Column("FROM")]
    Destination.chosen(None, None).write(look.render(table(columns, rows, look)))


def _given(options: Mapping[str, object]) -> dict[str, object]:
    return {_NAMES[key]: value for key, value in options.items() if key in _NAMES}


def _shown(name: str, value: object) -> str:
    if value is None:
        return "(by itself)"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "(none)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and name == "bandwidth":
        return format_bandwidth(value)
    if isinstance(value, int) and name == "max-unpacked" and value % 1024**3 == 0:
        return f"{value // 1024**3} GiB"
    if isinstance(value, int) and name in {"max-unpacked", "cache-max"}:
        return format_bytes(value)
    return str(value)
