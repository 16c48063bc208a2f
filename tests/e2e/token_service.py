"""A token service as Docker Hub has one, for a real registry that trusts its signature.

Protocol: distribution, docs/spec/auth (token.md, jwt.md, oauth.md).
"""

from __future__ import annotations

import json
import ssl
import time
from base64 import b64decode, b64encode, urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from .programs import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .certificates import Pair

ISSUER = "lightship test issuer"
SERVICE = "lightship test registry"


@dataclass(frozen=True)
class Asked:
    """One request: its method, its fields, and who asked."""

    method: str
    fields: dict[str, str]
    user: str


@dataclass
class TokenService:
    """Gives tokens: to users what they ask for, to nobody in particular only to pull `public/...`.

    Attributes:
        users: passwords by user.
        identity_tokens: users by identity token.
        seconds: how long a token is good.
        kept_from: repositories that nobody may see.
        asked: every request so far.
    """

    signer: Pair
    users: dict[str, str]
    identity_tokens: dict[str, str] = field(default_factory=dict)
    seconds: int = 300
    kept_from: set[str] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def token(self, user: str, scope: str) -> str:
        access = [self._allowed(user, one) for one in scope.split(" ") if one]
        now = int(time.time())
        header = {
            "typ": "JWT",
            "alg": "RS256",
            "x5c": [b64encode(self.signer.der()).decode()],
        }
        claims = {
            "iss": ISSUER,
            "sub": user,
            "aud": SERVICE,
            "nbf": now - 10,
            "iat": now,
            "exp": now + self.seconds,
            "jti": str(len(self.asked)),
            "access": access,
        }
        signed = f"{_part(header)}.{_part(claims)}"
        return f"{signed}.{_encoded(self._signature(signed))}"

    def _allowed(self, user: str, scope: str) -> dict[str, Any]:
        kind, name, actions = scope.split(":")
        allowed = actions.split(",")
        if not user:
            allowed = ["pull"] if name.startswith("public/") and "pull" in allowed else []
        if name in self.kept_from:
            allowed = []
        return {"type": kind, "name": name, "actions": allowed}

    def answer(self, method: str, fields: dict[str, str], basic: str) -> dict[str, object] | None:
        """What to answer; None for wrong credentials."""
        if method == "POST":
            user = self.identity_tokens.get(fields.get("refresh_token", ""), "")
            if fields.get("grant_type") != "refresh_token" or not user:
                return None
            key = "access_token"
        else:
            user, _, password = b64decode(basic).decode().partition(":")
            if user and self.users.get(user) != password:
                return None
            key = "token"
        self.asked.append(Asked(method, fields, user))
        return {key: self.token(user, fields.get("scope", "")), "expires_in": self.seconds}

    def _signature(self, text: str) -> bytes:
        place = self.signer.key.parent / "to-be-signed"
        place.write_text(text)
        return run("openssl", "dgst", "-sha256", "-sign", self.signer.key, place)


@contextmanager
def serving(service: TokenService, certificate: Pair) -> Iterator[TokenService]:
    """Let a token service answer over TLS on loopback."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, method: str, query: str) -> None:
            fields = {name: " ".join(values) for name, values in parse_qs(query).items()}
            basic = self.headers.get("Authorization", "").removeprefix("Basic ")
            found = service.answer(method, fields, basic)
            data = json.dumps(found or {"details": "incorrect username or password"}).encode()
            self.send_response(200 if found else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    service.url = f"https://localhost:{server.server_port}/token"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _part(value: object) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
