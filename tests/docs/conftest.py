from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"


@pytest.fixture(scope="session")
def write_docs() -> ModuleType:
    """tools/write_docs.py as a module; it is a program, and in no package."""
    return _program("write_docs")


@pytest.fixture(scope="session")
def write_rules() -> ModuleType:
    """tools/write_rules.py, likewise."""
    return _program("write_rules")


def _program(name: str) -> ModuleType:
    if str(TOOLS) not in sys.path:
        sys.path.insert(0, str(TOOLS))
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def examples(write_docs: ModuleType) -> Iterator[Path]:
    """The example images, in what is the working directory meanwhile."""
    with write_docs.examples() as directory:
        yield directory
