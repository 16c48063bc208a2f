"""What a server says about a failure, in a few words."""

from __future__ import annotations

import json
from base64 import b64decode
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.net.answers import Response
    from lightship.net.secret import Secret

_MOST_CHARACTERS = 200


def said(answer: Response, *secrets: Secret | None) -> str:
    """The server's own words, short; empty if there are none that a person would read.

    Registries answer `{"errors": [{"code": .., "message": ..}]}` (OCI distribution specification,
    "Error codes"), token servers `{"details": ..}` or `{"error_description": ..}`, engines
    `{"message": ..}`. Pages of HTML are left out, and `secrets` that are quoted are struck out.
    """
    text = " ".join(struck(_words(answer), secrets).split())
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def struck(text: str, secrets: Iterable[Secret | None]) -> str:
    """A text in which no secret stands: a server may quote what it was sent, whole or in part."""
    forms = {form for secret in secrets if secret for form in _forms(secret.reveal())}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return text


def _forms(credential: str) -> list[str]:
    """Of `Basic dXNlcjpwYXNz`: itself, what stands after Basic, and the password."""
    scheme, _, token = credential.rpartition(" ")
    forms = [credential, token]
    if scheme.lower() == "basic":
        with suppress(ValueError):
            forms.append(b64decode(token).decode("utf-8").partition(":")[2])
    return [form for form in forms if form]


def _words(answer: Response) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/plain":
        return answer.body[: 4 * _MOST_CHARACTERS].decode("utf-8", "replace")
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    errors = document.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        document = errors[0]
    for key in ("message", "error_description", "details", "error", "code"):
        if isinstance(words := document.get(key), str) and words:
            return words
    return ""
