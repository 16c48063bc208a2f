"""Every adjacent pair of a sorted list is asked of the real dpkg: so the whole order is its own."""

import itertools
import subprocess
from pathlib import Path

import pytest

from bases.versions.texts import DEBIAN, made
from lightship.bases.versions.dpkg import key

_LOOP = """
while read -r first second; do
  if dpkg --compare-versions "$first" lt-nl "$second" 2>/dev/null; then echo -1
  elif dpkg --compare-versions "$first" eq "$second" 2>/dev/null; then echo 0
  else echo 1; fi
done
"""


def real(pairs: list[tuple[str, str]]) -> list[int]:
    text = "".join(f"{first} {second}\n" for first, second in pairs)
    done = subprocess.run(
        ["bash", "-c", _LOOP], input=text, capture_output=True, text=True, check=True
    )
    return [int(line) for line in done.stdout.split()]


def ours(first: str, second: str) -> int:
    one, other = key(first), key(second)
    return (one > other) - (one < other)


def installed() -> list[str]:
    status = Path("/var/lib/dpkg/status").read_text("utf-8", "replace")
    return [line[9:] for line in status.splitlines() if line.startswith("Version: ")][::5]


@pytest.mark.system("dpkg")
def test_the_order_is_dpkgs() -> None:
    # `1-` and the like are not asked: dpkg refuses to compare them.
    versions = [*DEBIAN, *made(8, 500, "0019~+.-aZ"), *installed()]
    versions = sorted({v for v in versions if not v.endswith("-")}, key=key)
    pairs = list(itertools.pairwise(versions))
    assert len(pairs) > 400
    assert real(pairs) == [ours(*pair) for pair in pairs]


def test_a_version_that_is_none_of_dpkgs_still_has_its_place() -> None:
    assert key("x:1") < key("y:1")
    assert key("1\0") > key("1")
    assert key("1é") > key("1z")
