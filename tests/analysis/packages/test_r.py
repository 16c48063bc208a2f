from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.packages.folders import by_name, find, owned, plain, survives
from lightship.analysis.packages.r import SYSTEM, extract

LIBRARY = "usr/lib/R/library"
# As R writes it when it installs a package ("Writing R Extensions", 1.1.1).
DESCRIPTION = """Package: {name}
Version: 1.2-3
Title: A Package: with
    a longer title
Depends: R (>= 3.5.0), methods
Imports: rlang (>= 1.0),
    cli,
\tmissing
LinkingTo: cpp11
License: GPL-2 | GPL-3
Built: R 4.2.2; x86_64-pc-linux-gnu; 2023-01-02 03:04:05 UTC; unix
{more}
"""


def package(name: str, more: str = "", library: str = LIBRARY) -> dict[str, object]:
    text = DESCRIPTION.format(name=name, more=more)
    return {f"{library}/{name}/DESCRIPTION": text.encode(), f"{library}/{name}/R/{name}.rdb": b"r"}


def test_packages_of_libraries() -> None:
    layer = {
        **package("dplyr", library="usr/local/lib/R/site-library"),
        **package("cli"),
        **package("cpp11"),
        **package("rlang"),
        **package("methods", "Priority: base"),
        "usr/lib/R/library/R.css": b"",
    }
    found = find(SYSTEM, layer)
    packages = by_name(found)
    assert set(packages) == {"dplyr", "cli", "cpp11", "rlang", "methods"}
    assert packages["dplyr"].version == "1.2-3"
    assert packages["dplyr"].depends == ("methods", "rlang", "cli", "cpp11")
    assert packages["dplyr"].requested is None
    assert (packages["methods"].section, packages["methods"].essential) == ("base", True)
    assert (packages["cli"].section, packages["cli"].essential) == ("", False)
    assert set(layer) - owned(found.packages, layer) == {"usr/lib/R/library/R.css"}


def test_sources_and_other_descriptions_are_no_packages() -> None:
    layer = {
        "srv/mine/DESCRIPTION": b"Package: mine\nVersion: 1\n",
        "srv/other/DESCRIPTION": b"Package: mine\nVersion: 1\nBuilt: R 4\n",
        "srv/text/DESCRIPTION": b"A description.\n",
        "srv/bytes/DESCRIPTION": b"\xff\0\x01" * 500_000,
        "srv/evil/DESCRIPTION": b"Package: ../../etc\nBuilt: R 4\n",
        "srv/long/DESCRIPTION": b"Package: " + b"x" * 1_000_000 + b"\nBuilt: R 4\n",
        "DESCRIPTION": b"Package: mine\nBuilt: R 4\n",
        "srv/.git/description": b"Package: mine\n",
    }
    assert find(SYSTEM, layer).packages == []


@given(st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9.]{0,20}", fullmatch=True), max_size=6))
def test_needs_are_read_however_they_are_folded(names: list[str]) -> None:
    text = "Package: a\nBuilt: R 4\nImports: " + " (>= 1),\n    ".join(names)
    found = plain(survives(extract, text.encode()))
    assert isinstance(found, list)
    assert found[3] == list(dict.fromkeys(names))


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    assert survives(extract, data) is not None
    assert survives(extract, b"Package: a\nBuilt: R\n" + data) is not None
