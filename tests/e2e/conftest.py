"""Fixtures of the engine tests: one workshop for the whole run, whichever worker asks."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .dive_program import install_dive
from .programs import Lightship
from .shop import opened
from .workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .shop import Shop
    from .workshop import Built

_TESTS = str(Path(__file__).resolve().parent.parent)
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)


@pytest.fixture(scope="session")
def dive_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real dive."""
    return install_dive(tmp_path_factory.mktemp("dive"))


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


@pytest.fixture(scope="module")
def shop(workshop: Workshop) -> Iterator[Shop]:
    """The real images. It has the workshop to itself: nothing else may ask for that meanwhile."""
    with opened(workshop) as made:
        yield made
