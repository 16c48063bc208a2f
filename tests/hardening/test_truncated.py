"""Archives cut off at every length."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lightship
from hardening.outcome import command
from independent.rawtar import END, regular
from lightship.testing import build_image

if TYPE_CHECKING:
    from lightship.testing.images import Codec, Form

LAYERS = [regular(b"a", b"hello") + END]
CASES: list[tuple[Form, Codec]] = [
    ("oci-archive", "gzip"),
    ("docker-archive", "plain"),
    ("docker-archive-25", "plain"),
]


def wrongly_read(directory: Path, form: Form, codec: Codec, step: int) -> list[str]:
    """Lengths at which a cut archive was not refused although something is missing from it."""
    reference = build_image(LAYERS, directory=directory, form=form, codec=codec)
    path = Path(reference.partition(":")[2])
    whole = path.read_bytes()
    with tarfile.open(path) as archive:
        ends = [member.offset_data + member.size for member in archive]
    # between two members nobody can tell that another was to follow
    unseen = {at for end in ends for at in range(end, (end + 511) // 512 * 512 + 1)}
    cut = path.with_name("cut.tar")
    scheme = reference.partition(":")[0]
    missed = []
    for length in sorted({*range(0, ends[-1], step)} - unseen):
        cut.write_bytes(whole[:length])
        try:
            lightship.inspect(f"{scheme}:{cut}", cache=None)
            missed.append(f"{length} of {len(whole)} bytes: read")
        except lightship.LightshipError as error:
            if error.exit_code != 4:
                missed.append(f"{length}: exit code {error.exit_code}: {error}")
    return missed


@pytest.mark.parametrize(("form", "codec"), CASES)
def test_truncated_archives_are_refused(tmp_path: Path, form: Form, codec: Codec) -> None:
    assert not wrongly_read(tmp_path, form, codec, 31)


@pytest.mark.slow
@pytest.mark.parametrize(("form", "codec"), CASES)
def test_archives_truncated_at_every_length_are_refused(
    tmp_path: Path, form: Form, codec: Codec
) -> None:
    assert not wrongly_read(tmp_path, form, codec, 1)


@pytest.mark.parametrize("length", [0, 1, 511, 512, 700, 2000])
def test_a_pipe_that_ends_too_soon(tmp_path: Path, length: int) -> None:
    reference = build_image(LAYERS, directory=tmp_path, form="docker-archive", codec="plain")
    cut = tmp_path / "cut"
    cut.write_bytes(Path(reference.partition(":")[2]).read_bytes()[:length])
    command("inspect", "-", stdin=cut).refused()


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_truncated_compressed_layer(tmp_path: Path, codec: Codec) -> None:
    """With a digest and a size that fit the truncated blob: only the codec can tell."""
    from independent.layouts import change, folder, load, manifest_of, store  # noqa: PLC0415

    reference = build_image(LAYERS, directory=tmp_path, codec=codec)
    layout = folder(reference)
    blob = load(layout, manifest_of(layout)["layers"][0])
    for length in range(len(blob)):
        shorter = store(layout, blob[:length])
        change(reference, manifest=lambda found, to=shorter: found["layers"][0].update(to))  # type: ignore[misc]
        with pytest.raises(lightship.LightshipError) as caught:
            lightship.inspect(reference, cache=None)
        assert caught.value.exit_code == 4
