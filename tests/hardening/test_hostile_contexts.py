"""Build contexts that would break a careless walk."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.context.context import Context
from lightship.context.joined import Joined
from lightship.context.matching import Matcher
from lightship.context.survey import Survey, survey
from lightship.context.totals import Totals
from lightship.context.trail import DIRECTORY, Trail
from lightship.context.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEP = 3_000


def _survey(root: Path, ignore: bytes = b"") -> Survey:
    (root.parent / "ignore").write_bytes(ignore)
    return survey(Context(root, ignore_file=root.parent / "ignore"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty context."""
    made = tmp_path / "context"
    made.mkdir()
    return made


def _open() -> int:
    """How many descriptors are."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _dig(root: Path, depth: int) -> None:
    """Directories in one another, each with a file and a directory beside the next."""
    trail = Trail(os.open(root, DIRECTORY))
    for _ in range(depth):
        here = trail.descriptor
        os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        os.mkdir("d", dir_fd=here)
        os.mkdir("z", dir_fd=here)
        trail.descend("d")
    trail.close()


@pytest.fixture
def deep(root: Path) -> Iterator[Path]:
    """A context deeper than a path can name: too deep for Python to take it away again."""
    _dig(root, _DEEP)
    yield root
    subprocess.run(["rm", "-rf", str(root / "d")], check=True)


def test_deeper_than_a_path_can_name(deep: Path) -> None:
    gc.collect()  # what other tests forgot is closed now, and not meanwhile
    before = _open()
    seen = _survey(deep)
    # A path is at most 4,095 bytes, and every builder opens by path.
    longest = 4_095 - len(os.fsencode(deep.resolve())) - 1
    assert seen.sent.files == (longest + 1) // 2 + 1
    told = dict(seen.unreadable)
    assert told
    assert all("too long" in reason for reason in told.values())
    assert all(len(path) <= longest + 2 for path in told)
    assert _open() == before


def test_what_is_ignored_is_counted_to_the_bottom(deep: Path) -> None:
    seen = _survey(deep, b"d\n")
    assert seen.ignored.files == _DEEP - 1
    assert seen.unreadable == []


def test_few_descriptors_are_open_however_deep(deep: Path) -> None:
    most = max(_open() for _ in walk(deep, Matcher(())))
    assert most < 200


def test_every_directory_is_found_again_on_the_way_back(root: Path) -> None:
    _dig(root, 300)
    paths = [one.path for one in walk(root, Matcher(()))]
    assert len(paths) == 601
    assert sum(path.endswith("z") for path in paths) == 300


@pytest.mark.slow
def test_a_hundred_thousand_names_in_one_directory(root: Path) -> None:
    descriptor = os.open(root, DIRECTORY)
    for number in range(100_000):
        os.close(os.open(f"n{number}", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
    os.close(descriptor)
    seen = _survey(root, b"*[!0]\nn1*\n!n19*\n")
    # `[!0]` is one of two characters.
    names = {f"n{number}" for number in range(100_000)}
    left = {one for one in names if one[-1] == "0" or one[1] == "1"} - {
        one for one in names if one.startswith("n19")
    }
    assert {one.path for one in seen.files()} == names - left
    assert seen.ignored.files == len(left)


def test_names_with_newlines_and_bytes(root: Path) -> None:
    names = [b"a\nb", b"\xff\xfe", b"c\r", b"\x1b[2J", "\ufeffq".encode(), b" "]
    for name in names:
        (root / os.fsdecode(name)).mkdir()
        (root / os.fsdecode(name + b"/x.md")).write_bytes(b"1")
    seen = _survey(root, b"**/*.md\n")
    # Go's `.*` stops at a line's end: the pattern matches nothing below `a\nb`.
    assert [one.path for one in seen.files()] == ["a\nb/x.md"]
    assert seen.ignored == Totals(5, 5)
    assert {os.fsencode(place.path) for place in seen.places} == {b"", *names}


def test_loops_lead_nowhere(root: Path) -> None:
    (root / "d").mkdir()
    (root / "d" / "up").symlink_to("..")
    (root / "d" / "self").symlink_to("self")
    (root / "d" / "out").symlink_to("/")
    seen = _survey(root)
    assert [place.path for place in seen.places] == ["", "d"]
    assert seen.places[1].others == 3


@pytest.mark.parametrize("then", ["gone", "link", "file", "pipe"])
def test_a_directory_that_becomes_something_else(root: Path, tmp_path: Path, then: str) -> None:
    (root / "d").mkdir()
    (root / "e").mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").touch()
    paths = []
    for one in walk(root, Matcher(())):
        paths += [one.path, *one.names]
        if not one.path:
            (root / "d").rmdir()
            if then == "link":
                (root / "d").symlink_to(outside)
            elif then == "file":
                (root / "d").touch()
            elif then == "pipe":
                os.mkfifo(root / "d")
    assert paths == ["", "e"]


def test_a_directory_moved_away_while_it_is_walked(root: Path, tmp_path: Path) -> None:
    _dig(root, 100)
    (tmp_path / "secret").touch()
    seen = []
    for one in walk(root, Matcher(())):
        seen.append((one.path, one.names, one.unreadable))
        if one.path == "d/d/d/d":
            (root / "d/d/d").rename(tmp_path / "moved")
    assert not any("secret" in names for _, names, _ in seen)
    assert seen[-1][2] == "moved while it was walked"


def test_files_that_vanish(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (root / name).touch()
    joined = Joined(Matcher(()))
    here = joined.here

    def _vanishing(*args: object) -> object:
        (root / "b").unlink(missing_ok=True)
        return here(*args)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(joined, "here", _vanishing)
    (listing,) = walk(root, Matcher(()), joined=joined)
    assert listing.names == ["a", "c"]


@pytest.mark.slow
def test_many_patterns(root: Path) -> None:
    for number in range(300):
        (root / f"d{number}" / "e").mkdir(parents=True)
        (root / f"d{number}" / "e" / "f").touch()
    patterns = [f"d{number}/*/f[{number % 10}]" for number in range(3_000)]
    patterns += [f"**/x{number}*y" for number in range(2_000)]
    seen = _survey(root, "\n".join(patterns).encode())
    assert seen.sent.files == 300


@pytest.mark.parametrize("ignore", [b"[", b"!", b"a\\", b"[z-a]", b"\x00", b"x" * 65_000])
def test_whatever_the_ignore_file_says(root: Path, ignore: bytes) -> None:
    (root / "a").touch()
    assert _survey(root, ignore).sent.files == 1


_AS_NOBODY = """
import os, sys
from pathlib import Path
from lightship.context.context import Context
from lightship.context.survey import survey
os.setgroups([]); os.setgid(65534); os.setuid(65534)
root = Path(sys.argv[1])
seen = survey(Context(root, ignore_file=root.parent / "ignore"))
print(seen.unreadable, seen.sent.files, seen.ignored.files)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become nobody")
@pytest.mark.parametrize(
    ("mode", "ignore", "told"),
    [
        (0o700, "", "[('shut', 'Permission denied')] 1 0"),
        (0o700, "shut\n", "[] 1 0"),
        (0o700, "shut\n!**/x\n", "[('shut', 'Permission denied')] 1 0"),
        (0o700, "shut\n!shut/x\n", "[('shut', 'Permission denied')] 1 0"),
        (0o700, "**/x\n", "[('shut', 'Permission denied')] 1 0"),
        # Its names may be read, and nothing else of what it holds.
        (0o744, "", "[('shut', 'Permission denied')] 1 0"),
        (0o744, "shut\n", "[] 1 0"),
        (0o744, "shut\n!**/z\n", "[('shut', 'Permission denied')] 1 0"),
        (0o744, "**/x\n", "[('shut', 'Permission denied')] 1 0"),
    ],
)
def test_a_directory_that_may_not_be_read(root: Path, mode: int, ignore: str, told: str) -> None:
    """A build fails for it wherever BuildKit looks, also where it is ignored."""
    (root / "shut").mkdir()
    (root / "shut" / "x").touch()
    (root / "y").touch()
    (root / "shut").chmod(mode)
    (root.parent / "ignore").write_text(ignore)
    for above in (root, *root.parents):
        if above.stat().st_uid == os.getuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o055)
    command = [sys.executable, "-c", _AS_NOBODY, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip("nobody may not read this Python")
    assert done.stdout.strip() == told, done.stderr
