"""Whether the base's PHP is the one that the application's extensions were built for.

Extensions live in a folder of the day of the Zend module API (`ZEND_MODULE_API_NO`):
`extensions/no-debug-non-zts-20230831`, in Debian `/usr/lib/php/20230831`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.bases.runtime_folders import Language, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_PHP = Language(
    kind="php_runtime",
    name="PHP of the API",
    program=re.compile(rb"php(?:-fpm)?[\d.]*"),
    version=re.compile(rb"/php/(?:extensions/)?((?:[a-z]+-[a-z-]*zts-)?20\d{6})/"),
    places=(b"usr/local/lib/php/extensions", b"usr/lib/php"),
    installed=re.compile(rb"((?:[a-z]+-[a-z-]*zts-)?20\d{6})\Z"),
)


def judge(move: Move) -> Iterator[Reason]:
    """By the API in the names of folders."""
    yield from judged(move, _PHP)
