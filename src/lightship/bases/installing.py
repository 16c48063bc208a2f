"""How packages are installed on a base: of which system it is, and by what command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.os_release import os_release
from lightship.analysis.packages.systems import DISTRIBUTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.candidate import Candidate

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*\Z")
_MANAGERS = (
    ("apk", "apk", (b"sbin/apk", b"usr/sbin/apk", b"usr/bin/apk")),
    ("apt", "dpkg", (b"usr/bin/apt-get",)),
    ("microdnf", "rpm", (b"usr/bin/microdnf",)),
    ("dnf", "rpm", (b"usr/bin/dnf", b"usr/bin/dnf5")),
    ("yum", "rpm", (b"usr/bin/yum",)),
    ("tdnf", "rpm", (b"usr/bin/tdnf",)),
    ("zypper", "rpm", (b"usr/bin/zypper",)),
)
_COMMANDS = {
    "apk": "RUN apk add --no-cache {}",
    "apt": "RUN apt-get update && apt-get install -y --no-install-recommends {}"
    " && rm -rf /var/lib/apt/lists/*",
    "microdnf": "RUN microdnf install -y {} && microdnf clean all",
    "dnf": "RUN dnf install -y {} && dnf clean all",
    "yum": "RUN yum install -y {} && yum clean all",
    "tdnf": "RUN tdnf install -y {} && tdnf clean all",
    "zypper": "RUN zypper --non-interactive install --no-recommends {} && zypper clean --all",
}


class Installing(Struct, frozen=True):
    """How a base installs packages.

    Attributes:
        system: distribution and release, `alpine 3.24`; None if nobody knows.
        package_format: `apk`, `dpkg` or `rpm`; empty where it has none.
        manager: what installs, a key of the instructions known here; None where there is none.
        present: names of the packages that are in it; empty where nobody looked.
    """

    system: str | None
    package_format: str
    manager: str | None
    present: frozenset[str] = frozenset()

    def instruction(self, names: Iterable[str]) -> str | None:
        """The instruction that installs packages; None without a manager, or for odd names."""
        asked = list(dict.fromkeys(names))
        if self.manager is None or not asked or not all(map(_NAME.match, asked)):
            return None
        return _COMMANDS[self.manager].format(" ".join(asked))


def installing_on(candidate: Candidate) -> Installing:
    """By what is in a base; where nobody looked, by what the catalogue says."""
    row, inside = candidate.row, candidate.inside
    if inside is None:
        named = row.package_manager if row is not None else None
        manager = next((one for one in _MANAGERS if one[0] == named), None)
        system = row.system if row is not None else None
        return Installing(system, manager[1] if manager else "", manager[0] if manager else None)
    records = inside.ledger.records
    release = os_release(records)
    packages = inside.ledger.ownership.packages
    own = [one for one in packages if one.system in DISTRIBUTIONS]
    found = (one for one in _MANAGERS if any(map(records.exists, one[2])))
    manager = next(found, None)
    package_format = manager[1] if manager else (own[0].system if own else "")
    return Installing(
        release.system if release is not None else (row.system if row is not None else None),
        package_format,
        manager[0] if manager else None,
        frozenset(one.name for one in own),
    )
