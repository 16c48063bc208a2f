"""docker-squash without an engine: what it would ask one is answered from an archive.

``python -m bench.docker_squash_alone ARCHIVE TARGET``. So its figures hold its own work only: an
engine's part, which would make them larger, is left out.
"""

from __future__ import annotations

import importlib
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAYERS = 3


class Engine:
    """Answers for the one image in the archive."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive

    def inspect_image(self, _name: str) -> dict[str, str]:
        """Return the image's ID: any."""
        return {"Id": "sha256:" + "0" * 64}

    def history(self, _name: str) -> list[dict[str, str]]:
        """Return one entry a layer, as of an image that was loaded."""
        return [{"Id": self.inspect_image("")["Id"]}, *[{"Id": "<missing>"}] * (_LAYERS - 1)]

    def get_image(self, _name: str) -> Iterator[bytes]:
        """Return the archive, in pieces."""
        with self._archive.open("rb") as stream:
            yield from iter(lambda: stream.read(1 << 20), b"")


def main(archive: Path, target: Path) -> None:
    """Squash all layers into one."""
    # By name: only the benchmark installs it, and types are checked without it.
    squasher = importlib.import_module("docker_squash.v2_image").V2Image
    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        shutil.rmtree(place)  # it makes its own
        image = squasher(
            logging.getLogger(), Engine(archive), "stack", None, place, "lightship-bench/one:1", ""
        )
        image.squash()
        image.export_tar_archive(str(target))
        Path(place).mkdir(exist_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
