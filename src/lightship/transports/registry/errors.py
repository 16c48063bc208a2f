"""What a registry refused: what was asked, what it said, what to do."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import CorruptInputError, UnreachableError
from lightship.model import jsontext
from lightship.net.retrying import moment
from lightship.net.said import struck

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lightship.net.client import Response
    from lightship.net.secret import Secret

MAX_SHOWN = 200
"""Characters of a foreign text that are shown."""

_MAX_SAID = 3
_MAX_ERROR_BYTES = 64 * 1024
_MAX_SECONDS = 366 * 86400
_HTML = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_WINDOW = re.compile(r"w=([0-9]{1,9})")


class Said(Struct, frozen=True):
    """One error as a registry words it (distribution-spec, "Error Codes")."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.message else self.code


class RefusedError(UnreachableError):
    """A registry or token service answered, and not with what was asked for.

    Attributes:
        asked: what was asked for.
        status: of the answer.
        said: the errors in the answer's body; foreign text, bounded.
        reset_at: when the rate limit ends, in seconds since 1970; None where nobody says so.
    """

    def __init__(
        self,
        asked: str,
        response: Response,
        hint: str,
        *,
        sent: Iterable[Secret | None] = (),
        reset_at: float | None = None,
    ) -> None:
        self.asked = asked
        self.status = response.status
        self.said = said_in(response, sent)
        self.reset_at = reset_at
        told = f"{response.status}" + (f" ({'; '.join(map(str, self.said))})" if self.said else "")
        super().__init__(f"{asked}: the answer of {host_of(response.url)} was {told}", hint)


def refusal(
    asked: str,
    response: Response,
    *,
    host: str,
    login: str,
    sent: Iterable[Secret | None] = (),
) -> RefusedError:
    """The error for an answer that is not 200.

    Args:
        asked: what was asked for.
        response: the answer.
        host: of the registry.
        login: what to do where credentials are missing or wrong, one sentence.
        sent: the secrets that were sent; they are struck out of what is said.
    """
    sent = tuple(sent)
    reset_at = None
    match response.status:
        case 429:
            reset_at = reset_time(response.headers, time.time())
            hint = come_again(reset_at)
        case status if status >= 500:
            hint = "The registry is in trouble: try again later."
        case _ if is_html(response):
            hint = f"That is a web page: is {host} a registry?"
        case 401 | 403:
            hint = f"{login} A registry may answer so also where there is no such name."
        case 404:
            hint = _not_there(said_in(response))
        case _:
            hint = f"Is {host} a registry?"
    return RefusedError(asked, response, hint, sent=sent, reset_at=reset_at)


def said_in(response: Response, sent: Iterable[Secret | None] = ()) -> tuple[Said, ...]:
    """The errors of an answer's body; none where it holds none or is too long.

    Secrets that were sent are struck out: a server may quote them.
    """
    secrets = tuple(sent)

    def told(text: object) -> str:
        return shown(struck(text, secrets)) if isinstance(text, str) else ""

    if media_type(response.headers) == "text/plain":
        plain = told(response.body[:_MAX_ERROR_BYTES].decode("utf-8", "replace"))
        return (Said(plain, ""),) if plain else ()
    try:
        value = jsontext.parse(response.body, what="error", limit=_MAX_ERROR_BYTES)
    except CorruptInputError:
        return ()
    errors = value.get("errors") if isinstance(value, dict) else None
    if isinstance(errors, list):
        return tuple(
            Said(told(error.get("code")) or "error", told(error.get("message")))
            for error in errors[:_MAX_SAID]
            if isinstance(error, dict)
        )
    names = ("details", "message", "error_description", "error")
    texts = (told(value.get(name)) for name in names) if isinstance(value, dict) else ()
    plain = next(filter(None, texts), "")
    return (Said(plain, ""),) if plain else ()


def shown(text: str) -> str:
    """A foreign text in one line of at most `MAX_SHOWN` characters."""
    text = " ".join(text[: 10 * MAX_SHOWN].split())
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def is_html(response: Response) -> bool:
    """Whether an answer is a web page, whatever it was asked for."""
    kind = media_type(response.headers)
    return kind in {"text/html", "application/xhtml+xml"} or bool(_HTML.match(response.body[:200]))


def media_type(headers: Mapping[str, str]) -> str:
    """The Content-Type without its parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def host_of(url: str) -> str:
    """The host and port of a URL, for messages."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def reset_time(headers: Mapping[str, str], now: float) -> float | None:
    """When a rate limit ends, in seconds since 1970, as far as an answer says so.

    Retry-After is RFC 9110, 10.2.3 (seconds, or a date); `ratelimit-reset` counts seconds
    (draft-ietf-httpapi-ratelimit-headers), `x-ratelimit-reset` is a time (Docker Hub, GitHub), and
    of `ratelimit-remaining: 0;w=21600` (Docker Hub) only the window is known: it is the latest.
    """
    after = headers.get("retry-after", "").strip()
    if after and (when := moment(after, datetime.fromtimestamp(now, UTC))):
        return when.timestamp()
    seconds = _number(headers.get("ratelimit-reset", ""))
    if seconds is not None:
        return now + seconds
    point = _number(headers.get("x-ratelimit-reset", ""), most=1 << 40)
    if point is not None and now <= point <= now + _MAX_SECONDS:
        return float(point)
    window = _WINDOW.search(headers.get("ratelimit-remaining", ""))
    return now + int(window[1]) if window and int(window[1]) <= _MAX_SECONDS else None


def come_again(reset_at: float | None) -> str:
    """What to do about a rate limit that ends then (seconds since 1970)."""
    if reset_at is None:
        when = "Too many requests came from here: try again later"
    else:
        told = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(reset_at))
        when = f"Too many requests came from here: try again after {told}"
    return f"{when}, or log in, since limits are often higher then."


def _number(text: str, most: int = _MAX_SECONDS) -> int | None:
    text = text.strip()
    if not re.fullmatch(r"[0-9]{1,13}", text) or int(text) > most:
        return None
    return int(text)


def _not_there(said: tuple[Said, ...]) -> str:
    codes = {one.code for one in said}
    if "NAME_UNKNOWN" in codes:
        return "Check the name: there is none such, or it is private and you must log in."
    if "MANIFEST_UNKNOWN" in codes:
        return "Check the name and the tag: there is no such image. Lightship does not list tags."
    return "Check the name and the tag."
