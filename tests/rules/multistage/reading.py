"""A Dockerfile of one stage, read as the rule reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.context.folder import Folder
from lightship.dockerfile.build import Build
from lightship.rules.multistage.single import Single
from lightship.rules.smell import Matter

if TYPE_CHECKING:
    from pathlib import Path


def matter(text: str, folder: Path | None = None) -> Matter:
    """The rule is asked for by its name."""
    return Matter(
        build=Build.read(text.encode()),
        folder=Folder.open(folder) if folder is not None else None,
        selected=frozenset(("multi-stage",)),
    )


def single(text: str, folder: Path | None = None) -> Single:
    return Single(matter(text, folder))
