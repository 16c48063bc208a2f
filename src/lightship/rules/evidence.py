"""Evidence that is a path in the image, and back."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from lightship.analysis.secrets import struck
from lightship.model.finding import Evidence
from lightship.printable import base64_of, decode_path

if TYPE_CHECKING:
    from lightship.rules.rule import Subject


def at_path(
    path: bytes,
    content_bytes: int,
    *,
    layer: int | None = None,
    created_by: str | None = None,
    note: str | None = None,
) -> Evidence:
    """A path of any bytes as evidence."""
    return Evidence(
        path=decode_path(path),
        bytes=content_bytes,
        layer=layer,
        created_by=created_by,
        note=note,
        path_base64=base64_of(path),
    )


def path_of(evidence: Evidence) -> bytes | None:
    """The path as the image has it; None of what is no file."""
    if evidence.path_base64 is not None:
        return b64decode(evidence.path_base64)
    return None if evidence.path is None else evidence.path.encode("utf-8", "surrogatepass")


def instruction_of(subject: Subject, layer: int | None) -> str | None:
    """The instruction that made a layer (a position), secrets struck out; None if nobody says."""
    if layer is None or not 1 <= layer <= len(subject.instructions.entries):
        return None
    entry = subject.instructions.entries[layer - 1]
    history = subject.image.config.history or []
    if entry is None or entry >= len(history):
        return None
    made_by = history[entry].created_by
    return struck(made_by) if made_by is not None else None
