"""Images for several platforms in Debian's docker-registry: the index keeps its digest."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from lightship.api.copying import copy_order
from lightship.api.options import ReadOptions
from lightship.api.rewriting import Order
from lightship.api.squashing import squash_order

from .programs import run
from .pushes import reach_of
from .registry_places import Filled, filled, layout_of
from .registry_server import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.system("docker-registry", "skopeo", "apache2-utils")]


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with filled(tmp_path_factory.mktemp("platforms"), "token") as found:
        yield found


def order(one: Filled, source: str, to: str, command: Any = "copy") -> Order:
    access = reach_of(one.registry)
    options = ReadOptions(cache=None, network=access.network, auth_file=access.auth_file)
    return Order(
        command=command, reference=source, destination=to, options=options, all_platforms=True
    )


def raw(one: Filled, name: str) -> bytes:
    reference = one.reference(name).replace("registry:", "docker://", 1)
    return run("skopeo", "inspect", "--raw", *trusted(one), reference)


def trusted(one: Filled, side: str = "") -> tuple[str | Path, ...]:
    login = f"reader:{PASSWORD}"
    return f"--{side}cert-dir", one.registry.folder / "trusted", f"--{side}creds", login


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_from_files_into_a_registry_and_back(one: Filled, tmp_path: Path) -> None:
    source = layout_of(one.files["index:1"])
    digest = source.manifest_digest
    copies = [
        one.files["index:1"],
        one.reference("copied:1"),
        one.reference("again/copied:2"),
        f"oci-archive:{tmp_path}/x.tar:1",
        one.reference("third:1"),
        f"oci:{tmp_path}/out:1",
    ]
    for there, to in itertools.pairwise(copies):
        done = copy_order(order(one, there, to))
        assert str(done[0].digest) == digest, to
        assert not done[0].notes
    for name in ("copied:1", "again/copied:2", "third:1"):
        assert raw(one, name) == source.blob(digest)
    out = layout_of(f"oci:{tmp_path}/out:1")
    assert out.manifest_digest == digest
    for entry in json.loads(source.blob(digest))["manifests"]:
        manifest = json.loads(out.blob(entry["digest"]))
        for blob in (manifest["config"], *manifest["layers"]):
            assert digest_of(out.blob(blob["digest"])) == blob["digest"]


def test_skopeo_finds_everything(one: Filled, tmp_path: Path) -> None:
    copy_order(order(one, one.files["index:1"], one.reference("found:1")))
    source = one.reference("found:1").replace("registry:", "docker://", 1)
    run("skopeo", "--insecure-policy", "copy", "-q", "--all", "--preserve-digests",
        *trusted(one, "src-"), source, f"dir:{tmp_path}/d")  # fmt: skip
    assert (tmp_path / "d" / "manifest.json").read_bytes() == raw(one, "found:1")


def test_a_squash_keeps_the_platforms_as_they_are_listed(one: Filled) -> None:
    to = one.reference("squashed:1")
    before = json.loads(layout_of(one.files["index:1"]).blob(
        layout_of(one.files["index:1"]).manifest_digest))["manifests"]  # fmt: skip
    digests = set()
    for _ in range(2):
        done = squash_order(order(one, one.files["index:1"], to, "squash"), keep=0)
        assert any("attestation" in note for note in done[0].notes)
        digests.add(str(done[0].digest))
    assert digests == {digest_of(raw(one, "squashed:1"))}
    after = json.loads(raw(one, "squashed:1"))["manifests"]
    assert [row["platform"] for row in after] == [row["platform"] for row in before[:3]]


def test_dockers_list_of_manifests_stays_one(one: Filled, tmp_path: Path) -> None:
    plain = tmp_path / "plain"  # without the attestation, which skopeo cannot convert
    source = layout_of(one.files["index:1"])
    shutil.copytree(source.folder, plain)
    index = json.loads(source.blob(source.manifest_digest))
    data = json.dumps({**index, "manifests": index["manifests"][:3]}).encode()
    (plain / "blobs" / digest_of(data).replace(":", "/")).write_bytes(data)
    entry = {"mediaType": index["mediaType"], "digest": digest_of(data), "size": len(data)}
    (plain / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    one.registry.push(f"oci:{plain}", "public/list:1", "--all", "--format", "v2s2")

    listed = raw(one, "list:1")
    assert json.loads(listed)["mediaType"].startswith("application/vnd.docker.")
    done = copy_order(order(one, one.reference("list:1"), one.reference("list/again:1")))
    assert str(done[0].digest) == digest_of(listed)
    assert raw(one, "list/again:1") == listed
    done = copy_order(order(one, one.reference("list:1"), f"oci:{tmp_path}/out:1"))
    assert any("another digest" in note for note in done[0].notes)
