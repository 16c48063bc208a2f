"""Whether the base's Java can run the classes of the application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.java_classes import java_archives
from lightship.bases.java_scene import JAVA, archive_of, java_version
from lightship.bases.reasoning import listed, reason
from lightship.bases.runtimes import is_same, runtimes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.runtime_versions import RuntimeVersion
    from lightship.bases.move import Move
    from lightship.bases.runtimes import Runtimes
    from lightship.model.results.base_verdict import Reason

_KIND = "java_runtime"
_ROW_VERSION = re.compile(r"(\d{1,3})\b")
_TOOLS = re.compile(
    r"jdk\.(?:compiler|jartool|javadoc|jshell|jlink|jpackage|jdeps|jconsole|hotspot\.agent|jstatd"
    r"|jdi|attach|editpad|internal\..*|unsupported\.desktop|jcmd|random|rmic|pack)\Z"
)
"""Modules of a JDK that programs seldom use: a runtime without them is a JRE."""


def judge(move: Move) -> Iterator[Reason]:
    """Classes of a newer Java block; another version or fewer modules leave a doubt."""
    found = runtimes_of(move, JAVA)
    if found is None:
        return
    landing, scene = move.landing, move.application.scene
    if landing is None:
        yield from _by_row(move, found)
        return
    if found.there is None:
        return  # the entrypoint's judge says that it is not there
    now, there = java_version(scene, found.now), java_version(landing, found.there)
    if there is None:
        if not is_same(move, found):
            yield reason(_KIND, "unproven", "which version of Java is there is not known")
        return
    too_new = _too_new(move, found, there.major)
    if too_new is not None:
        yield too_new
    elif now is None:
        yield reason(_KIND, "unproven", "which version of Java runs it now is not known")
    elif now.major != there.major:
        says = f"Java {there.major} would run it, which Java {now.major} runs now"
        yield reason(_KIND, "unproven", says)
    if now is not None:
        yield from _modules(now, there)


def _by_row(move: Move, found: Runtimes) -> Iterator[Reason]:
    row = move.candidate.row
    match = _ROW_VERSION.match(row.version or "") if row and "java" in row.languages else None
    if match is not None:
        too_new = _too_new(move, found, int(match[1]))
        if too_new is not None:
            yield too_new


def _too_new(move: Move, found: Runtimes, major: int) -> Reason | None:
    scene = move.application.scene
    archive = archive_of(scene, found.step)
    known = java_archives(scene.records).get(archive.record) if archive is not None else None
    if archive is None or known is None or known.java <= major:
        return None
    says = f"its main class asks for Java {known.java}, and Java {major} is there"
    return reason(_KIND, "blocks", says, archive.path)


def _modules(now: RuntimeVersion, there: RuntimeVersion) -> Iterator[Reason]:
    if not now.modules or not there.modules:
        return
    lacks = [name for name in now.modules if name not in there.modules and not _TOOLS.match(name)]
    if lacks:
        which = "a module" if len(lacks) == 1 else f"{len(lacks)} modules"
        says = f"its Java lacks {which} that the one now has"
        yield reason(_KIND, "unproven", says, evidence=listed(lacks))
