"""What the orderings of versions have in common.

Each is a module with `key(version)`: keys of one module are compared with `<` and `==`, and are a
total order. A version that its system would not take is a ValueError; so is one that is longer than
any real one, which bounds the work that a foreign text can ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightship.bases.versions import apk, dpkg, gem, pep440, rpm, semver

if TYPE_CHECKING:
    from collections.abc import Callable

# The keys of each ordering are tuples of their own shape: what they share is that they compare.
Key = Any

ORDERINGS: dict[str, Callable[[str], Key]] = {
    "dpkg": dpkg.key,
    "apk": apk.key,
    "rpm": rpm.key,
    "python": pep440.key,
    "npm": semver.key,
    "go": semver.key,
    "gem": gem.key,
}
"""By the name of the package system (`Package.system`)."""


def compare(system: str, first: str, second: str) -> int:
    """-1, 0 or 1: the first is older, as old, newer.

    Raises:
        ValueError: one of them is no version of this system.
        KeyError: the system's ordering is not known.
    """
    key = ORDERINGS[system]
    one, other = key(first), key(second)
    return int(one > other) - int(one < other)
