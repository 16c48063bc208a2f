"""Accounts as an image has them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.recorded import records_of
from lightship.analysis.accounts import Accounts, User, account_requests, accounts_of


def read(passwd: bytes, group: bytes = b"") -> Accounts:
    layer = {"etc/passwd": passwd, "etc/group": group}
    return accounts_of(records_of(layer, requests=account_requests()))


def test_users_and_groups() -> None:
    found = read(
        b"root:x:0:0:root:/root:/bin/sh\napp:x:7:8::/app:\n", b"root:x:0:\nstaff:x:50:a,b\n"
    )
    assert found.users == {b"root": User(0, 0, b"/root"), b"app": User(7, 8, b"/app")}
    assert found.groups == {b"root": 0, b"staff": 50}
    assert found.is_known


def test_of_a_name_given_twice_the_first_counts() -> None:
    assert read(b"a:x:1:1::/:/\na:x:2:2::/:/\n").users == {b"a": User(1, 1, b"/")}


def test_without_the_file_nothing_is_known() -> None:
    assert not accounts_of(records_of({"x": b""}, requests=account_requests())).is_known


@given(st.binary(max_size=300))
def test_any_bytes_are_read(text: bytes) -> None:
    found = read(b"ok:x:1:2::/:/\n" + text, text)
    assert found.users[b"ok"].uid == 1
    assert all(0 <= one.uid < 2**32 for one in found.users.values())
