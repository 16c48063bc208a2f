"""Who provides what: names that packages ask for, resolved to packages that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Of a name that everybody provides the first ones are enough.
_MOST = 8


class Providers:
    """Names by who provides them: every package itself, and what it says it provides."""

    def __init__(self, packages: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._by_name: dict[str, list[str]] = {}
        for package, provided in packages:
            for name in (package, *provided):
                providers = self._by_name.setdefault(name, [])
                if len(providers) < _MOST and package not in providers:
                    providers.append(package)

    def of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The packages that provide any of these names, each once, in their order."""
        found = (package for name in names for package in self._by_name.get(name, ()))
        return tuple(dict.fromkeys(found))
