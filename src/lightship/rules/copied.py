"""Files that COPY and ADD bring from the build context, by name and, where it is there, on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.folder import Found
from lightship.dockerfile.copies import copy_of
from lightship.rules.ignoring import ignored_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.dockerfile.build import Step
    from lightship.rules.smell import Matter


class Copied(Struct, frozen=True):
    """One file that an instruction copies.

    Attributes:
        step: the COPY or ADD.
        path: in the context; as written if nobody has looked there.
        content_bytes: its size; None if nobody has looked.
    """

    step: Step
    path: str
    content_bytes: int | None


def copied_files(matter: Matter, is_meant: Callable[[str], object]) -> Iterator[Copied]:
    """What gets into the image from the context, instruction by instruction.

    What a directory holds is only known where there is a context; what its ignore file leaves out
    is not copied. A pattern with a suffix (`*.pem`) counts as a file of that name.

    Args:
        matter: the Dockerfile.
        is_meant: whether a path is asked for; the ignore file is only asked about those.
    """
    folder = matter.folder
    ignored = ignored_by(matter)
    for step in matter.build.shipped():
        copy = copy_of(step)
        if copy is None or copy.source is not None:
            continue
        for source in copy.sources:
            if source.startswith("<<") or source in copy.remote:
                continue
            there = list(folder.below(source)) if folder is not None and ignored else []
            for one in there or [Found(_bare(source), -1)]:
                if not is_meant(one.path) or (ignored is not None and ignored(one.path)):
                    continue
                size = one.content_bytes if one.content_bytes >= 0 else None
                yield Copied(step, one.path, size)


def _bare(source: str) -> str:
    return source.lstrip("/").removeprefix("./").rstrip("/")
