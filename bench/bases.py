"""What judging ELF files for other C libraries costs, beside lief and pyelftools.

2,000 programs and libraries of this machine, 2 GB together, each asked whether it certainly fails
with an older glibc, and with musl. They are chosen by their sizes: the first 2,000 in a row that
are so large together.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measured import run_measured
from bench.series import HEADER, Contestant, alternate
from bench.targets import JUDGED_CPU_SECONDS, Verdict
from lightship.analysis.elf_reader import ET_DYN, ET_EXEC

if TYPE_CHECKING:
    from bench.run import Run

FILES = 2_000
FILE_BYTES = 2_000_000_000
_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec", "/usr/local", "/opt")
_PEERS = {"lief": "lief", "pyelftools": "elftools"}


def section(run: Run) -> None:
    """Measure one run of each over all files, in turn."""
    print(f"\n{HEADER}")
    chosen = _window(_found())
    total = sum(file_bytes for file_bytes, _ in chosen)
    print(f"    {len(chosen):,} ELF files, {total / 1e9:.2f} GB")
    listed = run.work / "judged.txt"
    listed.write_text("".join(f"{path}\n" for _, path in chosen))
    who = [
        "lightship",
        *(one for one, module in _PEERS.items() if importlib.util.find_spec(module)),
    ]
    contestants = [
        Contestant(one, [sys.executable, "-m", "bench.judged", one, listed], most_runs=most)
        for one, most in zip(who, (100, 3, 1), strict=False)
    ]
    answers: dict[str, str] = {}
    for one in contestants:
        # Once before the clock runs: every file is in memory, and the answers are kept.
        answers[one.who] = _answer(one)
        print(f"    {one.who}: {answers[one.who]}")
    done = run.add(alternate("judge", contestants, run.runs))
    run.extra["judged"] = {"files": len(chosen), "content_bytes": total, "answers": answers}
    if "lightship" in done:
        what = f"{len(chosen):,} ELF files judged for glibc and musl, median CPU"
        run.judge(Verdict(what, done["lightship"].cpu, "<=", JUDGED_CPU_SECONDS, " s"))


def _answer(one: Contestant) -> str:
    usage = run_measured(one.command, one.environment)
    return json.dumps(json.loads(usage.stdout)) if usage.exit_code == 0 else usage.stderr_tail


def _found() -> list[tuple[int, str]]:
    """Programs and libraries of the machine, each inode once, by size and path."""
    files: dict[tuple[int, int], tuple[int, str]] = {}
    for top in _FOLDERS:
        for folder, _, names in os.walk(top):
            for path in (Path(folder, name) for name in names):
                if path.is_symlink() or not path.is_file() or not _is_linked(path):
                    continue
                status = path.stat()
                one = (status.st_size, str(path))
                key = (status.st_dev, status.st_ino)
                files[key] = min(files.get(key, one), one)
    return sorted(files.values())


def _is_linked(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(18)
    kind = int.from_bytes(head[16:18], sys.byteorder)
    return len(head) == 18 and head[:4] == b"\x7fELF" and kind in (ET_EXEC, ET_DYN)


def _window(files: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The first files in a row that are many and large enough; all where there are too few."""
    total = sum(file_bytes for file_bytes, _ in files[:FILES])
    for first in range(max(1, len(files) - FILES)):
        if total >= FILE_BYTES or first + FILES >= len(files):
            return files[first : first + FILES]
        total += files[first + FILES][0] - files[first][0]
    return files[-FILES:]
