"""Whether the base's Perl is the one that the application's modules were built for.

Compiled modules live in folders of Perl's version (perlmodinstall(1), Config's `sitearch`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.bases.runtime_folders import Language, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_PERL = Language(
    kind="perl_runtime",
    name="Perl",
    program=re.compile(rb"perl[\d.]*"),
    version=re.compile(rb"/perl5?/(?:[a-z_]+/)?(5\.\d{1,2})(?:\.\d{1,2})?/"),
    places=(
        b"usr/share/perl",
        b"usr/lib/perl5",
        b"usr/share/perl5",
        b"usr/local/lib/perl5",
        b"usr/lib/x86_64-linux-gnu/perl",
        b"usr/lib/aarch64-linux-gnu/perl",
        b"usr/lib/x86_64-linux-gnu/perl-base",
        b"usr/lib/aarch64-linux-gnu/perl-base",
    ),
    installed=re.compile(rb"(5\.\d{1,2})(?:\.\d{1,2})?\Z"),
)


def judge(move: Move) -> Iterator[Reason]:
    """By the version in the names of folders."""
    yield from judged(move, _PERL)
