import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.net.client import Response
from lightship.net.secret import Secret
from lightship.transports.registry.errors import (
    MAX_SHOWN,
    Said,
    is_html,
    refusal,
    reset_time,
    said_in,
)

NOW = 1_700_000_000.0
URL = "https://quay.io/v2/a/b/manifests/1"


def answer(status: int, body: object = b"", **headers: str) -> Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(URL, status, {k.replace("_", "-"): v for k, v in headers.items()}, data)


def errors(*codes: str) -> dict[str, object]:
    return {"errors": [{"code": code, "message": f"it is {code}", "detail": {}} for code in codes]}


@pytest.mark.parametrize(
    ("response", "hint"),
    [
        (answer(401, errors("UNAUTHORIZED")), "Log in first."),
        (answer(403, errors("DENIED")), "Log in first."),
        (answer(404, errors("MANIFEST_UNKNOWN")), "Check the name and the tag: there"),
        (answer(404, errors("NAME_UNKNOWN")), "private"),
        (answer(404), "Check the name and the tag"),
        (answer(429, errors("TOOMANYREQUESTS")), "try again later"),
        (answer(502), "in trouble"),
        (answer(404, b"<html>", content_type="text/html"), "is quay.io a registry?"),
        (answer(400, b"no HTTP\nhere", content_type="text/plain"), "(no HTTP here). Is quay"),
        (answer(418), "Is quay.io a registry?"),
    ],
)
def test_each_refusal_says_what_was_asked_what_was_said_and_what_to_do(
    response: Response, hint: str
) -> None:
    error = refusal("registry:quay.io/a/b:1", response, host="quay.io", login="Log in first.")
    text = str(error)
    assert (error.asked, error.status) == ("registry:quay.io/a/b:1", response.status)
    assert text.startswith(f"registry:quay.io/a/b:1: the answer of quay.io was {response.status}")
    assert hint in text
    for said in error.said:
        assert str(said) in text
    assert error.exit_code == 3


@pytest.mark.parametrize(
    ("headers", "reset_at"),
    [
        ({"retry-after": "120"}, NOW + 120),
        ({"retry-after": "Fri, 31 Dec 2100 23:59:59 GMT"},
         datetime(2100, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()),
        ({"ratelimit-reset": "77"}, NOW + 77),
        ({"x-ratelimit-reset": str(int(NOW) + 50)}, NOW + 50),
        ({"x-ratelimit-reset": "5"}, None),  # long ago
        ({"ratelimit-remaining": "0;w=21600"}, NOW + 21600),
        ({"ratelimit-limit": "100;w=21600"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "9" * 30}, None),
        ({"retry-after": "0"}, NOW),
        ({"retry-after": "soon", "ratelimit-reset": "3"}, NOW + 3),
        ({}, None),
    ],
)  # fmt: skip
def test_when_a_limit_ends(headers: dict[str, str], reset_at: float | None) -> None:
    assert reset_time(headers, NOW) == reset_at


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(
    ["retry-after", "ratelimit-reset", "x-ratelimit-reset", "ratelimit-remaining"]
), st.text()))  # fmt: skip
def test_any_headers_have_some_time_or_none(headers: dict[str, str]) -> None:
    found = reset_time(headers, NOW)
    assert found is None or isinstance(found, float)


@settings(deadline=None)
@given(
    st.binary()
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["errors", "code", "message", "details"]), inner)
        ),
    )
)
def test_whatever_a_server_says_is_short(body: object) -> None:
    said = said_in(answer(400, body))
    assert len(said) <= 3
    for one in said:
        assert len(one.code) <= MAX_SHOWN
        assert len(one.message) <= MAX_SHOWN
        assert "\n" not in str(one)


def test_secrets_are_struck_out() -> None:
    body = {"errors": [{"code": "X", "message": "me:pa:ss, bWU6cGE6c3M=, pa:ss, t0k.en"}]}
    sent = (Secret("Basic bWU6cGE6c3M="), Secret("Bearer t0k.en"), None)
    assert said_in(answer(401, body), sent) == (Said("X", "me:***, ***, ***, ***"),)


def test_what_is_html() -> None:
    assert is_html(answer(200, b"", content_type="Text/HTML; charset=utf-8"))
    assert is_html(answer(200, b"\n <!doctype HTML>"))
    assert not is_html(answer(200, {"a": "<html>"}, content_type="application/json"))
