"""Small chunks, so that small layers have several."""

from __future__ import annotations

import pytest

from lightship.transports.registry import uploading

from .uploads import CHUNK


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "CHUNK_BYTES", CHUNK)
    monkeypatch.setattr(uploading, "SMALLER_CHUNKS", (10_000, 1_000))
