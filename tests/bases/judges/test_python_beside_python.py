"""What is said of modules that a reduced Python lacks, beside what that Python does."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from analysis.elf_parts import compiled
from bases.moving import DEBIAN, opened
from lightship.bases.application import application_of
from lightship.bases.candidate import Candidate
from lightship.bases.judges.python_runtime import judge
from lightship.bases.move import Move
from lightship.testing import Symlink

NAME = f"python3.{sys.version_info.minor}"
STANDARD = Path(sys.base_prefix, "lib", NAME)
LEFT_OUT = frozenset(("test", "site-packages", "dist-packages", "idlelib", "__pycache__"))
NEEDED = frozenset(("os", "site", "codecs", "encodings", "stat", "_sitebuiltins", "genericpath",
                    "posixpath", "abc", "io", "_collections_abc"))  # fmt: skip
"""Without these it does not start at all."""


def modules() -> list[str]:
    """Modules of the standard library that are there as sources."""
    found = {path.stem for path in STANDARD.glob("*.py")}
    found |= {path.parent.name for path in STANDARD.glob("*/__init__.py")}
    names = found & set(sys.stdlib_module_names) - LEFT_OUT
    return sorted(names - {"antigravity", "this", "idlelib", "turtledemo", "lib2to3"})


def sources(without: set[str]) -> dict[str, Path]:
    """Its files, below `lib`."""
    found = {}
    for path in STANDARD.rglob("*"):
        parts = path.relative_to(STANDARD).parts
        top = parts[0].removesuffix(".py")
        if LEFT_OUT.isdisjoint(parts) and top not in without and path.is_file():
            found["/".join((NAME, *parts))] = path
    return found


def imports(home: Path, name: str) -> bool:
    """Whether the real interpreter, with this standard library, runs `import NAME`."""
    ran = subprocess.run(
        [sys._base_executable, "-S", "-"],  # type: ignore[attr-defined]  # the venv's own would look beside itself
        input=f"import {name}\n".encode(),
        env={"PYTHONHOME": str(home)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    return ran.returncode == 0


@pytest.mark.system("build-essential")
@pytest.mark.parametrize(
    ("count", "seed"),
    [(40, 1), *(pytest.param(400, seed, marks=pytest.mark.acceptance) for seed in range(2, 8))],
)
def test_what_blocks_fails_and_what_is_no_reason_works(
    tmp_path: Path, count: int, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 # which modules are tried is no secret
    every = modules()
    gone = set(chance.sample(sorted(set(every) - NEEDED), len(every) // 3))
    rest = sources(gone)
    home = tmp_path / "home"
    for name, path in rest.items():
        target = home / "lib" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    root: dict[str, object] = {
        "etc/os-release": DEBIAN,
        f"usr/bin/{NAME}": compiled(),
        "usr/bin/python3": Symlink(NAME),
    }
    tried = sorted(chance.sample(every, min(count, len(every))))
    scripts = {f"app/run_{name}": f"import {name}\n".encode() for name in tried}
    scripts = {f"{name}.py": text for name, text in scripts.items()}
    full, reduced = (
        {**root, **{f"usr/lib/{name}": path.read_bytes() for name, path in files.items()}}
        for files in (sources(set()), rest)
    )
    now = replace(opened(tmp_path, [full, scripts]), base_layers=1)
    there = Candidate("reduced", None, opened(tmp_path, [reduced]))
    wrong = []
    failed = 0
    for name in tried:
        command = (b"python3", f"/app/run_{name}.py".encode())
        started = replace(now, settings=replace(now.settings, command=command))
        reasons = list(judge(Move(application_of(started), there)))
        blocks = any(one.weight == "blocks" for one in reasons)
        works = imports(home, name)
        failed += not works
        if works == blocks:
            # What fails may do so for a reason that nobody sees: that is not to be said to run.
            wrong += [name] if works or not reasons else []
    assert wrong == []
    assert failed > len(tried) // 5
