"""What budgets are held against: figures of one image, from its layers or its manifest alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.model.results.check import Cause, Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.model.results.inspect import InspectResult
    from lightship.model.results.manifest import ManifestImage, ManifestLayer
    from lightship.policy.forbidden import Place


class Weight(Struct, frozen=True, kw_only=True):
    """One layer. What only its bytes tell is None where they were not read."""

    index: int
    created_by: str | None
    digest: str | None
    diff_id: str | None
    wire_bytes: int
    wire_bytes_error: int
    unpacked_bytes: int | None = None
    dead_bytes: int | None = None
    files: int | None = None
    same_as: int | None = None


class Figures(Struct, frozen=True, kw_only=True):
    """One image.

    Attributes:
        layers: oldest first.
        dead: directories in which dead bytes gather, the heaviest first.
        duplicates: classes of equal files, the heaviest first.
        places: by the name of a budget on paths, what its patterns match.
    """

    image: Subject
    layers: tuple[Weight, ...]
    dead: tuple[Cause, ...] = ()
    duplicates: tuple[Cause, ...] = ()
    places: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def figures_of(
    result: InspectResult, places: Mapping[str, tuple[Place, ...]] | None = None
) -> Figures:
    """From what `inspect` answers."""
    image = result.image
    layers = tuple(
        Weight(
            index=layer.index,
            created_by=layer.created_by,
            digest=layer.digest,
            diff_id=layer.diff_id,
            wire_bytes=layer.wire_bytes,
            wire_bytes_error=layer.wire_bytes_error,
            unpacked_bytes=layer.unpacked_bytes,
            dead_bytes=layer.dead_bytes,
            files=layer.files,
            same_as=layer.same_as,
        )
        for layer in result.layers
    )
    made_by = {layer.index: layer.created_by for layer in layers}
    dead = tuple(
        Cause(
            what=f"/{one.path}: {one.kind.replace('_', ' ')} by layer {one.killed_by}",
            layer=one.layer,
            created_by=made_by.get(one.layer),
            bytes=one.bytes,
        )
        for one in result.largest_dead_directories
    )
    duplicates = tuple(
        Cause(
            what=", ".join(f"/{path}" for path in one.paths[:2])
            + (f" and {one.copies - 2} more" if one.copies > 2 else ""),
            layer=None,
            created_by=None,
            bytes=one.bytes,
        )
        for one in result.duplicates
    )
    subject = Subject(
        reference=image.reference,
        digest=image.digest,
        image_id=image.image_id,
        platform=image.platform,
        wire_bytes=image.wire_bytes,
        wire_bytes_estimated=image.wire_bytes_estimated,
        wire_bytes_error=image.wire_bytes_error,
        unpacked_bytes=image.unpacked_bytes,
        visible_bytes=image.visible_bytes,
        dead_bytes=image.dead_bytes,
        duplicate_bytes=image.duplicate_bytes,
        efficiency=image.efficiency,
        files=image.files,
        layers=image.layers,
    )
    return Figures(
        image=subject,
        layers=layers,
        dead=dead,
        duplicates=duplicates,
        places=places or {},
        warnings=result.warnings,
    )


def figures_of_claims(
    image: ManifestImage, layers: Sequence[ManifestLayer], warnings: Sequence[str]
) -> Figures:
    """From manifest and config alone: the sizes that the manifest claims."""
    return Figures(
        image=Subject(
            reference=image.reference,
            digest=image.digest,
            image_id=image.image_id,
            platform=image.platform,
            wire_bytes=image.wire_bytes,
            wire_bytes_estimated=False,
            wire_bytes_error=0,
            unpacked_bytes=None,
            visible_bytes=None,
            dead_bytes=None,
            duplicate_bytes=None,
            efficiency=None,
            files=None,
            layers=image.layers,
        ),
        layers=tuple(
            Weight(
                index=layer.index,
                created_by=layer.created_by,
                digest=layer.digest,
                diff_id=layer.diff_id,
                wire_bytes=layer.wire_bytes,
                wire_bytes_error=0,
                same_as=layer.same_as,
            )
            for layer in layers
        ),
        warnings=tuple(warnings),
    )


def blobs(layers: Sequence[Weight]) -> list[Weight]:
    """The distinct blobs, each at its first position."""
    return [layer for layer in layers if layer.same_as is None]
