"""A build context by what a user names: a folder, a Dockerfile, an ignore file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from lightship.context.context import Context

if TYPE_CHECKING:
    from lightship.context.builders import Builder

NamedPath: TypeAlias = str | os.PathLike[str]


def open_context(
    folder: NamedPath,
    *,
    dockerfile: NamedPath | bytes | None,
    target: str | None,
    builder: Builder,
    ignore_file: NamedPath | None,
) -> Context:
    """Find and read what a build of a folder reads first.

    Raises:
        UnreachableError: the folder or a file is not there, or cannot be read.
        UsageError: the Dockerfile has no such stage.
        CorruptInputError: every build refuses the ignore file, or what is named is no Dockerfile.
    """
    return Context.open(
        Path(folder),
        builder=builder,
        dockerfile=dockerfile
        if dockerfile is None or isinstance(dockerfile, bytes)
        else Path(dockerfile),
        target=target,
        ignore_file=Path(ignore_file) if ignore_file is not None else None,
    )
