from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import by_name, find, owned, plain, survives
from lightship.analysis.packages.conda import SYSTEM, extract

PREFIX = "opt/conda"
HISTORY = b"""==> 2024-01-02 03:04:05 <==
# cmd: /opt/conda/bin/conda install numpy 'python=3.11'
# conda version: 24.1.0
+conda-forge/linux-64::numpy-1.26.4-py311h64a7726_0
# update specs: ['numpy', 'python=3.11', "conda-forge::scipy[version='>=1']"]
==> 2024-01-03 03:04:05 <==
# install specs: xz >=5,zlib
# remove specs: ['gone']
"""


def package(name: str, *files: str, prefix: str = PREFIX, **fields: object) -> dict[str, object]:
    record = {
        "name": name,
        "version": "1.0",
        "build": "h0_0",
        "build_number": 0,
        "channel": "https://conda.example/linux-64",
        "depends": [],
        "files": list(files),
        "paths_data": {"paths": [{"_path": one, "sha256": "0" * 64} for one in files]},
        **fields,
    }
    return {f"{prefix}/conda-meta/{name}-1.0-h0_0.json": json.dumps(record).encode()}


def test_packages_of_a_prefix_with_what_was_asked_for() -> None:
    layer = {
        **package("numpy", "lib/a.so", depends=["python >=3.11,<3.12.0a0", "__glibc >=2.17"]),
        **package("python", "bin/python3.11", depends=["zlib", "xz >=5"]),
        **package("scipy"),
        **package("zlib", "lib/libz.so.1"),
        **package("tk"),
        f"{PREFIX}/conda-meta/history": HISTORY,
        f"{PREFIX}/conda-meta/state": b'{"env_vars": {}}',
        f"{PREFIX}/lib/a.so": b"1",
        f"{PREFIX}/bin/python3.11": b"2",
        f"{PREFIX}/lib/libz.so.1": b"3",
        f"{PREFIX}/pkgs/numpy-1.0-h0_0/lib/a.so": b"1",
        f"{PREFIX}/pkgs/numpy-1.0-h0_0/info/index.json": b'{"name": "numpy"}',
    }
    found = find(SYSTEM, layer)
    packages = by_name(found)
    assert {name: one.requested for name, one in packages.items()} == {
        "numpy": True,
        "python": True,
        "scipy": True,
        "zlib": True,
        "tk": False,
    }
    assert packages["numpy"].depends == ("python",)
    assert packages["python"].depends == ("zlib",)
    assert packages["numpy"].version == "1.0"
    unowned = {name.removeprefix(PREFIX) for name in set(layer) - owned(found.packages, layer)}
    assert unowned == {
        "/conda-meta/history",
        "/conda-meta/state",
        "/pkgs/numpy-1.0-h0_0/lib/a.so",
        "/pkgs/numpy-1.0-h0_0/info/index.json",
    }
    assert found.notes == []


def test_environments_are_apart() -> None:
    layer = {
        **package("a", "x"),
        **package("a", "x", prefix=f"{PREFIX}/envs/e", depends=["b"]),
        **package("b", prefix=f"{PREFIX}/envs/e"),
        f"{PREFIX}/envs/e/conda-meta/history": b"==> now <==\n# update specs: ['a']\n",
    }
    found = find(SYSTEM, layer)
    assert [(one.name, one.requested, one.depends) for one in found.packages] == [
        ("a", None, ()),
        ("a", True, ("b",)),
        ("b", False, ()),
    ]
    assert f"{PREFIX}/envs/e/x".encode() in set(found.packages[1].paths)


def test_paths_outside_of_the_prefix_own_nothing_and_are_counted() -> None:
    layer = package("evil", "../../etc/passwd", "/etc/shadow", "../condax", "..", "a/../b", "")
    found = find(SYSTEM, layer, {"etc/passwd": b""})
    (one,) = found.packages
    record = f"{PREFIX}/conda-meta/evil-1.0-h0_0.json"
    assert list(one.paths) == [record.encode(), f"{PREFIX}/b".encode()]
    assert found.notes == [f"conda: {record}: 5 of its paths are not below {PREFIX}"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "no such JSON"),
        (b'{"x": ' + b"[" * 100_000, "nested too deep"),
        (b'{"version": "1"}', "it gives no name"),
        (b'{"name": "' + b"x" * 1_000_000 + b'"}', "it gives no name"),
    ],
)
def test_broken_records_are_noted(content: bytes, why: str) -> None:
    path = f"{PREFIX}/conda-meta/bad-1-0.json"
    found = find(SYSTEM, {**package("good"), path: content})
    assert [one.name for one in found.packages] == ["good"]
    (note,) = found.notes
    assert note.startswith(f"conda: {path}: ")
    assert why in note


def test_values_of_other_types_are_passed_over() -> None:
    layer = package("odd", version=7, depends={"a": 1}, files=[None, 3, "x", "a\0b"], build=[])
    (one,) = find(SYSTEM, layer).packages
    assert (one.version, one.depends) == (None, ())
    assert list(one.paths)[1:] == [f"{PREFIX}/x".encode()]


@given(st.lists(st.from_regex(r"[a-z][a-z0-9._-]{0,20}", fullmatch=True), min_size=1, unique=True))
def test_names_in_the_history_are_read_in_both_forms(names: list[str]) -> None:
    for line in (str([f"{name}>=1" for name in names]), ",".join(f"{name}=2" for name in names)):
        history = f"==> now <==\n# update specs: {line}\n".encode()
        assert plain(survives(extract, history)) == names


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    survives(extract, data)
    survives(extract, b'{"name": "a", "files": ["' + data + b'"]}')
    survives(extract, b"==> \n# update specs: " + data)
