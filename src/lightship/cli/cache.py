"""`lightship cache`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lightship.cli.options import SIZE, cache_options, output_options
from lightship.cli.session import Session, cache_place, show_settings

if TYPE_CHECKING:
    from lightship.api.caching import CacheInfo


@click.group("cache")
def command() -> None:
    """Look after what lightship remembers about layers."""


@command.command("info")
@cache_options
@output_options
def info(**options: object) -> None:
    """Say where the cache is and how much it holds."""
    from lightship.api.caching import cache_info  # noqa: PLC0415 # see app

    session = _session(options)
    if session:
        _write(session, cache_info(cache_place(session.settings)))


@command.command("prune")
@click.option("--max", "max_bytes", type=SIZE, help="How many bytes may stay; else cache-max.")
@cache_options
@output_options
def prune(max_bytes: int | None, **options: object) -> None:
    """Forget what was used least recently, until the rest fits."""
    from lightship.api.caching import cache_prune  # noqa: PLC0415 # see app

    session = _session(options)
    if session:
        most = session.settings["cache-max"] if max_bytes is None else max_bytes
        _write(session, cache_prune(cache_place(session.settings), most))


@command.command("clear")
@cache_options
@output_options
def clear(**options: object) -> None:
    """Forget everything."""
    from lightship.api.caching import cache_clear  # noqa: PLC0415 # see app

    session = _session(options)
    if session:
        _write(session, cache_clear(cache_place(session.settings)))


def _session(options: dict[str, object]) -> Session | None:
    if options["show_settings"]:
        show_settings(options)
        return None
    return Session(options)


def _write(session: Session, state: CacheInfo) -> None:
    from lightship.report.cache import cache_json, cache_text  # noqa: PLC0415 # see app

    fields = (state.path, state.entries, state.stored_bytes, state.limit_bytes)
    is_json = session.destination.format_name == "json"
    session.write(cache_json(*fields) if is_json else cache_text(*fields, session.look))
