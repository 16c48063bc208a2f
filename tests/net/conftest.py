"""Lets these tests import each other's helpers, which stand beside them; and certificates."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_TESTS = str(Path(__file__).resolve().parent.parent)
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)

from net.certificates import Authority, Tls  # noqa: E402 - the path first


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "ours")


@pytest.fixture(scope="session")
def tls(authority: Authority) -> Tls:
    return Tls(authority.sign("server"))
