"""What Docker's own code answered, and ignore files made of text."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher

_DATA = Path(__file__).parent / "data"


@cache
def table() -> Any:
    return json.loads((_DATA / "dockerignore_cases.json").read_bytes())


@cache
def random_files() -> Any:
    data = gzip.decompress((_DATA / "patternmatcher_random.json.gz").read_bytes())
    return json.loads(data)["cases"]


def content_of(case: Any) -> bytes:
    text = case["file"] if "file" in case else "\n".join(case["patterns"])
    return str(text).encode("utf-8", "surrogateescape")


def matcher_of(*lines: str) -> Matcher:
    return Matcher(read_ignore_file("\n".join(lines).encode("utf-8", "surrogateescape")).patterns)
