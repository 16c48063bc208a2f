"""Writes catalogue/musl_symbols.txt from builds of musl: `VERSION=lib/libc.so`, oldest first.

Each is built from a release's source for x86-64 (`./configure && make lib/libc.so`).
"""

from __future__ import annotations

import sys
from pathlib import Path

from lightship.analysis.elf_symbols import exported_names
from lightship.layers.captures import Content

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "src" / "lightship" / "catalogue" / "musl_symbols.txt"
_HEAD = """\
# Written by tools/write_musl_symbols.py: what musl's libc.so defines, built from the sources of
# the releases {versions} (https://musl.libc.org, tags of its git) for x86-64.
# A name; behind it the release that it is in since, where that is not the first.
# What 1.2.4 no longer shows to linkers (names for large files) its loader still knows: those stay.
# Of 1.2.6 only what its git had on 2025-05-27 is here: it may have more.
# Distributions leave a few out: Debian's has no crypt. Other machines have a few of their own.
"""


def main(arguments: list[str]) -> int:
    """Write the table."""
    since: dict[bytes, str] = {}
    versions = []
    for argument in arguments:
        version, _, path = argument.partition("=")
        data = Path(path).read_bytes()
        versions.append(version)
        for name in exported_names(Content(memoryview(data), len(data))):
            since.setdefault(name, version)
    rows = [
        name.decode() + (f" {version}" if version != versions[0] else "")
        for name, version in sorted(since.items())
    ]
    head = _HEAD.format(versions=", ".join(versions))
    TABLE.write_text(head + "\n".join(rows) + "\n")
    print(f"{TABLE.name}: {len(rows)} names")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
