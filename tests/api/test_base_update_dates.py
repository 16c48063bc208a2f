"""When releases end, asked of a real web server that says what it likes."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.api.base_update_dates import DatesPlace
from lightship.api.base_update_dates import ask_dates as ask_dates_of
from lightship.api.base_update_manners import Manners
from lightship.api.base_updating import UpdateTerms, base_update
from lightship.bases.known import known_bases
from lightship.bases.refreshed import FILE, RefreshedProduct
from lightship.catalogue.end_of_life import dated_products
from lightship.errors import CorruptInputError
from lightship.net.answers import Response
from lightship.net.options import NetOptions

from .base_update_places import (
    NOWHERE,
    THIRTEEN,
    TODAY,
    TOMORROW,
    Web,
    ask_dates,
    body,
    cut,
    dates,
    states,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def web() -> Iterator[Web]:
    with Web().running() as running:
        yield running


def test_dates_are_learnt_and_asked_for_again_only_if_they_changed(
    web: Web, tmp_path: Path
) -> None:
    twelve = {"name": "12", "isEol": True, "eolFrom": None, "latest": None}
    sid = {"name": "14", "isEol": False, "eolFrom": None, "latest": None}
    web.product("debian", body(dates(sid, THIRTEEN, twelve), headers={"ETag": '"v1"'}))
    result = ask_dates(web, tmp_path)
    assert states(result)["Debian"] == "refreshed"
    product = known_bases(tmp_path, TODAY).products["Debian"]
    assert set(product.releases) == {"13", "14"}  # nobody knows when 12 ended
    assert product.releases["13"].ends == date(2028, 8, 10)
    assert product.releases["13"].extended == date(2030, 6, 30)
    assert product.releases["13"].latest == "13.7"
    assert product.releases["14"].ends is None
    assert states(ask_dates(web, tmp_path))["Debian"] == "fresh"
    assert states(ask_dates(web, tmp_path, TOMORROW))["Debian"] == "unchanged"
    assert [tag for _, tag in web.asked] == [None, '"v1"']
    assert known_bases(tmp_path, TOMORROW).products["Debian"].seen == TOMORROW


def test_paid_extensions_do_not_count(web: Web, tmp_path: Path) -> None:
    noble = {"name": "24.04", "isEol": False, "eolFrom": "2029-05-31", "eoesFrom": "2036-04-25"}
    web.product("ubuntu", body(dates(noble)))
    base_update(
        ("ubuntu:24.04",),
        data=tmp_path,
        terms=UpdateTerms(dates=web.url, pause_seconds=0.0, mirrors=NOWHERE),
        network=NetOptions(attempts=1, plain_http=frozenset((web.host,))),
    )
    assert known_bases(tmp_path, TODAY).products["Ubuntu"].releases["24.04"].extended is None


_NONSENSE: dict[str, Callable[[Any], object]] = {
    "no JSON": body(b"<html>sorry</html>", "text/html"),
    "empty": body(b""),
    "other shape": body(b'{"result": []}'),
    "no releases": body(dates()),
    "wrong types": body(dates({"name": 13, "isEol": "no"})),
    "no day": body(dates({"name": "13", "isEol": False, "eolFrom": "9999-99-99"})),
    "far day": body(dates({"name": "13", "isEol": False, "eolFrom": "9999-12-31"})),
    "early day": body(dates({"name": "13", "isEol": True, "eolFrom": "0001-01-01"})),
    "escapes": body(dates({"name": "\x1b[31m13\nx", "isEol": False})),
    "surrogates": body(b'{"result": {"releases": [{"name": "\\ud800", "isEol": false}]}}'),
    "deep": body(b"[" * 500_000),
    "huge": body(b" " * 2_200_000 + dates(THIRTEEN)),
    "not UTF-8": body(b'{"result": "\xff\xfe"}'),
    "many": body(dates(*({"name": str(n), "isEol": False} for n in range(1001)))),
    "cut": cut(dates(THIRTEEN)[:40]),
    "500": status(500),
    "404": status(404),
    "loop": status(302, Location="/api/v1/products/debian/"),
    "elsewhere": status(302, Location="http://169.254.169.254/latest/meta-data"),
}


@pytest.mark.parametrize("answer", _NONSENSE.values(), ids=_NONSENSE)
def test_nonsense_is_one_line_and_changes_nothing(
    answer: Callable[[Any], object], web: Web, tmp_path: Path
) -> None:
    web.product("debian", body(dates(THIRTEEN)))
    ask_dates(web, tmp_path)
    before = (tmp_path / FILE).read_bytes()
    web.product("debian", answer)
    (told,) = ask_dates(web, tmp_path, TOMORROW).products
    assert told.state == "failed"
    assert told.why
    assert told.why.isprintable()
    assert (tmp_path / FILE).read_bytes() == before


def test_a_server_that_wants_us_later_is_left_alone(web: Web, tmp_path: Path) -> None:
    for product in dated_products():
        web.product(product.page, status(429, Retry_After="3600"))
    result = base_update(
        ("python:3.13-slim", "node:24-slim"),
        data=tmp_path,
        terms=UpdateTerms(dates=web.url, pause_seconds=0.0, mirrors=NOWHERE),
        network=NetOptions(attempts=2, plain_http=frozenset((web.host,))),
    )
    kinds = [x.state for x in result.products]
    assert kinds[0] == "failed"
    assert set(kinds[1:]) == {"left"}
    assert len(web.asked) == 1
    assert "Come again in" in str(result.products[1].why)


def test_a_server_that_wants_us_a_little_later_is_asked_again(web: Web, tmp_path: Path) -> None:
    calls = []

    def answer(handler: Any) -> None:
        calls.append(1)
        (status(429, Retry_After="0") if len(calls) == 1 else body(dates(THIRTEEN)))(handler)

    web.product("debian", answer)
    assert states(ask_dates(web, tmp_path))["Debian"] == "refreshed"


class Says:
    """A client whose every answer is the same."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def get(self, url: str, **_: object) -> Response:
        return Response(url, 200, {}, self.data)


_KEYS = st.sampled_from(("name", "isEol", "eolFrom", "eoesFrom", "latest", "releases", "result"))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=20,
)
_RELEASES = st.fixed_dictionaries(
    {"name": st.text() | st.just("13"), "isEol": st.booleans() | _JSON},
    optional={"eolFrom": _JSON, "eoesFrom": _JSON, "latest": _JSON},
)


@given(
    document=st.lists(_RELEASES).map(lambda found: {"result": {"releases": found}}) | _JSON,
    garbled=st.none() | st.binary(max_size=3),
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_said_of_dates_is_kept_or_refused(document: object, garbled: bytes) -> None:
    data = json.dumps(document).encode() + (garbled or b"")
    place = DatesPlace(url="https://d", host="d", client=Says(data))  # type: ignore[arg-type]  # asked for `get` alone
    product = dated_products()[1]
    try:
        found = ask_dates_of(product, None, place, Manners(1, 0.0), TODAY)
    except CorruptInputError as problem:
        refused = str(problem)
    else:
        refused = ""
        assert msgspec.json.decode(msgspec.json.encode(found), type=RefreshedProduct) == found
        assert all(one.ends is None or one.ends.year < 2100 for one in found.releases.values())
    assert refused.isprintable()
