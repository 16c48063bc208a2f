"""Images for several platforms, copied and rewritten: what becomes of the index."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lightship.api.copying import copy_order
from lightship.api.options import ReadOptions
from lightship.api.rewriting import Order
from lightship.api.squashing import squash_order
from lightship.model.digest import Digest
from lightship.testing import build_image

OCI = "application/vnd.oci.image"
WINDOWS = {"os": "windows", "architecture": "amd64", "os.version": "10.0.17763.1", "x": [1]}
PLATFORMS: list[dict[str, Any]] = [
    {"os": "linux", "architecture": "arm", "variant": "v6"},
    {"os": "linux", "architecture": "arm", "variant": "v7"},
    WINDOWS,
]


class Made:
    """A layout with one index, whose configs know no variant, written by hand."""

    def __init__(
        self, folder: Path, platforms: list[dict[str, Any]] = PLATFORMS, *, flat: int | None = None
    ) -> None:
        self.flat = flat
        self.home = folder / "made"
        (self.home / "blobs" / "sha256").mkdir(parents=True)
        self.images = [self._image(folder, number, p) for number, p in enumerate(platforms)]
        self.unknown: dict[str, Any] = {"keys": ["stay", 1.0]}

    def put(self, data: bytes, media_type: str) -> dict[str, Any]:
        digest = Digest.of(data)
        (self.home / "blobs" / "sha256" / digest.hex).write_bytes(data)
        return {"mediaType": media_type, "digest": str(digest), "size": len(data)}

    def attestation(self, about: dict[str, Any]) -> dict[str, Any]:
        notes = {
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": about["digest"],
        }
        config = self.put(b'{"os":"unknown"}', f"{OCI}.config.v1+json")
        statement = self.put(about["digest"].encode(), "application/vnd.in-toto+json")
        platform = {"os": "unknown", "architecture": "unknown"}
        return {**self.manifest(config, statement), "platform": platform, "annotations": notes}

    def artifact(self) -> dict[str, Any]:
        config = self.put(b"{}", "application/vnd.oci.empty.v1+json")
        return self.manifest(config, self.put(b"any bytes", "text/plain"), artifactType="text/x")

    def manifest(self, config: Any, *layers: Any, **more: Any) -> dict[str, Any]:
        kind = f"{OCI}.manifest.v1+json"
        document = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers}
        return self.put(json.dumps(document | more).encode(), kind)

    def index(self, *entries: Any) -> dict[str, Any]:
        kind = f"{OCI}.index.v1+json"
        # spaces, an unknown key, and an order of keys that nobody else writes
        document = {"manifests": entries, "unknown": self.unknown, "mediaType": kind}
        data = json.dumps({**document, "schemaVersion": 2}, indent=3).encode()
        return self.put(data, kind)

    def done(self, root: dict[str, Any]) -> str:
        named = {**root, "annotations": {"org.opencontainers.image.ref.name": "1"}}
        top = {"schemaVersion": 2, "manifests": [named]}
        (self.home / "index.json").write_text(json.dumps(top))
        (self.home / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        return f"oci:{self.home}:1"

    def _image(self, folder: Path, number: int, platform: dict[str, Any]) -> dict[str, Any]:
        layers = [{f"a{number}": b"a" * 9000}, {f"a{number}": b"b"}, {"c": b"c"}]
        layers = layers[:1] if number == self.flat else layers
        config = {key: platform[key] for key in ("os", "architecture")}
        text = build_image(layers, directory=folder, config=config)
        one = Path(text.removeprefix("oci:").partition(":")[0])
        for blob in (one / "blobs" / "sha256").iterdir():
            (self.home / "blobs" / "sha256" / blob.name).write_bytes(blob.read_bytes())
        (entry,) = json.loads((one / "index.json").read_bytes())["manifests"]
        del entry["annotations"]
        return {**entry, "platform": platform, "annotations": {"of": str(number)}}


def order(source: str, destination: str, command: Any = "copy") -> Order:
    options = ReadOptions(cache=None)
    return Order(
        command=command,
        reference=source,
        destination=destination,
        options=options,
        all_platforms=True,
    )


def copied(source: str, destination: str) -> tuple[str, list[str]]:
    done = copy_order(order(source, destination))
    return str(done[0].digest), list(done[0].notes)


def stored(home: Path, digest: str) -> bytes:
    data = (home / "blobs" / digest.replace(":", "/")).read_bytes()
    assert Digest.of(data) == digest
    return data


def rows_of(home: Path, digest: str) -> list[dict[str, Any]]:
    return list(json.loads(stored(home, digest))["manifests"])


def whole(made: Made) -> dict[str, Any]:
    """With all that an index may list."""
    nested = made.index(made.images[2], made.artifact())
    about = [made.attestation(image) for image in made.images]
    return made.index(*made.images[:2], nested, *about)


@pytest.mark.parametrize("form", ["oci", "oci-archive"])
def test_the_very_bytes_of_the_index_stay_with_all_it_lists(tmp_path: Path, form: str) -> None:
    made = Made(tmp_path)
    root = whole(made)
    there = f"{form}:{tmp_path}/there"
    assert copied(made.done(root), f"{there}:1") == (root["digest"], [])
    digest, _ = copied(f"{there}:1", f"oci:{tmp_path}/back:2")
    assert digest == root["digest"]
    blobs = {blob.name for blob in (made.home / "blobs" / "sha256").iterdir()}
    back = tmp_path / "back"
    assert {blob.name for blob in (back / "blobs" / "sha256").iterdir()} == blobs
    for name in blobs:
        assert stored(back, f"sha256:{name}")


def test_once_more_is_the_same(tmp_path: Path) -> None:
    made = Made(tmp_path)
    about = made.attestation(made.images[0])
    root = made.index(*made.images, about)
    source = made.done(root)
    for _ in range(2):
        assert copied(source, f"oci:{tmp_path}/there:1") == (root["digest"], [])


def test_one_image_with_its_attestation_stays_an_index(tmp_path: Path) -> None:
    made = Made(tmp_path, PLATFORMS[:1])
    root = made.index(*made.images, made.attestation(made.images[0]))
    assert copied(made.done(root), f"oci:{tmp_path}/there:1")[0] == root["digest"]


@pytest.mark.system("skopeo")
def test_skopeo_copies_what_was_copied(tmp_path: Path) -> None:
    made = Made(tmp_path)
    root = made.index(*made.images, *map(made.attestation, made.images))
    copied(made.done(root), f"oci:{tmp_path}/there:1")
    raw = _skopeo("inspect", "--raw", f"oci:{tmp_path}/there:1")
    assert raw == stored(made.home, root["digest"])
    _skopeo("copy", "--all", "--preserve-digests", f"oci:{tmp_path}/there:1", f"dir:{tmp_path}/d")
    assert (tmp_path / "d" / "manifest.json").read_bytes() == raw


def test_platforms_that_are_not_stored_are_left_out_and_named(tmp_path: Path) -> None:
    made = Made(tmp_path)
    root = made.index(*made.images)
    gone = made.images[1]["digest"]
    (made.home / "blobs" / gone.replace(":", "/")).unlink()
    digest, notes = copied(made.done(root), f"oci:{tmp_path}/there:1")
    rows = rows_of(tmp_path / "there", digest)
    assert rows == [made.images[0], made.images[2]]
    assert json.loads(stored(tmp_path / "there", digest))["unknown"] == made.unknown
    assert any("linux/arm/v7" in note and "another digest" in note for note in notes)


def test_a_place_for_plain_layers_says_why(tmp_path: Path) -> None:
    made = Made(tmp_path)
    root = made.index(*made.images)
    digest, notes = copied(made.done(root), f"docker-archive:{tmp_path}/x.tar:n")
    assert digest != root["digest"]
    assert any("another digest" in note for note in notes)
    back, notes = copied(f"docker-archive:{tmp_path}/x.tar", f"oci:{tmp_path}/back:1")
    assert back != digest
    assert any("another digest" in note for note in notes)
    assert [row["platform"] for row in rows_of(tmp_path / "back", back)] == PLATFORMS


def test_what_a_destination_has_besides_stays(tmp_path: Path) -> None:
    made = Made(tmp_path)
    about = [made.attestation(image) for image in made.images]
    source = made.done(made.index(*made.images, *about))
    there = f"oci:{tmp_path}/there:1"
    copied(source, there)
    smaller = made.done(made.index(*made.images[:2]))
    digest, notes = copied(smaller, there)
    rows = rows_of(tmp_path / "there", digest)
    assert rows[:3] == made.images
    assert rows[3:] == about
    assert any("windows/amd64" in note for note in notes)
    assert any("another digest" in note for note in notes)


def test_a_damaged_attestation_stops_it(tmp_path: Path) -> None:
    from lightship.errors import CorruptInputError  # noqa: PLC0415 - one test's

    made = Made(tmp_path)
    root = made.index(*made.images, made.attestation(made.images[0]))
    statement = Digest.of(made.images[0]["digest"].encode())
    (made.home / "blobs" / "sha256" / statement.hex).write_bytes(b"x" * 71)
    with pytest.raises(CorruptInputError):
        copied(made.done(root), f"oci:{tmp_path}/there:1")
    assert not (tmp_path / "there").exists()


def test_a_squash_edits_the_index_twice(tmp_path: Path) -> None:
    made = Made(tmp_path)
    about = [made.attestation(image) for image in made.images]
    source = made.done(made.index(*made.images, *about, made.artifact()))
    there = f"oci:{tmp_path}/there:1"
    digests = []
    for _ in range(2):
        done = squash_order(order(source, there, "squash"), keep=0)
        assert {one.outcome for one in done} == {"written"}
        digests.append(str(done[0].digest))
        notes = done[0].notes
        assert any("attestation" in note for note in notes)
    rows = rows_of(tmp_path / "there", digests[0])
    assert [row.get("platform") for row in rows] == [*PLATFORMS, None]
    assert [row.get("annotations") for row in rows[:3]] == [{"of": str(n)} for n in range(3)]
    assert not {row["digest"] for row in rows} & {row["digest"] for row in made.images}
    assert json.loads(stored(tmp_path / "there", digests[0]))["unknown"] == made.unknown
    assert digests[0] == digests[1]


@pytest.mark.parametrize("number", range(3))
def test_one_platform_takes_its_own_place_again(tmp_path: Path, number: int) -> None:
    made = Made(tmp_path)
    source = made.done(made.index(*made.images))
    there = f"oci:{tmp_path}/there:1"
    copied(source, there)
    one = source.rpartition(":")[0] + "@" + made.images[number]["digest"]
    seen = []
    for _ in range(2):
        chosen = Order(
            command="squash",
            reference=one,
            destination=there,
            options=ReadOptions(cache=None),
        )
        seen.append(rows_of(tmp_path / "there", str(squash_order(chosen, keep=0)[0].digest)))
    assert seen[0] == seen[1]
    assert [row["platform"] for row in seen[0]] == PLATFORMS
    changed = [row["digest"] != image["digest"] for row, image in zip(seen[0], made.images)]  # noqa: B905 - three each
    assert changed == [at == number for at in range(3)]


def test_what_is_about_an_image_that_stays_goes_along(tmp_path: Path) -> None:
    made = Made(tmp_path, flat=1)
    about = [made.attestation(image) for image in made.images]
    source = made.done(made.index(*made.images, *about))
    done = squash_order(order(source, f"oci:{tmp_path}/there:1", "squash"), keep=0)
    rows = rows_of(tmp_path / "there", str(done[0].digest))
    assert rows[1] == made.images[1]
    assert rows[3:] == [about[1]]
    assert json.loads(stored(tmp_path / "there", about[1]["digest"]))
    assert not [note for one in done for note in one.notes if about[1]["digest"] in note]


def test_one_image_for_two_platforms_is_rewritten_for_both(tmp_path: Path) -> None:
    made = Made(tmp_path)
    twice = {**made.images[1], "platform": {**PLATFORMS[1], "variant": "v8"}}
    source = made.done(made.index(*made.images, twice))
    done = squash_order(order(source, f"oci:{tmp_path}/there:1", "squash"), keep=0)
    rows = rows_of(tmp_path / "there", str(done[0].digest))
    assert [row["platform"] for row in rows] == [*PLATFORMS, twice["platform"]]
    assert rows[3]["digest"] == rows[1]["digest"]
    for row in rows:
        assert stored(tmp_path / "there", row["digest"])


def _skopeo(*arguments: str) -> bytes:
    command = ("skopeo", "--insecure-policy", *arguments)
    return subprocess.run(command, check=True, capture_output=True).stdout
