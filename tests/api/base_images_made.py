"""Small images for `base check` and `base suggest`: systems, and applications upon them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from analysis.elf_parts import written
from lightship.testing import File, Symlink, build_image

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOADER = b"/lib64/ld-linux-x86-64.so.2"
STATIC = File(written(type=2), mode=0o755)


def noise(count: int) -> bytes:
    """Bytes that do not compress, so that wire bytes are about content bytes."""
    return random.Random(count).randbytes(count)  # noqa: S311 - no secret


def debian(release: int = 13) -> dict[str, object]:
    """A system with a shell, and with a package."""
    system = f'ID=debian\nVERSION_ID="{release}"\n'.encode()
    status = b"Package: dash\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n"
    return {
        "etc/os-release": system,
        "etc/passwd": b"root:x:0:0::/root:/bin/sh\napp:x:33:33::/:/bin/sh\n",
        "bin/dash": STATIC,
        "bin/sh": Symlink("dash"),
        "usr/share/filling": noise(60_000),
        "var/lib/dpkg/status": status,
        "var/lib/dpkg/info/dash.list": b"/bin/dash\n/usr/share/filling\n",
    }


def image(
    folder: Path,
    *layers: Mapping[str, object],
    name: str = "example.com/app:1",
    command: tuple[str, ...] = ("/app/prog",),
    platform: str = "linux/amd64",
    user: str = "",
) -> str:
    """An image with a command, as an OCI layout; the reference to it."""
    config = {"config": {"Cmd": list(command), "User": user}}
    return build_image(layers, directory=folder, name=name, config=config, platform=platform)
