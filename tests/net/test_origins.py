"""URLs taken apart, and shown without what they keep secret."""

from __future__ import annotations

import contextlib
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import UnreachableError
from lightship.net.addresses import Guard, is_loopback, literal
from lightship.net.origins import names_host, parse_target, relative_target


@pytest.mark.parametrize(
    ("url", "shown", "request_target"),
    [
        ("https://Example.COM", "https://example.com/", "/"),
        ("https://example.com:443/a", "https://example.com/a", "/a"),
        ("http://example.com:443/a", "http://example.com:443/a", "/a"),
        ("https://example.com/v2/?n=1&sig=x#f", "https://example.com/v2/", "/v2/?n=1&sig=x"),
        ("https://[::1]:5000/a%2Fb", "https://[::1]:5000/a%2Fb", "/a%2Fb"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%FC", "/%FC"),
        ("https://example.com?a=1", "https://example.com/", "/?a=1"),
        ("https://my_host.:80/", "https://my_host.:80/", "/"),
    ],
)
def test_parts(url: str, shown: str, request_target: str) -> None:
    target = parse_target(url)
    assert (str(target), target.request) == (shown, request_target)
    assert repr(target) == f"Target({shown})"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/a",
        "//example.com/a",
        "https:///a",
        "https://",
        "https:a",
        "https://a:b/",
        "https://a:0/",
        "https://a:65536/",
        "https://a b/",
        "https://a/b c",
        "https://a/\r\nX: y",
        "https://a\\b/",
        "https://[::1/",
        "https://[zz]/",
        "https://%61/",
        "https://-a/",
        "https://a..%00/",
        "https://user@a/",
        "https://user:hush@a/",
        "https://a:hush@b:c/",
        "ftp://a/",
        "javascript:hush",
    ],
)
def test_what_is_no_url_for_us(url: str) -> None:
    with pytest.raises(UnreachableError) as caught:
        parse_target(url)
    assert "user:hush" not in str(caught.value)


@given(st.text(st.characters(codec="utf-8"), max_size=20), st.sampled_from(["?", "#", "@"]))
def test_nothing_behind_a_question_mark_is_shown(text: str, where: str) -> None:
    if where == "@":
        text = text.translate(dict.fromkeys(map(ord, "/?#")))  # behind those it is no user
    url = f"https://{text}hush@host/" if where == "@" else f"https://host/{where}{text}hush"
    with contextlib.suppress(UnreachableError):
        assert "hush" not in f"{parse_target(url)} {parse_target(url)!r}"
        return
    with pytest.raises(UnreachableError) as caught:
        parse_target(url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b", "https://a.example/b"),
        ("b", "https://a.example/v2/b"),
        ("//c.example/b", "https://c.example/b"),
        ("https://c.example", "https://c.example/"),
        ("?n=2", "https://a.example/v2/x"),
        ("../../../b", "https://a.example/b"),
    ],
)
def test_a_location_is_relative_to_what_was_asked(location: str, url: str) -> None:
    assert str(relative_target(parse_target("https://a.example/v2/x?n=1"), location)) == url


@pytest.mark.parametrize(
    ("allowed", "url", "named"),
    [
        ("a.example", "http://a.example/", True),
        ("a.example", "http://a.example:5000/", True),
        ("a.example:5000", "http://a.example:5000/", True),
        ("A.Example:5000", "http://a.example:5000/", True),
        ("a.example:5000", "http://a.example/", False),
        ("a.example:80", "http://a.example/", True),
        ("example", "http://a.example/", False),
        ("b.a.example", "http://a.example/", False),
        ("[::1]:5000", "http://[::1]:5000/", True),
        ("::1", "http://[::1]:5000/", True),
        ("", "http://a.example/", False),
    ],
)
def test_hosts_that_were_named(allowed: str, url: str, named: bool) -> None:
    assert names_host(parse_target(url).origin, frozenset({allowed})) == named


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0177.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("0", "0.0.0.0"),  # noqa: S104
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("example.com", None),
        ("1.2.3.4.5", None),
        ("0x7g", None),
        ("999.1.1.1", None),
        ("", None),
    ],
)
def test_addresses_in_any_spelling(host: str, address: str | None) -> None:
    assert literal(host) == (ip_address(address) if address else None)


@pytest.mark.parametrize(
    ("address", "local", "refused"),
    [
        ("127.0.0.1", True, True),
        ("::1", True, True),
        ("::ffff:127.0.0.1", True, True),
        ("64:ff9b::127.0.0.1", True, True),
        ("10.0.0.1", False, False),
        ("192.168.1.1", False, False),
        ("8.8.8.8", False, False),
        ("2001:db8::1", False, False),
        ("fd12::1", False, False),
        ("169.254.1.1", False, True),
        ("::ffff:169.254.169.254", False, True),
        ("fe80::1", False, True),
        ("0.0.0.0", False, True),  # noqa: S104
        ("0.1.2.3", False, True),
        ("::", False, True),
        ("239.1.1.1", False, True),
        ("ff05::1", False, True),
        ("255.255.255.255", False, True),
        ("100.100.100.200", False, True),
        ("100.100.100.201", False, False),
    ],
)
def test_addresses_that_nobody_sends_us_to(address: str, local: bool, refused: bool) -> None:
    found = ip_address(address)
    assert is_loopback(found) == local
    assert (Guard.FROM_AFAR.refuses(found) is not None) == refused
    assert (Guard.FROM_HERE.refuses(found) is not None) == (refused and not local)
    assert Guard.NONE.refuses(found) is None
