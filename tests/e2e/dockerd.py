"""A Docker engine of our own: started by hand, without a network, gone without a trace."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .programs import docker_client, run

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 60
STOP_SECONDS = 60


class DockerEngine:
    """A dockerd over one data root. The data stays when it stops; a later engine finds it."""

    def __init__(self, data: Path, *options: str | Path) -> None:
        self.data = data
        self.options = [str(option) for option in options]
        data.mkdir(parents=True, exist_ok=True)
        # A socket's path may have 107 bytes: too few for a path below pytest's own directories.
        self.place = Path(tempfile.mkdtemp(prefix="lightship-"))
        self.socket = self.place / "socket"
        self.log = data.parent / "dockerd.log"

    @property
    def environment(self) -> dict[str, str]:
        return {"DOCKER_HOST": f"unix://{self.socket}", "DOCKER_CONFIG": str(self.place / "config")}

    def docker(self, *words: str | Path, **environment: str) -> bytes:
        return run(docker_client(), *words, env={**self.environment, **environment})

    def command(self, *words: str) -> list[str]:
        return [docker_client(), *words]

    def start(self) -> None:
        command = ["dockerd", "--iptables=false", "--bridge=none", "-H", f"unix://{self.socket}"]
        command += ["--data-root", str(self.data), "--exec-root", str(self.place / "exec")]
        command += ["--pidfile", str(self.place / "pid"), *self.options]
        # setpriv: should this process be killed, the engine goes with it.
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *command], stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"dockerd did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """As if it crashed; `stop` still clears up after it."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        unmount_below(self.data, self.place)
        shutil.rmtree(self.place)

    def _answers(self) -> bool:
        return (
            self.socket.exists()
            and subprocess.run(
                [docker_client(), "version"],
                check=False,
                capture_output=True,
                env={**os.environ, **self.environment},
            ).returncode
            == 0
        )


@contextmanager
def docker_engine(data: Path, *options: str | Path) -> Iterator[DockerEngine]:
    engine = DockerEngine(data, *options)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def unmount_below(*places: Path) -> None:
    """proc(5), mountinfo: the fifth field, outermost first; \\040 is a space."""
    points = [
        line.split()[4].encode().decode("unicode_escape")
        for line in Path("/proc/self/mountinfo").read_text().splitlines()
    ]
    for point in reversed(points):
        if any(Path(point).is_relative_to(place) for place in places):
            run("umount", "--lazy", point)
