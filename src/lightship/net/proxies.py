"""Proxies, from the environment, with the meaning that Go's net/http gives the variables.

See golang.org/x/net/http/httpproxy: containers' tools are written in Go, and users have set the
variables for those.
"""

from __future__ import annotations

import base64
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from lightship.errors import UnreachableError
from lightship.net.addresses import is_loopback, literal
from lightship.net.origins import Origin
from lightship.net.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Proxy(Struct, frozen=True):
    """A proxy: `authorization` is the value of Proxy-Authorization."""

    origin: Origin
    authorization: Secret | None = None


def proxy_for(origin: Origin, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy through which an origin is reached, or None.

    Raises:
        UnreachableError: the variable names no proxy that we speak to.
    """
    name, value = _variable(origin.scheme, environment)
    if not value or _excepted(origin, _either("NO_PROXY", environment)[1]):
        return None
    return _parsed(name, value)


def _variable(scheme: str, environment: Mapping[str, str]) -> tuple[str, str]:
    name, value = _either(f"{scheme.upper()}_PROXY", environment)
    # A web server hands a client's header "Proxy:" to CGI programs as HTTP_PROXY (httpoxy.org).
    if name == "HTTP_PROXY" and value and "REQUEST_METHOD" in environment:
        name, value = "http_proxy", environment.get("http_proxy", "")
    return (name, value) if value else _either("ALL_PROXY", environment)


def _either(name: str, environment: Mapping[str, str]) -> tuple[str, str]:
    for spelling in (name, name.lower()):
        if value := environment.get(spelling, "").strip():
            return spelling, value
    return name, ""


def _parsed(name: str, value: str) -> Proxy:
    hint = f"Set {name} to http://HOST:PORT or https://HOST:PORT."
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, port = parts.hostname, parts.port
        user, password = parts.username, parts.password
    except ValueError:
        parts, host, port, user, password = urlsplit(""), None, None, None, None
    if parts.scheme.startswith("socks"):
        raise UnreachableError(f"{name} names a SOCKS proxy, which is not spoken here", hint)
    if not host or parts.scheme not in _DEFAULT_PORTS:
        raise UnreachableError(f"{name} does not name a proxy", hint)
    secret = None
    if user or password:
        pair = f"{unquote(user or '')}:{unquote(password or '')}".encode()
        secret = Secret(f"Basic {base64.b64encode(pair).decode('ascii')}")
    return Proxy(Origin(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme]), secret)


def _excepted(origin: Origin, no_proxy: str) -> bool:
    host = origin.host.rstrip(".")
    address = literal(host)
    if host == "localhost" or (address is not None and is_loopback(address)):
        return True
    return any(
        _matches(entry, host, origin.port, address)
        for part in no_proxy.lower().split(",")
        if (entry := part.strip())
    )


def _matches(
    entry: str,
    host: str,
    port: int,
    address: ipaddress.IPv4Address | ipaddress.IPv6Address | None,
) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        try:
            network = ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
        return address is not None and address.version == network.version and address in network
    name, wanted_port = _split_port(entry)
    if wanted_port is not None and wanted_port != port:
        return False
    named = literal(name)
    if named is not None or address is not None:
        return named is not None and named == address
    if name.startswith("*."):
        name = name[1:]
    if name.startswith("."):
        return host.endswith(name)
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        name, _, port = entry[1:].partition("]")
        port = port.removeprefix(":")
    elif entry.count(":") == 1:
        name, _, port = entry.partition(":")
    else:
        name, port = entry, ""
    return (name, int(port)) if port.isdecimal() and port.isascii() else (name, None)
