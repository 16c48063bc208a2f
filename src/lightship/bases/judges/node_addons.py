"""Whether the add-ons of Node packages were made for the base's C library and Node.js.

Source: Node.js' documentation, "C++ addons" (`node_register_module_vN` of NODE_MODULE_VERSION) and
"Node-API", whose symbols (`napi_...`) stay. prebuildify names files `*.musl.node`, packages of one
platform end with `-linux-x64-musl` or `-linuxmusl-x64`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.elf_symbols import numbers_of
from lightship.analysis.elf_symbols_columns import symbol_hash
from lightship.bases.extensions import base_libc, extensions_of
from lightship.bases.node_version import MODULE_VERSIONS, NODE, node_there
from lightship.bases.reasoning import listed, reason
from lightship.bases.runtimes import runtimes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.analysis.elf_symbols import ElfSymbols
    from lightship.bases.extensions import Extension
    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "node_addons"
_LIBC_IN_NAME = re.compile(r"-?(?:musl|glibc|gnu)")
_REGISTERS = {
    symbol_hash(b"node_register_module_v%d" % abi): abi for abi in MODULE_VERSIONS.values()
}


def judge(move: Move) -> Iterator[Reason]:
    """An add-on of another C library does not load, nor one of another NODE_MODULE_VERSION."""
    found = runtimes_of(move, NODE)
    addons = [one for one in extensions_of(move) if one.path.endswith(b".node")]
    if found is None or not addons or (move.landing is not None and found.there is None):
        return
    libc = base_libc(move, found.there.record if found.there is not None else None)
    if libc is None:
        yield reason(_KIND, "unproven", "which C library its Node.js has is not known")
    else:
        yield from _c_library(addons, libc)
    major = node_there(move, found)
    abi = MODULE_VERSIONS.get(major) if major is not None else None
    if abi is not None:
        yield from _version(move, addons, abi, f"Node.js {major}")


def _c_library(addons: Sequence[Extension], libc: str) -> Iterator[Reason]:
    fitting = {_key(one) for one in addons if one.libc == libc}
    wrong = [one for one in addons if one.libc not in (None, libc) and _key(one) not in fitting]
    if wrong:
        other = "glibc" if libc == "musl" else "musl"
        says = (
            f"{_count(wrong)} made for {other} cannot be loaded in a Node.js of {libc}: the"
            " packages are to be installed anew there"
        )
        yield reason(_KIND, "unproven", says, evidence=listed(_names(wrong)))


def _key(one: Extension) -> str:
    """What the variants of an add-on for several C libraries have in common."""
    return _LIBC_IN_NAME.sub("", one.package) or one.path.rpartition(b"/")[0].decode("latin-1")


def _version(move: Move, addons: Sequence[Extension], abi: int, node: str) -> Iterator[Reason]:
    symbols = move.application.scene.symbols
    versions = ((one, _registered(symbols.get(one.record))) for one in addons)
    wrong = [one for one, version in versions if version is not None and version != abi]
    if wrong:
        says = (
            f"{_count(wrong)} made for another version cannot be loaded in {node}: the packages are"
            " to be installed anew there"
        )
        yield reason(_KIND, "unproven", says, evidence=listed(_names(wrong)))


def _registered(symbols: ElfSymbols | None) -> int | None:
    if symbols is None:
        return None
    exports = numbers_of(symbols.open_exports)
    return next((_REGISTERS[one] for one in exports if one in _REGISTERS), None)


def _names(addons: Sequence[Extension]) -> list[str]:
    return list(dict.fromkeys(one.named for one in addons))


def _count(addons: Sequence[Extension]) -> str:
    return "1 add-on" if len(addons) == 1 else f"{len(addons)} add-ons"
