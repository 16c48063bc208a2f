"""Which bases make sense for an application: what it needs of one, and who offers that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.elf import elves
from lightship.bases.support import support_of_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.application import Application
    from lightship.bases.known import Known
    from lightship.catalogue.base_images import BaseRow, Libc

_VERSION = re.compile(rb"[-.0-9]+$")
_LANGUAGES = {
    b"python": "python",
    b"pypy": "python",
    b"node": "javascript",
    b"nodejs": "javascript",
    b"java": "java",
    b"ruby": "ruby",
    b"php": "php",
    b"php-fpm": "php",
    b"perl": "perl",
    b"R": "r",
    b"Rscript": "r",
    b"julia": "julia",
    b"dotnet": "dotnet",
    b"erl": "erlang",
}
_GLIBC, _MUSL = b"/ld-linux", b"/ld-musl"


class Wants(Struct, frozen=True, kw_only=True):
    """What an application wants of a base.

    Attributes:
        languages: whose runtime it runs and does not carry.
        carries: languages whose runtime it carries.
        libc: that its programs were linked with; None where none of them needs one.
        may_be_static: whether nobody has looked: its programs may need no C library.
        is_bare: whether a base without any system may do: nothing but static programs is run.
    """

    languages: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    libc: Libc | None = None
    may_be_static: bool = False
    is_bare: bool = False

    @property
    def says(self) -> str:
        """In one sentence without a full stop."""
        if self.is_bare:
            return "The application runs static programs of its own: any base may do"
        linked = f", linked with {self.libc}," if self.libc else ""
        if self.languages:
            return f"The application needs {' and '.join(self.languages)} of its base"
        carried = f" and {' and '.join(self.carries)}" if self.carries else ""
        return f"The application brings its programs{carried}{linked} along: it needs a system"


class Choice(Struct, frozen=True):
    """Rows of the catalogue that make sense, and what was left out, one sentence each."""

    rows: tuple[BaseRow, ...]
    left_out: tuple[str, ...]


def wants_of(application: Application) -> Wants:
    """What an application wants of a base, by what its command runs."""
    owned: list[bytes] = []
    carried: list[bytes] = []
    for file in application.entrypoint.files:
        (carried if file.record in application.carried else owned).append(file.path)
    libc = _libc(application)
    return Wants(
        languages=_languages(owned),
        carries=_languages(carried),
        libc=libc,
        is_bare=bool(carried) and not owned and libc is None,
    )


def _languages(paths: Iterable[bytes]) -> tuple[str, ...]:
    names = (path.rpartition(b"/")[2] for path in paths)
    found = (_LANGUAGES.get(_VERSION.sub(b"", name) or name) for name in names)
    return tuple(dict.fromkeys(filter(None, found)))


def _libc(application: Application) -> Libc | None:
    for file in elves(application.inside.ledger.records):
        if file.record not in application.carried:
            continue
        if _MUSL in file.elf.interpreter or any(b"libc.musl" in one for one in file.elf.needed):
            return "musl"
        if _GLIBC in file.elf.interpreter or b"libc.so.6" in file.elf.needed:
            return "glibc"
    return None


def choose(
    wants: Wants,
    known: Known,
    platform: str,
    *,
    language: str | None = None,
    any_libc: bool = False,
) -> Choice:
    """Take the rows that make sense for an application.

    Args:
        wants: of the application.
        known: the catalogue.
        platform: that the application is for.
        language: take the rows for it, whatever the application runs.
        any_libc: take also those whose C library the application's programs are not linked with.
    """
    every = _fitting(wants, known, language)
    left_out = []
    rows = every if language else tuple(row for row in every if _is_plain(row, known))
    if len(rows) < len(every):
        left_out.append(
            f"{_bases(len(every) - len(rows))} made for something in that language, not for the "
            "language itself (--for judges them)"
        )
    supported = [row for row in rows if not _is_over(row, known)]
    if len(supported) < len(rows):
        left_out.append(f"{_bases(len(rows) - len(supported))} whose support has ended")
    there = [row for row in supported if not row.platforms or platform in row.platforms]
    if len(there) < len(supported):
        left_out.append(f"{_bases(len(supported) - len(there))} not made for {platform}")
    if any_libc or wants.libc is None:
        return Choice(tuple(there), tuple(left_out))
    fitting = {wants.libc, None, *(("none",) if wants.may_be_static else ())}
    same = [row for row in there if row.libc in fitting]
    if len(same) < len(there):
        left_out.append(
            f"{_bases(len(there) - len(same))} without {wants.libc}, which the application's "
            "programs are linked with (--any-libc judges them)"
        )
    return Choice(tuple(same), tuple(left_out))


def _bases(count: int) -> str:
    return f"{count} base{'' if count == 1 else 's'}"


def _fitting(wants: Wants, known: Known, language: str | None) -> tuple[BaseRow, ...]:
    if language is not None:
        return known.for_language(language)
    if wants.languages:
        needed = set(wants.languages)
        return tuple(row for row in known.rows if needed <= set(row.languages))
    carried = set(wants.carries)
    return tuple(row for row in known.rows if row.kind == "system" or carried & set(row.languages))


def _is_plain(row: BaseRow, known: Known) -> bool:
    """Whether a base is made for its language itself, and not for what is written in it.

    Its releases are known as a product's, or it is called after the language.
    """
    if not row.languages or support_of_row(row, known).product is not None:
        return True
    return any(language in row.image for language in row.languages)


def _is_over(row: BaseRow, known: Known) -> bool:
    support = support_of_row(row, known)
    return any(one.state == "ended" for one in (support.system, support.product) if one)
