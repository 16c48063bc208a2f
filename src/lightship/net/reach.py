"""What a client may reach, and the connections that it keeps."""

from __future__ import annotations

import os
import time
import weakref
from threading import Lock
from typing import TYPE_CHECKING

from lightship.errors import UnreachableError
from lightship.net.origins import Target, names_host, parse_target
from lightship.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from typing import Self

    from lightship.net.asking import Asker
    from lightship.net.options import NetOptions
    from lightship.net.retrying import Attempts


class Reach:
    """What may be asked under a user's options, and the connections that are kept for it.

    Args:
        options: what is allowed, and how patient we are.
        progress: told of waits.
        environment: where proxies and the home directory are looked up; None for the process's.
        certificates: directories that hold certificates per registry; None for Docker's and
            containers' own.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        options: NetOptions,
        progress: Progress = SILENT,
        *,
        environment: Mapping[str, str] | None = None,
        certificates: Iterable[Path] | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._options = options
        self._progress = progress
        self._environment = os.environ if environment is None else environment
        self._certificates = certificates
        self._sleep = sleep
        self._socket: str | None = None
        self._lock = Lock()
        self._lazy: Asker | None = None
        self._close: Callable[[], object] = lambda: None

    @classmethod
    def over_socket(cls, path: str, options: NetOptions, progress: Progress = SILENT) -> Self:
        """A client whose every request goes to the unix socket at `path`, whatever the URL's host.

        No retries, no redirects, no proxies: the other end is on this machine. `offline` does not
        keep it from being asked.
        """
        client = cls(options, progress)
        client._socket = path
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the idle connections; streams that are open stay usable."""
        self._close()

    def base_url(self, host: str) -> str:
        """`https://host`, or `http://host` if the user named the host for plain HTTP."""
        if self._socket is not None:
            return f"http://{host}"
        # Which port a scheme has by itself is known only once the scheme is.
        plain = parse_target(f"http://{host}/").origin
        return (
            f"http://{host}" if names_host(plain, self._options.plain_http) else f"https://{host}"
        )

    def attempts(self) -> Attempts:
        """How often one thing may be asked for, under the options."""
        return self._attempts(1 if self._socket is not None else self._options.attempts)

    def _attempts(self, most: int) -> Attempts:
        from lightship.net.retrying import Attempts, Pace  # noqa: PLC0415 - light start

        return Attempts(Pace(self._options, self._progress, self._sleep, attempts=most))

    def _asker(self) -> Asker:
        with self._lock:
            if self._lazy is None:
                self._lazy = self._made()
            return self._lazy

    def _made(self) -> Asker:
        # urllib3 costs tens of milliseconds to import: only who sends a request pays.
        from lightship.net.asking import Asker  # noqa: PLC0415 - see above

        if self._socket is not None:
            asker = Asker.over_socket(self._socket, self._options)
        else:
            asker = Asker.over_tcp(self._options, self._environment, self._certificates)
        self._close = weakref.finalize(self, asker.close)
        return asker

    def _permitted(self, url: str) -> Target:
        target = parse_target(url)
        if self._socket is not None:
            return Target(target.origin, target.path, target.query, self._socket)
        self._permit(target)
        return target

    def _permit(self, target: Target) -> None:
        origin = target.origin
        if self._options.offline:
            raise UnreachableError(
                f"{origin.netloc} is not asked", "Leave out --offline to let it be."
            )
        if origin.scheme == "http" and not names_host(origin, self._options.plain_http):
            raise UnreachableError(
                f"{target}: plain HTTP was not allowed for this host",
                f"If it is to be spoken to in the clear, say `--plain-http {origin.netloc}`.",
            )
