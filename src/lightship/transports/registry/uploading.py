"""One blob into a repository: in one request, and where that breaks or is too large, in chunks.

Protocol: OCI distribution-spec v1.1, "Pushing blobs". One request is what every registry takes, as
containerd pushes so. Chunks are not: Google's takes none (its docker-api reference), GitHub's none
above 4 MiB, and Amazon's says after each that it has the first alone (aws/containers-roadmap#2831);
so what a registry says to have is asked for only after trouble, and the digest decides in the end.
One that lost the upload (distribution before 3.0 does once a request broke off) gets it anew. How
often is up to the options: attempts are there again with each byte that is new to the registry.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.errors import DestinationError
from lightship.net.errors import RequestError
from lightship.net.sending import Body, Sending
from lightship.transports.registry.errors import said_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.errors import LightshipError
    from lightship.transports.registry.pushing import Answered, Pushing, Session
    from lightship.transports.registry.sources import Source

CHUNK_BYTES = 32 * 1024 * 1024
SMALLER_CHUNKS = (8 * 1024 * 1024, 1024 * 1024, 256 * 1024)
"""What is tried where something between us and the registry takes no more in one request (413)."""

_CHUNKS_REFUSED = frozenset((400, 404, 405, 411, 415, 416, 501))
_TRIED_OTHERWISE = frozenset((404, 405, 411, 416, 501))
_LOST_CODES = frozenset(("BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID"))
_BUFFERED_BYTES = 4 * 1024 * 1024
_SLOW_BYTES_PER_SECOND = 32 * 1024
_CHECKED_BYTES_PER_SECOND = 10_000_000
_RANGE = re.compile(r"(?:bytes[=:])?0-([0-9]{1,18})")


class _LostError(Exception):
    """The registry knows nothing of the upload any more."""


class Upload:
    """One blob that is uploaded.

    Args:
        pushing: the repository.
        source: the blob.
        sent: told of bytes as they are sent; it may raise a LightshipError to give up.
    """

    def __init__(self, pushing: Pushing, source: Source, sent: Callable[[int], None]) -> None:
        self._pushing = pushing
        self._source = source
        self._sent = sent
        self._attempts = pushing.attempts()
        self._total = source.stored_bytes
        self._what = f"{pushing.where} (to upload {source.digest.algorithm}:{source.digest.short})"
        self._chunk = CHUNK_BYTES
        self._sizes = (CHUNK_BYTES, *SMALLER_CHUNKS)
        self._in_chunks = False
        self._may_be_in_chunks = True
        self._taken = 0  # the most that the registry ever had
        self._told = 0  # bytes that progress was told of
        self._begun_anew = False

    def run(self, session: Session | None = None) -> None:
        """Upload it; `session` is an upload that was begun already.

        Raises:
            LightshipError: it is not there.
        """
        while True:
            self._session = session or self._pushing.begin()
            session = None
            try:
                self._through(self._session)
            except _LostError:
                continue
            except BaseException as problem:
                if not isinstance(problem, RequestError) or problem is self._source.failure:
                    self._pushing.cancel(self._session)
                raise
            return

    def _through(self, at: Session) -> None:
        while True:
            while self._in_chunks and self._total - at.offset > max(self._chunk, at.chunk_bytes):
                at = self._chunk_sent(at)
            if self._closed(at):
                return
            at = self._resumed(at)
            if at.offset and not self._in_chunks:
                raise _LostError

    def _chunk_sent(self, at: Session) -> Session:
        """Send a chunk; returns where the upload stands then."""
        end = at.offset + max(self._chunk, at.chunk_bytes)
        try:
            answered = self._send("PATCH", at, end)
        except RequestError as problem:
            self._failed(problem)
            return self._resumed(at)
        match answered.status:
            case 200 | 201 | 202 | 204:
                return self._moved(at, answered, end)
            case 413:
                self._make_smaller(at, answered)
                return self._resumed(at)
            case status if status in _CHUNKS_REFUSED:
                self._in_chunks = self._may_be_in_chunks = False
                raise _LostError
        if self._attempts.after_response(answered.response, answered.secret):
            return self._resumed(at)
        raise self._pushing.refusal(self._what, answered, begun=True)

    def _closed(self, at: Session) -> bool:
        """Send what is left, and the digest; False after a wait, to be tried again."""
        place = at.place.asking(digest=self._source.digest)
        try:
            answered = self._send("PUT", replace(at, place=place), self._total)
        except RequestError as problem:
            self._failed(problem)
            return self._is_there_or_chunked()
        if answered.status in (200, 201, 204):
            self._must_be_ours(answered)
            return True
        if answered.status == 413:
            self._make_smaller(at, answered)
            return False
        if self._seems_lost(answered) and not self._begun_anew:
            # An answer that was lost, or an upload that was, or the other way will do.
            self._begun_anew = True
            if self._pushing.has(self._source.digest):
                return True
            self._in_chunks = self._may_be_in_chunks and not self._in_chunks
            raise _LostError
        if self._attempts.after_response(answered.response, answered.secret):
            return self._is_there_or_chunked()
        raise self._pushing.refusal(self._what, answered, begun=True)

    def _is_there_or_chunked(self) -> bool:
        """After trouble it may have arrived; if not, the next trouble costs less in chunks."""
        self._in_chunks = self._may_be_in_chunks
        return self._pushing.has(self._source.digest)

    def _resumed(self, at: Session) -> Session:
        """Ask how much the registry has."""
        self._sent(0)
        answered = self._pushing.ask(Sending("GET"), at.place)
        given = _RANGE.fullmatch(answered.response.headers.get("range", "").strip())
        if answered.status not in (200, 202, 204) or given is None:
            raise _LostError
        # "0-0" stands for nothing, too; one byte alone is never sent.
        offset = int(given[1]) + 1 if int(given[1]) else 0
        if offset > self._total:
            raise _LostError
        return self._moved(at, answered, offset)

    def _moved(self, at: Session, answered: Answered, offset: int) -> Session:
        self._progressed(offset)
        self._session = replace(
            at, place=self._pushing.led(at.place, answered.response), offset=offset
        )
        return self._session

    def _send(self, method: str, at: Session, end: int) -> Answered:
        body = Body(
            lambda: self._pieces(at.offset, end), end - at.offset, "application/octet-stream"
        )
        is_part = at.offset < end and (at.offset or end < self._total)
        headers = {"Content-Range": f"{at.offset}-{end - 1}"} if is_part else {}
        # What this machine's buffers hold is yet to be sent, over a line that may be slow; and a
        # registry may look at each byte of a blob again before it says that it has it.
        patience = (
            self._pushing.stall_seconds
            + min(body.body_bytes, _BUFFERED_BYTES) / _SLOW_BYTES_PER_SECOND
            + self._total / _CHECKED_BYTES_PER_SECOND
        )
        sending = Sending(method, body, answer_seconds=patience)
        return self._pushing.ask(sending, at.place, headers=headers, again=False)

    def _pieces(self, start: int, end: int) -> Iterator[bytes]:
        at = start
        for piece in self._source.pieces(start, end):
            yield piece
            at += len(piece)
            news = max(0, at - self._told)
            self._told += news
            self._sent(news)

    def _seems_lost(self, answered: Answered) -> bool:
        codes = {one.code for one in said_in(answered.response)}
        return answered.status in _TRIED_OTHERWISE or not codes.isdisjoint(_LOST_CODES)

    def _progressed(self, offset: int) -> None:
        if offset > self._taken:
            self._taken = offset
            self._attempts.begin_again()

    def _failed(self, problem: RequestError) -> None:
        """Wait; or raise it, where that cannot help."""
        if problem is self._source.failure:
            raise problem
        self._attempts.after_error(problem)

    def _make_smaller(self, at: Session, answered: Answered) -> None:
        """Send less at once from now on, if that is allowed."""
        least = max(1, at.chunk_bytes)
        below = self._chunk if self._in_chunks else self._total
        smaller = next((size for size in self._sizes if least <= size < below), 0)
        if not smaller or not self._may_be_in_chunks:
            raise self._pushing.refusal(self._what, answered, begun=True)
        self._chunk = smaller
        self._in_chunks = True

    def _must_be_ours(self, answered: Answered) -> None:
        said = answered.response.headers.get("docker-content-digest", "").strip()
        if said and said != self._source.digest:
            raise DestinationError(
                f"{self._what}: the registry calls it {said[:80]}", "It is at fault, not you."
            )


def destination_error(problem: LightshipError, where: str) -> DestinationError:
    """Trouble with a registry that is written to, as what it is for a user."""
    if isinstance(problem, DestinationError):
        return problem
    told = problem.what if where in problem.what else f"{where}: {problem.what}"
    return DestinationError(told, problem.hint)
