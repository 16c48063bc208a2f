"""Instructions of a Dockerfile that carry something along."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.bases.inside import Inside

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")


def copied(inside: Inside, *paths: str, into: str = "", is_of_base: bool = True) -> str:
    """The instruction that takes paths out of an image's base, where it has them, or of itself.

    Args:
        inside: the image.
        paths: absolute.
        into: a folder; empty for the one path's own place.
        is_of_base: whether its base has them.
    """
    name = (inside.base_name if is_of_base else None) or inside.name
    source = name if _PLAIN.fullmatch(name) else "IMAGE"
    words = [*paths, into or paths[0]]
    if all(_PLAIN.fullmatch(one) for one in words):
        return f"COPY --from={source} {' '.join(words)}"
    return f"COPY --from={source} {json.dumps(words)}"


def variable(name: str, value: str) -> str:
    """The instruction that sets a variable; what stands for other variables is set as it is."""
    if _PLAIN.fullmatch(value):
        return f"ENV {name}={value}"
    if "\n" in value or "\0" in value or not value.isprintable():
        return f"ENV {name}=..."
    escaped = re.sub(r'(["\\$])', r"\\\1", value)
    return f'ENV {name}="{escaped}"'


def exec_form(instruction: str, words: tuple[bytes, ...]) -> str:
    """`CMD ["nginx", "-g"]`."""
    shown = json.dumps([one.decode("utf-8", "replace") for one in words])
    return f"{instruction} {shown}"


def is_plain(text: str) -> bool:
    """Whether a foreign name means itself wherever it stands in a Dockerfile."""
    return _PLAIN.fullmatch(text) is not None and not text.startswith("-")


def added_path(name: str, folders: str) -> str:
    """The instruction that puts folders before a search path."""
    return f"ENV {name}={folders if is_plain(folders) else '...'}:${name}"
