"""What `base list` answers. Sizes are bytes; which bytes, docs/reference/vocabulary.md says."""

from __future__ import annotations

from msgspec import Struct

from lightship.model.results.base_facts import BaseFacts  # noqa: TC001 - read at run time


class ListedBase(Struct, frozen=True, kw_only=True):
    """A base that the catalogue knows.

    Attributes:
        name: as a FROM instruction names it.
        kind: `system`, `language`, `server`; empty if nobody said.
        languages: that programs in it are written in.
        variant: `full`, `slim`, `alpine`...; empty if nobody said.
        notes: one sentence each, without a full stop.
    """

    name: str
    kind: str
    languages: tuple[str, ...]
    variant: str
    facts: BaseFacts
    notes: tuple[str, ...]


class BaseListResult(Struct, frozen=True, kw_only=True):
    """Schema `lightship.base-list/1`.

    Attributes:
        platform: that sizes are for.
        today: the day by which facts are stale and support has ended.
        bases: the answer first; those whose support has ended last, whatever the order.
        known: how many bases the catalogue has.
        unsized: of those that `max` would concern, how many were left out as nobody knows their
            size.
    """

    platform: str
    today: str
    bases: tuple[ListedBase, ...]
    known: int
    unsized: int
    warnings: tuple[str, ...]
    schema: str = "lightship.base-list/1"
