"""The same image measures the same in every form; wire bytes are exact where blobs are stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from .mistakes import DEAD
from .oracle import (
    LayerFacts,
    StoredImage,
    TreeFacts,
    image_id,
    layer_facts,
    stored_image,
    tree_facts,
)
from .programs import Lightship, run
from .workshop import BUILDERS, FORMS, SEVERAL, named

if TYPE_CHECKING:
    from .workshop import Built, Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "buildah", "podman", "skopeo", "umoci", "zstd"),
    pytest.mark.xdist_group("engine"),
]
EVERY_FORM = [(builder, form) for builder in BUILDERS for form in FORMS[builder]]
ALONE = {"docker": "docker-save", "podman": "podman-docker-archive"}
STORED_ELSEWHERE = 0.1
"""How far Go's gzip, another encoder than ours, may be from what ours would make of the layers."""


@dataclass(frozen=True)
class Facts:
    """What an image measures, by tarfile and by the tree that umoci unpacks."""

    layers: list[LayerFacts]
    tree: TreeFacts

    @property
    def unpacked_bytes(self) -> int:
        return sum(layer.unpacked_bytes for layer in self.layers)


@pytest.fixture(scope="session")
def facts(
    workshop: Workshop, built: dict[str, Built], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Facts]:
    made = {}
    for builder, forms in built.items():
        bundle = tmp_path_factory.mktemp("umoci") / builder
        with workshop.alone():
            run("umoci", "unpack", "--image", f"{gzip_form(forms).layout}:it", bundle)
        layers = [layer_facts(tar) for tar in forms.layer_tars]
        made[builder] = Facts(layers, tree_facts(bundle / "rootfs"))
    return made


def gzip_form(built: Built) -> StoredImage:
    layout = built.forms["skopeo-oci-gzip"].layout
    assert layout is not None
    return stored_image(layout)


def instructions(built: Built) -> list[str | None]:
    """What made each layer, by the config as skopeo stored it."""
    history = gzip_form(built).config["history"]
    return [entry.get("created_by") for entry in history if not entry.get("empty_layer")]


@pytest.mark.parametrize("builder", BUILDERS)
def test_the_images_hold_the_mistakes_worked_out_by_hand(
    builder: str, facts: dict[str, Facts]
) -> None:
    image = facts[builder]
    assert image.unpacked_bytes - image.tree.visible_bytes == sum(DEAD.values())


@pytest.mark.parametrize(("builder", "form"), EVERY_FORM)
def test_every_form_gives_the_same_figures(
    builder: str,
    form: str,
    built: dict[str, Built],
    facts: dict[str, Facts],
    lightship: Lightship,
) -> None:
    answer = lightship.json("inspect", built[builder].forms[form].reference)
    whole, expected = answer["image"], facts[builder]
    for field in ("diff_id", "unpacked_bytes", "files"):
        ours = [layer[field] for layer in answer["layers"]]
        assert ours == [getattr(layer, field) for layer in expected.layers], field
    assert [x["created_by"] for x in answer["layers"]] == instructions(built[builder])
    assert not any(layer["created_by_guessed"] for layer in answer["layers"])
    assert whole["visible_bytes"] == expected.tree.visible_bytes
    assert whole["files"] == expected.tree.files
    assert whole["duplicate_bytes"] == expected.tree.duplicate_bytes
    assert whole["unpacked_bytes"] == expected.unpacked_bytes
    assert whole["dead_bytes"] == sum(DEAD.values())
    assert answer["dead"] == DEAD
    assert whole["platform"] == "linux/amd64"
    assert whole["layers"] == len(expected.layers)


def test_a_layer_listed_twice_counts_at_each_position_and_is_pulled_once(
    built: dict[str, Built], lightship: Lightship
) -> None:
    stored = gzip_form(built["buildkit"])
    digests = [layer["digest"] for layer in stored.manifest["layers"]]
    (twice,) = {digest for digest in digests if digests.count(digest) > 1}
    first = digests.index(twice) + 1
    for form in built["buildkit"].forms.values():
        layers = lightship.json("inspect", form.reference)["layers"]
        again = [layer["index"] for layer in layers if layer["same_as"] == first]
        assert again == [at for at, d in enumerate(digests, 1) if d == twice and at != first]


@pytest.mark.parametrize(("builder", "form"), EVERY_FORM)
def test_wire_bytes_are_those_of_the_stored_blobs_or_an_estimate(
    builder: str, form: str, built: dict[str, Built], lightship: Lightship
) -> None:
    shape = built[builder].forms[form]
    # Not from the cache: it remembers what an earlier --exact found out.
    whole = (answer := lightship.json("inspect", "--no-cache", shape.reference))["image"]
    assert whole["image_id"] == image_id(shape)
    if shape.layout is None:
        assert whole["digest"] is None
        assert whole["wire_bytes_estimated"]
        assert whole["wire_bytes_error"] > 0
        gzipped = gzip_form(built[builder]).wire_bytes
        another_encoder = STORED_ELSEWHERE * gzipped
        assert abs(whole["wire_bytes"] - gzipped) <= whole["wire_bytes_error"] + another_encoder
        return
    stored = stored_image(shape.layout)
    assert whole["digest"] == stored.digest
    assert whole["wire_bytes"] == stored.wire_bytes
    assert not whole["wire_bytes_estimated"]
    assert whole["wire_bytes_error"] == 0
    assert [layer["wire_bytes"] for layer in answer["layers"]] == [
        blob.stat().st_size for blob in stored.layer_blobs
    ]
    assert [layer["digest"] for layer in answer["layers"]] == [
        layer["digest"] for layer in stored.manifest["layers"]
    ]


def test_plain_layers_are_compressed_on_request(
    built: dict[str, Built], lightship: Lightship
) -> None:
    """What lightship would write does not depend on the archive that the layers came in."""
    exact = set()
    for name in ("docker-save", "docker-25", "podman-docker-archive"):
        answer = lightship.json("inspect", "--exact", built["buildkit"].forms[name].reference)
        assert not any(layer["wire_bytes_estimated"] for layer in answer["layers"])
        assert not answer["image"]["wire_bytes_estimated"]
        assert answer["image"]["wire_bytes_error"] == 0
        exact.add(tuple(layer["wire_bytes"] for layer in answer["layers"]))
    assert len(exact) == 1
    gzipped = gzip_form(built["buildkit"]).wire_bytes
    assert answer["image"]["wire_bytes"] == pytest.approx(gzipped, rel=STORED_ELSEWHERE)


def test_a_path_alone_is_enough(built: dict[str, Built], lightship: Lightship) -> None:
    docker = [built["legacy"].forms[name] for name in ("docker-save", "docker-25", "docker-29")]
    for form in (*docker, *built["buildah"].forms.values()):
        path = form.reference.partition(":")[2].removesuffix(":it")
        named_kind = lightship.json("inspect", form.reference)
        bare = lightship.json("inspect", path)
        for answer in (named_kind, bare):
            del answer["verified"], answer["image"]["reference"]
        assert bare == named_kind, form.name


def test_skopeo_agrees_about_digest_and_layers(
    built: dict[str, Built], lightship: Lightship
) -> None:
    form = built["buildkit"].forms["skopeo-oci-gzip"]
    theirs = json.loads(run("skopeo", "inspect", form.reference))
    ours = lightship.json("inspect", form.reference)
    assert ours["image"]["digest"] == theirs["Digest"]
    assert [layer["digest"] for layer in ours["layers"]] == theirs["Layers"]


def test_docker_counts_the_same_unpacked_bytes(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    """Docker adds the lengths of symbolic links (test_history.py has when it does not)."""
    with workshop.engine() as engine:
        size = engine.docker("image", "inspect", "-f", "{{.Size}}", named("legacy"))
    links = sum(layer_facts(tar).symlink_bytes for tar in built["legacy"].layer_tars)
    saved = lightship.json("inspect", built["legacy"].forms["docker-save"].reference)
    assert saved["image"]["unpacked_bytes"] + links == int(size)


@pytest.mark.parametrize("program", SEVERAL)
def test_one_image_of_several_in_an_archive_is_named(
    program: str, workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    archive = workshop.several[program]
    for builder in SEVERAL[program]:
        answer = lightship.json("inspect", f"docker-archive:{archive}:{named(builder)}")
        alone = built[builder].forms[ALONE[program]]
        assert answer["image"]["image_id"] == image_id(alone)
        assert answer["dead"] == DEAD
    undecided = lightship.start("inspect", str(archive))
    assert undecided.returncode == 2
    for builder in SEVERAL[program]:
        assert named(builder).encode() in undecided.stderr


def test_a_form_that_is_not_supported_is_refused_by_name(
    built: dict[str, Built], lightship: Lightship
) -> None:
    place = built["buildah"].docker_dir
    for reference in (f"dir:{place}", str(place)):
        done = lightship.start("inspect", reference)
        assert done.returncode in {2, 3, 4}, done.stderr
        assert b"Traceback" not in done.stderr
        assert done.stdout == b""
