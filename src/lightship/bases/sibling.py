"""A base's smaller sibling of the same release, where the catalogue has no row of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lightship.bases.newer import smaller_sibling
from lightship.catalogue.base_images import BaseRow
from lightship.catalogue.smaller_bases import smaller_bases
from lightship.dockerfile.image_name import image_name

if TYPE_CHECKING:
    from lightship.bases.known import Known

_SOURCE = "lightship's table of smaller siblings, from docker-library/repo-info"
_SEEN = date(2026, 9, 25)


def sibling_row(name: str, known: Known) -> BaseRow | None:
    """What is sure of the sibling: its name, its language, and that it has the same C library.

    Its bytes are about those of another release's sibling (`catalogue/smaller_bases.toml`).

    Args:
        name: of the present base, as a FROM instruction has it.
        known: the catalogue; None comes back where it has the sibling itself.
    """
    smaller = smaller_sibling(name, known)
    if smaller is None or known.find(smaller.name) is not None:
        return None
    parsed = image_name(smaller.name)
    like = next((row for row in known.rows if row.image == parsed.repository), None)
    return BaseRow(
        image=parsed.repository,
        tag=parsed.tag or "latest",
        source=_SOURCE,
        seen=_SEEN,
        kind=like.kind if like is not None else "",
        languages=like.languages if like is not None else (),
        product=like.product if like is not None else "",
        variant=smaller_bases()[parsed.repository].addition.strip("-"),
        libc="glibc",
        wire_bytes={"linux/amd64": smaller.wire_bytes[1]} if smaller.wire_bytes else {},
        rounded=("wire_bytes",),
        notes=(smaller.says,),
    )
