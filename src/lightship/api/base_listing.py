"""`base list`: the bases that are known, with what is known of each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from lightship.bases.known import known_bases
from lightship.bases.listing import Order, Wanted, in_order, listed
from lightship.errors import UsageError
from lightship.model.platform import Platform
from lightship.model.results.base_list import BaseListResult

if TYPE_CHECKING:
    from pathlib import Path


def base_list(
    *,
    language: str | None = None,
    system: str | None = None,
    libc: str | None = None,
    max_wire_bytes: int | None = None,
    order: Order = "bytes",
    platform: str | None = None,
    data: Path | None = None,
    today: date | None = None,
) -> BaseListResult:
    """List the bases that are known. Nothing is opened, and no server is asked.

    Args:
        language: only bases for programs in it: `python`, `golang`.
        system: only those of a distribution, or of one release of it: `debian`, `debian 13`.
        libc: only those with this C library: `glibc`, `musl`, `none`.
        max_wire_bytes: only those that are no bigger, compressed.
        order: `bytes` smallest first, `age` youngest first, `support` longest first, `name`.
        platform: that sizes are for; None for this machine's.
        data: the user's data folder, with what `base update` learnt; None for none.
        today: the day by which facts are stale and support has ended.

    Raises:
        UsageError: there are no bases for that language, or of that distribution.
    """
    known = known_bases(data, today or datetime.now(UTC).date())
    wanted = Wanted(language=language, system=system, libc=libc, max_wire_bytes=max_wire_bytes)
    if language is not None and not known.for_language(language):
        raise UsageError(
            f"no base is known for {language!r}", f"Known are {', '.join(known.languages)}."
        )
    on = platform or str(Platform.here())
    found, unsized = listed(known, wanted, on)
    if system is not None and not listed(known, Wanted(system=system), on)[0]:
        names = sorted({row.system.split()[0] for row in known.rows if row.system})
        raise UsageError(f"no base is known of {system!r}", f"Known are {', '.join(names)}.")
    return BaseListResult(
        platform=on,
        today=known.today.isoformat(),
        bases=tuple(in_order(found, order)),
        known=len(known.rows),
        unsized=unsized,
        warnings=known.notes,
    )
