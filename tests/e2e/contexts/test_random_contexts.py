"""Random contexts through real builders: what is in the image is what lightship says is sent.

`LIGHTSHIP_CONTEXT_SEED` is the first seed of the long run; a failure names its own.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from lightship.context.deciding import decided
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.walking import walk

from .builds import DOCKERFILE, PACKAGES, builds
from .random_trees import ignore_file, write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.builders import Builder

    from .builds import Builds, Entries

BUILDERS: tuple[Builder, ...] = ("buildkit", "legacy", "buildah")
FIRST_SEED = int(os.environ.get("LIGHTSHIP_CONTEXT_SEED", "6000000"))

pytestmark = [pytest.mark.slow, pytest.mark.system(*PACKAGES)]


def prepared(root: Path, seed: int, builder: Builder) -> Matcher:
    random = Random(seed)  # noqa: S311 - a case, no secret
    root.mkdir()
    write_tree(root, random)
    (root / "Dockerfile").write_text(DOCKERFILE)
    lines = ignore_file(random, builder)
    (root / ".dockerignore").write_text(lines)
    return Matcher(read_ignore_file(lines.encode()).patterns)


def paths_in(root: Path) -> Iterator[str]:
    """Of everything but FIFOs, which BuildKit 20.10 drops."""
    for folder, below, names in os.walk(root):
        for name in (*below, *names):
            path = Path(folder) / name
            if not stat.S_ISFIFO(path.lstat().st_mode):
                yield os.fspath(path.relative_to(root))


def is_alike(matcher: Matcher, paths: list[str]) -> bool:
    """Whether asking by the path alone, as docker 20.10 does, gives what a walk gives."""
    return all(matcher.test(path).ignored == matcher.walked(path).ignored for path in paths)


def copied(entries: Entries) -> set[str]:
    """Without directories: an ignored one stands there for what is kept in it."""
    return {path for path, kind in entries.items() if kind in "fl"}


def walked(root: Path, matcher: Matcher, builder: Builder) -> set[str]:
    return {
        f"{listing.path}/{name}".lstrip("/")
        for listing in walk(root, matcher, builder)
        for name in (*listing.names, *listing.links)
    }


def agrees(engine: Builds, place: Path, seed: int, builder: Builder) -> bool:
    """Whether it was a case; that it holds is asserted."""
    root = place / f"context-{builder}"
    matcher = prepared(root, seed, builder)
    try:
        paths = list(paths_in(root))
        if builder != "buildah" and not is_alike(matcher, paths):
            return False
        real = engine.entries(builder, root)
        told = f"{builder}, seed {seed}, lines {[one.text for one in matcher.patterns]}"
        sent = {path for path in paths if not decided(matcher, builder, path).ignored}
        directories = {
            path for path in sent if (root / path).is_dir() and not (root / path).is_symlink()
        }
        assert sent - directories == copied(real), told
        assert directories <= set(real), told
        assert walked(root, matcher, builder) == sent - directories, told
    finally:
        shutil.rmtree(root)
    return True


def held(engine: Builds, place: Path, first: int, wanted: int, builder: Builder) -> int:
    """The seed after the last of as many cases."""
    cases = (seed for seed in count(first) if agrees(engine, place, seed, builder))
    return max(islice(cases, wanted)) + 1


def test_what_is_sent_is_what_real_builders_copy(tmp_path: Path) -> None:
    with builds(tmp_path) as engine:
        for builder in BUILDERS:
            held(engine, tmp_path, 5_900_000, 20, builder)


@pytest.mark.acceptance
@pytest.mark.parametrize("builder", BUILDERS)
def test_hundreds_of_contexts(
    tmp_path: Path, builder: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    with builds(tmp_path) as engine:
        after = held(engine, tmp_path, FIRST_SEED, 400, builder)
    with capsys.disabled():
        sys.stdout.write(f"{builder}: seeds {FIRST_SEED} to {after - 1}\n")
