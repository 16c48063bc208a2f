"""Instructions of a Dockerfile that carry something along."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.inside import Inside

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
BEFORE = "before"
"""The stage that files are taken from where an image has no name that Docker knows."""
# distribution/reference: a host with its port, a path of lower case, a tag, a digest.
_IMAGE_NAME = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9._/-]+(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?(?:@sha256:[0-9a-f]{64})?"
)
_TAKEN = f"COPY --from={BEFORE} "
_FILES = ("oci", "oci-archive", "docker-archive", "rootfs", "podman")


def copied(inside: Inside, *paths: str, into: str = "", is_of_base: bool = True) -> str:
    """The instruction that takes paths out of an image's base, where it has them, or of itself.

    Args:
        inside: the image.
        paths: absolute.
        into: a folder; empty for the one path's own place.
        is_of_base: whether its base has them.
    """
    name = (inside.base_name if is_of_base else None) or inside.name
    source = name if _is_image_name(name) else BEFORE
    words = [*paths, into or paths[0]]
    if all(_PLAIN.fullmatch(one) for one in words):
        return f"COPY --from={source} {' '.join(words)}"
    return f"COPY --from={source} {json.dumps(words)}"


def _is_image_name(name: str) -> bool:
    """Whether Docker finds an image by a name: a layout or an archive has none by itself."""
    is_place = name.partition(":")[0] in _FILES and ":" in name
    return _IMAGE_NAME.fullmatch(name) is not None and not is_place


BEFORE_TOLD = f"# {BEFORE} is a stage that stands first: FROM the base as it is now AS {BEFORE}"
"""What stage that is, a comment of a Dockerfile."""


def with_before_told(instructions: Iterable[str]) -> tuple[str, ...]:
    """Instructions, each once; first what stage `BEFORE` is, where one of them speaks of it."""
    each = tuple(dict.fromkeys(instructions))
    return (BEFORE_TOLD, *each) if any(_TAKEN in one for one in each) else each


def from_base(instructions: Iterable[str], base: str) -> tuple[str, ...]:
    """The same where the base has a name: what `BEFORE` has is taken from it."""
    return tuple(
        one.replace(_TAKEN, f"COPY --from={base} ") for one in instructions if one != BEFORE_TOLD
    )


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
