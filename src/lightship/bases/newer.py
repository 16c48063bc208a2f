"""What is to be had instead of a base: its newest patch, a release that lives on, a smaller one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from lightship.bases.freshness import fact
from lightship.bases.support import support_of_product, support_of_system
from lightship.catalogue.end_of_life import numbers_of, product_of_image, product_of_system
from lightship.catalogue.smaller_bases import smaller_bases
from lightship.dockerfile.image_name import image_name

if TYPE_CHECKING:
    from lightship.bases.known import Known
    from lightship.bases.support import Support
    from lightship.catalogue.end_of_life import Product

_DAY = re.compile(r"-20[0-9]{6}(?=-|\Z)")
_PARTS = re.compile(r"[^-]+")
_A_WHILE_DAYS = 90
_SYSTEMS = ("debian", "ubuntu", "alpine")
"""Whose releases tags of other images name: `slim-bookworm`, `alpine3.22`."""


class Instead(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An image to begin from instead of another.

    Attributes:
        kind: `patch`: the same release, with what was repaired since; `release`: one that is
            supported for longer; `system`: the same on a newer system; `smaller`: the same with
            less in it.
        name: as a FROM instruction names it; nobody has seen that it is there unless it is
            catalogued.
        says: one sentence without a full stop.
        support: of the release that it is of, for `release` and `system`.
        wire_bytes: of the present image and of this one, for the platform that was asked for; None
            where one of them is not known.
        is_example: these bytes are those of another release of both.
    """

    kind: Literal["patch", "release", "system", "smaller"]
    name: str
    says: str
    support: Support | None = None
    wire_bytes: tuple[int, int] | None = None
    is_example: bool = False


def instead_of(name: str, known: Known, platform: str = "linux/amd64") -> tuple[Instead, ...]:
    """All that is known to be better than an image; empty for names that say nothing.

    Args:
        name: as a FROM instruction names the image, in any spelling.
        known: what is known today.
        platform: for which bytes are given.
    """
    supported = next_release(name, known) or newer_system(name, known)
    found = (newer_patch(name, known), supported, smaller_sibling(name, known, platform))
    return tuple(one for one in found if one is not None)


def newer_patch(name: str, known: Known) -> Instead | None:
    """The newest patch of the release that an image's tag names: `python:3.13.5-slim` -> 3.13.14.

    None where the tag names no patch, or the newest that is known.
    """
    image, tag = _split(name)
    product = product_of_image(image)
    version = _leading_version(tag)
    if product is None or version is None:
        return None
    release = product.term(version).release
    if release is None or len(numbers_of(version)) <= len(numbers_of(release)):
        return None
    told = _support_of(product, release, known)
    seen = _versions(image, release, told.latest if told is not None else None, known)
    newest = max(seen, key=numbers_of, default=version)
    if numbers_of(newest) <= numbers_of(version):
        return None
    return Instead(
        kind="patch",
        name=f"{image}:{newest}{tag[len(version) :]}",
        says=f"{product.name} {newest} is out; {image}:{tag} has {version}",
    )


def _versions(image: str, release: str, latest: str | None, known: Known) -> list[str]:
    """Versions of a release that were seen anywhere; only such as tags name, all of numbers."""
    seen = [row.version for row in known.rows if row.image == image]
    return [
        one
        for one in (*seen, latest)
        if one is not None and _is_version(one) and f"{one}.".startswith(f"{release}.")
    ]


def next_release(name: str, known: Known) -> Instead | None:
    """The same image of the next release that is supported, where support of its own has ended.

    Where its tag names a system whose support has ended as well, the newer one of both.
    """
    image, tag = _split(name)
    product = product_of_image(image)
    part = tag.partition("-")[0]
    if product is None or not part:
        return None
    found = _moved_on(product, _Place(image, tag, 0, part), known)
    if found is None:
        return None
    also = newer_system(found.name, known)
    return replace(found, name=also.name) if also is not None else found


def newer_system(name: str, known: Known) -> Instead | None:
    """The same image on the next supported release of its system, where its tag names one."""
    image, tag = _split(name)
    own = product_of_image(image)
    if own is not None and own.ids:
        return None
    for found in _PARTS.finditer(tag):
        for identity in _SYSTEMS:
            system = product_of_system(identity)
            part = found[0].removeprefix(identity)
            if system is None or (part == found[0] and part not in system.codenames.values()):
                continue
            place = _Place(image, tag, found.end() - len(part), part)
            if (moved := _moved_on(system, place, known)) is not None:
                return replace(moved, kind="system")
    return None


class _Place(Struct, frozen=True):
    """Where a tag names a release."""

    image: str
    tag: str
    begin: int
    part: str

    def instead(self, named: str) -> str:
        """The name with another release; the day of a build goes, as it was the old one's."""
        end = self.begin + len(self.part)
        tag = f"{self.tag[: self.begin]}{named}{self.tag[end:]}"
        return f"{self.image}:{_DAY.sub('', tag)}"


def _moved_on(product: Product, place: _Place, known: Known) -> Instead | None:
    """An image of the next release that is supported, instead of one whose support has ended."""
    release = product.term(place.part).release
    now = _support_of(product, release, known) if release is not None else None
    if release is None or now is None or now.state not in ("ended", "extended"):
        return None
    later = _next(product, release, known)
    if later is None or later.release is None:
        return None
    named: str | None = later.release
    if place.part in product.codenames.values():
        named = product.codenames.get(later.release)
    elif place.part == f"{release}.0":
        named = f"{later.release}.0"
    if named is None:
        return None
    return Instead(
        kind="release",
        name=place.instead(named),
        says=f"support of {now.name} ended on {now.ends}; {later.name} is supported",
        support=later,
    )


def _next(product: Product, release: str, known: Known) -> Support | None:
    """The next release that is supported, and will be for a while if there is such a one."""
    later = [
        told
        for term in reversed(product.terms)
        if numbers_of(term.release or "") > numbers_of(release)
        and (told := _support_of(product, term.release or "", known)) is not None
        and (told.state == "supported" or told.release in product.undated)
    ]
    lasting = (one for one in later if one.days is None or one.days >= _A_WHILE_DAYS)
    return next(lasting, later[-1] if later else None)


def _support_of(product: Product, release: str, known: Known) -> Support | None:
    if product.ids:
        return support_of_system(f"{product.ids[0]} {release}", known)
    return support_of_product(product.images[0], release, known)


def smaller_sibling(name: str, known: Known, platform: str = "linux/amd64") -> Instead | None:
    """The smaller variant of an image's release, with the same C library; None if there is none."""
    image, tag = _split(name)
    row = smaller_bases().get(image)
    small = row.sibling(tag) if row is not None else None
    if row is None or small is None:
        return None
    weighed = [_wire_bytes(f"{image}:{one}", known, platform) for one in (tag, small)]
    own = (weighed[0], weighed[1]) if weighed[0] and weighed[1] else None
    example = row.wire_bytes if platform == "linux/amd64" else None
    return Instead(
        kind="smaller",
        name=f"{image}:{small}",
        says=row.loses.rstrip("."),
        wire_bytes=own or example,
        is_example=own is None and example is not None,
    )


def _wire_bytes(name: str, known: Known, platform: str) -> int | None:
    row = known.find(name)
    told = fact(row, "wire_bytes", known.today, platform) if row is not None else None
    return told.value if told is not None and isinstance(told.value, int) else None


def _split(name: str) -> tuple[str, str]:
    """The repository as the catalogue names it, and the tag; empty where there is none."""
    parsed = image_name(name)
    return parsed.repository, parsed.tag or ""


def _leading_version(tag: str) -> str | None:
    found = re.match(r"[0-9]{1,9}(?:\.[0-9]{1,9})*(?=-|\Z)", tag)
    return found[0] if found is not None else None


def _is_version(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})*", text) is not None
