"""What the old base's config sets and the new one's does not: variables, an entrypoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.lookup import joined
from lightship.analysis.secrets import kind_of_variable
from lightship.bases.dockerfile_words import added_path, exec_form, variable
from lightship.bases.payload_history import instructions_above, is_set_above
from lightship.bases.reasoning import listed, reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.run_settings import RunSettings
    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "environment"
_PATHS = (b"PATH", b"LD_LIBRARY_PATH")
_READ = frozenset(
    b"LANG LANGUAGE LC_ALL LC_CTYPE TZ LD_PRELOAD JAVA_HOME JAVA_TOOL_OPTIONS GEM_HOME GEM_PATH "
    b"BUNDLE_PATH BUNDLE_APP_CONFIG NODE_PATH NODE_OPTIONS NODE_EXTRA_CA_CERTS PERL5LIB "
    b"PHP_INI_DIR PHP_INI_SCAN_DIR PYTHONPATH PYTHONHOME PYTHONUNBUFFERED PYTHONUTF8 "
    b"SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE R_HOME GOPATH CATALINA_HOME "
    b"DOTNET_ROOT DOTNET_RUNNING_IN_CONTAINER ASPNETCORE_URLS ASPNETCORE_HTTP_PORTS "
    b"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT GTK_PATH MAGICK_HOME ICU_DATA TERMINFO".split()
)
"""Variables that programs look at, whatever the application is."""


def judge(move: Move) -> Iterator[Reason]:
    """Each is set again by an instruction; what nothing is known to read is a note."""
    base, landing = move.candidate.inside, move.landing
    if base is None or landing is None:
        return
    ours, theirs = move.application.inside.settings, base.settings
    for name in _PATHS:
        yield from _path(move, landing, name)
    others = []
    for name, value in sorted(ours.environment.items()):
        if name in _PATHS or theirs.environment.get(name) == value:
            continue
        if is_set_above(move.application.inside, name):
            continue
        if name not in _READ:
            others.append(text_of(name))
            continue
        shown = text_of(value)
        if kind_of_variable(text_of(name), shown) is not None:
            shown = "..."
        says = f"it does not set the variable {text_of(name)} as the image does now"
        yield reason(_KIND, "carry", says, todo=variable(text_of(name), shown))
    if others:
        which = "a variable" if len(others) == 1 else f"{len(others)} variables"
        says = f"it does not set {which} that the image has now, and nothing is known to need"
        yield reason(_KIND, "note", says, evidence=listed(others))
    yield from _entrypoint(move, ours, theirs)


def _path(move: Move, landing: Landing, name: bytes) -> Iterator[Reason]:
    """Folders of a search path that are there, and that the new base does not search."""
    ours, base = move.application.inside.settings, move.candidate.inside
    if base is None or is_set_above(move.application.inside, name):
        return
    theirs = base.settings.search_path if name == b"PATH" else base.settings.library_path
    every = ours.search_path if name == b"PATH" else ours.library_path
    missing = [
        one
        for one in every
        if one not in theirs
        and landing.lookup.directory(joined(ours.working_directory, one)) is not None
    ]
    # A folder of links alone is as good as its target.
    missing = [one for one in missing if not _is_empty(landing, one)]
    if missing:
        shown = text_of(b":".join(missing))
        says = f"it does not search {shown}, as the image does now by {text_of(name)}"
        text = text_of(name)
        todo = added_path(text, shown) if theirs else variable(text, shown)
        yield reason(_KIND, "carry", says, todo=todo)


def _is_empty(landing: Landing, path: bytes) -> bool:
    directory = landing.lookup.directory(joined(landing.settings.working_directory, path))
    return directory is None or not directory.children


def _entrypoint(move: Move, ours: RunSettings, theirs: RunSettings) -> Iterator[Reason]:
    """A base's own entrypoint would run the application's command as its arguments."""
    if ours.entrypoint == theirs.entrypoint or not (ours.entrypoint or ours.command):
        return
    above = instructions_above(move.application.inside)
    if any(line.startswith("ENTRYPOINT") for line in above):
        return
    if theirs.entrypoint:
        started = " ".join(text_of(word) for word in theirs.entrypoint)
        says = f"its own entrypoint is {started}, which would run the application's command"
    else:
        says = "it has no entrypoint, as the image has now"
    todo = exec_form("ENTRYPOINT", ours.entrypoint)
    yield reason(_KIND, "carry", says, todo=todo)
