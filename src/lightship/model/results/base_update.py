"""What `base update` answers."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

State = Literal["refreshed", "unchanged", "fresh", "failed", "left"]
"""Learnt anew; found to be as it was; not asked for, since it was a short time ago; asked for in
vain; not asked for, since there was no use in it or the limit was reached."""


class Updated(Struct, frozen=True, kw_only=True):
    """One base or product.

    Attributes:
        name: `python:3.13-slim`, or `Debian`.
        place: the registry or server that was to be asked, with what stands in for it.
        why: it failed or was left, one line; null otherwise. Foreign text in it.
    """

    name: str
    place: str
    state: State
    why: str | None = None


class BaseUpdateResult(Struct, frozen=True, kw_only=True):
    """What was refreshed, in the order in which it was asked for.

    Attributes:
        folder: where it is kept.
        requests: how many documents were asked for; asking for a token, and asking again after a
            failure, are not counted.
        bases: images.
        products: whose releases end.
        warnings: what else there is to know, one line each.
    """

    schema: str = "lightship.base-update/1"
    folder: str
    requests: int
    bases: tuple[Updated, ...]
    products: tuple[Updated, ...]
    warnings: tuple[str, ...] = ()

    @property
    def is_reached(self) -> bool:
        """Whether anything could be refreshed, or needed not to be."""
        states = {one.state for one in (*self.bases, *self.products)}
        return not states or not states <= {"failed", "left"}
