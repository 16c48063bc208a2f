"""Fixtures of the engine tests: one workshop for the whole run, whichever worker asks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from .programs import Lightship
from .workshop import Workshop

if TYPE_CHECKING:
    from .workshop import Built


@pytest.fixture(scope="session")
def lightship(tmp_path_factory: pytest.TempPathFactory) -> Lightship:
    return Lightship(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    if os.geteuid() != 0:
        pytest.skip("a Docker engine started by hand needs root")
    base = tmp_path_factory.getbasetemp()
    return Workshop((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "workshop")


@pytest.fixture(scope="session")
def built(workshop: Workshop) -> dict[str, Built]:
    return workshop.built()
