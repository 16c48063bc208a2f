"""OpenShift's limit to the byte: 5 GiB pass, one byte more does not.

The layer blobs are sparse files of NULs: valid and empty tars, which an OCI layout stores as they
go over the wire.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

GIB = 2**30
LIMIT = 5_368_709_120
_CHUNK = 1 << 20
_OCI = "application/vnd.oci.image"


def config_of(digests: Sequence[str]) -> bytes:
    config = {
        "os": "linux",
        "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": list(digests)},
        "history": [{"created_by": f"COPY part{at} /"} for at in range(len(digests))],
    }
    return json.dumps(config).encode()


# As long for any digests.
_CONFIG_BYTES = {count: len(config_of(["sha256:" + "0" * 64] * count)) for count in (1, 2)}
REST = 2 * GIB - _CONFIG_BYTES[2]
LENGTHS = (REST, REST + 1, 3 * GIB, LIMIT - _CONFIG_BYTES[1], LIMIT, LIMIT + 1)
CASES: dict[str, tuple[tuple[int, ...], dict[str, str], int]] = {
    "together": ((3 * GIB, REST), {"max-wire": "warn", "max-blob": "pass"}, LIMIT),
    "one-more": ((3 * GIB, REST + 1), {"max-wire": "fail", "max-blob": "pass"}, LIMIT + 1),
    "one-blob": ((LIMIT - _CONFIG_BYTES[1],), {"max-wire": "warn", "max-blob": "pass"}, LIMIT),
    "full-blob": (
        (LIMIT,),
        {"max-wire": "fail", "max-blob": "pass"},
        LIMIT + _CONFIG_BYTES[1],
    ),
    "larger-blob": (
        (LIMIT + 1,),
        {"max-wire": "fail", "max-blob": "fail"},
        LIMIT + 1 + _CONFIG_BYTES[1],
    ),
}


def made_up(length: int) -> str:
    return "sha256:" + hashlib.sha256(b"%d" % length).hexdigest()


@pytest.fixture(scope="module")
def digests() -> Callable[[int], str]:
    """The digests of so many NULs: one pass over the longest gives them all."""
    found: dict[int, str] = {}
    state, done, nulls = hashlib.sha256(), 0, bytes(_CHUNK)
    for length in sorted(LENGTHS):
        while length - done >= _CHUNK:
            state.update(nulls)
            done += _CHUNK
        at_length = state.copy()
        at_length.update(bytes(length - done))
        found[length] = f"sha256:{at_length.hexdigest()}"
    return found.__getitem__


def layout(folder: Path, lengths: Sequence[int], digest_of: Callable[[int], str]) -> str:
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def stored(data: bytes, kind: str) -> dict[str, Any]:
        name = hashlib.sha256(data).hexdigest()
        (blobs / name).write_bytes(data)
        return {
            "mediaType": f"{_OCI}.{kind}.v1+json",
            "digest": f"sha256:{name}",
            "size": len(data),
        }

    layers = []
    for length in lengths:
        digest = digest_of(length)
        with (blobs / digest.partition(":")[2]).open("wb") as file:
            file.truncate(length)
        layers.append({"mediaType": f"{_OCI}.layer.v1.tar", "digest": digest, "size": length})
    config = stored(config_of([str(layer["digest"]) for layer in layers]), "config")
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_OCI}.manifest.v1+json",
        "config": config,
        "layers": layers,
    }
    index = {"schemaVersion": 2, "manifests": [stored(json.dumps(manifest).encode(), "manifest")]}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return f"oci:{folder}"


def judged(reference: str, *options: str) -> tuple[int, dict[str, str], Mapping[str, Any]]:
    """Exit code, verdict of each budget, and the image's figures."""
    command = [sys.executable, "-m", "lightship", "check", reference, "--profile", "rahti"]
    command += ["--no-cache", "--format", "json", *options]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode in {0, 1}, run.stderr
    document = json.loads(run.stdout)
    verdicts = {one["budget"]: one["verdict"] for one in document["judged"]}
    return run.returncode, verdicts, document["image"]


@pytest.mark.parametrize("name", CASES)
def test_by_the_manifest_alone(name: str, tmp_path: Path) -> None:
    lengths, verdicts, wire_bytes = CASES[name]
    code, found, image = judged(layout(tmp_path, lengths, made_up), "--manifest-only")
    assert image["wire_bytes"] == wire_bytes
    assert found == verdicts
    assert code == ("fail" in verdicts.values())


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("together", marks=pytest.mark.slow),
        pytest.param("one-more", marks=pytest.mark.slow),
        pytest.param("full-blob", marks=pytest.mark.acceptance),
        pytest.param("larger-blob", marks=pytest.mark.acceptance),
    ],
)
def test_with_every_layer_read(name: str, tmp_path: Path, digests: Callable[[int], str]) -> None:
    lengths, verdicts, wire_bytes = CASES[name]
    code, found, image = judged(layout(tmp_path, lengths, digests))
    assert (image["wire_bytes"], image["wire_bytes_estimated"]) == (wire_bytes, False)
    assert image["unpacked_bytes"] == 0
    assert found == verdicts
    assert code == ("fail" in verdicts.values())
