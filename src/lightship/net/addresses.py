"""Addresses that nobody on another machine may send us to."""

from __future__ import annotations

import ipaddress
import re
import socket
from enum import Enum

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where clouds keep credentials for their machines, outside the link-local range: AWS over IPv6,
# Alibaba, Oracle.
_METADATA = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192"))
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_NUMBERS = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}\.?", re.IGNORECASE)


def literal(host: str) -> Address | None:
    """The address that a host is, if it is one in any spelling that a system resolves.

    That includes 2130706433, 0177.1 and 0x7f.0.0.1 (inet_aton(3)), and zones of IPv6 addresses.
    """
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if not _NUMBERS.fullmatch(host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


def is_loopback(address: Address) -> bool:
    """Whether this is our own machine, also inside of IPv6."""
    return any(form.is_loopback for form in _forms(address))


class Guard(Enum):
    """Which addresses a connection may end at."""

    NONE = "any"
    FROM_HERE = "what a server on this machine may send us to: loopback too"
    FROM_AFAR = "what another server may send us to"

    def refuses(self, address: Address) -> str | None:
        """The kind of an address that is refused; None for one that is fine."""
        if self is Guard.NONE or (self is Guard.FROM_HERE and is_loopback(address)):
            return None
        return _special(address)


def _special(address: Address) -> str | None:
    for form in _forms(address):
        if form.is_loopback:
            return "this machine itself"
        if form.is_unspecified or (form.version == 4 and form in _THIS_NETWORK):
            return "an unspecified address"
        if form.is_link_local or form in _METADATA:
            return "a link-local or metadata address"
        if form.is_multicast or form == _BROADCAST:
            return "a multicast address"
    return None


_BROADCAST = ipaddress.ip_address("255.255.255.255")
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")


def _forms(address: Address) -> list[Address]:
    """The address, and the IPv4 address that it carries, if it does."""
    forms: list[Address] = [address]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            forms.append(address.ipv4_mapped)
        if address.sixtofour:
            forms.append(address.sixtofour)
        if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
            forms.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return forms
