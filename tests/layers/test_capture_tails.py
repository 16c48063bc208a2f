"""Heads and tails that readers are given, whatever pieces the stream comes in."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from layers.scanned import scan
from lightship.layers.captures import CaptureRequest, Captures, Content


def _extract(content: Content) -> bytes:
    return msgspec.msgpack.encode((bytes(content.head), content.tail))


def _request(name: str, head_bytes: int, tail_bytes: int) -> CaptureRequest:
    return CaptureRequest(
        name=name,
        version=1,
        basenames=frozenset((b"f",)),
        head_bytes=head_bytes,
        tail_bytes=tail_bytes,
        extract=_extract,
    )


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=3),
    st.integers(0, 90),
    st.sampled_from((1, 7, 512, 4096)),
)
def test_heads_and_tails(sizes: list[tuple[int, int]], length: int, chunk: int) -> None:
    content = bytes(range(length))
    requests = tuple(_request(str(at), head, tail) for at, (head, tail) in enumerate(sizes))
    index = scan({"f": content}, chunk, Captures(requests))
    (extracts,) = index.rarities.captures.values()
    for at, (head, tail) in enumerate(sizes):
        wanted = content[-tail:] if tail and head < length else b""
        assert msgspec.msgpack.decode(extracts[str(at)]) == [content[:head], wanted]
