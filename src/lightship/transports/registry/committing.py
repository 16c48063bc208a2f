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
from lightship.transports.indexes import family_of, rebuilt_index, required_family
from lightship.transports.registry.errors import media_type
from lightship.transports.registry.uploading import destination_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.transports.registry.pushing import Pushing
    from lightship.transports.storing import Family, NewImage

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


def family_wanted(pushing: Pushing, tag: str) -> Family | None:
    """The media types that an image must have, so that what the tag stands for can keep the rest.

    Raises:
        LightshipError: nobody knows, or nothing can be put there.
    """
    return required_family(look(pushing, tag).index, where=f"{pushing.where}:{tag}")


class Commit:
    """Makes images visible under a tag.

    Args:
        pushing: the repository, which has all their blobs.
        tag: the name.
        images: for different platforms.
    """

    def __init__(self, pushing: Pushing, tag: str, images: Sequence[NewImage]) -> None:
        self._pushing = pushing
        self._tag = tag
        self._images = images
        self._put = 0

    def run(self) -> Put:
        """Put everything.

        Raises:
            DestinationError: something was not put; it says what was.
        """
        try:
            for image in self._images:
                name = Digest.of(image.manifest)
                self._pushing.put_manifest(image.manifest, image.media_type, name)
                self._put += 1
            return self._named()
        except LightshipError as problem:
            failure = destination_error(problem, self._pushing.where)
            raise DestinationError(
                failure.what, f"{failure.hint} {self._state()}".strip()
            ) from None

    def _named(self) -> Put:
        before = look(self._pushing, self._tag)
        notes: tuple[str, ...] = ()
        for _ in range(_LOOKS):
            data, kind, said = self._document(before)
            now = look(self._pushing, self._tag)
            if now == before:
                break
            before = now
            notes = (f"{self._told} was moved by somebody else meanwhile, to {now.digest}",)
        else:
            raise DestinationError(
                f"{self._told} is moved by somebody else again and again", "Try again later."
            )
        self._name(data, kind)
        return Put(Digest.of(data), (*notes, *said))

    def _document(self, tagged: Tagged) -> tuple[bytes, str, tuple[str, ...]]:
        """What to put under the tag: the manifest itself, or an index."""
        first = self._images[0]
        if len(self._images) == 1 and tagged.index is None:
            return first.manifest, first.media_type, ()
        family = family_of(first.media_type)
        index = rebuilt_index(tagged.index, self._images, family, where=self._told)
        if len(self._images) == 1 and index.only_new:
            return first.manifest, first.media_type, index.notes
        return index.data, index.media_type, index.notes

    def _name(self, data: bytes, kind: str) -> None:
        try:
            self._pushing.put_manifest(data, kind, self._tag)
        except RequestError as problem:
            # No answer: it may have been put all the same.
            if self._stands_for(Digest.of(data)) is not True:
                raise problem from None

    def _stands_for(self, digest: Digest) -> bool | None:
        try:
            return look(self._pushing, self._tag).digest == digest
        except LightshipError:
            return None

    @property
    def _told(self) -> str:
        return f"{self._pushing.where}:{self._tag}"

    def _state(self) -> str:
        total = len(self._images)
        if not self._put:
            return f"No manifest was put, and {self._told} stands for what it did."
        manifests = "Its manifest" if total == 1 else f"{self._put} of {total} manifests"
        return (
            f"{manifests} was put under its digest alone; {self._told} was not set, unless the"
            " answer to that alone was lost."
        )
