"""A process that has many files open reads a program's output all the same."""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

import pytest

from lightship.engines.running import whole_output

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def many_open() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.fail(f"this test opens 1,200 files, and only {hard} may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1200)]
    try:
        yield
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_open")
def test_a_program_is_read_beyond_1024_descriptors() -> None:
    said = whole_output(["echo", "read"], os.environ, limit=100, stall_seconds=30)
    assert said == b"read\n"
