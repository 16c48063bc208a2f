"""Moves of small images made for a test."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from lightship.api.base_opening import look_inside
from lightship.api.options import ReadOptions
from lightship.bases.application import application_of
from lightship.bases.candidate import Candidate
from lightship.bases.move import Move
from lightship.testing import Symlink, build_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.bases.inside import Inside
    from lightship.bases.judging import Verdict
    from lightship.catalogue.base_images import BaseRow
    from lightship.model.results.base_verdict import Reason

Files = dict[str, object]
DEBIAN = b'ID=debian\nVERSION_ID="13"\n'
ALPINE = b"ID=alpine\nVERSION_ID=3.24.1\n"
ROOT = b"root:x:0:0:root:/root:/bin/sh\n"


def opened(folder: Path, layers: Sequence[Mapping[str, object]], **config: Any) -> Inside:
    """An image of these layers, read; `config` is its `config`, in the names of the format."""
    # zstd: its programs are some megabytes, and gzip takes a second for each.
    reference = build_image(layers, directory=folder, codec="zstd", config={"config": config})
    return look_inside(reference, None, ReadOptions(cache=None))


def moved(
    folder: Path,
    base: Mapping[str, object],
    above: Mapping[str, object],
    onto: Mapping[str, object] | BaseRow,
    *,
    config: Mapping[str, object] | None = None,
    onto_config: Mapping[str, object] | None = None,
) -> Move:
    """An application of one layer over its base, moved on another, opened or catalogued."""
    image = replace(opened(folder, [base, above], **(config or {})), base_layers=1)
    if isinstance(onto, dict):
        inside = opened(folder, [onto], **(onto_config or {}))
        candidate = Candidate(name="lightship.test/other", inside=inside)
    else:
        assert not hasattr(onto, "keys")
        candidate = Candidate(name="catalogued", row=onto)
    return Move(application_of(image), candidate)


def judged(move: Move, kind: str) -> list[Reason]:
    """The reasons of one judge."""
    judge = import_module(f"lightship.bases.judges.{kind}").judge
    reasons: list[Reason] = list(judge(move))
    assert all(one.kind == kind for one in reasons)
    return reasons


def told(answer: Verdict) -> list[tuple[str, str]]:
    return [(one.weight, one.kind) for one in answer.reasons]


@cache
def libraries_of(path: str) -> dict[str, bytes]:
    """A program of this machine's libraries and loader, by the paths that `ldd` gives."""
    text = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"(/\S+) \(0x", text)
    return {one.lstrip("/"): Path(one).read_bytes() for one in found}


@cache
def this_machine() -> Files:
    """A root with this machine's glibc, its loader and a shell: parts of a real Debian."""
    shell = Path("/bin/dash").read_bytes()
    return {
        **libraries_of("/bin/dash"),
        "bin/dash": shell,
        "bin/sh": Symlink("dash"),
        "etc/passwd": ROOT,
        "etc/os-release": DEBIAN,
    }


def dpkg(*packages: tuple[str, str, str], depends: str = "") -> Files:
    """A database of dpkg: name, version and the one file that each package owns."""
    status = ""
    files: Files = {}
    for name, version, path in packages:
        status += (
            f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
            f"Version: {version}\nDescription: x\n"
        )
        status += f"Depends: {depends}\n\n" if depends and name == packages[0][0] else "\n"
        files[f"var/lib/dpkg/info/{name}.list"] = f"/.\n/{path}\n".encode()
    return {"var/lib/dpkg/status": status.encode(), **files}
