"""Where the base image ends: how many of the first layers are its, and what says so.

A base that is given, or was seen before, is compared by diff IDs: digests change when layers are
compressed anew (google/go-containerregistry compares digests, and so misses such bases).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.base_history import end_by_history
from lightship.analysis.chains import common_layers
from lightship.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.analysis.instructions import Instructions
    from lightship.analysis.run_settings import RunSettings
    from lightship.model.documents import HistoryEntry
    from lightship.model.results.base import How

NAME_KEY = "org.opencontainers.image.base.name"
DIGEST_KEY = "org.opencontainers.image.base.digest"
"""OCI image-spec, annotations.md, "Pre-Defined Annotation Keys"."""
# Repository, tag and digest of the longest name that a registry takes.
_LONGEST_NAME = 512


class Claim(Struct, frozen=True):
    """What an image says of its base, in annotations or labels; foreign text."""

    name: str | None
    digest: str | None


class KnownBase(Struct, frozen=True, kw_only=True):
    """Another image, whose chain of layers is known.

    Attributes:
        name: what it is called.
        digest: of its manifest; None where it has none.
        diff_ids: of its layers, oldest first.
        entries: how many its history has; None where nobody knows.
        settings: how a container of it is started; None where nobody looked.
    """

    name: str
    digest: str | None
    diff_ids: tuple[str, ...]
    entries: int | None = None
    settings: RunSettings | None = None


class BaseEnd(Struct, frozen=True):
    """The first `layers` layers are the base's; `entries` and `settings` as of `KnownBase`."""

    layers: int
    name: str | None
    digest: str | None
    how: How
    certain: bool
    why: str
    entries: int | None = None
    settings: RunSettings | None = None


def claim_of(*places: Mapping[str, str] | None) -> Claim:
    """What annotations and labels say; the first place that names anything wins.

    What cannot be a name or a digest is left out.
    """
    for place in places:
        name = (place or {}).get(NAME_KEY) or None
        digest = _digest((place or {}).get(DIGEST_KEY, ""))
        if name and len(name) > _LONGEST_NAME:
            name = None
        if name or digest:
            return Claim(name, digest)
    return Claim(None, None)


def _digest(text: str) -> str | None:
    try:
        return str(Digest(text))
    except ValueError:
        return None


def base_end(
    diff_ids: Sequence[str],
    claim: Claim,
    known: KnownBase | None,
    history: Sequence[HistoryEntry],
    instructions: Instructions,
) -> BaseEnd | None:
    """Find the base's end where no base was given; None where nothing tells.

    An image seen before is a fact about layers, but there may be a nearer base that was not seen:
    so where the history speaks of more layers, it is believed.

    Args:
        diff_ids: of the image's layers, oldest first.
        claim: what the image says of its base.
        known: the longest image seen before that is a proper prefix of this one.
        history: of the config, oldest first.
        instructions: how history and layers belong together.
    """
    guess = end_by_history(history, instructions)
    if known is not None and (guess is None or len(known.diff_ids) >= guess.layers):
        return _seen(known, claim, len(diff_ids))
    if guess is None:
        return None
    why = guess.why
    if known is not None:
        why += f"; layers 1 to {len(known.diff_ids)} are those of {known.name}"
    name = claim.name or guess.name
    return BaseEnd(guess.layers, name, claim.digest, "history", certain=False, why=why)


def _seen(known: KnownBase, claim: Claim, layers: int) -> BaseEnd:
    count = len(known.diff_ids)
    if claim.digest is not None and claim.digest == known.digest:
        why = "an image seen before has the digest that this one's annotation names"
        name = claim.name or known.name
        return _of(known, name, "annotation", certain=True, why=why)
    why = f"an image seen before is the first {count} of {layers} layers"
    return _of(known, known.name, "known", certain=False, why=why)


def given_end(diff_ids: Sequence[str], base: KnownBase, how: How = "given") -> BaseEnd | None:
    """The end of a base that was given; None if its layers are not the image's first ones."""
    count = len(base.diff_ids)
    if common_layers(diff_ids, base.diff_ids) < count:
        return None
    why = f"its {count} layers are this image's first, by their diff IDs"
    return _of(base, base.name, how, certain=True, why=why)


def _of(base: KnownBase, name: str, how: How, *, certain: bool, why: str) -> BaseEnd:
    return BaseEnd(
        layers=len(base.diff_ids),
        name=name,
        digest=base.digest,
        how=how,
        certain=certain,
        why=why,
        entries=base.entries,
        settings=base.settings,
    )
