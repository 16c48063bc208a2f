"""Random contexts through a BuildKit of today, which Debian has none of.

`LIGHTSHIP_BUILDKIT` is the address of a running `buildkitd`, as in `unix:///run/buildkit/s`, and
`buildctl` is in PATH; without it this is left out. Nothing is left out of the contexts.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from random import Random

import pytest

from lightship.context.deciding import decided
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.walking import walk

from .builds import DOCKERFILE, built_by_buildctl
from .random_trees import any_ignore_file, write_tree

ADDRESS = os.environ.get("LIGHTSHIP_BUILDKIT", "")
FIRST_SEED = 7_000_000
CASES = 1_000

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not ADDRESS, reason="LIGHTSHIP_BUILDKIT names no buildkitd"),
]


def paths_in(root: Path) -> set[str]:
    """Of everything but directories."""
    return {
        os.fspath((Path(folder) / name).relative_to(root))
        for folder, below, names in os.walk(root)
        for name in (*below, *names)
        if not (Path(folder) / name).is_dir() or (Path(folder) / name).is_symlink()
    }


def agrees(root: Path, seed: int) -> bool:
    """That it does is asserted; whether an exception had a wildcard."""
    random = Random(seed)  # noqa: S311 - a case, no secret
    root.mkdir()
    write_tree(root, random)
    (root / "Dockerfile").write_text(DOCKERFILE)
    lines = any_ignore_file(random)
    (root / ".dockerignore").write_text(lines)
    matcher = Matcher(read_ignore_file(lines.encode()).patterns)
    real = {path for path, kind in built_by_buildctl(ADDRESS, root).items() if kind != "d"}
    told = {path for path in paths_in(root) if not decided(matcher, "buildkit", path).ignored}
    assert told == real, (seed, lines)
    walked = {
        f"{one.path}/{name}".lstrip("/")
        for one in walk(root, matcher)
        for name in (*one.names, *one.links, *one.others)
    }
    assert walked == real, (seed, lines)
    return any("*" in one.glob or "?" in one.glob for one in matcher.patterns if one.is_exception)


def test_a_thousand_contexts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wild = 0
    for seed in range(FIRST_SEED, FIRST_SEED + CASES):
        wild += agrees(tmp_path / "context", seed)
        shutil.rmtree(tmp_path / "context")
    with capsys.disabled():
        sys.stdout.write(f"{CASES} contexts, {wild} with a wildcard exception\n")
