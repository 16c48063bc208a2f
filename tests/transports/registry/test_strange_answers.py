"""Registries that answer anything to anything: one clear error, or all is there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.errors import DestinationError, LightshipError

from .pretended_registry import Asked, Pretended, Reply, pretending
from .stagings import CONFIG, digest_of, image, staging_in
from .uploads import DATA, Bytes

STATUSES = st.sampled_from(
    (200, 201, 202, 204, 206, 301, 307, 400, 401, 403, 404, 405, 409, 413, 416, 429, 500, 503, 507)
)
LOCATIONS = st.sampled_from(
    ("", "/", "/v2/a/b/blobs/uploads/s0", "uploads/x", "http://127.0.0.9:1/", "https://localhost/",
     "http://[::", "x" * 300, "?a=b", "//", "ftp://x/", "http://user:pass@127.0.0.1/")
)  # fmt: skip
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Location": LOCATIONS,
        "Range": st.sampled_from(("0-0", "0-9", "0-99999999999999999", "9-0", "bytes=0-5", "x")),
        "Docker-Content-Digest": st.sampled_from((digest_of(b"other"), "sha256:x", "")),
        "OCI-Chunk-Min-Length": st.sampled_from(("1", "50000", "9" * 30, "-1", "x")),
        "WWW-Authenticate": st.sampled_from(("Basic", 'Bearer realm="http://127.0.0.1:1/"', ",")),
        "Retry-After": st.sampled_from(("0", "1", "100000", "x")),
        "Content-Type": st.sampled_from(("application/json", "text/html", "text/plain", "x/y")),
    },
)
BODIES = st.sampled_from(
    (b"", b"{}", b"[]", b"\xff\x00", b"<html>", b'{"errors": [{"code": 1}]}',
     b'{"errors": [{"code": "DENIED", "message": "\\u001b[31m"}]}', b"[" * 5000,
     b'{"manifests": []}', b'{"config": {"digest": "x", "size": 1}, "layers": []}')
)  # fmt: skip
REPLIES = st.builds(Reply, status=STATUSES, headers=HEADERS, body=BODIES)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(strange=st.dictionaries(st.integers(0, 14), REPLIES, min_size=1, max_size=6))
def test_a_push_ends_well_or_in_one_line(strange: dict[int, Reply]) -> None:
    asked = iter(range(10**6))

    def first(_: Asked) -> Reply | None:
        return strange.get(next(asked))

    with pretending(Pretended(first=first)) as registry:
        try:
            staging = staging_in(registry, attempts=2, patience_seconds=0.0)
        except DestinationError as problem:
            check(problem)
            return
        try:
            staging.take(Bytes())
            staging.put(CONFIG)
            done = staging.commit([image()])
        except DestinationError as problem:
            staging.discard()
            check(problem)
        else:
            assert done.digest
        assert len(registry.asked) < 120


def check(problem: LightshipError) -> None:
    text = str(problem)
    assert "\n" not in text
    assert "\x1b" not in text
    assert "user:pass" not in text
    assert problem.exit_code == 5


def test_what_is_said_to_be_there_is_looked_at_no_further() -> None:
    """A registry that lies about what it has can be told by nobody who pushes."""
    lying = Pretended(first=lambda asked: Reply(200) if asked.method == "HEAD" else None)
    with pretending(lying) as registry:
        staging = staging_in(registry)
        staging.take(Bytes(DATA))
        staging.commit([image()])
    assert not registry.received
