"""Whether time zones and locales that the application asks for are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.dockerfile_words import copied
from lightship.bases.reasoning import listed, reason, text_of
from lightship.bases.speaking import speakers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_ZONES = b"usr/share/zoneinfo"
_LOCALES = b"usr/lib/locale"
_SPOKEN = frozenset((b"/usr/share/zoneinfo",))
_LANGUAGES = (b"python", b"ruby", b"php")
_EVERYWHERE = (b"", b"C", b"POSIX", b"C.UTF-8", b"C.utf8")
_UNIVERSAL = (b"", b"UTC", b"UTC0", b"Etc/UTC", b"GMT")


def judge(move: Move) -> Iterator[Reason]:
    """Zones are carried; a locale is built by each system in its own way."""
    if move.landing is None:
        return
    yield from _zones(move, move.landing)
    yield from _locale(move, move.landing)


def _zones(move: Move, landing: Landing) -> Iterator[Reason]:
    now = move.application.scene
    zone = landing.settings.environment.get(b"TZ", b"").lstrip(b":")
    asking = speakers(move.application, _SPOKEN, languages=_LANGUAGES, topic=b"zones")
    if zone not in _UNIVERSAL:
        asking.insert(0, f"TZ={text_of(zone)}")
    directory = now.lookup.directory(_ZONES)
    if not asking or directory is None or landing.lookup.directory(_ZONES) is not None:
        return
    yield reason(
        "zones",
        "carry",
        "it has no data of time zones",
        evidence=listed(asking),
        todo=copied(move.application.inside, "/" + _ZONES.decode()),
    )


def _locale(move: Move, landing: Landing) -> Iterator[Reason]:
    environment = landing.settings.environment
    wanted = next(
        (environment[name] for name in (b"LC_ALL", b"LC_CTYPE", b"LANG") if environment.get(name)),
        b"",
    )
    now = move.application.scene.lookup.directory(_LOCALES)
    if wanted in _EVERYWHERE or now is None:
        return
    there = landing.lookup.directory(_LOCALES)
    archives = [one.children for one in (now, there) if one is not None]
    names = [
        [name for name in one if name == b"locale-archive" or _same(name, wanted)]
        for one in archives
    ]
    if names[0] and not (names[1:] and names[1]):
        yield reason(
            "zones",
            "unproven",
            f"the locale {text_of(wanted)} that its environment asks for is not there",
        )


def _same(name: bytes, wanted: bytes) -> bool:
    return _plain(name) == _plain(wanted)


def _plain(name: bytes) -> bytes:
    return name.lower().replace(b"-", b"")
