"""What belongs to an image beside it, as registries old and new tell it, or do not."""

from __future__ import annotations

import json
from typing import NoReturn

import pytest

from lightship.model.digest import Digest
from lightship.model.documents import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST
from lightship.model.image import Manifested
from lightship.net.options import NetOptions
from lightship.transports.access import Access
from lightship.transports.opening import open_image
from lightship.transports.registry.attached import MAX_NAMED, attached_to
from lightship.transports.registry.client import Repository

from .pretended_registry import Asked, Pretended, Reply, pretending

DIGEST = Digest.of(b"the image")
TAG = f"sha256-{DIGEST.hex}"
MANIFEST = json.dumps(
    {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {"digest": DIGEST, "size": 2}}
).encode()


class Notes:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def begin(self, what: str, total_bytes: int | None) -> None: ...

    def advance(self, done_bytes: int) -> None: ...

    def end(self) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)


def asked(registry: Pretended, notes: Notes | None = None) -> tuple[str, ...]:
    network = NetOptions(plain_http=frozenset({"127.0.0.1"}), attempts=1)
    access = Access(network=network, environment={}, progress=notes or Notes())
    return attached_to(Repository(registry.host, "a/b", access), DIGEST)


def index(*kinds: str | None) -> bytes:
    rows = [
        {"mediaType": OCI_MANIFEST, "digest": Digest.of(str(n).encode()), "size": 1}
        | ({"artifactType": kind} if kind else {})
        for n, kind in enumerate(kinds)
    ]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": rows}).encode()


def referring(data: bytes, status: int = 200) -> Pretended:
    def first(one: Asked) -> Reply | None:
        if "/referrers/" not in one.path:
            return None
        assert one.path.endswith(f"/referrers/{DIGEST}")
        return Reply(status, {"Content-Type": OCI_INDEX}, data)

    return Pretended(first=first)


def test_nothing_belongs_to_most_images() -> None:
    notes = Notes()
    for registry in (Pretended(), referring(index())):
        with pretending(registry):
            assert asked(registry, notes) == ()
    assert not notes.notes


def test_what_cosign_put_beside_it() -> None:
    registry = Pretended(
        manifests={f"{TAG}.{end}": (OCI_MANIFEST, MANIFEST) for end in ("sig", "att", "sbom")}
    )
    with pretending(registry):
        found = asked(registry)
    assert [name.rpartition(".")[2] for name in found] == ["sig", "att", "sbom"]
    assert f"registry:{registry.host}/a/b:{TAG}.sig" in found[0]


def test_referrers_by_question_and_by_tag() -> None:
    kinds = ("application/vnd.dev.sigstore.bundle.v0.3+json", None)
    by_tag = Pretended(manifests={TAG: (OCI_INDEX, index(*kinds))})
    for registry in (referring(index(*kinds)), by_tag):
        with pretending(registry):
            found = asked(registry)
        assert len(found) == 2
        assert found[0].startswith(f"{kinds[0]} registry:{registry.host}/a/b@sha256:")
        assert found[1].startswith("artifact ")


def test_many_are_counted_and_foreign_text_is_short() -> None:
    with pretending(referring(index(*["x" * 5000] * (MAX_NAMED + 5)))) as registry:
        found = asked(registry)
    assert found[-1] == "5 more that belong to it"
    assert all(len(name) < 500 for name in found)


@pytest.mark.parametrize(
    "registry",
    [
        referring(b"", 500),
        referring(b"{"),
        referring(b"[" * 100_000),
        Pretended(first=lambda _: Reply(401)),
        Pretended(first=lambda _: Reply(200, {"Content-Type": "text/html"}, b"<html>")),
        Pretended(first=lambda _: Reply(200, {"Content-Length": "9"}, b"", drains=False)),
    ],
)
def test_what_cannot_be_asked_is_a_note_and_no_error(registry: Pretended) -> None:
    notes = Notes()
    with pretending(registry):
        assert asked(registry, notes) == ()
    (note,) = notes.notes
    assert note.startswith("whether it is signed is not known")


def test_what_was_found_before_is_told_all_the_same() -> None:
    registry = referring(b"", 500)
    registry.manifests[f"{TAG}.sig"] = OCI_MANIFEST, MANIFEST
    with pretending(registry):
        assert len(asked(registry)) == 1


def test_what_belongs_to_the_index_of_a_tag_is_named_with_its_images() -> None:
    config = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": []}})
    blob = Digest.of(config.encode())
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": OCI_CONFIG, "digest": blob, "size": len(config)},
            "layers": [],
        }
    ).encode()
    one = Digest.of(manifest)
    platform = {"os": "linux", "architecture": "amd64"}
    row = {"mediaType": OCI_MANIFEST, "digest": one, "size": len(manifest), "platform": platform}
    data = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [row]}).encode()
    signatures = [f"sha256-{digest.hex}.sig" for digest in (one, Digest.of(data))]
    registry = Pretended(
        blobs={blob: config.encode()},
        manifests={"1": (OCI_INDEX, data), one: (OCI_MANIFEST, manifest)}
        | dict.fromkeys(signatures, (OCI_MANIFEST, MANIFEST)),
    )
    with pretending(registry):
        network = NetOptions(plain_http=frozenset({"127.0.0.1"}), attempts=1)
        access = Access(network=network, environment={})
        image = open_image(
            f"registry:{registry.host}/a/b:1", platform=None, read_layer=_never, access=access
        )
        assert isinstance(image, Manifested)
        assert [line.rpartition(":")[2] for line in image.attached()] == signatures


def _never(*_: object) -> NoReturn:
    raise AssertionError("no pipe is read here")
