"""The images that can be measured, in their forms."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.places import IMAGE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

FORMS = ("docker", "gz", "zst")


@dataclass(frozen=True)
class Case:
    """One image in one form."""

    image: str
    form: str
    path: Path
    counted: dict[str, int]

    @property
    def name(self) -> str:
        """Return the case's name in tables and records."""
        return f"{self.image}/{self.form}"

    @property
    def entries(self) -> int:
        """Return the number of tar records in all layers."""
        return self.counted["entries"]

    @property
    def reference(self) -> str:
        """Return how lightship and skopeo name this image."""
        if self.form == "docker":
            return f"docker-archive:{self.path}"
        return f"oci:{self.path}:1"

    def warm(self) -> None:
        """Read the image once, so that the disk is in nobody's figures."""
        files = [self.path] if self.path.is_file() else sorted(self.path.rglob("*"))
        names = [str(file) for file in files if file.is_file()]
        subprocess.run(["cat", *names], stdout=subprocess.DEVNULL, check=True)


def find(root: Path, images: list[str], forms: list[str]) -> list[Case]:
    """Return the cases that are complete, small before large."""
    cases = []
    for image in (name for name in IMAGE_NAMES if name in images):
        done = root / f"{image}.done"
        if not done.exists():
            print(f"{image}: not made yet; python -m bench.images {image}")
            continue
        counted = json.loads(done.read_text())
        for form in (name for name in FORMS if name in forms):
            path = root / (f"{image}.docker.tar" if form == "docker" else f"{image}.oci-{form}")
            if path.exists():
                cases.append(Case(image, form, path, counted))
    return cases
