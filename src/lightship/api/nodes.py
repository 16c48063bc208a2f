"""`--node`: a node's disk as a user describes it, and the list of its images."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.errors import UsageError
from lightship.model.node import (
    EVICT,
    HIGH_PERCENT,
    LOW_PERCENT,
    MIN_AGE_SECONDS,
    Node,
    NodeImage,
)
from lightship.units import parse_bytes, parse_duration, parse_percent

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from lightship.model.node import Runtime

    _T = TypeVar("_T")

KEYS = {
    "disk": "capacity of the disk with the images (required)",
    "used": "what of it is used before the pull, as a size or a percentage (required)",
    "has": "an image whose layers the node has; may stand several times",
    "images": "a JSON file that lists the node's images",
    "high": "imageGCHighThresholdPercent",
    "low": "imageGCLowThresholdPercent",
    "evict": "imagefs.available of evictionHard, as a size or a percentage",
    "min-age": "imageMinimumGCAge",
    "max-age": "imageMaximumGCAge, 0s for off",
    "runtime": "containerd or cri-o",
}
_EXAMPLE = "Write --node disk=100GB,used=70GB; the keys are {}.".format(", ".join(KEYS))
_MOST_LIST_BYTES = 16 * 1024 * 1024


class _Listed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One image of the list in a file."""

    name: str
    bytes: int | str
    last_used: datetime | None = None
    first_detected: datetime | None = None
    in_use: bool = False
    pinned: bool = False


def read_node(text: str) -> Node:
    """Read `disk=100GB,used=70%,high=85,low=80,has=REF,images=FILE...`.

    Sizes are decimal or binary (`100GB`, `100GiB`), percentages are of the disk.

    Raises:
        UsageError: a key is unknown, missing, given twice or has a wrong value.
    """
    given: dict[str, str] = {}
    has: list[str] = []
    for part in text.split(","):
        key, equals, value = part.partition("=")
        key = key.strip()
        if not equals or key not in KEYS:
            raise UsageError(f"--node: {part.strip()!r} is none of its keys", _EXAMPLE)
        if not value.strip():
            raise UsageError(f"--node: {key} has no value", _EXAMPLE)
        if key == "has":
            has.append(value.strip())
        elif key in given:
            raise UsageError(f"--node: {key} is given twice", _EXAMPLE)
        else:
            given[key] = value.strip()
    for key in ("disk", "used"):
        if key not in given:
            raise UsageError(f"--node: {key} is missing", _EXAMPLE)
    disk = _read("disk", given["disk"], parse_bytes)
    if not disk:
        raise UsageError("--node: disk: a disk of 0 bytes holds nothing", _EXAMPLE)
    return _checked(
        Node(
            disk_bytes=disk,
            used_bytes=_read("used", given["used"], lambda value: _part_of(value, disk)),
            high_percent=_percent(given, "high", HIGH_PERCENT),
            low_percent=_percent(given, "low", LOW_PERCENT),
            evict_below_bytes=_read(
                "evict",
                given.get("evict", EVICT),
                lambda value: _part_of(value, disk),
            ),
            min_age_seconds=_duration(given, "min-age", MIN_AGE_SECONDS),
            max_age_seconds=_duration(given, "max-age", 0),
            runtime=_read("runtime", given.get("runtime", "containerd"), _runtime),
            has=tuple(has),
            images=_read("images", given["images"], read_images) if "images" in given else None,
        )
    )


def read_images(file: str) -> tuple[NodeImage, ...]:
    """Read a node's list of images: a JSON array of objects.

    `name` and `bytes` (a number, or a text such as `1.2GB`) are required; `last_used` and
    `first_detected` are RFC 3339 times with an offset, or null; `in_use` and `pinned` are
    booleans.

    Raises:
        UsageError: the file cannot be read, or is no such list.
    """
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(_MOST_LIST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    if len(data) > _MOST_LIST_BYTES:
        raise UsageError(f"{file}: more than {_MOST_LIST_BYTES} bytes are no list of images")
    try:
        listed = msgspec.json.decode(data, type=list[_Listed])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file}: {error}",
            'Write [{"name": "app:1", "bytes": 1000000, "last_used": "2026-01-31T12:00:00Z"}].',
        ) from None
    return tuple(_image(file, number, one) for number, one in enumerate(listed, 1))


def _image(file: str, number: int, one: _Listed) -> NodeImage:
    where = f"{file}: image {number} ({one.name})"
    try:
        count = one.bytes if isinstance(one.bytes, int) else parse_bytes(one.bytes)
    except UsageError as error:
        raise UsageError(f"{where}: {error.what}", error.hint) from None
    if count < 0:
        raise UsageError(f"{where}: fewer than 0 bytes")
    return NodeImage(
        name=one.name,
        reported_bytes=count,
        last_used=_utc(where, one.last_used),
        first_detected=_utc(where, one.first_detected),
        in_use=one.in_use,
        pinned=one.pinned,
    )


def _utc(where: str, time: datetime | None) -> datetime | None:
    if time is None:
        return None
    if time.tzinfo is None:
        raise UsageError(f"{where}: a time without an offset", "End it with Z for UTC.")
    try:
        return time.astimezone(UTC)
    except OverflowError:  # a moment of the year 1 somewhere, and none in UTC
        return datetime.min.replace(tzinfo=UTC)


def _checked(node: Node) -> Node:
    if node.used_bytes > node.disk_bytes:
        raise UsageError("--node: more is used than the disk holds", _EXAMPLE)
    if node.evict_below_bytes > node.disk_bytes:
        raise UsageError("--node: evict is more than the disk holds", _EXAMPLE)
    if node.low_percent >= node.high_percent:
        raise UsageError(
            f"--node: low={node.low_percent} is not below high={node.high_percent}",
            "The kubelet refuses that too.",
        )
    return node


def _read(key: str, text: str, parse: Callable[[str], _T]) -> _T:
    try:
        return parse(text)
    except UsageError as error:
        raise UsageError(f"--node: {key}: {error.what}", error.hint) from None


def _part_of(text: str, whole: int) -> int:
    """A size, or a percentage of the whole."""
    if not text.endswith("%"):
        return parse_bytes(text)
    return round(whole * parse_percent(text) / 100)


def _percent(given: dict[str, str], key: str, default: int) -> int:
    if key not in given:
        return default
    value = _read(key, given[key], parse_percent)
    if not value.is_integer():
        raise UsageError(f"--node: {key}: {given[key]!r} is no whole percentage", "Write 85.")
    return int(value)


def _duration(given: dict[str, str], key: str, default: int) -> int:
    return _read(key, given[key], parse_duration) if key in given else default


def _runtime(text: str) -> Runtime:
    match text.lower().replace("-", ""):
        case "containerd":
            return "containerd"
        case "crio":
            return "cri-o"
    raise UsageError(f"{text!r} is no runtime", "Write containerd or cri-o.")
