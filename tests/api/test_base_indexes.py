"""Package indexes by path and by address."""

from __future__ import annotations

import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from bases.indexes.made import APK_MAIN, apk_index, read
from lightship.api.base_indexes import read_indexes
from lightship.api.options import ReadOptions
from lightship.bases.indexes.index import PackageIndex
from lightship.net.options import NetOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = ReadOptions(cache=None, network=NetOptions(offline=True))
PRIMARY = b"""<metadata xmlns="http://linux.duke.edu/metadata/common">
<package type="rpm"><name>fedora-release-common</name><version ver="44" rel="1"/></package>
</metadata>"""
REPOMD = b"""<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="filelists">
<location href="repodata/other.xml"/></data><data type="primary">
<location href="repodata/1-primary.xml"/></data></repomd>"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def repository(folder: Path) -> Path:
    data = folder / "repodata"
    data.mkdir()
    (data / "repomd.xml").write_bytes(REPOMD)
    (data / "1-primary.xml").write_bytes(PRIMARY)
    return data / "repomd.xml"


def test_a_broken_one_is_one_line_and_the_others_work(tmp_path: Path) -> None:
    good, bad = tmp_path / "any-name", tmp_path / "APKINDEX.tar.gz"
    good.write_bytes(apk_index(APK_MAIN))
    bad.write_bytes(b"nonsense")
    indexes, problems = read_indexes([str(bad), str(tmp_path / "none"), str(good)], HERE)
    index = indexes.of("alpine 3.24", "apk")
    assert index is not None
    assert index.provider_of_library("libpq.so.5") is not None
    assert [problem.count("\n") for problem in problems] == [0, 0]
    assert "nothing that is read here" in problems[0]
    assert "No such file" in problems[1]


def test_the_system_can_be_said_where_the_file_does_not_tell(tmp_path: Path) -> None:
    path = tmp_path / "Packages"
    path.write_bytes(b"Package: x\nVersion: 1\n")
    indexes, problems = read_indexes([f"debian 13={path}"], HERE)
    assert not problems
    index = indexes.of("debian 13", "dpkg")
    assert index is not None
    assert index.system == "debian 13"
    assert indexes.of("debian 12", "dpkg") is None


@pytest.mark.parametrize("below", ["repodata/", ""])
def test_repomd_leads_to_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    repository(tmp_path)
    monkeypatch.chdir(tmp_path if below else tmp_path / "repodata")
    indexes, problems = read_indexes([f"{below}repomd.xml"], HERE)
    assert (problems, [one.system for one in indexes.files]) == ((), ["fedora 44"])


def test_repomd_leads_to_the_packages_over_the_network(tmp_path: Path) -> None:
    repository(tmp_path)
    with served(tmp_path) as host:
        allowed = ReadOptions(cache=None, network=NetOptions(plain_http=frozenset((host,))))
        url = f"http://{host}/repodata/repomd.xml"
        indexes, problems = read_indexes([url, f"http://{host}/none"], allowed)
    assert [one.system for one in indexes.files] == ["fedora 44"]
    assert len(problems) == 1
    assert f"the package index http://{host}/none:" in problems[0]


def test_offline_says_what_is_not_read() -> None:
    indexes, problems = read_indexes(["https://example.org/APKINDEX.tar.gz"], HERE)
    assert not indexes.files
    assert "the package index https://example.org/APKINDEX.tar.gz" in problems[0]
    assert "offline" in problems[0]


def test_a_list_of_lists_that_leads_to_itself_ends(tmp_path: Path) -> None:
    repomd = repository(tmp_path)
    repomd.with_name("1-primary.xml").write_bytes(REPOMD)
    indexes, problems = read_indexes([str(repomd)], HERE)
    assert (indexes.files, len(problems)) == ((), 1)


@pytest.mark.system("build-essential")
def test_debian_s_own_list_of_this_machine_says_what_its_packages_are() -> None:
    """The library that the C++ compiler's programs need is in the package that dpkg says."""
    owner = subprocess.run(
        ["dpkg-query", "-S", "*/libstdc++.so.6"], capture_output=True, text=True, check=True
    ).stdout.partition(":")[0]
    text = subprocess.run(["dpkg-query", "-s", owner], capture_output=True, check=True).stdout
    found = PackageIndex((read(text),)).provider_of_library("libstdc++.so.6")
    assert found is not None
    assert found.package.name == owner
