"""Sample projects: their own files, what lies around in such projects, and what a build says.

`projects.yml` holds a list under `projects`. Each has

- `name`, and `kind`: what `context init` is to say it is; empty for none it knows;
- `real`: whether the language's own tools build it; if not, a small program of the base's stands
  for them, and reads what they would;
- `files`: name and text, all of them in the project's repository, `.gitignore` included;
- `clutter`: what no build needs; a number is so many bytes that no compression makes fewer, and
  `{files: N, bytes: M}` a folder of so many;
- `dockerfile`, and its place as `dockerfile_at`;
- `says`: something the container's command prints;
- `gone`: paths that must not be sent afterwards; `stays`: paths that must; `left`: paths that are
  sent although no build needs them, for nothing tells that;
- `merge`: whether a person's `.dockerignore` is there, and is to be kept;
- `fast`: whether `make test` builds it.

Each project is a git repository with two commits; what its `.gitignore` names is untracked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct, convert

from ..building.registries import GIT, payload  # noqa: TID252 - as its neighbours
from ..programs import run  # noqa: TID252 - likewise

_FILE = Path(__file__).parent / "projects.yml"
_HISTORY_BYTES = 400_000
"""Of a file that was committed once, and taken out again: what makes histories heavy."""


class Many(Struct, frozen=True, forbid_unknown_fields=True):
    """A folder of so many files, of so many bytes each."""

    files: int
    bytes: int


class Project(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See the module's docstring."""

    name: str
    files: dict[str, str]
    dockerfile: str
    says: str
    kind: str = ""
    real: bool = False
    clutter: dict[str, int | str | Many] = {}
    dockerfile_at: str = "Dockerfile"
    gone: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    merge: bool = False
    fast: bool = False

    def make(self, folder: Path) -> None:
        """Lay the project out, with its repository and all that lies around in it."""
        for name, text in {**self.files, self.dockerfile_at: self.dockerfile}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if text.startswith("#!"):
                path.chmod(0o755)
        (folder / "once.bin").write_bytes(payload(_HISTORY_BYTES, 99))
        run("git", "init", "-q", "-b", "main", cwd=folder)
        run("git", "add", "-A", cwd=folder)
        run(*GIT, "commit", "-q", "-m", "first", cwd=folder)
        run("git", "tag", "v1.2.3", cwd=folder)
        (folder / "once.bin").unlink()
        run(*GIT, "commit", "-q", "-a", "-m", "without it", cwd=folder)
        for seed, (name, what) in enumerate(self.clutter.items()):
            _lay(folder / name, what, seed)


def _lay(path: Path, what: int | str | Many, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(what, str):
        path.write_text(what)
    elif isinstance(what, int):
        path.write_bytes(payload(what, seed))
    else:
        for number in range(what.files):
            inner = path / f"part{number % 20}" / f"file{number}"
            inner.parent.mkdir(parents=True, exist_ok=True)
            inner.write_bytes(payload(what.bytes, seed * 100_000 + number))


def projects() -> list[Project]:
    """All of them."""
    read: Any = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return convert(read["projects"], list[Project])
