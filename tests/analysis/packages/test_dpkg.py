from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import by_name, find, layer_of
from analysis.recorded import records_of
from lightship.analysis.packages.control_file import names_of, stanzas
from lightship.analysis.packages.dpkg import SYSTEM
from lightship.analysis.packages.owning import find_owners
from lightship.layers.captures import Content
from lightship.testing import Symlink

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.testing import Layer

STATUS = """\
Package: base
Essential: yes
Status: install ok installed
Version: 1.0-1
Architecture: amd64
Section: admin
Description: the base
 Package: not-this-one

Package: tool
Status: install ok installed
Version: 2:3.4
Architecture: amd64
Depends: libtool1 (>= 1) | libtool0, awk, missing
Pre-Depends: base
Recommends: extra
Section: utils

Package: libtool1
Status: install ok installed
Version: 1
Architecture: amd64
Section: libs

Package: mawk
Status: install ok installed
Version: 1
Architecture: amd64
Provides: awk (= 1), something

Package: extra
Status: install ok installed
Version: 9
Architecture: all

Package: gone
Status: deinstall ok config-files
Version: 9
"""
INFO = "var/lib/dpkg/info"
IMAGE: dict[str, object] = {
    "bin": Symlink("usr/bin"),
    "usr/bin/tool": b"tool!",
    "usr/bin/awk": b"awk",
    "usr/lib/libtool.so.1": b"library",
    "etc/unowned": b"mine",
    "var/lib/dpkg/status": STATUS.encode(),
    f"{INFO}/base.list": b"/.\n/bin\n",
    f"{INFO}/tool.list": b"/.\n/bin\n/bin/tool\n/usr/share/doc/tool\n",
    f"{INFO}/tool.postinst": b"#!/bin/sh\n/usr/bin/awk\n",
    f"{INFO}/libtool1:amd64.list": b"/.\n/usr/lib/libtool.so.1\n",
    f"{INFO}/mawk.list": b"/.\n/usr/bin/awk\n",
    "var/lib/apt/extended_states": b"Package: libtool1\nArchitecture: amd64\nAuto-Installed: 1\n\n"
    b"Package: extra\nAuto-Installed: 0\n",
}


def owners(*layers: Layer) -> dict[str, str]:
    """Whose each file of an image is, by path."""
    records = records_of(*layers, requests=SYSTEM.requests)
    ownership = find_owners(records)
    found = {}
    for place in records.places:
        for name, record in zip(place.names, place.records, strict=True):
            number = ownership.owner_of[record]
            path = (place.path + b"/" + name).decode().removeprefix("/")
            found[path] = ownership.packages[number - 1].name if number else ""
    return found


def test_what_is_installed_and_what_it_says_of_itself() -> None:
    packages = by_name(find(SYSTEM, IMAGE))
    assert list(packages) == ["base", "tool", "libtool1", "mawk", "extra"]
    tool = packages["tool"]
    assert (tool.version, tool.section, tool.essential) == ("2:3.4", "utils", False)
    assert tool.depends == ("base", "libtool1", "mawk")
    assert tool.recommends == ("extra",)
    assert packages["base"].essential


def test_what_somebody_asked_for() -> None:
    packages = by_name(find(SYSTEM, IMAGE))
    marks = {name: package.requested for name, package in packages.items()}
    assert marks == {"base": None, "tool": True, "libtool1": False, "mawk": True, "extra": True}
    unmarked = {path: content for path, content in IMAGE.items() if "extended" not in path}
    assert {one.requested for one in find(SYSTEM, unmarked).packages} == {None}


def test_files_are_found_through_the_links_of_a_merged_usr() -> None:
    found = owners(IMAGE)
    assert found["usr/bin/tool"] == "tool"
    assert found["usr/lib/libtool.so.1"] == "libtool1"
    assert found["usr/bin/awk"] == "mawk"
    assert found["etc/unowned"] == ""


def test_a_diverted_file_is_at_its_other_name() -> None:
    image: dict[str, object] = {
        **IMAGE,
        "usr/bin/awk.real": b"the old one",
        "var/lib/dpkg/diversions": b"/usr/bin/awk\n/usr/bin/awk.real\ntool\n",
        f"{INFO}/tool.list": b"/usr/bin/awk\n",
    }
    found = owners(image)
    assert (found["usr/bin/awk.real"], found["usr/bin/awk"]) == ("mawk", "tool")


def test_distroless_keeps_a_stanza_a_file() -> None:
    image: Layer = {
        "usr/lib/a.so": b"a",
        "var/lib/dpkg/status.d/liba": b"Package: liba\nVersion: 7\nSection: libs\n",
        "var/lib/dpkg/status.d/liba.md5sums": b"0123456789abcdef0123456789abcdef  usr/lib/a.so\n",
    }
    (package,) = find(SYSTEM, image).packages
    assert (package.name, package.version) == ("liba", "7")
    assert owners(image)["usr/lib/a.so"] == "liba"


@pytest.mark.parametrize(
    "lines",
    [b"/../etc/unowned\n", b"/usr/../etc/unowned\n", b"/\0\n", b"/etc\n", b"/etc/unowned/x\n"],
)
def test_lists_that_lead_elsewhere_own_nothing(lines: bytes) -> None:
    found = owners({**IMAGE, f"{INFO}/base.list": lines})
    assert found["etc/unowned"] == ""


def test_a_status_that_is_too_large_is_noted_and_nothing_is_owned() -> None:
    head = memoryview(b"Package: a\n" * 10)
    request = SYSTEM.requests[0]
    with pytest.raises(ValueError, match="500000000 bytes are more than is read"):
        request.extract(Content(head, 500_000_000))


@given(st.binary(max_size=400), st.binary(max_size=200))
def test_any_status_and_list_is_read(status: bytes, listed: bytes) -> None:
    image: dict[str, object] = {
        "a": b"x",
        "var/lib/dpkg/status": status,
        "var/lib/apt/extended_states": status,
        "var/lib/dpkg/diversions": listed,
        f"{INFO}/a.list": b"/" + listed,
        "var/lib/dpkg/status.d/a": status,
    }
    assert set(owners(image)) == set(image)


@given(st.text("Pac: \n\t-kge", max_size=300))
def test_stanzas_of_any_text(text: str) -> None:
    for stanza in stanzas(text.encode()):
        assert all(":" not in name for name in stanza)


def test_relations() -> None:
    assert names_of("a (>= 1) | b [amd64], c:any, ${x}") == [["a", "b"], ["c"]]


def test_a_real_dpkg_installs_it(tmp_path: Path) -> None:
    """Built by dpkg-deb, installed by dpkg into a folder: what it wrote is what is read."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("this system has no dpkg")
    root, work = tmp_path / "root", tmp_path / "work"
    (work / "DEBIAN").mkdir(parents=True)
    (work / "usr/share/real").mkdir(parents=True)
    (work / "usr/share/real/data").write_bytes(b"x" * 1000)
    (work / "DEBIAN/control").write_text(
        "Package: real\nVersion: 1.2\nArchitecture: all\nMaintainer: A <a@example.org>\n"
        "Description: real\n"
    )
    deb = tmp_path / "real.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", work, deb], check=True, stdout=-3)
    (root / "var/lib/dpkg/info").mkdir(parents=True)
    (root / "var/lib/dpkg/status").write_bytes(b"")
    (root / "var/lib/dpkg/updates").mkdir()
    command = ["dpkg", f"--root={root}", "--force-not-root", "--force-script-chrootless", "-i"]
    subprocess.run([*command, str(deb)], check=True, stdout=-3)
    image = {path.removeprefix("./"): content for path, content in layer_of(root, ".").items()}
    assert owners(image)["usr/share/real/data"] == "real"
    assert by_name(find(SYSTEM, image))["real"].version == "1.2"
