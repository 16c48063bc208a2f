"""How a container on the new base is started, once what an answer asks for is done."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.analysis.lookup import Lookup, joined
from lightship.analysis.scripts import scripts
from lightship.bases.inherited import SEARCH_PATHS, USUAL_PATH

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Records
    from lightship.analysis.run_settings import RunSettings
    from lightship.bases.application import Application
    from lightship.bases.inside import Inside

_NAMED = re.compile(rb"\$\{?([A-Za-z_][A-Za-z0-9_]*+)")
_READ = frozenset(
    b"LANG LANGUAGE LC_ALL LC_CTYPE TZ LD_PRELOAD JAVA_HOME JAVA_TOOL_OPTIONS GEM_HOME GEM_PATH "
    b"BUNDLE_PATH BUNDLE_APP_CONFIG NODE_PATH NODE_OPTIONS NODE_EXTRA_CA_CERTS PERL5LIB "
    b"PHP_INI_DIR PHP_INI_SCAN_DIR PYTHONPATH PYTHONHOME PYTHONUNBUFFERED PYTHONUTF8 "
    b"SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE R_HOME GOPATH CATALINA_HOME "
    b"DOTNET_ROOT DOTNET_RUNNING_IN_CONTAINER ASPNETCORE_URLS ASPNETCORE_HTTP_PORTS "
    b"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT GTK_PATH MAGICK_HOME ICU_DATA TERMINFO".split()
)
"""Variables that programs look at, whatever the application is."""


class Landed(Struct, frozen=True):
    """Settings on the new base.

    Attributes:
        settings: with all that is set again.
        again: variables of the old base that have to be set again.
        lost: names of those that are not there, and that nothing is known to need.
        searched: for each search path the old one's folders that have to be put before it.
    """

    settings: RunSettings
    again: dict[bytes, bytes]
    lost: tuple[bytes, ...]
    searched: dict[bytes, tuple[bytes, ...]]


def landed(application: Application, base: Inside, records: Records) -> Landed:
    """What the application sets holds, and over the rest the new base decides.

    Args:
        application: with what it sets itself.
        base: the new one.
        records: of the two merged.
    """
    return _Landing(application, base, Lookup(records.tree)).run()


class _Landing:
    def __init__(self, application: Application, base: Inside, lookup: Lookup) -> None:
        self._application = application
        self._own = application.own
        self._ours = application.inside.settings
        self._theirs = base.settings
        self._lookup = lookup

    def run(self) -> Landed:
        ours, theirs, own = self._ours, self._theirs, self._own
        again, lost = self._variables()
        kept = {one: ours.environment[one] for one in own.variables}
        environment = {**theirs.environment, **kept, **again}
        searched = {}
        for name in SEARCH_PATHS:
            searched[name], folders = self._searched(name)
            if folders:
                environment[name] = b":".join(dict.fromkeys(folders))
        entrypoint, command = self._command()
        settings = replace(
            ours,
            environment=environment,
            entrypoint=entrypoint,
            command=command,
            healthcheck=(ours if own.healthcheck else theirs).healthcheck,
            stop_signal=(ours if own.stop_signal else theirs).stop_signal,
        )
        return Landed(settings, again, lost, searched)

    def _variables(self) -> tuple[dict[bytes, bytes], tuple[bytes, ...]]:
        own, theirs = self._own, self._theirs.environment
        again, lost = {}, []
        for name, value in sorted(self._ours.environment.items()):
            if name in SEARCH_PATHS or theirs.get(name) == value:
                continue
            is_inherited = name not in own.variables
            if not is_inherited and name not in own.maybe:
                continue
            if is_inherited and name in theirs:
                continue
            is_read = name in _READ and not (is_inherited and self._dangles(value))
            if is_read or (is_inherited and self._is_named(name)):
                again[name] = value
            else:
                lost.append(name)
        return again, tuple(lost)

    def _dangles(self, value: bytes) -> bool:
        """Whether a value is a place that the landing does not have: `/opt/java/openjdk`."""
        if not value.startswith(b"/") or b":" in value:
            return False
        return self._lookup.file(value) is None and self._lookup.directory(value) is None

    def _is_named(self, name: bytes) -> bool:
        """Whether the command or its scripts speak of a variable."""
        return name in self._named

    @cached_property
    def _named(self) -> frozenset[bytes]:
        texts = scripts(self._application.inside.ledger.records)
        files = self._application.entrypoint.files
        spoken = [*self._application.entrypoint.words]
        spoken += [texts[one.record] for one in files if one.record in texts]
        return frozenset(name for text in spoken for name in _NAMED.findall(text))

    def _searched(self, name: bytes) -> tuple[tuple[bytes, ...], list[bytes]]:
        """Folders to put before a search path, and all of it."""
        own, default = self._own, USUAL_PATH if name == b"PATH" else b""
        ours = _folders(self._ours.environment.get(name, default))
        theirs = _folders(self._theirs.environment.get(name, default))
        is_set = name in own.variables
        if is_set and name not in own.maybe:
            return (), _upon(ours, _folders(own.base_paths.get(name, default)), theirs)
        before = tuple(one for one in ours if one not in theirs and self._has_files(one))
        # Whose it is nobody knows: where it is the application's, it stands there anyway.
        return before, [*(ours if is_set else before), *theirs]

    def _has_files(self, folder: bytes) -> bool:
        """A folder of links alone is as good as its target."""
        directory = self._lookup.directory(joined(self._ours.working_directory, folder))
        return directory is not None and bool(directory.children)

    def _command(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        ours, theirs = self._ours, self._theirs
        if self._own.entrypoint:
            return ours.entrypoint, ours.command
        if not self._own.command:
            return theirs.entrypoint, theirs.command
        if ours.entrypoint == theirs.entrypoint:
            return ours.entrypoint, ours.command
        return (() if self._application.stands_alone else theirs.entrypoint), ours.command


def _folders(path: bytes) -> list[bytes]:
    return [one for one in path.split(b":") if one]


def _upon(ours: list[bytes], was: list[bytes], theirs: list[bytes]) -> list[bytes]:
    """`/venv/bin:$PATH` upon another base: what stood for the old base's path is the new one's.

    Where the old one's cannot be found in it, it may have been written out or not be known: then
    all of both.
    """
    for at in range(len(ours) - len(was) + 1):
        if was and ours[at : at + len(was)] == was:
            return [*ours[:at], *theirs, *ours[at + len(was) :]]
    return [*ours, *theirs]
