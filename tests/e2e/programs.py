"""Start programs, other people's and lightship itself, and take what they answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

TIMEOUT = 300
DEBIAN_DOCKER = Path("/usr/bin/docker")
"""The client that belongs to the engine; a newer one may stand before it in PATH."""


def docker_client() -> str:
    return str(DEBIAN_DOCKER) if DEBIAN_DOCKER.exists() else shutil.which("docker") or "docker"


def run(*command: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> bytes:
    """What a program wrote to stdout; its whole complaint if it failed."""
    done = subprocess.run(
        [str(word) for word in command],
        check=False,
        capture_output=True,
        timeout=TIMEOUT,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
    if done.returncode:
        words = " ".join(str(word) for word in command)
        raise AssertionError(f"{words}: {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return done.stdout


def unpack(archive: Path, directory: Path) -> None:
    """Unpack a tar with the tar program, owners and modes as they are."""
    directory.mkdir(parents=True, exist_ok=True)
    run("tar", "--numeric-owner", "-xpf", archive, "-C", directory)


class Lightship:
    """`python -m lightship`, with a cache of its own."""

    def __init__(self, cache: Path) -> None:
        self.environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "NO_COLOR": "1"}
        self.command = [sys.executable, "-m", "lightship"]

    def start(
        self, *words: str, stdin: int | None = None, timeout: int = TIMEOUT
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*self.command, *words],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            timeout=timeout,
            env=self.environment,
        )

    def json(self, *words: str, stdin: int | None = None) -> Any:
        """The JSON of `lightship ...`."""
        done = self.start(*words, "--format", "json", stdin=stdin)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stderr.decode()}"
        return json.loads(done.stdout)

    def reading(self, *words: str, from_command: list[str], env: dict[str, str]) -> Any:
        """`from_command | lightship ...`, both through a real pipe."""
        with subprocess.Popen(
            from_command, stdout=subprocess.PIPE, env={**os.environ, **env}
        ) as writer:
            assert writer.stdout is not None
            answer = self.json(*words, stdin=writer.stdout.fileno())
            writer.stdout.close()
        assert writer.returncode == 0, from_command
        return answer
