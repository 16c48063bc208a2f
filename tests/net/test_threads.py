"""Several threads with one client, and what importing it costs."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from net.serving import Request, Server, answer, client, options

if TYPE_CHECKING:
    import socket

    from net.certificates import Authority, Tls

BLOBS = [random.Random(n).randbytes(200_000 + n) for n in range(8)]  # noqa: S311 - any bytes do


def blob(request: Request, sock: socket.socket) -> bool:
    body = BLOBS[int(request.target[1:])]
    if request.offset:
        where = f"bytes {request.offset}-{len(body) - 1}/{len(body)}"
        sock.sendall(answer(body[request.offset :], 206, Content_Range=where))
        return True
    if len(body) % 2:
        sock.sendall(answer(body[:50_000], length=len(body)))
        return False
    sock.sendall(answer(body))
    return True


@pytest.mark.parametrize("secure", [True, False])
def test_four_threads_read_at_once(secure: bool, authority: Authority, tls: Tls) -> None:
    with (
        Server(blob, tls=tls if secure else None) as server,
        client(options(ca_file=authority.certificate, stall_seconds=20.0)) as asking,
    ):

        def read(number: int) -> str:
            with asking.open(f"{server.url}/{number}", expected_bytes=len(BLOBS[number])) as body:
                return hashlib.sha256(body.read()).hexdigest()

        with ThreadPoolExecutor(4) as threads:
            digests = list(threads.map(read, [*range(8), *range(8)]))
    assert digests == [hashlib.sha256(body).hexdigest() for body in BLOBS] * 2
    assert len(server.requests) == 16 + 8
    assert server.connections <= 4 + 8


@pytest.mark.parametrize("module", ["options", "client", "secret", "answers", "errors"])
def test_importing_takes_no_http_library_along(module: str) -> None:
    program = (
        f"import sys, lightship.net.{module};"
        "print(*sorted({'urllib3', 'http.client', 'ssl', 'socket', 'email'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []
