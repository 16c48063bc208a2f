"""One repository of a registry that is written to (OCI distribution-spec v1.1, "Push")."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import DestinationError, LightshipError
from lightship.model.digest import Digest
from lightship.model.documents import MAX_MANIFEST_BYTES
from lightship.net.client import Client
from lightship.net.errors import RequestError
from lightship.net.origins import parse_target
from lightship.net.places import Place
from lightship.net.sending import NO_BODY, Body, Sending
from lightship.transports.registry.authorizing import MAX_REFUSALS, Authorizer
from lightship.transports.registry.client import ACCEPT
from lightship.transports.registry.names import server_of
from lightship.transports.registry.refusing import push_refusal
from lightship.transports.registry.tokens import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lightship.net.client import Response
    from lightship.net.retrying import Attempts
    from lightship.net.secret import Secret
    from lightship.transports.access import Access

_ANSWER_BYTES = 256 * 1024


class Session(Struct, frozen=True):
    """An upload that was begun.

    Attributes:
        place: where it goes on.
        offset: bytes that the registry has of it.
        chunk_bytes: the least that each request but the last must bring (OCI-Chunk-Min-Length).
    """

    place: Place
    offset: int = 0
    chunk_bytes: int = 0


class Answered(Struct, frozen=True):
    """An answer, and the credentials that it was given to."""

    response: Response
    secret: Secret | None

    @property
    def status(self) -> int:
        return self.response.status


class Pushing:
    """A repository that is written to. Several threads may use it.

    Args:
        host: of the registry, as a reference has it.
        repository: the name within it.
        access: how it is reached.
        wait: waits so many seconds, or less if all is to end.
    """

    def __init__(
        self,
        host: str,
        repository: str,
        access: Access,
        *,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self.host = host
        self.name = repository
        self.where = f"registry:{host}/{repository}"
        self.stall_seconds = access.network.stall_seconds
        self._access = access
        self._client = Client(
            access.network, access.progress, environment=access.environment, sleep=wait
        )
        self._base = f"{self._client.base_url(server_of(host))}/v2/{repository}"
        self._registry = parse_target(self._base).origin
        self._own = self._authorizer("")
        self._for_mounts: dict[str, Authorizer | None] = {}

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def attempts(self) -> Attempts:
        """How often one thing may be asked for."""
        return self._client.attempts()

    def led(self, place: Place, answer: Response) -> Place:
        """Where an answer leads (its Location).

        Raises:
            RequestError: it leads where nobody may send us.
        """
        return self._client.led(place, answer)

    def has(self, digest: Digest) -> bool:
        """Whether the repository holds a blob.

        Raises:
            LightshipError: nobody knows.
        """
        answered = self.ask(Sending("HEAD"), self._place(f"blobs/{digest}"))
        if answered.status not in (200, 404):
            raise self.refusal(f"{self.where} (is a blob there?)", answered)
        return answered.status == 200

    def begin(self) -> Session:
        """Begin to upload a blob.

        Raises:
            LightshipError: it may not be.
        """
        place = self._place("blobs/uploads/")
        answered = self.ask(Sending("POST", NO_BODY), place)
        return self._begun(place, answered)

    def cancel(self, session: Session) -> None:
        """Give up an upload that was begun, as far as the registry lets us. Never raises."""
        with suppress(LightshipError):
            # Asked once: most registries want the right to delete for it, which is not asked for.
            self._client.send(
                session.place,
                Sending("DELETE"),
                limit=_ANSWER_BYTES,
                authorization=self._own.session()(None),
                again=False,
            )

    def mounted(self, digest: Digest, source: str) -> Session | None:
        """Share a blob of another repository of this registry; if that is refused, begin to upload.

        Returns:
            None where it is shared now.

        Raises:
            LightshipError: nor may an upload be begun.
        """
        authorizer = self._for_mounts.setdefault(source, self._authorizer(source))
        if authorizer is None:
            return self.begin()
        place = self._place("blobs/uploads/").asking(mount=digest, **{"from": source})
        try:
            answered = self.ask(Sending("POST", NO_BODY), place, authorizer=authorizer)
        except RequestError:
            raise
        except LightshipError:
            answered = None  # no token for both repositories
        if answered is not None and answered.status == 201:
            return None
        if answered is not None and answered.status == 202:
            return self._begun(place, answered)
        # Not asked for again: it would be refused for each layer.
        self._for_mounts[source] = None
        return self.begin()

    def manifest(self, name: str) -> Response | None:
        """What a tag or digest stands for; None where there is none.

        Raises:
            LightshipError: nobody knows.
        """
        answered = self.ask(Sending("GET"), self._place(f"manifests/{name}"), headers=ACCEPT)
        if answered.status == 404:
            return None
        if answered.status != 200:
            raise self.refusal(f"{self.where}:{name}", answered)
        return answered.response

    def put_manifest(self, data: bytes, media_type: str, name: str) -> None:
        """Put a manifest or index, under a tag or its digest.

        Raises:
            LightshipError: it was not put, or nobody knows.
        """
        body = Body.of(data, media_type)
        answered = self.ask(Sending("PUT", body), self._place(f"manifests/{name}"))
        if answered.status not in (200, 201):
            raise self.refusal(f"the manifest {name} of {self.where}", answered)
        said = answered.response.headers.get("docker-content-digest", "").strip()
        if said and said != Digest.of(data):
            raise DestinationError(
                f"the manifest {name} of {self.where}: the registry calls it {said[:80]}, which is"
                f" not its digest {Digest.of(data)}",
                "The registry is at fault, not you.",
            )

    def ask(
        self,
        sending: Sending,
        place: Place,
        *,
        headers: Mapping[str, str] | None = None,
        again: bool = True,
        authorizer: Authorizer | None = None,
    ) -> Answered:
        """Send a request, and once more with what the registry asks for where it refuses.

        Raises:
            LightshipError: no answer.
        """
        authorize = (authorizer or self._own).session()
        secret = authorize(None)
        for _ in range(MAX_REFUSALS + 1):
            response = self._client.send(
                place,
                sending,
                limit=max(_ANSWER_BYTES, MAX_MANIFEST_BYTES),
                headers=headers,
                authorization=secret,
                again=again,
            )
            if response.status not in {401, 403} or not self._is_home(place, response):
                break
            sent, secret = secret, authorize(response)
            if secret == sent:
                break
        return Answered(response, secret)

    def refusal(self, asked: str, answered: Answered, *, begun: bool = False) -> DestinationError:
        """The error for an answer that does not do; `begun` if it let an upload begin before."""
        return push_refusal(
            asked,
            answered.response,
            host=self.host,
            login=self._own.advice(),
            sent=(answered.secret,),
            begun=begun,
        )

    def _begun(self, place: Place, answered: Answered) -> Session:
        if answered.status != 202:
            raise self.refusal(f"{self.where} (to begin an upload)", answered)
        response = answered.response
        if not response.headers.get("location", "").strip():
            raise DestinationError(
                f"{self.where}: the answer does not say where to upload to",
                f"Is {self.host} a registry?",
            )
        least = response.headers.get("oci-chunk-min-length", "").strip()
        known = least.isascii() and least.isdecimal() and len(least) < 16
        return Session(self.led(place, response), 0, int(least) if known else 0)

    def _place(self, path: str) -> Place:
        return Place.of(f"{self._base}/{path}")

    def _authorizer(self, mounts_from: str) -> Authorizer:
        purpose = Purpose(pushes=True, mounts_from=mounts_from)
        return Authorizer(
            self._client, self._access, self.host, self.name, self._registry, purpose=purpose
        )

    def _is_home(self, place: Place, response: Response) -> bool:
        """Whether an answer is the registry's own: another's decides nothing about credentials."""
        return place.at_home and parse_target(response.url).origin == self._registry
