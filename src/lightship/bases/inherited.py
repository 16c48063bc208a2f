"""What of an image's settings is the application's own, and what it has from its old base.

A new base changes what is inherited, and nothing else. Docker's reference of the Dockerfile: of ENV
and of each other instruction the last one holds, a base's below the image's own; an ENTRYPOINT
resets a CMD of the base. Two things tell them apart: the old base's config, where somebody looked
into it, and the instructions that the history has above the base.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.analysis.instructions import map_history
from lightship.analysis.run_settings import RunSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.bases.inside import Inside
    from lightship.model.documents import HistoryEntry

# The builders' spellings: Docker's classic one, buildah's; BuildKit and kaniko write no prefix.
_INSTRUCTION = re.compile(
    r"(?:/bin/sh -c #\(nop\)\s+)?"
    r"(CMD|ENTRYPOINT|ENV|HEALTHCHECK|STOPSIGNAL|USER|WORKDIR)\s(.*)",
    re.DOTALL,
)
# Go's %q of a list and JSON write words alike, but for what does not print.
# One that does not end takes the rest, so that no text is read twice.
_WORD = re.compile(r'("(?:[^"\\]|\\.)*+)("|\Z)', re.DOTALL)
_VARIABLE = re.compile(r"(?:\A|\s)([^\s=]+)=(\S*)")
USUAL_PATH = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SEARCH_PATHS = (b"PATH", b"LD_LIBRARY_PATH")
_SAME_BUILD = timedelta(hours=1)


class Own(Struct, frozen=True, kw_only=True):
    """Which settings the application makes itself; all of them where nobody can tell.

    Attributes:
        is_told: whether anything tells what is inherited.
        is_certain: whether the old base's end in the history is known exactly, or its config.
        is_entrypoint_told: whether the entrypoint is certainly the application's, or the base's.
        variables: names that it sets, or may set.
        maybe: those of them that its old base may set instead.
        base_paths: the values of search paths in the old base, as far as they are known.
    """

    is_told: bool
    is_certain: bool = False
    is_entrypoint_told: bool = False
    variables: frozenset[bytes]
    maybe: frozenset[bytes] = frozenset()
    entrypoint: bool = True
    command: bool = True
    user: bool = True
    working_directory: bool = True
    healthcheck: bool = True
    stop_signal: bool = True
    base_paths: dict[bytes, bytes] = field(default_factory=dict)


def own_settings(inside: Inside) -> Own:
    """Tell an image's own settings from those of its base.

    Entries between the base's last layer and the first one above it may be either's. They are the
    base's where that is known by their number, or where an hour lies between them and the next
    one; otherwise they count as the application's. So does a command that no instruction of the
    base explains: tools change configs without a word in the history.
    """
    ours, base = inside.settings, inside.base_settings
    edge = _edge(inside)
    if base is None and edge is None:
        every = frozenset(ours.environment)
        return Own(is_told=False, variables=every, maybe=every)
    below, above, sure = _Written(), _Written(), _Written()
    if edge is not None:
        below.read(inside.history[: edge.entry])
        above.read(inside.history[edge.entry :])
        sure.read(inside.history[edge.sure :])
    inherited = base or below.settings(ours)
    was = inherited.environment
    differs = {one for one, value in ours.environment.items() if was.get(one) != value}
    certain = sure.variables.keys() & ours.environment.keys()
    if base is not None:
        certain |= differs
    maybe = (differs | above.variables.keys() & ours.environment.keys()) - certain
    entrypoint = "ENTRYPOINT" in above.last or ours.entrypoint != inherited.entrypoint
    command = "CMD" in above.last or ours.command != inherited.command
    return Own(
        is_told=True,
        is_certain=base is not None or (edge is not None and edge.is_certain),
        variables=frozenset(maybe | certain),
        maybe=frozenset(maybe),
        entrypoint=entrypoint,
        is_entrypoint_told=base is not None or not entrypoint or "ENTRYPOINT" in sure.last,
        command=command or entrypoint,
        user="USER" in above.last or ours.user != inherited.user,
        working_directory="WORKDIR" in above.last
        or ours.working_directory != inherited.working_directory,
        healthcheck="HEALTHCHECK" in above.last or ours.healthcheck != inherited.healthcheck,
        stop_signal="STOPSIGNAL" in above.last or ours.stop_signal != inherited.stop_signal,
        base_paths={one: was[one] for one in SEARCH_PATHS if one in was},
    )


class _Edge(Struct, frozen=True):
    """The first entry of a history that may not be the base's, and that certainly is not."""

    entry: int
    sure: int

    @property
    def is_certain(self) -> bool:
        return self.entry == self.sure


def _edge(inside: Inside) -> _Edge | None:
    layers, history = inside.base_layers, inside.history
    if layers is None or not history:
        return None
    found = map_history(history, [len(scan.index) for scan in inside.scans])
    ends = [-1, *(one for one in found.entries if one is not None), len(history)]
    if found.guessed or layers + 1 >= len(ends):
        return None
    first, last = ends[layers] + 1, ends[layers + 1]
    if inside.base_entries is not None and first <= inside.base_entries <= last:
        return _Edge(inside.base_entries, inside.base_entries)
    for number in range(max(first, 1), min(last + 1, len(history))):
        before, after = _time(history[number - 1]), _time(history[number])
        if before is not None and after is not None and after - before >= _SAME_BUILD:
            return _Edge(number, number)
    return _Edge(first, last)


def _time(entry: HistoryEntry) -> datetime | None:
    try:
        time = datetime.fromisoformat(entry.created or "")
    except ValueError:
        return None
    return time if time.tzinfo else None


class _Written:
    """What instructions set: the last of each kind, and variables."""

    def __init__(self) -> None:
        self.last: dict[str, str] = {}
        self.variables: dict[bytes, bytes] = {}

    def read(self, entries: Sequence[HistoryEntry]) -> None:
        for entry in entries:
            match = _INSTRUCTION.match((entry.created_by or "").strip())
            if match is None:
                continue
            kind, rest = match[1], match[2].strip()
            self.last[kind] = rest
            if kind == "ENTRYPOINT":
                # Whether a CMD of the same file stays nobody knows; what is unexplained is own.
                self.last.pop("CMD", None)
            if kind == "ENV":
                self.variables |= {
                    name.encode("utf-8", "surrogatepass"): value.strip("\"'").encode(
                        "utf-8", "surrogatepass"
                    )
                    for name, value in _VARIABLE.findall(rest)
                }

    def settings(self, ours: RunSettings) -> RunSettings:
        """As far as instructions explain them; of what they do not spell out, the image's own."""
        return RunSettings(
            # No builder writes that it sets the usual path.
            environment={b"PATH": USUAL_PATH, **self.variables},
            entrypoint=self._words("ENTRYPOINT"),
            command=self._words("CMD"),
            healthcheck=ours.healthcheck if "HEALTHCHECK" in self.last else (),
            user=self.last.get("USER", ""),
            working_directory=ours.working_directory if "WORKDIR" in self.last else b"/",
            stop_signal=self.last.get("STOPSIGNAL", ""),
        )

    def _words(self, kind: str) -> tuple[bytes, ...]:
        words = []
        for word, end in _WORD.findall(self.last.get(kind, "")):
            try:
                words.append(str(json.loads(word + end)).encode("utf-8", "surrogatepass"))
            except ValueError:
                return ()
        return tuple(words)
