"""How a server asks for credentials: the header WWW-Authenticate (RFC 9110, 11.2 to 11.6.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_CHALLENGE_TEXT = 8192
"""Characters of a header that are looked at; the rest is not."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TOKEN68 = re.compile(r"[0-9A-Za-z\-._~+/]+=*(?=[ \t]*(?:,|$))")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_COMMAS = re.compile(r"[ \t,]*")
_SPACES = re.compile(r"[ \t]*")


class Challenge(Struct, frozen=True):
    """One way to authenticate; `scheme` and the names of parameters are in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """The challenges of a header, in its order.

    What does not follow the grammar ends the reading: what came before it counts. A parameter that
    is given twice has its first value, as in Go's registry clients.
    """
    return tuple(_challenges(header[:MAX_CHALLENGE_TEXT]))


def _challenges(text: str) -> Iterator[Challenge]:
    at = _end(_COMMAS, text, 0)
    while (scheme := _TOKEN.match(text, at)) is not None:
        at = _end(_SPACES, text, scheme.end())
        parameters: dict[str, str] = {}
        alone = _TOKEN68.match(text, at)
        if alone is not None and alone.end() > at > scheme.end():
            at = alone.end()  # a token68 (Negotiate, NTLM): nothing we could answer
        else:
            at = _parameters(text, at, parameters)
        yield Challenge(scheme[0].lower(), parameters)
        ended = _end(_COMMAS, text, at)
        if ended == at or "," not in text[at:ended]:
            return
        at = ended


def _parameters(text: str, at: int, found: dict[str, str]) -> int:
    """Read `name=value, ...` into `found`; returns where it ends, before the comma."""
    start = at
    while (name := _TOKEN.match(text, start)) is not None:
        equals = _EQUALS.match(text, name.end())
        if equals is None:
            return at  # the scheme of the next challenge
        value = _QUOTED.match(text, equals.end()) or _TOKEN.match(text, equals.end())
        if value is None:
            return len(text)
        said = (
            re.sub(r"\\(.)", r"\1", value[1], flags=re.DOTALL) if value.re is _QUOTED else value[0]
        )
        found.setdefault(name[0].lower(), said)
        at = value.end()
        start = _end(_COMMAS, text, at)
        if "," not in text[at:start]:
            return at
    return at


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
