"""A slim base with a correct small application: nothing in it is worth a warning."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from lightship import inspect
from lightship.testing import Dir, File, build_image

from .programs import run
from .test_minbase import sources

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.inspect import InspectResult

pytestmark = [pytest.mark.slow, pytest.mark.system("mmdebstrap")]
# What Debian's own slim images leave out (debuerreotype, "slimify").
LEFT_OUT = ("doc", "man", "info", "locale", "groff", "lintian", "linda")
APP = b"""\
import http.server
http.server.test(port=8080)
"""


@pytest.fixture(scope="module")
def slim(tmp_path_factory: pytest.TempPathFactory) -> InspectResult:
    place = tmp_path_factory.mktemp("slim")
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    without = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
    kept = "--dpkgopt=path-include=/usr/share/doc/*/copyright"
    run("mmdebstrap", "--quiet", "--variant=minbase", "--include=python3-minimal,libpython3-stdlib",
        *without, kept, suite, place / "root.tar", sources())  # fmt: skip
    return inspect(image(place), cache=None)


def image(place: Path) -> str:
    app = {
        "app": Dir(mode=0o775),
        "app/server.py": File(content=APP, mode=0o664),
        "app/static": Dir(mode=0o775),
        "app/static/index.html": b"<!doctype html><title>hello</title>",
    }
    config = {
        "User": "1001",
        "WorkingDir": "/app",
        "Cmd": ["python3", "/app/server.py"],
        "ExposedPorts": {"8080/tcp": {}},
        "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"],
    }
    root = (place / "root.tar").read_bytes()
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    return build_image(
        [root, app],
        directory=place,
        codec="plain",
        config={"config": config},
        platform=f"linux/{machine}",
    )


def test_it_has_no_finding_above_info(slim: InspectResult) -> None:
    loud = [one for one in slim.findings if one.severity != "info"]
    assert [(one.rule, one.message) for one in loud] == []


def test_it_was_looked_at(slim: InspectResult) -> None:
    contents = slim.contents
    assert contents is not None
    assert contents.notes == ()
    systems = {row.system for row in contents.packages}
    assert "dpkg" in systems
    assert {row.name for row in contents.categories} >= {"shared library", "application"}
