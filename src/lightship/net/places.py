"""Where a server sends us to go on with what was begun: a Location that is no redirect.

A registry names so where an upload goes on (OCI distribution-spec v1.1, "Pushing blobs"), and may
name another host. What holds for redirects holds here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from lightship.net.origins import Origin, Target, parse_target
from lightship.net.redirects import guarding, is_local, led

if TYPE_CHECKING:
    from lightship.net.addresses import Guard
    from lightship.net.answers import Response
    from lightship.net.options import NetOptions


class Place(Struct, frozen=True):
    """A URL, and who sent us there.

    Attributes:
        target: the URL; its query may hold credentials.
        first: the origin that the first URL had.
        first_is_local: whether that is on this machine.
        at_home: no other origin had a say in it, so that credentials for `first` may be sent there.
    """

    target: Target
    first: Origin
    first_is_local: bool
    at_home: bool = True

    @classmethod
    def of(cls, url: str) -> Place:
        """Where a user sent us.

        Raises:
            UnreachableError: it is no URL.
        """
        target = parse_target(url)
        return cls(target, target.origin, is_local(target.origin))

    @property
    def guard(self) -> Guard:
        """Which addresses are refused there."""
        return guarding(self.target.origin, self.first, self.first_is_local)

    def led(self, answer: Response, options: NetOptions) -> Place:
        """Where an answer from here leads; here where it names nothing.

        Raises:
            RequestError: it leads where nobody may send us.
        """
        base = self.target
        answered = parse_target(answer.url)
        local = self.first_is_local or (self.target.origin == self.first and answer.is_local)
        if answered.origin != base.origin:
            base = answered
        location = answer.headers.get("location", "").strip()
        if not location:
            return self
        target = led(
            base, location, self.first, options, first_is_local=local, what="place to upload to"
        )
        at_home = self.at_home and base.origin == target.origin == self.first
        return Place(target, self.first, local, at_home)

    def asking(self, **fields: str) -> Place:
        """The same with more in its query."""
        more = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
        query = f"{self.target.query}&{more}" if self.target.query else more
        return replace(self, target=replace(self.target, query=query))
