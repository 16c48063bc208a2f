"""Whether the base's Ruby is the one that the application's gems were built for.

RubyGems keeps what it built in `extensions/PLATFORM/API` and gems in `ruby/API`, where API is
Ruby's version with a last number of 0 (`RbConfig`'s `ruby_version`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.bases.runtime_folders import Language, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_RUBY = Language(
    kind="ruby_runtime",
    name="Ruby",
    program=re.compile(rb"ruby[\d.]*"),
    version=re.compile(
        rb"/ruby/(?:[a-z_]+/)?(\d\.\d{1,2}\.\d)/|/extensions/[^/]+/(\d\.\d{1,2}\.\d)[^/]*/"
    ),
    places=(b"usr/local/lib/ruby", b"usr/lib/ruby", b"usr/share/ruby", b"opt/ruby/lib/ruby"),
    installed=re.compile(rb"(\d\.\d{1,2}\.\d)\Z"),
)


def judge(move: Move) -> Iterator[Reason]:
    """By the API's version in the names of folders."""
    yield from judged(move, _RUBY)
