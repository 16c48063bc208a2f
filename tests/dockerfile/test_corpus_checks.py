"""The checks of `make corpus` see what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from corpus.fixing import FAULTS, check_rules, faults
from corpus.outcome import Outcome
from corpus.reading import check_reading
from corpus.running import files_below, run
from corpus.summary import failures, page, printed
from lightship.dockerfile.parsing import parse

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = b"FROM a\n# why\nRUN a && \\\n  # and this\n  b\nRUN <<E\n# inside\nE\n"


@pytest.mark.parametrize(
    ("after", "fault"),
    [
        (BEFORE.replace(b"RUN <<E\n", b"RUN <<F\n"), FAULTS[0]),
        (BEFORE.replace(b"a && \\", b"a &&"), FAULTS[1]),
        (BEFORE.replace(b"a && \\", b"a && ( \\"), FAULTS[2]),
        (BEFORE.replace(b"# why\n", b""), FAULTS[3]),
        (BEFORE.replace(b"  # and this\n", b""), FAULTS[3]),
    ],
)
def test_a_fault_of_a_fix_is_seen(after: bytes, fault: str) -> None:
    assert fault in [what for what, _ in faults(BEFORE, after)]


def test_a_comment_may_move_and_the_inside_of_here_documents_is_none() -> None:
    moved = BEFORE.replace(b"  # and this\n", b"").replace(b"# why\n", b"# why\n# and this\n")
    assert faults(BEFORE, moved) == []
    assert faults(BEFORE, BEFORE.replace(b"# inside\n", b"")) == []


def test_a_disagreement_is_a_failure() -> None:
    outcome = Outcome()
    check_reading("x", b"FROM a\nRUN b\n", parse(b"FROM a\nRUN c\n\n"), outcome)
    assert {"not printed as read"} <= set(failures(outcome))
    good = Outcome()
    check_reading("x", BEFORE, parse(BEFORE), good)
    assert failures(good) == []


def test_a_folder_is_run_and_told(tmp_path: Path) -> None:
    folder = tmp_path / "me+mine@0123456789ab"
    folder.mkdir()
    (folder / "Dockerfile").write_bytes(
        b"FROM debian:12\nRUN apt-get update\nRUN apt-get install -y x\n"
    )
    (folder / "empty").write_bytes(b"")
    files = files_below(tmp_path)
    outcome = run(tmp_path, files, 1, fixes=True)
    assert outcome.counts["files"] == 2
    assert failures(outcome) == [], printed(outcome)
    assert "| me/mine | 0123456789ab | 2 |" in page(outcome, tmp_path, files)
    assert outcome.counts["fix: files changed"] == 1
    again = Outcome()
    check_rules("x", folder / "Dockerfile", (folder / "Dockerfile").read_bytes(), again)
    assert again.counts["fix: files changed"] == 1
