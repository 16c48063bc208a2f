"""Which system a builder's image is of, and what a final stage of the same system begins from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.builder_images import builder_images
from lightship.catalogue.end_of_life import releases_in
from lightship.rules.multistage.plan import CannotTell, FinalBase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.dockerfile.image_name import ImageName

_CODENAMES = {"10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie"}
# debian:13-slim as docker-library/repo-info prints it, the others by what they weigh on the wire.
_UNPACKED_BYTES = {"debian": 78_640_000, "ubuntu": 78_600_000, "alpine": 8_500_000}
_SYSTEMS = {"Debian": "debian", "Ubuntu": "ubuntu", "Alpine Linux": "alpine"}


class System(Struct, frozen=True):
    """A distribution's release.

    Attributes:
        name: `debian`, `ubuntu`, `alpine`.
        release: `12`, `22.04`, `3.20`; None where it is not known which.
        newest: where it is not known, the newest that it can be; None where that is not known.
    """

    name: str
    release: str | None
    newest: str | None = None

    @property
    def is_musl(self) -> bool:
        """Whether its C library is musl."""
        return self.name == "alpine"

    def final(self, image: str, why: str, *, only_libc: bool = False) -> FinalBase:
        """Its own small image; raises `CannotTell` if the release is not known.

        Args:
            image: the builder's, as written.
            why: for `FinalBase.why`.
            only_libc: whether a newer release does as well: programs that need no library but the
                C library run with a newer one.
        """
        if self.release is None and only_libc and self.newest is not None:
            return System(self.name, self.newest).small(why)
        if self.release is None:
            wanted = "alpine3.22" if self.is_musl else "bookworm"
            raise CannotTell(
                f"which release of {self.name.capitalize()} {image} is of: name one in its tag,"
                f" as -{wanted} does"
            )
        return self.small(why)

    def small(self, why: str) -> FinalBase:
        """Its own small image, of the newest release where it is not known which."""
        if self.name == "alpine":
            image = f"alpine:{self.release or '3.22'}"
        elif self.name == "ubuntu":
            image = f"ubuntu:{self.release or '24.04'}"
        else:
            image = f"debian:{_CODENAMES.get(self.release or '13', self.release)}-slim"
        return FinalBase(
            image=image,
            why=why,
            system="alpine" if self.is_musl else "debian",
            unpacked_bytes=_UNPACKED_BYTES[self.name],
        )


def system_of(name: ImageName) -> System | None:
    """The system that an image is of, by its name; None where nobody can say.

    A tag names its release (`golang:1.22-bookworm`), or the table knows it (`golang:1.21`).
    """
    row = builder_images().get(name.repository)
    tag = name.tag or "latest"
    for release in releases_in(name.repository, tag):
        system = _SYSTEMS.get(release.product)
        if system is not None:
            return System(system, release.release)
    if re.search(r"(?:\A|[-_])alpine\Z", tag) or name.repository == "alpine":
        return System("alpine", _known(row.systems if row is not None else {}, tag))
    if name.repository in ("debian", "ubuntu"):
        return System(name.repository, None)
    if row is None or not row.systems:
        return None
    plain = re.sub(r"-slim\Z", "", tag)
    known = _known(row.systems, plain)
    return System("debian", known, None if known else _known(row.newest, plain))


def _known(table: Mapping[str, str], tag: str) -> str | None:
    """The release of that tag or, shorter and shorter, of the versions that it begins with.

    `1.21.5` is looked up as `1.21.5`, `1.21` and `1`, which is in no table: it moves on.
    """
    version, dash, rest = tag.partition("-")
    parts = version.split(".")
    tries = (".".join(parts[:size]) + dash + rest for size in range(len(parts), 0, -1))
    return next((table[one] for one in tries if one in table), None)
