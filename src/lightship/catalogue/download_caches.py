"""What package managers of languages keep of their downloads: the rows of download_caches.toml."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct


class DownloadCache(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of download_caches.toml, which says what each field means."""

    name: str
    title: str
    severity: Literal["warning", "info"]
    confidence: Literal["certain", "likely", "guess"]
    programs: str
    verbs: tuple[str, ...]
    places: tuple[str, ...]
    removable: str
    says: str
    finds: str
    why: str
    advice: str
    fix: str
    blind: str
    with_value: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    settings: str = ""
    cleans: tuple[str, ...] = ()
    flag: str = ""
    clean_up: tuple[str, ...] = ()
    as_root: bool = False
    tier: Literal["safe", "unsafe"] = "safe"
    sure: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    row: tuple[DownloadCache, ...]


@cache
def download_caches() -> tuple[DownloadCache, ...]:
    """Every row, in the table's order."""
    text = files(__package__).joinpath("download_caches.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Table).row


def page(row: DownloadCache) -> str:
    """The page of a row's rule: Markdown, without a heading of its own."""
    return "\n\n".join(
        (
            row.finds,
            f"## Why it matters\n\n{row.why}",
            f"## What to do\n\n{row.advice}\n\n```dockerfile\n{row.fix.strip()}\n```",
            f"## What it cannot see\n\n{row.blind}\n",
        )
    )
