"""What a package system tells: its packages and the paths that they own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.packages.records import Records
    from lightship.layers.captures import CaptureRequest


class Package(Struct, frozen=True, kw_only=True):
    """One installed package.

    Attributes:
        system: name of the module that reads it: `dpkg`, `apk`, `rpm`, `python`, `npm`...
        name, version: as its system has them.
        paths: files that it owns, relative to the root and without a leading slash, as its records
            write them (`bin/ls`, where `bin` may be a link to `usr/bin`). Directories in it own
            nothing, unless in `trees`.
        trees: directories that it owns with everything in them, at any depth (npm's packages).
        requested: whether somebody asked for it by name; None where its system does not tell.
        essential: whether its system cannot do without it, as its records say.
        depends: names of packages of the same system that it needs (alternatives and provided
            names resolved as far as the records allow).
        recommends: names that its system installs along with it by default.
        section: what its system says it is for (dpkg's Section), else empty.
        development: whether it is needed only to build or test (npm's `dev`).
        source: path of the record that tells of it.
        source_name: of the package whose sources it was built from, where it is another.
        source_version: of those sources, where it is another.
        epoch: where `version` is without it (rpm's), and there is one.
    """

    system: str
    name: str
    version: str | None
    paths: Iterable[bytes] = ()
    trees: tuple[bytes, ...] = ()
    requested: bool | None = None
    essential: bool = False
    depends: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    section: str = ""
    development: bool = False
    source: bytes = b""
    source_name: str = ""
    source_version: str = ""
    epoch: str = ""


class Found(Struct, kw_only=True):
    """What one system's reader found in an image.

    Attributes:
        packages: in an order that depends on nothing but the image.
        notes: records that could not be read, and why, one line each; foreign names inside.
    """

    packages: list[Package] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class PackageSystem(Protocol):
    """One package system: the module `analysis/packages/NAME.py` has it as `SYSTEM`."""

    @property
    def name(self) -> str:
        """As in `Package.system`."""

    @property
    def requests(self) -> tuple[CaptureRequest, ...]:
        """What must be captured of an image's files."""

    def find(self, records: Records) -> Found:
        """Read an image's records. Broken ones are noted and passed over; nothing is raised."""
