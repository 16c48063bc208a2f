"""Directories that an image's command probably writes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.entrypoint import Entrypoint
    from lightship.analysis.run_settings import RunSettings

# Of the servers' Debian packages and official images.
_SERVERS = {
    b"nginx": (b"run", b"var/cache/nginx", b"var/lib/nginx", b"var/log/nginx"),
    b"apache2": (b"run/apache2", b"var/lock/apache2", b"var/log/apache2"),
    b"httpd": (b"run/httpd", b"var/log/httpd", b"usr/local/apache2/logs"),
    b"postgres": (b"var/lib/postgresql/data", b"run/postgresql"),
    b"mariadbd": (b"var/lib/mysql", b"run/mysqld"),
    b"mysqld": (b"var/lib/mysql", b"run/mysqld"),
    b"redis-server": (b"data", b"var/lib/redis", b"var/log/redis"),
    b"mongod": (b"data/db", b"var/lib/mongodb"),
    b"haproxy": (b"var/lib/haproxy", b"run/haproxy"),
    b"php-fpm": (b"run/php",),
    b"rserver": (b"var/lib/rstudio-server", b"var/run/rstudio-server"),
    b"shiny-server": (b"var/lib/shiny-server", b"var/log/shiny-server"),
}
_NO_HOMES = frozenset((b"/", b"/nonexistent", b"/root"))


def written_directories(
    settings: RunSettings, entrypoint: Entrypoint
) -> Iterator[tuple[bytes, str]]:
    """Directories and why, each once: volumes, home, and those of servers that are known."""
    seen: set[bytes] = set()
    for path, why in _candidates(settings, entrypoint):
        key = path.strip(b"/")
        if key not in seen:
            seen.add(key)
            yield path, why


def _candidates(settings: RunSettings, entrypoint: Entrypoint) -> Iterator[tuple[bytes, str]]:
    for path in settings.volumes:
        yield path, "a volume"
    for file in entrypoint.files:
        name = file.path.rpartition(b"/")[2].rstrip(b"0123456789.")
        for path in _SERVERS.get(name, ()):
            yield path, f"used by {name.decode()}"
    home = settings.environment.get(b"HOME", b"/")
    if home not in _NO_HOMES:
        yield home, "the home directory"
    if settings.working_directory not in _NO_HOMES:
        yield settings.working_directory, "the working directory"
