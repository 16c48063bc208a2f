"""What `base check` says of a move, beside what a real engine makes of it."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from ..programs import run  # noqa: TID252 - its neighbours are one floor up
from ..test_engines import within  # noqa: TID252 - its neighbours are one floor up
from .applications import APPLICATIONS
from .roots import BASES, make_bases, tag

if TYPE_CHECKING:
    from pathlib import Path

    from ..programs import Lightship  # noqa: TID252 - its neighbours are one floor up
    from ..shop import Shop  # noqa: TID252 - its neighbours are one floor up
    from .applications import Application

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system(
        "docker.io", "docker-cli", "docker-registry", "mmdebstrap", "skopeo", "umoci", "npm",
        "golang-go", "rpm", "git", "busybox-static", "build-essential", "musl-tools",
    ),
    pytest.mark.xdist_group("engine"),
]  # fmt: skip
_PATIENCE_SECONDS = 30
_WEIGHT = {"will not run": "blocks", "needs a test": "unproven"}


class Moving:
    """An engine with the bases, and a program that reads from it."""

    def __init__(self, shop: Shop, program: Lightship, place: Path) -> None:
        self.docker = shop.engine.docker
        self.program = within(program, shop.engine.environment)
        self.place = place
        bases = place / "bases"
        bases.mkdir()
        make_bases(shop.engine, bases, shop.layouts["apt"].parent / "roots")
        self.daemon = ("--src-daemon-host", shop.engine.environment["DOCKER_HOST"])
        self.layout = place / "layout"
        for base in BASES:
            self.stored(tag(base), base)

    def stored(self, image: str, name: str) -> str:
        """An image of the engine in a layout beside the bases: each blob is read once."""
        run("skopeo", "--insecure-policy", "copy", "-q", "--dest-oci-accept-uncompressed-layers",
            *self.daemon, f"docker-daemon:{image}", f"oci:{self.layout}:{name}")  # fmt: skip
        return f"oci:{self.layout}:{name}"

    def build(self, name: str, base: str, *more: str) -> str:
        """The application on a base, as its Dockerfile makes it there, with instructions more."""
        application = APPLICATIONS[name]
        context = self.place / re.sub(r"\W", "-", name)
        if not context.exists():
            context.mkdir()
            application.make(context)
        lines = [f"FROM {tag(base)}", *more, application.dockerfile]
        (context / "Dockerfile").write_text("\n".join(lines))
        image = f"localhost/{context.name.lower()}:{base}"
        self.docker("build", "-q", "--network", "none", "-t", image, context)
        return image

    def works(self, image: str, application: Application) -> bool:
        """Whether it starts and answers."""
        try:
            container = self.docker("create", "--network", "host", image).decode().strip()
            self.docker("start", container)
        except AssertionError:
            return False
        try:
            return self._answers(container) if application.serves else self._prints(container)
        finally:
            self.docker("rm", "-f", container)

    def _prints(self, container: str) -> bool:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            state = self.docker(
                "inspect", "-f", "{{.State.Running}} {{.State.ExitCode}}", container
            )
            if not state.startswith(b"true"):
                return state.split()[1] == b"0" and b"fine" in self.docker("logs", container)
            time.sleep(0.05)
        return False

    def _answers(self, container: str) -> bool:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            port = re.search(rb"port (\d+)", self.docker("logs", container))
            if port is not None:
                address = f"http://127.0.0.1:{int(port[1])}/"
                with urllib.request.urlopen(address, timeout=_PATIENCE_SECONDS) as answer:
                    return b"fine" in answer.read()
            if self.docker("inspect", "-f", "{{.State.Running}}", container).strip() != b"true":
                return False
            time.sleep(0.1)
        return False

    def check(self, image: str, old: str, new: str) -> Any:
        """The answer of `base check`."""
        reference = self.stored(image, "application")
        done = self.program.start("base", "check", reference, "--on", f"oci:{self.layout}:{new}",
                                  "--base", f"oci:{self.layout}:{old}",
                                  "--format", "json")  # fmt: skip
        assert done.returncode in (0, 1), done.stderr.decode()
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def moving(shop: Shop, lightship: Lightship, tmp_path_factory: pytest.TempPathFactory) -> Moving:
    return Moving(shop, lightship, tmp_path_factory.mktemp("moving"))


@pytest.mark.parametrize("name", APPLICATIONS)
def test_what_is_said_to_run_answers_and_what_is_said_not_to_does_not(
    name: str, moving: Moving
) -> None:
    application = APPLICATIONS[name]
    before = moving.build(name, application.old)
    assert moving.works(before, application)
    said = moving.check(before, application.old, application.new)
    assert said["answer"] == application.answer, said["reasons"]
    weighty = "carry" if application.answer == "runs" else _WEIGHT[application.answer]
    kinds = {one["kind"] for one in said["reasons"] if one["weight"] == weighty}
    assert not application.kinds or kinds & set(application.kinds), said["reasons"]
    after = moving.build(name, application.new, *_todos(said, application.old))
    if application.answer != "needs a test":
        assert moving.works(after, application) == (application.answer == "runs"), said["reasons"]


def _todos(said: Any, old: str) -> list[str]:
    """The instructions that the answer asks for; files come from the base that it had."""
    wanted = [one["todo"] for one in said["reasons"] if one["weight"] == "carry" and one["todo"]]
    return [re.sub(r"--from=\S+", f"--from={tag(old)}", one) for one in wanted]
