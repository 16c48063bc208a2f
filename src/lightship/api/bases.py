"""Finds an image's base: one that is given, one that it names, one seen before, or a likely one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.base_end import (
    BaseEnd,
    KnownBase,
    base_end,
    claim_of,
    given_end,
)
from lightship.analysis.chains import common_layers
from lightship.analysis.run_settings import run_settings
from lightship.api.measuring import open_read
from lightship.errors import UnreachableError, UsageError
from lightship.layers.known_chains import KnownChains
from lightship.model.image import Annotated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.base_end import Claim
    from lightship.analysis.instructions import Instructions
    from lightship.api.measuring import Measured
    from lightship.api.options import ReadOptions
    from lightship.model.image import Image

AUTO = "auto"
"""As a base: the one that the image's own annotations name, asked for where they say it is."""


def find_base(
    image: Image,
    diff_ids: Sequence[str],
    instructions: Instructions,
    base: str | None,
    options: ReadOptions,
) -> BaseEnd | None:
    """Where the base of an opened image ends; None where nothing tells.

    Args:
        image: as a transport opened it.
        diff_ids: of its layers, oldest first.
        instructions: how its history and layers belong together.
        base: a reference, or `auto`; no other place is asked for anything without.
        options: how the base is reached, and where images seen before are kept.

    Raises:
        UsageError: the given base is not this image's, or `auto` finds no name.
        LightshipError: the base cannot be opened.
    """
    claim = claim_of(_annotations(image), _labels(image))
    if base is not None:
        return _given(image, diff_ids, base, claim, options)
    known = _seen(diff_ids, options)
    return base_end(diff_ids, claim, known, image.config.history or (), instructions)


def remember_layers(measured: Measured, options: ReadOptions) -> None:
    """Remember the chain of an image's layers, all of whose diff IDs were computed from bytes."""
    image = measured.image
    if image.config_bytes is None:  # a root file system: its one layer is nobody's base
        return
    chains = _chains(options)
    if chains is not None:
        name = next((name for name in image.names if ":" in name), str(image.reference))
        digest = str(image.digest) if image.digest else None
        diff_ids = [str(scan.diff_id) for scan in measured.scans]
        chains.keep(diff_ids, name, digest, entries=len(image.config.history or ()))


def diff_ids_of(reference: str, platform: str | None, options: ReadOptions) -> KnownBase:
    """The chain of another image, by its documents alone; an engine sends all of it anyway.

    Raises:
        UsageError: it has no diff IDs (a root file system).
        LightshipError: it cannot be opened.
    """
    image = open_read(reference, platform, options)
    found = [layer.diff_id for layer in image.layers if layer.diff_id is not None]
    if len(found) < len(image.layers):
        raise UsageError(
            f"{reference} has no diff IDs to compare layers by",
            "Name an archive, a layout, or an image in a registry or engine.",
        )
    return KnownBase(
        name=next((name for name in image.names if ":" in name), str(image.reference)),
        digest=str(image.digest) if image.digest else None,
        diff_ids=tuple(map(str, found)),
        entries=len(image.config.history or ()),
        settings=run_settings(image),
    )


def _given(
    image: Image, diff_ids: Sequence[str], base: str, claim: Claim, options: ReadOptions
) -> BaseEnd:
    if base == AUTO:
        known = _named_by(image, claim, options)
    else:
        known = diff_ids_of(base, str(image.platform), options)
    end = given_end(diff_ids, known, "annotation" if base == AUTO else "given")
    if end is None:
        shared = common_layers(diff_ids, known.diff_ids)
        agree = f"the first {shared} agree" if shared > 1 else "the first agrees"
        raise UsageError(
            f"{known.name} is not the base of {image.reference}: of its {len(known.diff_ids)} "
            f"layers {agree if shared else 'not even the first agrees'}",
            "It was rebuilt since, perhaps: name the one that was built upon, by its digest.",
        )
    return end


def _named_by(image: Image, claim: Claim, options: ReadOptions) -> KnownBase:
    """The base that an image names, by its digest, else by its name.

    buildah 1.28 with --layers notes the digest of an image that it kept on the way, and no
    registry has that. The layers are compared anyway.
    """
    if claim.name is None:
        raise UsageError(
            f"{image.reference} does not name its base in an annotation or label",
            "Write --base REFERENCE.",
        )
    platform, by_name = str(image.platform), f"registry:{claim.name}"
    if claim.digest:
        name = claim.name.partition("@")[0]
        try:
            return diff_ids_of(f"registry:{name}@{claim.digest}", platform, options)
        except UnreachableError:
            pass
    return diff_ids_of(by_name, platform, options)


def _seen(diff_ids: Sequence[str], options: ReadOptions) -> KnownBase | None:
    chains = _chains(options)
    seen = chains.longest_below(diff_ids) if chains is not None else None
    if seen is None:
        return None
    return KnownBase(
        name=seen.name,
        digest=seen.digest,
        diff_ids=tuple(diff_ids[: seen.layers]),
        entries=seen.entries,
    )


def _chains(options: ReadOptions) -> KnownChains | None:
    place = options.cache_place()
    return KnownChains(place) if place is not None else None


def _annotations(image: Image) -> dict[str, str] | None:
    return dict(image.annotations or {}) if isinstance(image, Annotated) else None


def _labels(image: Image) -> dict[str, str] | None:
    return image.config.config.labels if image.config.config else None
