"""`python -m tests.e2e.ignoring [PLACE [NAME...]]`: try projects, and write the page of sizes.

With PLACE, bases made there before are used again. With names only these are tried, and no page is
written. Exit code 1 if a project fails.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.units import format_bytes

from ..building.ground import ground  # noqa: TID252 - as its neighbours, one floor up
from .projects import projects
from .trial import attempt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .trial import Trial

PAGE = Path(__file__).parents[3] / "docs/explanation/context-init.md"
_HEAD = """\
# Projects that were given a `.dockerignore`

Written by `python -m tests.e2e.ignoring`. Each project is a git repository with what lies around in
such projects: installed packages, caches, build output, data, secrets. It is built with a real
Docker engine, `lightship context init` writes its ignore file, and it is built again without a
cache: with BuildKit and with the classic builder. A row stands here only if

- the container's command prints the same, from both builders;
- the context is smaller, what must go (`gone` in `tests/e2e/ignoring/projects.yml`) is not sent,
  and what must stay is;
- the project was taken for what it is.

*Context* is what the classic builder sends: all of it, as a tar. *BuildKit* is what BuildKit sends:
only what the Dockerfile takes, so where a COPY names single folders there is little to save.
What is sent is read from an image that copies all of it, made by each builder. One thing that could
go stays: the monorepo's old build (`left` there), for nothing tells that the container does not run
it; `context init` says so. Bases are made of Debian's packages.
Where the tools of a language are too heavy for that, a small program reads what they would read;
the last column says where the real tools built.

| project | context before | after | BuildKit before | after | real tools |
|---|--:|--:|--:|--:|---|
"""


def main(place: Path, names: Sequence[str]) -> int:
    rows = []
    failed = 0
    with ground(place / "ground") as made:
        for project in projects():
            if names and not any(name in project.name for name in names):
                continue
            try:
                trial = attempt(project, made, place / "work", classic=True)
                wrong = trial.wrong()
            except AssertionError as error:
                wrong = [str(error)]
            else:
                rows.append(_row(trial))
            failed += bool(wrong)
            sys.stdout.write(f"{'FAILED' if wrong else 'proven'} {project.name}\n")
            sys.stdout.writelines(f"    {line}\n" for line in wrong)
            sys.stdout.flush()
    if not failed and not names:
        PAGE.write_text(_HEAD + "".join(rows))
    return int(failed > 0)


def _row(trial: Trial) -> str:
    sizes = [
        trial.before.whole_bytes,
        trial.after.whole_bytes,
        trial.before.sent_bytes,
        trial.after.sent_bytes,
    ]
    cells = [trial.project.name, *map(format_bytes, sizes), "yes" if trial.project.real else "no"]
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(Path(folder), ()))
