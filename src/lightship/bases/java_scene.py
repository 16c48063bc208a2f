"""Java in a move: its program, its version, and the archive that it runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.lookup import joined
from lightship.analysis.runtime_versions import runtime_versions

if TYPE_CHECKING:
    from lightship.analysis.lookup import FoundFile
    from lightship.analysis.runtime_versions import RuntimeVersion
    from lightship.bases.scene import Scene
    from lightship.bases.started import Step

JAVA = re.compile(rb"java")


def java_version(scene: Scene, program: FoundFile) -> RuntimeVersion | None:
    """What the `release` file beside a runtime says; None without one."""
    folder = program.path.rpartition(b"/")[0].rpartition(b"/")[0]
    said = runtime_versions(scene.records)
    for place in (folder, folder.rpartition(b"/")[0]):  # a JDK of Java 8 has its JRE in `jre`
        file = scene.lookup.file(place + b"/release")
        if file is not None and file.path in said:
            return said[file.path]
    return None


def archive_of(scene: Scene, step: Step) -> FoundFile | None:
    """The archive that `java -jar` runs."""
    words = [*scene.settings.entrypoint, *scene.settings.command]
    if not words or words[0] != step.word or b"-jar" not in words[:-1]:
        return None
    name = words[words.index(b"-jar") + 1]
    return scene.lookup.file(joined(scene.settings.working_directory, name))
