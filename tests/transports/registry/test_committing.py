"""The end of a push: what the tag stands for then, and what is said where that fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lightship.errors import DestinationError, LightshipError
from lightship.model.documents import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST

from .pretended_registry import Asked, Pretended, Reply, pretending
from .stagings import ARM64, CONFIG, digest_of, image, index, puts, staging_in

if TYPE_CHECKING:
    from collections.abc import Callable


def test_other_platforms_of_the_tag_stay() -> None:
    old, other, new = image(1), image(2, ARM64), image(3)
    registry = Pretended(manifests={"1": (OCI_INDEX, index(old, other))})
    with pretending(registry):
        staging = staging_in(registry)
        assert staging.accepts.families == ("oci",)
        staging.put(CONFIG)
        done = staging.commit([new])
    kind, data = registry.manifests["1"]
    assert kind == OCI_INDEX
    assert data == index(new, other).replace(b", ", b",").replace(b": ", b":")
    assert done.digest == digest_of(data)
    assert any("linux/arm64" in note for note in done.notes)
    assert puts(registry) == [digest_of(new.manifest), "1"]


def test_several_platforms_make_an_index() -> None:
    images = [image(1), image(2, ARM64)]
    with pretending() as registry:
        staging = staging_in(registry)
        staging.put(CONFIG)
        done = staging.commit(images)
    assert puts(registry) == [*(digest_of(one.manifest) for one in images), "1"]
    rows = json.loads(registry.manifests["1"][1])["manifests"]
    assert [row["digest"] for row in rows] == [digest_of(one.manifest) for one in images]
    assert done.digest == digest_of(registry.manifests["1"][1])


def test_an_index_of_the_other_family_is_left_alone() -> None:
    old, other = image(1), image(2, ARM64)
    registry = Pretended(manifests={"1": (OCI_INDEX, index(old, other))})
    before = dict(registry.manifests)
    with pretending(registry):
        staging = staging_in(registry)
        with pytest.raises(DestinationError, match="never mixed") as caught:
            staging.commit([image(3, kind=DOCKER_MANIFEST)])
    assert registry.manifests["1"] == before["1"]
    assert "stands for what it did" in str(caught.value)


def moved_at(look: int, moves: Callable[[Pretended, int], None]) -> Pretended:
    """Somebody else moves the tag just before our so-manieth look at it."""
    looks = 0

    def first(asked: Asked) -> Reply | None:
        nonlocal looks
        if asked.method == "GET" and asked.path.endswith("/manifests/1"):
            looks += 1
            if looks >= look:
                moves(registry, looks)
        return None

    registry = Pretended(first=first)
    return registry


def test_a_tag_that_somebody_moved_meanwhile_is_looked_at_again() -> None:
    theirs, other, new = image(7), image(8, ARM64), image(9)

    def moves(registry: Pretended, _: int) -> None:
        registry.manifests["1"] = (OCI_INDEX, index(theirs, other))

    with pretending(moved_at(2, moves)) as registry:
        staging = staging_in(registry)
        done = staging.commit([new])
    rows = json.loads(registry.manifests["1"][1])["manifests"]
    assert [row["digest"] for row in rows] == [digest_of(new.manifest), digest_of(other.manifest)]
    assert any("by somebody else meanwhile" in note for note in done.notes)
    assert any("linux/arm64" in note for note in done.notes)


def test_and_not_for_ever() -> None:
    def moves(registry: Pretended, look: int) -> None:
        registry.manifests["1"] = (OCI_MANIFEST, image(look).manifest)

    with pretending(moved_at(1, moves)) as registry:
        staging = staging_in(registry)
        with pytest.raises(DestinationError, match="again and again"):
            staging.commit([image(100)])
        assert "1" not in puts(registry)


def failing(*names: str, status: int = 500, code: str = "UNKNOWN") -> Callable[[Asked], Any]:
    def first(asked: Asked) -> Reply | None:
        put = asked.method == "PUT" and "/manifests/" in asked.path
        name = asked.path.rpartition("/")[2]
        return Reply.error(status, code, "so it is") if put and name in names else None

    return first


def test_what_was_put_and_what_was_not_is_said() -> None:
    images = [image(1), image(2, ARM64)]
    digests = [digest_of(one.manifest) for one in images]
    for names, told in (
        (digests[:1], "No manifest was put, and"),
        (digests[1:], "1 of 2 manifests were put, under their digests alone, and"),
        (["1"], "2 of 2 manifests were put, under their digests alone, and"),
    ):
        with pretending(Pretended(first=failing(*names))) as registry:
            staging = staging_in(registry)
            with pytest.raises(DestinationError) as caught:
                staging.commit(images)
            assert "1" not in registry.manifests
        assert told in str(caught.value)
        assert f"registry:{registry.host}/a/b:1 stands for what it did" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_an_answer_that_was_lost_is_looked_after() -> None:
    one = image()
    lost = False

    def first(asked: Asked) -> Reply | None:
        nonlocal lost
        if asked.method == "PUT" and asked.path.endswith("/manifests/1"):
            lost = True
            registry.manifests["1"] = (OCI_MANIFEST, one.manifest)
            return Reply(200, {"Content-Length": "9"}, b"", drains=False)
        if lost and blind:
            return Reply(503)
        return None

    for blind in (False, True):
        lost = False
        with pretending(Pretended(first=first)) as registry:
            staging = staging_in(registry)
            if not blind:
                assert staging.commit([one]).digest == digest_of(one.manifest)
                continue
            with pytest.raises(DestinationError) as caught:
                staging.commit([one])
            assert "may have been set" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "MANIFEST_INVALID", "--codec gzip"),
        (415, "UNSUPPORTED", "--codec gzip"),
        (401, "UNAUTHORIZED", "right to push"),
        (403, "DENIED: quota exceeded", "limit of the registry"),
        (404, "NAME_UNKNOWN", "Check the name"),
        (405, "UNSUPPORTED", "mirror"),
        (413, "X", "client_max_body_size"),
        (429, "TOOMANYREQUESTS", "Too many requests"),
        (500, "no space left on device", "disk is full"),
        (503, "X", "try again later"),
        (507, "X", "disk is full"),
        (418, "X", "a registry?"),
    ],
)
def test_what_to_do_about_a_refusal(status: int, code: str, words: str) -> None:
    name = digest_of(image().manifest)
    with pretending(Pretended(first=failing(name, status=status, code=code))) as registry:
        staging = staging_in(registry)
        with pytest.raises(DestinationError) as caught:
            staging.commit([image()])
    assert words in str(caught.value)
    assert str(status) in str(caught.value)
    assert "so it is" in str(caught.value)
    assert caught.value.exit_code == 5


def test_a_registry_that_calls_a_manifest_otherwise_is_not_believed() -> None:
    other = digest_of(b"other")
    registry = Pretended(
        first=lambda asked: (
            Reply(201, {"Docker-Content-Digest": other}) if asked.method == "PUT" else None
        )
    )
    with pretending(registry):
        staging = staging_in(registry)
        with pytest.raises(LightshipError, match="not its digest"):
            staging.commit([image()])
