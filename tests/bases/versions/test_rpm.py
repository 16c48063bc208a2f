"""Every adjacent pair of a sorted list, and pairs at random, are asked of the real rpm."""

import itertools
import random
import subprocess
from pathlib import Path

import pytest

from bases.versions.texts import made
from lightship.bases.versions.rpm import key

FEDORA = """
1.0-1.fc40 1.0-1.fc41 1.0-1.el9 1.0-1.el9_4 1.0-1.el9_4.2 1.0-1.el9_10 1:0.5-1.el9 0:1.0-1.el9
3.0.7-27.el9 3.0.7-6.el9_2 3.2.2-6.el9_5.1 1.0~rc1-1 1.0~rc2-1 1.0~-1 1.0^20240101gitabc-1 1.0^-1
1.0^~-1 1.0~^-1 1.0.1-1 1.0a-1 1.0.a-1 1_0-1 1.00-1 01.0-1 1.0-01 1.0-1 1.0 1.0-1.module+el8+1
2.34-100.el9_4.4 2.34-100.el9 7.76.1-29.el9_4.1 2.66^20210101-2 5.14.0-427.el9 1.0.-1 1.0+-1
""".split()  # noqa: SIM905 - read more easily


def real(pairs: list[tuple[str, str]], folder: Path) -> list[int]:
    given = folder / "pairs"
    given.write_text("".join(f"{first} {second}\n" for first, second in pairs), "utf-8")
    program = (
        f"for line in io.lines('{given}') do local a, b = string.match(line, '(%S+) (%S+)')"
        " print(rpm.vercmp(a, b) .. ' ') end"
    )
    done = subprocess.run(
        ["rpm", "--eval", f"%{{lua:{program}}}"], capture_output=True, text=True, check=True
    )
    return [int(line) for line in done.stdout.split()]


def ours(first: str, second: str) -> int:
    one, other = key(first), key(second)
    return (one > other) - (one < other)


@pytest.mark.system("rpm")
def test_the_order_is_rpms(tmp_path: Path) -> None:
    parts = made(8, 1000, "0019~^.+aZ")
    releases = made(9, 1000, "019~^.a")
    versions = [*FEDORA, *(f"{a}-{b}" for a, b in zip(parts, releases, strict=False))]
    generator = random.Random(8)  # noqa: S311 - test data, reproducible
    pairs = list(itertools.pairwise(sorted(versions, key=key)))
    pairs += [(generator.choice(versions), generator.choice(versions)) for _ in range(5000)]
    assert len(pairs) > 5500
    assert real(pairs, tmp_path) == [ours(*pair) for pair in pairs]
