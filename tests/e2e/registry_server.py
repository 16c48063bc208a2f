"""Debian's docker-registry on loopback: TLS, a password file, or tokens; filled by skopeo."""

from __future__ import annotations

import json
import re
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .certificates import authority, server, signer
from .programs import run
from .token_service import ISSUER, SERVICE, TokenService, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER, PASSWORD = "reader", "pass:word with ä"
IDENTITY_TOKEN = "identity-token-of-reader"  # noqa: S105
START_SECONDS = 30
SETTLING_SECONDS = 0.2
MODES = ("open", "password", "token")

_LISTENING = re.compile(r"listening on 127\.0\.0\.1:([0-9]+)")


@dataclass(frozen=True)
class Request:
    """One request that the registry answered."""

    method: str
    path: str
    status: int


class Registry:
    """A registry over one folder.

    Attributes:
        mode: one of `MODES`: who may ask, and how.
        ca_file: the authority that vouches for it; None without TLS.
        tokens: its token service.
    """

    def __init__(
        self,
        folder: Path,
        mode: str = "open",
        *,
        tls: bool = True,
        tokens: TokenService | None = None,
    ) -> None:
        self.folder = folder
        self.mode = mode
        self.tls = tls
        self.tokens = tokens
        self.ca_file = folder / "ca.crt" if tls else None
        self.port = 0
        self.log = folder / "log"

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    @property
    def options(self) -> tuple[str, ...]:
        """How lightship is told to reach it."""
        if self.ca_file is None:
            return ("--plain-http", self.host)
        return ("--ca-file", str(self.ca_file))

    def push(self, source: str, name: str, *options: str) -> None:
        """`skopeo copy`; `name` is `repository:tag`."""
        reach = ("--dest-cert-dir", str(self.folder / "trusted")) if self.tls else ()
        login = () if self.mode == "open" else ("--dest-creds", f"{USER}:{PASSWORD}")
        insecure = () if self.tls else ("--dest-tls-verify=false",)
        run("skopeo", "--insecure-policy", "copy", "-q", *options, *reach, *login, *insecure,
            source, f"docker://{self.host}/{name}")  # fmt: skip

    def requests(self) -> list[Request]:
        """What was asked and answered so far, oldest first."""
        entries = map(_entry, self.log.read_text(encoding="utf-8").splitlines())
        return [
            Request(entry["http.request.method"], entry["http.request.uri"], status)
            for entry in entries
            if (status := _status(entry))
        ]

    @contextmanager
    def observed(self) -> Iterator[list[Request]]:
        """The requests that are answered meanwhile; the list is filled at the end."""
        before = len(self._settled())
        seen: list[Request] = []
        yield seen
        seen += self._settled()[before:]

    def _settled(self) -> list[Request]:
        """The requests, once none was logged for a while: that happens after they are answered."""
        found, earlier = self.requests(), None
        while found != earlier:
            time.sleep(SETTLING_SECONDS)
            found, earlier = self.requests(), found
        return found

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "config.yml"
        config.write_text(json.dumps(self._config()), encoding="utf-8")  # JSON is YAML
        with self.log.open("ab") as log:
            # setpriv: should this process be killed, the registry goes with it.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "docker-registry", "serve", str(config)],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while (listening := _LISTENING.search(self.log.read_text())) is None:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"docker-registry did not start:\n{self.log.read_text()}")
            time.sleep(0.05)
        self.port = int(listening[1])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(START_SECONDS)

    def _config(self) -> dict[str, Any]:
        http: dict[str, Any] = {"addr": "127.0.0.1:0", "secret": "any"}
        if self.tls:
            pair = server(self.folder, authority(self.folder))
            trusted = self.folder / "trusted"
            trusted.mkdir()
            (trusted / "ca.crt").write_bytes((self.folder / "ca.crt").read_bytes())
            http["tls"] = {"certificate": str(pair.certificate), "key": str(pair.key)}
        return {
            "version": "0.1",
            "log": {"level": "info", "formatter": "json", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "storage")}},
            "http": http,
            **self._auth(),
        }

    def _auth(self) -> dict[str, Any]:
        if self.mode == "password":
            users = self.folder / "users"
            users.write_bytes(run("htpasswd", "-nbB", "-C", "4", USER, PASSWORD))
            return {"auth": {"htpasswd": {"realm": "tests", "path": str(users)}}}
        if self.mode == "token":
            assert self.tokens is not None
            token = {
                "realm": self.tokens.url,
                "service": SERVICE,
                "issuer": ISSUER,
                "rootcertbundle": str(self.tokens.signer.certificate),
            }
            return {"auth": {"token": token}}
        return {}


@contextmanager
def registry(folder: Path, mode: str = "open", *, tls: bool = True) -> Iterator[Registry]:
    """A registry, and its token service where it has one, until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    if mode != "token":
        with _running(Registry(folder, mode, tls=tls)) as found:
            yield found
        return
    place = folder / "tokens"
    certificate = server(place, authority(place))
    service = TokenService(signer(place), {USER: PASSWORD}, {IDENTITY_TOKEN: USER})
    with serving(service, certificate):
        one = Registry(folder, mode, tokens=service)
        with _running(one) as found:
            # One file with both authorities: the registry's and its token service's.
            both = (folder / "ca.crt").read_bytes() + (place / "ca.crt").read_bytes()
            (folder / "both.crt").write_bytes(both)
            (folder / "trusted" / "tokens.crt").write_bytes((place / "ca.crt").read_bytes())
            found.ca_file = folder / "both.crt"
            yield found


@contextmanager
def _running(one: Registry) -> Iterator[Registry]:
    one.start()
    try:
        yield one
    finally:
        one.stop()


def _status(entry: dict[str, Any]) -> int:
    """The status of an answer that a line tells of; 0 if it tells of none."""
    if str(entry.get("msg", "")).startswith("error authorizing context"):
        return 401
    return int(entry.get("http.response.status", 0))


def _entry(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
