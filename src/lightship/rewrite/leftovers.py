"""What is said of an image beside its files, and does not hold for the one that is made from it.

Tables of lazy formats, signatures and attestations name the bytes of old blobs, or the digest of
the old manifest. They are dropped, or left behind, and named (I2, I3, Z1-Z5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_NAMED = 20

# Annotations about the very bytes of a blob: eStargz and other snapshotters (containerd,
# docs/remote-snapshotter.md; stargz-snapshotter, docs/estargz.md), zstd:chunked
# (containers/storage), SOCI (soci-snapshotter, docs/soci-index-manifest-v2.md).
_OF_THE_BLOB = (
    "containerd.io/snapshot/",
    "io.containers.estargz.",
    "io.github.containers.zstd-chunked.",
    "com.amazon.soci.",
)
# About the tar in it: its diff ID (containerd, labels), and when its times were rewritten.
_OF_THE_TAR = ("containerd.io/uncompressed", "buildkit/rewritten-timestamp")


def stays_true(annotation: str, *, another_tar: bool) -> bool:
    """Whether an annotation of a layer holds for another blob of it.

    Args:
        annotation: its key.
        another_tar: whether the new blob holds another tar, and not only the same one compressed
            otherwise.
    """
    if annotation.startswith(_OF_THE_BLOB):
        return False
    return not (another_tar and annotation.startswith(_OF_THE_TAR))


class Dropped(Struct):
    """What of an old manifest is not in the new one.

    Attributes:
        annotations: keys that do not hold any more.
        of_family: what Docker's media types have no place for.
        subject: whether it was about another manifest.
    """

    annotations: list[str] = field(default_factory=list)
    of_family: list[str] = field(default_factory=list)
    subject: bool = False

    def notes(self) -> tuple[str, ...]:
        """For people, one line each; foreign text."""
        notes = []
        if self.annotations:
            told = _named(dict.fromkeys(self.annotations))
            notes.append(f"annotations dropped, since they do not hold for the new image: {told}")
        if self.of_family:
            told = _named(dict.fromkeys(self.of_family))
            notes.append(f"Docker's manifests have no place for these, which were dropped: {told}")
        if self.subject:
            notes.append("the manifest was about another one (`subject`); the new one is not")
        return tuple(notes)


def left_behind(attached: Sequence[str], *, same_manifest: bool) -> tuple[str, ...]:
    """Notes on what belongs to the old image by its digest, one line each.

    Args:
        attached: what it is and where, each; foreign text.
        same_manifest: whether the new image has that digest, too.
    """
    why = "was not copied" if same_manifest else "does not hold for the new image: left behind"
    notes = [f"{what} {why}" for what in attached[:_MOST_NAMED]]
    if len(attached) > _MOST_NAMED:
        notes.append(f"{len(attached) - _MOST_NAMED} more of these")
    return tuple(notes)


def _named(what: dict[str, None]) -> str:
    names = list(what)
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(name[:100] for name in names[:_MOST_NAMED]) + more
