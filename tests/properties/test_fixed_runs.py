"""RUNs do the same after safe fixes: the same calls in the same order, the same files and status.

Each RUN runs as a builder runs it, in dash and in bash, in a root where every program is a stub
(`scratch_root`); and once more with calls that fail: each single one, and some together.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lightship.rules.fixing import FixedFile
from properties.fixed_runs import Roots, differences, fixed
from properties.random_runs import dockerfiles

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.system("busybox-static")
SHELLS = st.sampled_from(("dash", "bash"))
LONGEST = 200_000
MOST_FILES = 2_000
_SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roots]:
    with Roots(tmp_path_factory.mktemp("roots") / "tools") as made:
        yield made


def check(roots: Roots, text: str, shell: str, random: Random | None, *, combine: bool) -> None:
    result = fixed(text.encode(), combine=combine)
    assume(result.after != result.before)
    found = differences(roots, result, shell, random)
    assert not found, "\n".join((*found, result.after.decode()))


@_SETTINGS
@given(text=dockerfiles(), shell=SHELLS, random=st.randoms(), combine=st.booleans())
def test_random_runs_do_the_same(
    roots: Roots, text: str, shell: str, random: Random, *, combine: bool
) -> None:
    check(roots, text, shell, random, combine=combine)


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_list_in_a_pipe_is_still_ended_by_set_e(roots: Roots, shell: str) -> None:
    run = "set -e; apt-get update && (apt-get -qq update; apt-get install -y a b) | cat"
    result = fixed(f"FROM debian:12\nRUN {run}\n".encode(), combine=False)
    assert not differences(roots, result, shell, None)


@pytest.mark.acceptance
@settings(_SETTINGS, max_examples=2_000)
@given(text=dockerfiles(), shell=SHELLS, combine=st.booleans())
def test_random_runs_do_the_same_whichever_call_fails(
    roots: Roots, text: str, shell: str, *, combine: bool
) -> None:
    check(roots, text, shell, None, combine=combine)


@pytest.mark.acceptance
@pytest.mark.parametrize("combine", [False, True], ids=["every rule", "combine-runs by name"])
def test_real_runs_do_the_same(roots: Roots, *, combine: bool) -> None:
    named = os.environ.get("LIGHTSHIP_CORPUS")
    if not named:
        pytest.skip("LIGHTSHIP_CORPUS names no folder of Dockerfiles")
    files = sorted(path for path in Path(named).rglob("*") if path.is_file())
    random = Random(5)  # noqa: S311 - no secret depends on it
    counts, failed = Counter[str](), []
    for path in random.sample(files, min(len(files), MOST_FILES)):
        data = path.read_bytes()
        if len(data) > LONGEST:
            continue
        result = fixed(data, combine=combine)
        counts["changed"] += result.after != result.before
        for shell in ("dash", "bash"):
            found = differences(roots, result, shell, random)
            failed += [f"{path}: {difference}" for difference in found]
    assert counts["changed"] >= 100
    assert not failed, "\n\n".join((f"{len(failed)} differ of {counts['changed']}", *failed[:5]))


BEFORE = b"FROM debian\nRUN cd /srv && curl https://example.org/a && make || make b\nRUN make c\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"make c", b"make d"),
        (b" || make b", b""),
        (b"cd /srv", b"cd /opt"),
        (b"make c", b"export A=b && make c"),
        (b"make c", b"make c && umask 077 && echo > c"),
        (b"make c", b"make c; true"),
        (b"RUN make c", b"RUN false"),
        (b"&& make ||", b"; make ||"),
    ],
)
def test_what_no_fix_announces_is_seen(roots: Roots, old: bytes, new: bytes) -> None:
    after = BEFORE.replace(old, new)
    assert after != BEFORE
    assert differences(roots, FixedFile(before=BEFORE, after=after), "dash")


def test_blanks_are_no_difference(roots: Roots) -> None:
    after = BEFORE.replace(b"make c", b"  make   c")
    assert not differences(roots, FixedFile(before=BEFORE, after=after), "dash")
