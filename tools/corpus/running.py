"""Every file through every check, in two processes."""

from __future__ import annotations

import multiprocessing
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from corpus.fixing import check_rules
from corpus.outcome import Outcome
from corpus.reading import check_reading
from lightship.dockerfile.parsing import parse

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1 << 20
_BATCH = 20


def files_below(folder: Path) -> list[Path]:
    """Every regular file, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def run(folder: Path, files: list[Path], jobs: int, *, fixes: bool) -> Outcome:
    """Check every file, in spawned processes: Go's runtime does not survive a fork."""
    outcome = Outcome()
    batches = [files[at : at + _BATCH] for at in range(0, len(files), _BATCH)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        for part in pool.map(partial(_check, folder, fixes=fixes), batches):
            outcome.add(part)
            if sys.stderr.isatty():
                print(f"\r{outcome.counts['files']:,} of {len(files):,}", end="", file=sys.stderr)
    return outcome


def _check(folder: Path, files: list[Path], *, fixes: bool) -> Outcome:
    outcome = Outcome()
    for path in files:
        name = path.relative_to(folder).as_posix()
        if path.stat().st_size > LARGEST:
            outcome.note("larger than 1 MiB: left out", name)
            continue
        data = path.read_bytes()
        try:
            started = time.process_time()
            read = parse(data)
            outcome.spent("parse", time.process_time() - started)
            check_reading(name, data, read, outcome)
            if fixes:
                check_rules(name, path, data, outcome)
        except Exception:  # noqa: BLE001 - a bug with one file is a result
            where = traceback.format_exc(limit=-2).strip().replace("\n", " ")
            outcome.note("raised", f"{name}: {where[-300:]}")
    return outcome
