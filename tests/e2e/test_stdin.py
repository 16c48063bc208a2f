"""`... | lightship inspect -`: what an engine writes, read as it comes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .programs import run
from .workshop import named

if TYPE_CHECKING:
    from .programs import Lightship
    from .workshop import Built, Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "buildah", "podman", "skopeo"),
    pytest.mark.xdist_group("engine"),
]


def assert_same_image(ours: Any, of: Any) -> None:
    """The same answer, but for the name it was asked by; estimates may come from other samples."""
    if of["image"]["wire_bytes_estimated"]:
        error = max(answer["image"]["wire_bytes_error"] for answer in (ours, of))
        difference = ours["image"]["wire_bytes"] - of["image"]["wire_bytes"]
        assert abs(difference) <= error
        for answer in (ours, of):
            del answer["pull"]
            for figures in (answer["image"], *answer["layers"]):
                del figures["wire_bytes"], figures["wire_bytes_error"]
    for answer in (ours, of):
        del answer["verified"], answer["image"]["reference"]
    assert ours == of


def test_docker_save_through_a_pipe(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    with workshop.engine() as engine:
        for builder in ("legacy", "buildkit"):
            save = engine.command("save", named(builder))
            piped = lightship.reading("inspect", "-", from_command=save, env=engine.environment)
            form = built[builder].forms["docker-save"]
            assert_same_image(piped, lightship.json("inspect", "--no-cache", form.reference))


def test_podman_save_through_a_pipe(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    for kind in ("docker-archive", "oci-archive"):
        save = ["podman", *workshop.store, "save", "-q", "--format", kind, named("buildah")]
        with workshop.alone():
            piped = lightship.reading("inspect", "-", from_command=save, env={})
        form = built["buildah"].forms[f"podman-{kind}"]
        assert_same_image(piped, lightship.json("inspect", "--no-cache", form.reference))


def test_skopeo_copy_through_a_pipe(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    target = "docker-archive:/dev/stdout:example.org/it:1"
    copy = ["skopeo", "--insecure-policy", "copy", "-q", workshop.stored("buildah"), target]
    with workshop.alone():
        piped = lightship.reading("inspect", "-", from_command=copy, env={})
    form = built["buildah"].forms["skopeo-docker-archive"]
    assert_same_image(piped, lightship.json("inspect", "--no-cache", form.reference))


def test_a_file_redirected_to_stdin(built: dict[str, Built], lightship: Lightship) -> None:
    for builder, name in (("legacy", "docker-25"), ("buildah", "skopeo-oci-archive-zstd")):
        form = built[builder].forms[name]
        path = Path(form.reference.partition(":")[2].removesuffix(":it"))
        with path.open("rb") as archive:
            piped = lightship.json("inspect", "--no-cache", "-", stdin=archive.fileno())
        assert_same_image(piped, lightship.json("inspect", "--no-cache", form.reference))


def test_a_compressed_archive_through_a_pipe(built: dict[str, Built], lightship: Lightship) -> None:
    """`docker save X | gzip` is what people keep."""
    form = built["legacy"].forms["docker-save"]
    path = form.reference.removeprefix("docker-archive:")
    compress = ["gzip", "-c", path]
    assert run("gzip", "--version")
    piped = lightship.reading("inspect", "-", from_command=compress, env={})
    assert_same_image(piped, lightship.json("inspect", "--no-cache", form.reference))
