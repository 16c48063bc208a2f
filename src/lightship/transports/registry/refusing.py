"""What a registry that is written to refused: what was asked, what it said, what to do."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from lightship.errors import DestinationError
from lightship.transports.registry.errors import (
    come_again,
    host_of,
    is_html,
    reset_time,
    said_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.net.client import Response
    from lightship.net.secret import Secret

_QUOTA = re.compile(r"quota|exceed|limit|maximum", re.IGNORECASE)
_FULL = re.compile(r"no space left|disk full|insufficient storage|ENOSPC", re.IGNORECASE)
_NOT_TAKEN = frozenset(("MANIFEST_INVALID", "UNSUPPORTED", "MANIFEST_UNVERIFIED"))


def push_refusal(
    asked: str,
    response: Response,
    *,
    host: str,
    login: str,
    sent: Iterable[Secret | None] = (),
    begun: bool = False,
) -> DestinationError:
    """The error for an answer that does not do.

    Args:
        asked: what was asked for.
        response: the answer.
        host: of the registry.
        login: what to do where credentials are missing or wrong, one sentence.
        sent: the secrets that were sent; they are struck out of what is said.
        begun: whether it is an upload that the registry let begin.
    """
    said = said_in(response, tuple(sent))
    words = "; ".join(map(str, said))
    told = f"{response.status} ({words})" if words else f"{response.status}"
    if begun and response.status in (401, 403):
        # OpenShift's registry says "denied" where a blob is above the project's LimitRange.
        login = "It let the upload begin: a limit of the project may be below this blob's size."
    hint = _hint(response, words, {one.code for one in said}, host, login)
    return DestinationError(f"{asked}: the answer of {host_of(response.url)} was {told}", hint)


def _hint(response: Response, words: str, codes: set[str], host: str, login: str) -> str:
    status = response.status
    if status == 507 or _FULL.search(words):
        return "The registry's disk is full: whoever runs it must make room."
    if status in (400, 403, 422) and _QUOTA.search(words):
        return "That is a limit of the registry: make room there, or the image smaller."
    if status == 413:
        return (
            f"Something before {host} limits the size of a request (nginx:"
            " client_max_body_size): the limit must be raised there."
        )
    if is_html(response):
        return f"That is a web page: is {host} a registry?"
    if status in (400, 415, 422) and (codes & _NOT_TAKEN or status == 415):
        return (
            "It may not take these media types: not every registry takes zstd layers (`--codec"
            " gzip`), nor OCI's types."
        )
    return _plain_hint(response, host, login)


def _plain_hint(response: Response, host: str, login: str) -> str:
    match response.status:
        case 401 | 403:
            return f"{login} The account needs the right to push there."
        case 404:
            return "Check the name; some registries want the repository to be made first."
        case 405:
            return f"{host} takes no pushes: it may be a mirror or a cache."
        case 429:
            return come_again(reset_time(response.headers, time.time()))
        case status if status >= 500:
            again = "The registry is in trouble: try again later."
            # OpenShift's answers so where there is no image stream yet.
            image_stream = " If it is OpenShift's: `oc create imagestream NAME` first."
            return again + (image_stream if status == 500 and "image-registry" in host else "")
        case _:
            return f"Is {host} a registry?"
