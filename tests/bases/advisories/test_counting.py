"""Images that were built and opened, and what is counted of them."""

from __future__ import annotations

import io
import itertools
import json
import os
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bases.advisories.made import TRACKER, issue, release
from lightship.api.base_advisories import read_advisories
from lightship.api.base_opening import look_inside
from lightship.api.options import ReadOptions
from lightship.bases.advisories.counting import counted
from lightship.model.results.base_advisories import Severities
from lightship.testing import build_image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.model.results.base_advisories import AdvisoryCounts

TODAY = date(2026, 2, 3)
BOOKWORM = b'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
STATUS = b"".join(
    b"Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n%s\n"
    % (name, version, source)
    for name, version, source in [
        (b"libc6", b"2.36-9", b"Source: glibc\n"),
        (b"libc-bin", b"2.36-9", b"Source: glibc\n"),
        (b"zlib1g", b"1:1.2.13.dfsg-1", b"Source: zlib\n"),
        (b"liblzma5", b"5.4.1-0.2", b"Source: xz-utils\n"),
        (b"python3-yaml", b"6.0-3+b2", b"Source: pyyaml (6.0-3)\n"),
    ]
)
METADATA = b"Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n"
SITE, DISTS = "usr/local/lib/python3.11/site-packages", "usr/lib/python3/dist-packages"
ROOT = {
    "etc/os-release": BOOKWORM,
    "var/lib/dpkg/status": STATUS,
    "var/lib/dpkg/info/python3-yaml.list": f"/{DISTS}/PyYAML-1.0.egg-info\n".encode(),
    f"{DISTS}/PyYAML-1.0.egg-info": METADATA % b"PyYAML",
}
APPLICATION = {f"{SITE}/flask-1.0.dist-info/METADATA": METADATA % b"Flask"}
EVERYTHING = {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.2"}]}]}
PYPI = {
    "vulns": [
        {
            "id": "GHSA-1",
            "modified": "2026-01-01T00:00:00Z",
            "database_specific": {"severity": "HIGH"},
            "affected": [{"package": {"ecosystem": "PyPI", "name": name}, **EVERYTHING}],
        }
        for name in ("flask", "pyyaml")
    ]
}


def written(folder: Path, name: str, content: object, day: date = date(2026, 2, 1)) -> str:
    path = folder / name
    path.write_text(json.dumps(content), "utf-8")
    seconds = (day - date(1970, 1, 1)).days * 86400
    os.utime(path, (seconds, seconds))
    return str(path)


def count(folder: Path, layer: Mapping[str, object], *places: str) -> AdvisoryCounts:
    reference = build_image([layer], directory=folder / "image")
    options = ReadOptions(cache=None)
    inside = look_inside(reference, None, options)
    return counted(inside, read_advisories(places, options), TODAY)


def test_a_debian_image_with_an_application_of_python(tmp_path: Path) -> None:
    places = [written(tmp_path, "tracker.json", TRACKER), written(tmp_path, "osv.json", PYPI)]
    found = count(tmp_path, {**ROOT, **APPLICATION}, *places)
    debian, pypi = found.ecosystems
    assert (debian.name, debian.kind, debian.packages, debian.looked_up) == (
        "debian 12", "distribution", 5, 5,
    )  # fmt: skip
    assert debian.vulnerabilities is not None
    # glibc's two are of two packages and count once; CVE-2024-3094 never was in bookworm.
    assert debian.vulnerabilities.all == 3
    assert debian.vulnerabilities.fixable == 1
    assert debian.vulnerabilities.packages == 3
    assert debian.vulnerabilities.severities == Severities(negligible=1, unknown=2)
    # What Debian installed is Debian's: of Python's packages there is Flask alone.
    assert (pypi.name, pypi.kind, pypi.packages) == ("PyPI", "language", 1)
    assert pypi.vulnerabilities is not None
    assert pypi.vulnerabilities.severities == Severities(high=1)
    assert found.vulnerabilities is not None
    assert found.vulnerabilities.all == 4
    assert [(one.kind, one.date, one.stale) for one in found.sources] == [
        ("Debian security tracker", "2026-02-01", ""),
        ("OSV", "2026-02-01", ""),
    ]
    assert not found.complete  # a list of records is not all that OSV has
    assert "only 2 records" in pypi.why


def test_what_was_not_looked_up_is_unknown_and_never_0(tmp_path: Path) -> None:
    tracker = written(tmp_path, "tracker.json", TRACKER)
    found = count(tmp_path, {**ROOT, "etc/os-release": b"ID=wolfi\nVERSION_ID=2023\n"}, tracker)
    (wolfi,) = found.ecosystems
    assert found.vulnerabilities is None
    assert not found.complete
    assert wolfi.vulnerabilities is None
    assert wolfi.why == "there is no advisory data for wolfi"


def test_a_language_whose_names_are_not_those_of_advisories_is_unknown(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
    record = {
        "id": "GHSA-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "Maven", "name": "org.x:x"}, **EVERYTHING}],
    }
    osv = written(tmp_path, "osv.json", [record])
    found = count(tmp_path, {"app/x-1.0.jar": archive.getvalue()}, osv)
    (maven,) = found.ecosystems
    assert (maven.name, maven.packages, maven.vulnerabilities) == ("Maven", 1, None)
    assert "group" in maven.why
    assert not found.complete


def test_a_system_that_does_not_say_what_it_is_is_not_looked_up(tmp_path: Path) -> None:
    layer = {path: content for path, content in ROOT.items() if path != "etc/os-release"}
    found = count(tmp_path, layer, written(tmp_path, "tracker.json", TRACKER))
    assert found.vulnerabilities is None


def test_distroless_leaves_out_the_name_of_its_release(tmp_path: Path) -> None:
    layer = {
        "etc/os-release": b'ID=debian\nVERSION_ID="12"\n',
        "var/lib/dpkg/status.d/tar": b"Package: tar\nVersion: 1.34+dfsg-1.2\n",
    }
    found = count(tmp_path, layer, written(tmp_path, "tracker.json", TRACKER))
    assert found.complete
    assert found.vulnerabilities is not None
    assert found.vulnerabilities.severities == Severities(negligible=1)


def test_old_data_is_stale(tmp_path: Path) -> None:
    tracker = written(tmp_path, "tracker.json", TRACKER, date(2026, 1, 1))
    (source,) = count(tmp_path, ROOT, tracker).sources
    assert source.stale == "it is 33 days old"


def test_a_broken_file_costs_a_line_and_the_rest_works(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    written(folder, "tracker.json", TRACKER)
    (folder / "broken.json").write_bytes(b'{"cut')
    found = count(tmp_path, ROOT, str(folder), str(tmp_path / "nowhere.json"))
    assert found.vulnerabilities is not None
    assert [note.partition(": ")[0] for note in found.notes] == [
        f"{folder}/broken.json",
        f"{tmp_path}/nowhere.json cannot be read",
    ]


def test_nothing_to_look_up_is_no_advisories_needed(tmp_path: Path) -> None:
    found = count(tmp_path, {"app": b"x"})
    assert (found.vulnerabilities, found.complete, found.ecosystems) == (None, True, ())


@pytest.mark.system("dpkg")
def test_the_packages_of_this_machine_by_dpkgs_own_answers(tmp_path: Path) -> None:
    """Every second source package is fixed at a version that dpkg itself is asked about."""
    query = ["dpkg-query", "-W", "-f", r"${db:Status-Status} ${source:Package} ${source:Version}\n"]
    lines = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split("\n")
    installed = [line.split()[1:] for line in lines if line.startswith("installed ")]
    sources = dict(sorted((name, version) for name, version in installed)[::4])
    changes = itertools.cycle(["", "~", "+b1", ".1", "-1"])
    fixes = {
        name: version + change
        for (name, version), change in zip(sources.items(), changes, strict=False)
    }
    tracker = {
        name: {f"CVE-{number}": issue(bookworm=release("resolved", fixed))}
        for number, (name, fixed) in enumerate(fixes.items())
    }
    expected = {
        name
        for name, version in installed
        if name in fixes and dpkg_says_less(version, fixes[name])
    }
    layer = {
        "etc/os-release": BOOKWORM,
        "var/lib/dpkg/status": Path("/var/lib/dpkg/status").read_bytes(),
    }
    found = count(tmp_path, layer, written(tmp_path, "tracker.json", tracker))
    assert expected
    assert found.vulnerabilities is not None
    assert found.vulnerabilities.all == found.vulnerabilities.fixable == len(expected)


def dpkg_says_less(first: str, second: str) -> bool:
    command = ["dpkg", "--compare-versions", first, "lt", second]
    return subprocess.run(command, check=False).returncode == 0
