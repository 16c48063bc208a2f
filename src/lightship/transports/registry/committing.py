"""The end of a push: manifests by their digests, then the one name.

A registry has no way to say "if it still stands for that": whoever moves the tag between our last
look and our PUT is overwritten, or overwrites us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import DestinationError, LightshipError
from lightship.model.digest import Digest
from lightship.model.documents import Index
from lightship.net.errors import RequestError
from lightship.transports.described import decode_manifest
from lightship.transports.indexes import index_for, required_family
from lightship.transports.registry.errors import media_type
from lightship.transports.registry.uploading import destination_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.transports.registry.pushing import Pushing
    from lightship.transports.storing import Family, NewImage, NewIndex

_LOOKS = 3


class Tagged(Struct, frozen=True):
    """What a tag stands for.

    Attributes:
        digest: None where there is no such tag.
        index: the raw index, where it is one.
    """

    digest: Digest | None = None
    index: bytes | None = None


class Put(Struct, frozen=True):
    """What a tag stands for now."""

    digest: Digest
    notes: tuple[str, ...]


def look(pushing: Pushing, tag: str) -> Tagged:
    """What the tag stands for now.

    Raises:
        LightshipError: nobody knows.
    """
    answered = pushing.manifest(tag)
    if answered is None:
        return Tagged()
    data = answered.body
    try:
        told = f"{pushing.where}:{tag}"
        is_index = isinstance(
            decode_manifest(data, told, (media_type(answered.headers), None)), Index
        )
    except LightshipError:
        is_index = False  # nothing of it could be kept
    return Tagged(Digest.of(data), data if is_index else None)


def family_wanted(pushing: Pushing, tag: str, tagged: Tagged) -> Family | None:
    """The media types that an image must have, so that what the tag stands for can keep the rest.

    Raises:
        DestinationError: nothing can be put there.
    """
    return required_family(tagged.index, where=f"{pushing.where}:{tag}")


class Commit:
    """Makes images visible under a tag.

    Args:
        pushing: the repository, which has all their blobs.
        tag: the name.
        before: what it stood for when the work began.
        images: for different platforms.
        index: that lists them, where the source has one that may stay.
    """

    def __init__(
        self,
        pushing: Pushing,
        tag: str,
        before: Tagged,
        images: Sequence[NewImage],
        index: NewIndex | None = None,
    ) -> None:
        self._pushing = pushing
        self._tag = tag
        self._before = before
        self._images = images
        self._index = index
        self._documents = [(image.manifest, image.media_type) for image in images]
        self._documents += index.documents if index else ()
        self._told = f"{pushing.where}:{tag}"
        self._put = 0
        self._fate = "stands for what it did"

    def run(self) -> Put:
        """Put everything.

        Raises:
            DestinationError: something was not put; it says what was.
        """
        try:
            for data, kind in self._documents:
                self._pushing.put_manifest(data, kind, Digest.of(data))
                self._put += 1
            return self._named()
        except LightshipError as problem:
            failure = destination_error(problem, self._pushing.where)
            hint = f"{self._state()} {failure.hint}".strip()
            raise DestinationError(failure.what, hint) from None

    def _named(self) -> Put:
        before = self._before
        notes: tuple[str, ...] = ()
        for _ in range(_LOOKS):
            data, kind, said = self._document(before)
            now = look(self._pushing, self._tag)
            if now == before:
                self._name(data, kind)
                return Put(Digest.of(data), (*notes, *said))
            fate = f"moved to {now.digest}" if now.digest else "removed"
            notes = (f"{self._told} was {fate} by somebody else meanwhile",)
            before = now
        raise DestinationError(
            f"{self._told} is moved or removed by somebody else again and again", "Try again later."
        )

    def _document(self, tagged: Tagged) -> tuple[bytes, str, tuple[str, ...]]:
        """What to put under the tag: the manifest itself, or an index."""
        first = self._images[0]
        if len(self._images) == 1 and tagged.index is None and self._index is None:
            return first.manifest, first.media_type, ()
        index = index_for(tagged.index, self._images, self._index, where=self._told)
        if len(self._images) == 1 and index.only_new:
            return first.manifest, first.media_type, index.notes
        return index.data, index.media_type, index.notes

    def _name(self, data: bytes, kind: str) -> None:
        self._fate = "was set"
        try:
            self._pushing.put_manifest(data, kind, self._tag)
        except LightshipError as problem:
            stands = self._stands_for(Digest.of(data))
            if stands and isinstance(problem, RequestError):
                return  # the answer alone was lost
            if stands is None:
                self._fate = "may have been set: look at it before you go on"
            elif not stands:
                self._fate = "stands for what it did"
            raise

    def _stands_for(self, digest: Digest) -> bool | None:
        try:
            return look(self._pushing, self._tag).digest == digest
        except LightshipError:
            return None

    def _state(self) -> str:
        total = len(self._documents)
        if not self._put:
            manifests = "No manifest was put"
        elif total == 1:
            manifests = "The manifest was put under its digest alone"
        else:
            manifests = f"{self._put} of {total} manifests were put, under their digests alone"
        return f"{manifests}, and {self._told} {self._fate}."
