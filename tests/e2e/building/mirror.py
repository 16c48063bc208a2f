"""A small Debian archive on this machine: real packages, and an index of a real one's weight.

Which packages: what the images of the cases install, with all that they need or recommend. They are
downloaded by apt itself, from wherever this machine gets its packages.
"""

from __future__ import annotations

import hashlib
import lzma
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from ..programs import run  # noqa: TID252 - as its neighbours, one floor up

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FILLER_BYTES = 8_000_000
"""Of stanzas of packages that are not there: an index with nothing but ours would weigh nothing."""

_CONFIGURATION = """\
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{place}/sources";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "{place}/lists";
Dir::State::status "{place}/status";
Dir::Cache "{place}/cache";
Acquire::Languages "none";
APT::Sandbox::User "root";
"""


def suite() -> str:
    """The release of Debian that this machine runs, and so the images."""
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def sources() -> Path:
    """The machine's own package sources."""
    folder = Path("/etc/apt")
    return next(
        path
        for path in (folder / "sources.list.d" / "debian.sources", folder / "sources.list")
        if path.exists()
    )


class Mirror:
    """An archive in `site`; what apt needs to fill it is kept in `place`.

    Args:
        place: a folder for apt's state.
        site: the archive's root, as a server gives it.
        root: the tar of the root that packages will be installed into.
    """

    def __init__(self, place: Path, site: Path, root: Path) -> None:
        self._place, self._site = place, site
        for folder in ("sources", "lists/partial", "cache/archives/partial"):
            (place / folder).mkdir(parents=True, exist_ok=True)
        (place / "sources" / sources().name).write_bytes(sources().read_bytes())
        (place / "status").write_bytes(run("tar", "-xOf", root, "./var/lib/dpkg/status"))
        (place / "apt.conf").write_text(_CONFIGURATION.format(place=place))
        self._environment = {"APT_CONFIG": str(place / "apt.conf")}

    def fill(self, with_recommends: Sequence[str], bare: Sequence[str]) -> None:
        """Download the packages and write the index."""
        apt = ("apt-get", "-q", "-y")
        run(*apt, "update", env=self._environment)
        for options, packages in (
            ((), with_recommends),
            (("--no-install-recommends",), bare),
        ):
            for package in packages:  # one by one: as far as apt knows, none is ever installed
                run(*apt, "--download-only", *options, "install", *package.split(),
                    env=self._environment)  # fmt: skip
        self._write_index("\n".join(self._stanzas()).encode())

    def _stanzas(self) -> Iterator[str]:
        pool = self._site / "pool"
        pool.mkdir(parents=True, exist_ok=True)
        archives = {path.name: path for path in (self._place / "cache/archives").glob("*.deb")}
        filler = 0
        for path in sorted((self._place / "lists").glob("*_Packages*")):
            text = run("/usr/lib/apt/apt-helper", "cat-file", path).decode()
            for stanza in text.split("\n\n"):
                name = _archive_name(stanza)
                if name in archives:
                    link = pool / archives[name].name.replace("%", "_")
                    if not link.exists():
                        link.hardlink_to(archives[name])
                    yield _moved(stanza, f"pool/{link.name}")
                elif filler < FILLER_BYTES:
                    filler += len(stanza)
                    yield _moved(stanza, None)

    def _write_index(self, packages: bytes) -> None:
        architecture = run("dpkg", "--print-architecture").decode().strip()
        folder = self._site / "dists" / suite()
        name = f"main/binary-{architecture}/Packages.xz"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        packed = lzma.compress(packages, preset=1)
        (folder / name).write_bytes(packed)
        rows = [
            f" {hashlib.sha256(data).hexdigest()} {len(data)} {path}"
            for data, path in ((packed, name), (packages, name.removesuffix(".xz")))
        ]
        (folder / "Release").write_text(
            f"Suite: stable\nCodename: {suite()}\nComponents: main\n"
            f"Architectures: {architecture}\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n"
            + "\n".join(rows)
            + "\n"
        )


def _fields(stanza: str) -> dict[str, str]:
    return dict(
        line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " "
    )


def _archive_name(stanza: str) -> str:
    """As apt names what it downloaded: apt-pkg/acquire-item.cc, QuoteString of the version."""
    fields = _fields(stanza)
    if not fields:
        return ""
    version = fields["Version"].replace(":", "%3a")
    return f"{fields['Package']}_{version}_{fields['Architecture']}.deb"


def _moved(stanza: str, filename: str | None) -> str:
    """The stanza with another place of the file; None: as it stands."""
    if filename is None:
        return stanza + "\n"
    lines = [
        f"Filename: {filename}" if line.startswith("Filename: ") else line
        for line in stanza.splitlines()
    ]
    return "\n".join(lines) + "\n"
