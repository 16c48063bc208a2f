"""What must be captured of an image's files so that bases can be judged."""

from __future__ import annotations

from functools import cache

from lightship.analysis.accounts import account_requests
from lightship.analysis.categories import category_requests
from lightship.analysis.elf_symbols import symbol_requests
from lightship.analysis.entrypoint import entrypoint_requests
from lightship.analysis.java_classes import java_requests
from lightship.analysis.os_release import os_release_requests
from lightship.analysis.packages.systems import package_requests
from lightship.analysis.python_imports import python_import_requests
from lightship.analysis.runtime_versions import runtime_requests
from lightship.analysis.source_words import source_requests
from lightship.layers.captures import Captures


@cache
def captures() -> Captures:
    """All of it, asked for once."""
    requests = (
        *package_requests(),
        *category_requests(),
        *entrypoint_requests(),
        *symbol_requests(),
        *os_release_requests(),
        *account_requests(),
        *source_requests(),
        *python_import_requests(),
        *java_requests(),
        *runtime_requests(),
    )
    return Captures(tuple({request.name: request for request in requests}.values()))
