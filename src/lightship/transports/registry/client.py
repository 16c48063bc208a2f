"""One repository of a registry: its manifests, configs and blobs (OCI distribution-spec v1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import CorruptInputError, UnreachableError
from lightship.model.digest import Digest
from lightship.model.documents import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    MAX_CONFIG_BYTES,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    Index,
    Manifest,
)
from lightship.model.jsontext import refuse_size
from lightship.net.client import Client
from lightship.net.errors import RateLimitedError, StatusError
from lightship.net.origins import parse_target
from lightship.net.places import Place
from lightship.net.sending import Sending
from lightship.transports.described import decode_config, decode_manifest
from lightship.transports.registry.authorizing import MAX_REFUSALS, Authorizer
from lightship.transports.registry.errors import RefusedError, is_html, media_type, refusal
from lightship.transports.registry.names import server_of
from lightship.transports.store import check_digest, check_size, checked_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lightship.model.documents import Config
    from lightship.net.client import Response
    from lightship.net.secret import Secret
    from lightship.transports.access import Access

ACCEPT = {"accept": f"{OCI_INDEX}, {DOCKER_INDEX}, {OCI_MANIFEST}, {DOCKER_MANIFEST}"}
_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1"


class Served(Struct, frozen=True):
    """A manifest or index, verified.

    Attributes:
        data: as it was served.
        media_type: what the server calls it.
    """

    digest: Digest
    document: Index | Manifest
    data: bytes = b""
    media_type: str = ""


class Repository:
    """The images of one name in one registry. Several threads may use it.

    Attributes:
        where: for messages.
        host: of the registry, as a reference has it.
        name: within the registry.
        progress: told of waits, and of what could not be asked.
    """

    def __init__(self, host: str, repository: str, access: Access) -> None:
        self.where = f"registry:{host}/{repository}"
        self.host = host
        self.name = repository
        self.progress = access.progress
        self._client = Client(access.network, access.progress, environment=access.environment)
        base = self._client.base_url(server_of(host))
        self._base = f"{base}/v2/{repository}"
        self._registry = parse_target(base).origin
        self._authorizer = Authorizer(self._client, access, host, repository, self._registry)

    def manifest(self, selector: str) -> Served:
        """What a tag or `@digest` names.

        Raises:
            UnreachableError: it is not there, or may not be read.
            CorruptInputError: it is not what was asked for, or breaks its format.
        """
        asked = Digest(selector[1:]) if selector.startswith("@") else None
        told = f"{self.where}{selector if asked else f':{selector}'}"
        response = self._get(f"manifests/{asked or selector}", told, MAX_MANIFEST_BYTES, ACCEPT)
        return self._served(response, asked, told)

    def named(self, tag: str) -> Digest | None:
        """The digest of what a tag names, asked for without the thing itself; None if untold.

        Raises:
            UnreachableError: no answer, or the registry wants a longer wait than we do.
        """
        place = Place.of(f"{self._base}/manifests/{tag}")
        told = f"{self.where}:{tag}"
        response, _ = self._let_in(
            told,
            lambda authorization: self._client.send(
                place, Sending("HEAD"), limit=0, headers=ACCEPT, authorization=authorization
            ),
        )
        return self._claimed_digest(response, told) if response.status == 200 else None

    def described(self, descriptor: Descriptor) -> Served:
        """The manifest or index that an index points at, held against its descriptor.

        Raises:
            LightshipError: as `manifest`.
        """
        digest = self._digest(descriptor, "manifest")
        if descriptor.blob_bytes > MAX_MANIFEST_BYTES:
            refuse_size(self._named("manifest", digest), descriptor.blob_bytes, MAX_MANIFEST_BYTES)
        told = f"{self.where}@{digest} (which an index there lists)"
        response = self._get(f"manifests/{digest}", told, MAX_MANIFEST_BYTES, ACCEPT)
        check_size(len(response.body), descriptor.blob_bytes, what=self._named("manifest", digest))
        return self._served(response, digest, told, descriptor.media_type)

    def referrers(self, digest: Digest) -> Sequence[Descriptor]:
        """What says of itself to be about a manifest (distribution-spec, "Listing Referrers").

        Raises:
            UnreachableError: the registry does not say; 404 where it knows no such question.
            CorruptInputError: the answer breaks its format.
        """
        told = f"what belongs to {self._named('manifest', digest)}"
        accept = {"accept": OCI_INDEX}
        response = self._get(f"referrers/{digest}", told, MAX_MANIFEST_BYTES, accept)
        document = decode_manifest(response.body, told, (media_type(response.headers), OCI_INDEX))
        return (document.manifests or []) if isinstance(document, Index) else []

    def config(self, descriptor: Descriptor) -> tuple[bytes, Config]:
        """A config, verified: the raw bytes, and the view.

        Raises:
            LightshipError: as `manifest`.
        """
        digest = self._digest(descriptor, "config")
        what = self._named("config", digest)
        if descriptor.blob_bytes > MAX_CONFIG_BYTES:
            refuse_size(what, descriptor.blob_bytes, MAX_CONFIG_BYTES)
        data = self._get(f"blobs/{digest}", f"the {what}", MAX_CONFIG_BYTES).body
        check_size(len(data), descriptor.blob_bytes, what=what)
        check_digest(data, digest, what=what)
        return data, decode_config(data, f"the config of {self.where}")

    def open_blob(self, digest: Digest, stored_bytes: int) -> BinaryIO:
        """A blob's bytes, not verified; the stream goes on where a connection broke off.

        Raises:
            UnreachableError: it is not there, or may not be read; also while reading.
        """
        authorize = self._authorizer.session()
        try:
            return self._client.open(
                f"{self._base}/blobs/{digest}", expected_bytes=stored_bytes, authorize=authorize
            )
        except StatusError as problem:
            if problem.answer is None:
                raise
            asked = f"the {self._named('layer blob', digest)}"
            raise self._refusal(asked, problem.answer, authorize.sent) from None

    def _get(
        self, path: str, asked: str, limit: int, headers: Mapping[str, str] | None = None
    ) -> Response:
        response, sent = self._let_in(
            asked,
            lambda authorization: self._client.get(
                f"{self._base}/{path}", limit=limit, headers=headers, authorization=authorization
            ),
        )
        if response.status != 200:
            raise self._refusal(asked, response, sent)
        return response

    def _let_in(
        self, asked: str, ask: Callable[[Secret | None], Response]
    ) -> tuple[Response, Secret | None]:
        """The answer to a request with what the registry wants as Authorization, and that."""
        authorize = self._authorizer.session()
        authorization = authorize(None)
        for _ in range(MAX_REFUSALS + 1):
            try:
                response = ask(authorization)
            except RateLimitedError as problem:
                if problem.answer is None:
                    raise
                raise self._refusal(asked, problem.answer, authorization) from None
            if response.status not in {401, 403} or not self._is_home(response):
                break
            sent, authorization = authorization, authorize(response)
            if authorization == sent:
                break
        return response, authorization

    def _is_home(self, response: Response) -> bool:
        """Whether an answer is the registry's own: another's decides nothing about credentials."""
        return parse_target(response.url).origin == self._registry

    def _refusal(self, asked: str, response: Response, sent: Secret | None) -> RefusedError:
        login = self._authorizer.advice()
        return refusal(asked, response, host=self.host, login=login, sent=(sent,))

    def _served(
        self, response: Response, asked: Digest | None, told: str, claimed: str | None = None
    ) -> Served:
        kind = media_type(response.headers)
        if kind.startswith(_SCHEMA_1):
            raise UnreachableError(
                f"{told} is stored in the format of 2015 (schema 1), which is not read any more",
                "Pull it and push it again with a tool of today.",
            )
        if is_html(response):
            raise UnreachableError(
                f"{told}: the answer was a web page", f"Is {self.host} a registry?"
            )
        data = response.body
        digest = asked or self._claimed_digest(response, told) or Digest.of(data)
        check_digest(data, digest, what=told)
        document = decode_manifest(data, told, (kind, claimed))
        return Served(digest, document, data, kind)

    def _claimed_digest(self, response: Response, told: str) -> Digest | None:
        text = response.headers.get("docker-content-digest", "").strip()
        return checked_digest(text, what=f"Docker-Content-Digest of {told}") if text else None

    def _digest(self, descriptor: Descriptor, what: str) -> Digest:
        if descriptor.blob_bytes < 0:
            raise CorruptInputError(f"a {what} of {self.where} is said to have a negative size")
        return checked_digest(descriptor.digest, what=f"{what} of {self.where}")

    def _named(self, what: str, digest: Digest) -> str:
        return f"{what} {digest.algorithm}:{digest.short} of {self.where}"
