"""One project built as it is, given an ignore file by `context init`, and built again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightship.api.context_init import context_init
from lightship.api.context_showing import context_show
from lightship.units import parse_bytes

from ..building.bases import needed_by  # noqa: TID252 - as its neighbours
from ..programs import TIMEOUT  # noqa: TID252 - likewise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lightship.model.results.context import InitResult

    from ..building.ground import Ground  # noqa: TID252 - likewise
    from .projects import Project

_SENT = re.compile(r"Sending build context to Docker daemon\s+([\d.]+)([kMG]?B)")
_TRANSFERRED = re.compile(r"^#(\d+) transferring context: ([\d.]+)([kMG]?B)", re.MULTILINE)
_LOADS = re.compile(r"^#(\d+) \[internal\] load build context$", re.MULTILINE)
_PROBE = """\
FROM debian:12-slim
COPY . /sent
CMD ["find", "/sent", "!", "-type", "d", "-printf", "%P\\\\n"]
"""
"""Takes all that it is sent, and tells it."""


@dataclass(frozen=True)
class Built:
    """What one build sent, and what its image says.

    Attributes:
        whole_bytes: of the context as a tar: what the classic builder sends.
        sent_bytes: what BuildKit sent: only what the Dockerfile takes.
        said: what the container's command prints.
        files: that the classic builder and BuildKit were sent, as an image that copies all of the
            context tells.
    """

    whole_bytes: int
    sent_bytes: int
    said: str
    files: tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True)
class Trial:
    """A project before and after.

    Attributes:
        made: the answer of `context init`.
        said_classic: what the image of the classic builder says, with the ignore file; None if
            it was not asked.
        still_sent: paths that were to go, and one of the builders was sent.
        missing: paths that were to stay, and one of the builders was not sent.
        told: what `context show` says of the ignore file.
    """

    project: Project
    made: InitResult
    before: Built
    after: Built
    said_classic: str | None
    still_sent: tuple[str, ...]
    missing: tuple[str, ...]
    told: tuple[str, ...]

    def wrong(self) -> list[str]:
        """What is not as it should be."""
        project = self.project
        found = {
            f"said {self.before.said!r}": project.says not in self.before.said,
            f"said {self.after.said!r} after {self.before.said!r}": self.after.said
            != self.before.said,
            f"the classic builder's said {self.said_classic!r}": self.said_classic
            not in (None, self.before.said),
            f"{self.after.whole_bytes} of {self.before.whole_bytes} bytes": self.after.whole_bytes
            >= self.before.whole_bytes,
            f"BuildKit sent {self.after.sent_bytes}, not {self.before.sent_bytes}": (
                self.after.sent_bytes > self.before.sent_bytes
            ),
            f"is taken for {self.made.kinds}": bool(project.kind)
            and project.kind not in self.made.kinds,
            f"a person's lines went: {self.made.text}": project.merge
            and project.files[".dockerignore"] not in self.made.text,
        }
        texts = [text for text, is_so in found.items() if is_so]
        texts += [f"context show says of the file: {told}" for told in self.told]
        texts += [f"still sent: {path}" for path in self.still_sent]
        return [*texts, *(f"not sent: {path}" for path in self.missing)]


def attempt(project: Project, ground: Ground, place: Path, *, classic: bool) -> Trial:
    """Build, write the ignore file, build again. `place` is a folder to work in, gone after it."""
    for base in needed_by(project.dockerfile + _PROBE):
        ground._base(base)
    shutil.rmtree(place, ignore_errors=True)
    before, after = place / "before", place / "after"
    before.mkdir(parents=True)
    try:
        project.make(before)
        shutil.copytree(before, after, symlinks=True)
        first = _built(project, ground, before)
        made = context_init(
            after, dockerfile=after / project.dockerfile_at, merge=project.merge, write=True
        )
        second = _built(project, ground, after)
        said_classic = None
        if classic:
            _build(project, ground, after, after / project.dockerfile_at, buildkit=False)
            said_classic = ground.run(_TAG)
            ground.forget(_TAG)
        classic_files, files = second.files
        still = [one for one in project.gone if _has(classic_files | files, one)]
        needed = (*project.stays, *project.left)
        missing = [one for one in needed if not _has(classic_files & files, one)]
        shown = context_show(after, dockerfile=after / project.dockerfile_at)
        told = [one.message for one in shown.findings if one.file == made.path]
        found = map(tuple, (still, missing, told))
        return Trial(project, made, first, second, said_classic, *found)
    finally:
        shutil.rmtree(place)


_TAG = "ignoring:trial"


def _built(project: Project, ground: Ground, folder: Path) -> Built:
    # First the project: of a folder that it was sent before, BuildKit takes only what is new.
    log = _build(project, ground, folder, folder / project.dockerfile_at, buildkit=True)
    said = ground.run(_TAG)
    ground.forget(_TAG)
    steps = set(_LOADS.findall(log))  # the ignore file is transferred by another step
    sent = [amount for step, *amount in _TRANSFERRED.findall(log) if step in steps]
    sent_bytes = _most(sent, log)
    probe = folder.parent / "probe"
    probe.write_text(_PROBE)
    _build(project, ground, folder, probe, buildkit=True)
    files = _files(ground)
    log = _build(project, ground, folder, probe, buildkit=False)
    whole = _most(_SENT.findall(log), log)
    return Built(whole, sent_bytes, said, (_files(ground), files))


def _files(ground: Ground) -> frozenset[str]:
    files = frozenset(ground.run(_TAG).splitlines())
    ground.forget(_TAG)
    return files


def _build(
    project: Project, ground: Ground, folder: Path, dockerfile: Path, *, buildkit: bool
) -> str:
    """What docker says while it builds."""
    engine = ground.engine
    words = ["build", "--network", "host", "--no-cache", "-t", _TAG, "-f", str(dockerfile)]
    words += ["--progress", "plain"] if buildkit else []
    done = subprocess.run(
        engine.command(*words, str(folder)),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT,
        env={**os.environ, **engine.environment, "DOCKER_BUILDKIT": str(int(buildkit))},
    )
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, f"{project.name}: {log[-3000:]}"
    return log


def _most(amounts: Sequence[Sequence[str]], log: str) -> int:
    """The largest that is spoken of: progress is told again and again."""
    assert amounts, log[-3000:]
    return max(parse_bytes("".join(amount)) for amount in amounts)


def _has(files: frozenset[str], path: str) -> bool:
    return any(file == path or file.startswith(path + "/") for file in files)
