"""What a RUN mounts: `--mount=type=cache,target=/var/cache/apt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.tree import Instruction

_TARGETS = ("target", "dst", "destination")
_SOURCES = ("source", "src")


class Mount(Struct, frozen=True):
    """One mount; its files are not in the layer that the RUN makes.

    Attributes:
        kind: `bind` (also if nothing is said), `cache`, `tmpfs`, `secret`, `ssh`.
        target: where it is mounted, as written, without a final slash; None without (a secret).
        source_stage: `from`: a stage or an image.
        source: of a bind mount.
    """

    kind: str
    target: str | None
    source_stage: str | None = None
    source: str | None = None

    def covers(self, path: str) -> bool:
        """Whether what a command writes at that absolute path does not get into the layer."""
        if self.target is None or self.kind not in ("cache", "tmpfs"):
            return False
        return path == self.target or path.startswith(self.target.rstrip("/") + "/")


def mounts_of(instruction: Instruction) -> Iterator[Mount]:
    """The mounts of a RUN, in order. Source: docs.docker.com/reference/dockerfile/#run---mount."""
    for flag in instruction.flags:
        if flag.name == "mount" and instruction.keyword == "RUN":
            yield _mount(flag.value or "")


def _mount(value: str) -> Mount:
    fields: dict[str, str] = {}
    for part in value.split(","):
        name, _, given = part.strip().partition("=")
        fields[name.strip().lower()] = given.strip().strip("\"'")
    target = next((fields[name] for name in _TARGETS if name in fields), None)
    return Mount(
        kind=fields.get("type", "bind").lower(),
        target=(target.rstrip("/") or "/") if target else None,
        source_stage=fields.get("from"),
        source=next((fields[name] for name in _SOURCES if name in fields), None),
    )
