"""Whether the native libraries in Java archives were made for the base's C library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.java_classes import java_archives
from lightship.bases.extensions import base_libc, program_libc
from lightship.bases.java_scene import JAVA
from lightship.bases.reasoning import listed, reason, text_of
from lightship.bases.runtimes import runtimes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "java_natives"


def judge(move: Move) -> Iterator[Reason]:
    """Only where the C library changes: an archive without a library for it leaves a doubt."""
    found = runtimes_of(move, JAVA)
    if found is None or (move.landing is not None and found.there is None):
        return
    scene = move.application.scene
    libc = base_libc(move, found.there.record if found.there is not None else None)
    if libc == program_libc(scene, found.now.record):
        return
    if libc is None:
        yield reason(_KIND, "unproven", "which C library its Java has is not known")
        return
    archives = java_archives(scene.records)
    carried = move.application.carried
    wrong, nested = [], []
    for one in scene.records.of("java-classes"):
        known = archives.get(one.record)
        if known is None or one.record not in carried:
            continue
        libcs = {made_for for _, made_for in known.natives if made_for}
        if libcs and libc not in libcs:
            wrong.append(f"{text_of(one.path)}: {known.natives[0][0]}")
        if known.has_nested:
            nested.append(text_of(one.path))
    other = "glibc" if libc == "musl" else "musl"
    if wrong:
        count = "1 archive has" if len(wrong) == 1 else f"{len(wrong)} archives have"
        says = f"{count} native libraries for {other} alone, which a Java of {libc} does not load"
        yield reason(_KIND, "unproven", says, evidence=listed(wrong))
    if nested:
        says = f"archives within archives may have native libraries for {other}: nobody looked"
        yield reason(_KIND, "unproven", says, evidence=listed(nested))
