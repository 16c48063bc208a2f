"""What `base compare` answers. Sizes are bytes; which bytes, docs/reference/vocabulary.md says."""

from __future__ import annotations

from msgspec import Struct

from lightship.model.results.base_advisories import AdvisoryCounts  # noqa: TC001 - run time
from lightship.model.results.base_facts import BaseFacts  # noqa: TC001 - likewise


class OwnPackage(Struct, frozen=True, kw_only=True):
    """A package that none of the other opened images has, by its name; foreign text."""

    name: str
    version: str | None
    system: str
    visible_bytes: int


class Seen(Struct, frozen=True, kw_only=True):
    """What looking into an image tells.

    Attributes:
        visible_bytes: that a container sees.
        files: names of regular files.
        language_packages: of Python, Node... and not of the distribution.
        setuid_programs: paths, in byte order, at most 100; `setuid_count` is of all.
        compilers, downloaders: programs on the usual paths that build or fetch, by name.
        only_here: packages that no other opened image has, the biggest first, at most 20.
        only_here_count: of all of them.
        vulnerabilities: null where no advisories were given.
    """

    visible_bytes: int
    files: int
    language_packages: int
    setuid_programs: tuple[str, ...]
    setuid_count: int
    compilers: tuple[str, ...]
    downloaders: tuple[str, ...]
    only_here: tuple[OwnPackage, ...]
    only_here_count: int
    vulnerabilities: AdvisoryCounts | None


class Compared(Struct, frozen=True, kw_only=True):
    """One of the images.

    Attributes:
        name: as it was asked for.
        digest: of its manifest; null where it has none, or nobody knows it.
        platform: that its sizes are for.
        seen: null where it was not opened: then all is the catalogue's word.
    """

    name: str
    digest: str | None
    platform: str
    facts: BaseFacts
    seen: Seen | None


class Pair(Struct, frozen=True, kw_only=True):
    """What two opened images have in common.

    Attributes:
        has, pulls: numbers in `images`, from 0: a node has the one and pulls the other.
        common_layers: the lowest ones, which a node keeps once for both.
        common_files: names with equal content in both.
        common_bytes: of that content, every inode of the pulled image once.
        pull_wire_bytes: what the node pulls, with the config; blobs that it has are not pulled.
        added_unpacked_bytes: what its disk unpacks besides what it has.
        estimated: whether `pull_wire_bytes` is an estimate.
    """

    has: int
    pulls: int
    common_layers: int
    common_files: int
    common_bytes: int
    pull_wire_bytes: int
    added_unpacked_bytes: int
    estimated: bool


class BaseCompareResult(Struct, frozen=True, kw_only=True):
    """Schema `lightship.base-compare/1`.

    Attributes:
        today: the day by which facts are stale and support has ended.
        images: in the order in which they were named.
        pairs: of opened images, both ways round.
    """

    today: str
    images: tuple[Compared, ...]
    pairs: tuple[Pair, ...]
    warnings: tuple[str, ...]
    schema: str = "lightship.base-compare/1"
