"""URLs: what may be asked for, from which origin, and how it is shown.

An origin is scheme, host and port (RFC 6454): credentials given for one are for no other.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

from lightship.errors import UnreachableError

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?")
_IPV6 = re.compile(r"[0-9a-f:.]+(%[a-z0-9._-]+)?")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_SHOWN_CHARACTERS = 200


class Origin(Struct, frozen=True):
    """Where a request goes.

    Attributes:
        scheme: `http` or `https`.
        host: in lower case; an IPv6 address without brackets.
    """

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """`host`, or `host:port` where the port is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


class Target(Struct, frozen=True):
    """A URL taken apart.

    Attributes:
        path: from its first slash, percent-encoded.
        query: without the question mark; may hold credentials (signed URLs), so it is never shown.
        socket: the unix socket that stands in for the origin, if one does.
    """

    origin: Origin
    path: str
    query: str
    socket: str | None = None

    @property
    def request(self) -> str:
        """What stands in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __str__(self) -> str:
        """For people: without the query."""
        path = self.path
        if len(path) > _SHOWN_CHARACTERS:
            path = f"{path[:_SHOWN_CHARACTERS]}..."
        return f"{self.origin}{path}" if self.socket is None else f"{path} of {self.socket}"

    def __repr__(self) -> str:
        return f"Target({self})"


def parse_target(url: str) -> Target:
    """Take a URL apart.

    Raises:
        UnreachableError: no http or https URL, or one with user and password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        parts, port, host = SplitResult("", "", "", "", ""), None, ""
    if parts.scheme and parts.scheme not in _PORTS:
        raise UnreachableError(
            f"a URL of the scheme {parts.scheme[:20]} is not followed",
            "Only https is, and http where it was allowed.",
        )
    if not parts.scheme or _UNSAFE.search(url) or port == 0:
        raise _malformed(url)
    if "@" in parts.netloc:
        raise UnreachableError(
            f"a URL of {_host(host) or 'a host'} holds a user or a password",
            "Credentials do not belong into URLs; log in instead.",
        )
    if not (good := _host(host)):
        raise _malformed(url)
    origin = Origin(parts.scheme, good, port or _PORTS[parts.scheme])
    return Target(origin, _ascii(parts.path) or "/", _ascii(parts.query))


def relative_target(base: Target, location: str) -> Target:
    """The target of a `Location` header that `base` answered with.

    Raises:
        UnreachableError: as `parse_target`.
    """
    try:
        parts = urlsplit(location)
        url = urljoin(f"{base.origin}{base.request}", location)
    except ValueError:
        raise _malformed("") from None
    # urljoin takes http:///a for a path on the same host.
    return parse_target(url if parts.netloc or not parts.scheme else location)


def names_host(origin: Origin, allowed: frozenset[str]) -> bool:
    """Whether `allowed` (`host` or `host:port`) has this origin's host, on any port or on its."""
    bracketed = f"[{origin.host}]" if ":" in origin.host else origin.host
    spellings = {origin.host, bracketed, f"{bracketed}:{origin.port}"}
    return any(name.lower() in spellings for name in allowed)


def _host(host: str) -> str:
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = ""
    if not host or len(host) > 255 or not (_NAME if ":" not in host else _IPV6).fullmatch(host):
        return ""
    return host


def _malformed(url: str) -> UnreachableError:
    # Where a URL cannot be taken apart, nobody knows which part is a password.
    shown = "" if "@" in url else re.split(r"[?#]", url)[0][:_SHOWN_CHARACTERS]
    return UnreachableError(
        f"the URL {shown} is not well formed" if shown else "the URL is not well formed",
        "It must be https://HOST[:PORT]/PATH.",
    )


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    # Location headers arrive as Latin-1; each such character is one byte.
    return "".join(
        char
        if char.isascii()
        else "".join(
            f"%{byte:02X}" for byte in char.encode("latin-1" if char < "\u0100" else "utf-8")
        )
        for char in text
    )
