"""The table of libraries against Debian's own package lists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.catalogue import runtime_libraries
from lightship.catalogue.runtime_libraries import development_package, runtime_packages

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLE = runtime_libraries._table()
RELEASE = Path("/etc/os-release")


def test_each_row_has_a_name_for_each_release() -> None:
    assert {len(names) for names in TABLE.apt.values()} == {len(TABLE.releases)}


def test_what_links_name_is_in_the_table() -> None:
    assert {name for name in TABLE.links.values() if name} <= TABLE.apt.keys()


def test_names_are_looked_up_by_release() -> None:
    assert runtime_packages("debian", "11", "libssl-dev") == ("libssl1.1",)
    assert runtime_packages("ubuntu", "24.04", "libssl-dev") == ("libssl3t64",)
    assert runtime_packages("alpine", "3.19", "openssl-dev") == ("libssl3", "libcrypto3")
    assert runtime_packages("debian", "12", "rapidjson-dev") == ()


def test_what_is_not_known_is_not_guessed() -> None:
    assert runtime_packages("debian", "12", "libvips-dev") is None
    assert runtime_packages("debian", "10", "libssl-dev") is None
    assert runtime_packages("debian", None, "libssl-dev") is None
    assert runtime_packages("debian", "13", "libpcre3-dev") is None
    assert runtime_packages("alpine", "3.19", "libssl-dev") is None
    assert development_package("ssl") == "libssl-dev"
    assert development_package("m") == ""
    assert development_package("vips") is None


@pytest.mark.slow
def test_on_debian_12_the_runtime_packages_are_what_the_development_packages_depend_on() -> None:
    release = RELEASE.read_text() if RELEASE.exists() else ""
    if 'VERSION_ID="12"' not in release or "\nID=debian" not in release:
        pytest.skip("this is no Debian 12")
    column = TABLE.releases.index("debian-12")
    wanted = {name: set(names[column].split()) for name, names in TABLE.apt.items()}
    wanted = {name: names for name, names in wanted.items() if name.endswith("-dev") and names}
    depended = _depended(wanted)
    seen = {name: names for name, names in wanted.items() if depended.get(name)}
    if not seen:
        pytest.skip("this machine has no package lists")
    for name, packages in seen.items():
        found = depended[name]
        # Some only stand for others: libjpeg-dev for libjpeg62-turbo-dev.
        for _ in range(2):
            found = found.union(*(depended.get(one, set()) for one in found))
        assert packages <= found, name


def _depended(names: Iterable[str]) -> dict[str, set[str]]:
    """What development packages depend on, and those that they depend on."""
    depended: dict[str, set[str]] = {}
    waiting = set(names)
    while waiting:
        shown = subprocess.run(
            ["apt-cache", "depends", *sorted(waiting)], check=False, capture_output=True, text=True
        ).stdout
        for block in re.split(r"\n(?=\S)", shown):
            name, _, rest = block.partition("\n")
            depended[name.strip()] = set(re.findall(r"Depends: (\S+)", rest))
        depended |= {name: set() for name in waiting - depended.keys()}
        every = set().union(*depended.values())
        headers = {name for name in every if name.endswith(("-dev", "-compat", "-multidev"))}
        waiting = headers - depended.keys()
    return depended
