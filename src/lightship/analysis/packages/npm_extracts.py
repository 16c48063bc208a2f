"""What npm's files say: extracts of package.json and of lock files.

Source: npm's documentation of `package.json` and of `package-lock.json` (docs.npmjs.com).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lightship.analysis.packages.foreign_json import decoded, keys, text

if TYPE_CHECKING:
    from lightship.layers.captures import Content

MAX_NAME_CHARS = 214
"""npm takes no longer name."""
_MAX_PATH_CHARS = 4096


class Manifest(msgspec.Struct, frozen=True, array_like=True):
    """Of a package.json what counts.

    Attributes:
        name, version: empty where there is none, or none that npm would take.
        needs: names in `dependencies`.
        may_need: names in `optionalDependencies` and `peerDependencies`.
        develops_with: names in `devDependencies`.
    """

    name: str
    version: str
    needs: list[str]
    may_need: list[str]
    develops_with: list[str]


class _Written(msgspec.Struct):
    name: object = None
    version: object = None
    dependencies: object = None
    optional: object = msgspec.field(default=None, name="optionalDependencies")
    peer: object = msgspec.field(default=None, name="peerDependencies")
    development: object = msgspec.field(default=None, name="devDependencies")


class _Lock(msgspec.Struct):
    packages: object = None
    dependencies: object = None


def extract_manifest(content: Content) -> bytes:
    """MessagePack of `Manifest`.

    Raises:
        ValueError: it is not whole, or no object in JSON.
    """
    written = decoded(content, _Written)
    optional = keys(written.optional, MAX_NAME_CHARS)
    lesser = frozenset(optional)
    return msgspec.msgpack.encode(
        Manifest(
            text(written.name, MAX_NAME_CHARS),
            text(written.version, MAX_NAME_CHARS),
            [key for key in keys(written.dependencies, MAX_NAME_CHARS) if key not in lesser],
            optional + keys(written.peer, MAX_NAME_CHARS),
            keys(written.development, MAX_NAME_CHARS),
        )
    )


def extract_lock(content: Content) -> bytes:
    """MessagePack of a list: the folders (`node_modules/a`) of what only development needs.

    Version 1 nests what is in a folder; 2 and 3 list the folders, and the tree beside them in 2 is
    for older programs.

    Raises:
        ValueError: it is not whole, or no object in JSON.
    """
    lock = decoded(content, _Lock)
    if isinstance(lock.packages, dict):
        found = [path for path, one in lock.packages.items() if _is_development(one)]
    else:
        found = _nested(lock.dependencies)
    kept = [one for one in found if isinstance(one, str) and len(one) <= _MAX_PATH_CHARS]
    return msgspec.msgpack.encode(sorted(kept))


def _is_development(one: object) -> bool:
    return isinstance(one, dict) and one.get("dev") is True


def _nested(dependencies: object) -> list[str]:
    found: list[str] = []
    stack: list[tuple[str, object]] = [("", dependencies)]
    while stack:
        prefix, level = stack.pop()
        if not isinstance(level, dict) or len(prefix) > _MAX_PATH_CHARS:
            continue
        for name, one in level.items():
            if not isinstance(one, dict):
                continue
            path = f"{prefix}node_modules/{name}"
            if one.get("dev") is True:
                found.append(path)
            if "dependencies" in one:
                stack.append((path + "/", one["dependencies"]))
    return found
