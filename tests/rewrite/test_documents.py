"""Configs and manifests are edited in their own text (C10, M2-M4, Z3)."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import CorruptInputError
from lightship.layers.scan import Codec
from lightship.model.digest import Digest
from lightship.model.documents import DOCKER_MANIFEST, OCI_MANIFEST
from lightship.model.image import RawManifest
from lightship.rewrite.config_proof import compare_configs
from lightship.rewrite.documents import LayerRow, new_config, new_manifest
from lightship.rewrite.rawjson import RawObject, dumped, elements

if TYPE_CHECKING:
    from typing import BinaryIO

ONE, TWO = Digest.of(b"1"), Digest.of(b"2")
TOC = "containerd.io/snapshot/stargz/toc.digest"
CHUNKED = "io.github.containers.zstd-chunked.manifest-checksum"
BASE = "org.opencontainers.image.base.digest"
OCI = "application/vnd.oci.image"
DOCKER = "application/vnd.docker"

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Blob:
    """A staged blob in memory."""

    def __init__(self, data: bytes) -> None:
        self.data, self.digest, self.stored_bytes = data, Digest.of(data), len(data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)


# Text.


@given(st.dictionaries(st.text(), _VALUES), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_an_object_is_what_it_was_to_the_letter(
    value: dict[str, Any], indent: int | None, escaped: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=escaped)
    raw = RawObject(text, is_map=True)
    assert raw.keys() == list(value)
    assert json.loads(str(raw)) == value
    assert all(json.loads(part) == value[key] for key, part in raw.items())
    assert all(part in text for _, part in raw.items())


@given(st.lists(_VALUES), st.sampled_from([None, 2]))
def test_an_array_is_taken_apart(values: list[Any], indent: int | None) -> None:
    text = json.dumps(values, indent=indent)
    parts = elements(text)
    assert [json.loads(part) for part in parts] == values
    assert all(part in text for part in parts)


def test_numbers_escapes_and_order_stay() -> None:
    text = '{"z": 1.0, "a": 1e2, "\\u0061b": "\\ud800", "n": 12345678901234567890123}'
    raw = RawObject(text)
    raw.put("Z", "2")
    raw.put("new", "[]")
    assert str(raw) == '{"z":2,"a":1e2,"\\u0061b":"\\ud800","n":12345678901234567890123,"new":[]}'
    raw.drop("A")
    assert "a" not in raw
    assert "AB" in raw


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a"}', '{"a":}', '{"a":1', '{"a":1,}', '{"a":1 "b":2}', "{1:2}", "1"]
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(CorruptInputError):
        RawObject(text)
    with pytest.raises(CorruptInputError):
        RawObject.of(b"\xff" + text.encode())
    if text != "[]":
        with pytest.raises(CorruptInputError):
            elements(text)


def test_deep_nesting_ends_in_an_error() -> None:
    deep = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    with pytest.raises(CorruptInputError):
        RawObject(deep)


# Configs.

CONFIG = (
    b'{"architecture": "amd64", "os":"linux", "X-unknown": {"b":1.0,  "a":[1e3]}, '
    b'"config": {"Env":["A=1"], "Labels":{"k":"v","K":"V"}, "OnBuild": null}, '
    b'"rootfs":{"type":"layers","diff_ids":["%s", "%s"], "y":0}, "history":[{"created_by":"x"}]}'
    % (ONE.encode(), TWO.encode())
)


def test_a_config_of_the_same_layers_keeps_its_bytes() -> None:
    assert new_config(CONFIG, [ONE, TWO]) is CONFIG


def test_only_what_changes_is_edited() -> None:
    made = new_config(CONFIG, [TWO], history="[]", created="2020-01-01T00:00:00Z")
    assert json.loads(made) == {
        **json.loads(CONFIG),
        "rootfs": {"type": "layers", "diff_ids": [TWO], "y": 0},
        "history": [],
        "created": "2020-01-01T00:00:00Z",
    }
    assert b'{"b":1.0,  "a":[1e3]}' in made
    assert b'{"Env":["A=1"], "Labels":{"k":"v","K":"V"}, "OnBuild": null}' in made


def test_keys_in_another_case_are_the_ones_that_go_reads() -> None:
    made = new_config(b'{"RootFS":{"Diff_IDs":["x"]},"CREATED":"y"}', [ONE], created="z")
    assert json.loads(made) == {"RootFS": {"Diff_IDs": [ONE]}, "CREATED": "z"}


def test_an_image_without_layers_may_have_no_rootfs() -> None:
    assert new_config(b"{}", []) == b"{}"
    assert json.loads(new_config(b"{}", [ONE])) == {"rootfs": {"type": "layers", "diff_ids": [ONE]}}


def compared(
    old: bytes,
    new: bytes,
    ids: list[Digest],
    history: str | None = None,
    created: str | None = None,
) -> list[tuple[str, str]]:
    _, wrong = compare_configs(old, Blob(new), ids, history=history, created=created)
    return [(one.path.decode(), one.what) for one in wrong]


@pytest.mark.parametrize("old", [CONFIG, b"{}", b'{"rootfs":null}', b'{"rootfs":{}}'])
@pytest.mark.parametrize("ids", [[ONE, TWO], [TWO], []])
@pytest.mark.parametrize("history", [None, '[{"a": 1.0}]'])
@pytest.mark.parametrize("created", [None, "2020-01-01T00:00:00Z"])
def test_what_is_made_is_what_was_announced(
    old: bytes, ids: list[Digest], history: str | None, created: str | None
) -> None:
    new = new_config(old, ids, history=history, created=created)
    assert not compared(old, new, ids, history, created)


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (b"amd64", b"arm64", "architecture"),
        (b'"A=1"', b'"A=2"', "config.env"),
        (b'"K":"V"', b'"K":"W"', "config.labels"),
        (b'"OnBuild": null', b'"OnBuild": []', "config.onbuild"),
        (b"1.0", b"1", "x-unknown"),
        (b'"y":0', b'"y":false', "rootfs.y"),
        (b'"os":"linux", ', b"", "os"),
        (b'"config"', b'"conf"', "config.env"),
        (b'"x"', b'"z"', "history"),
        (ONE.encode(), Digest.of(b"3").encode(), "rootfs.diff_ids"),
        (b'{"arch', b'{"new":1,"arch', "new"),
    ],
)
def test_a_field_that_differs_is_named(before: bytes, after: bytes, field: str) -> None:
    spoilt = CONFIG.replace(before, after, 1)
    assert spoilt != CONFIG
    assert (field, "config") in compared(CONFIG, spoilt, [ONE, TWO])


def test_an_announced_field_that_stayed_is_named() -> None:
    assert compared(CONFIG, CONFIG, [TWO]) == [("rootfs.diff_ids", "config")]
    assert compared(CONFIG, CONFIG, [ONE, TWO], "[]") == [("history", "config")]
    assert compared(CONFIG, CONFIG, [ONE, TWO], None, "x") == [("created", "config")]


@pytest.mark.parametrize("new", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff"])
def test_what_is_no_config_proves_nothing(new: bytes) -> None:
    assert compared(CONFIG, new, [ONE, TWO])


# Manifests.


def row(data: bytes, *positions: int, codec: Codec = Codec.GZIP, is_new: bool = False) -> LayerRow:
    return LayerRow(Blob(data), ONE, codec, positions, is_new=is_new)


def descriptor(media_type: str, data: bytes, /, **more: object) -> dict[str, object]:
    return {"mediaType": media_type, "digest": Digest.of(data), "size": len(data), **more}


def manifest(*layers: dict[str, object], family: str = "oci", **more: object) -> RawManifest:
    media_type = OCI_MANIFEST if family == "oci" else DOCKER_MANIFEST
    kind = f"{OCI}.config.v1+json" if family == "oci" else f"{DOCKER}.container.image.v1+json"
    document = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": descriptor(kind, b"config", x=1.0),
        "layers": list(layers),
        **more,
    }
    return RawManifest(json.dumps(document, indent=1).encode(), media_type)


GZIP = f"{OCI}.layer.v1.tar+gzip"
OLD = manifest(
    descriptor(GZIP, b"a", annotations={TOC: "t", "k": "v"}),
    descriptor(
        GZIP, b"b", annotations={CHUNKED: "c", "containerd.io/uncompressed": "u"}, data="Yg=="
    ),
    descriptor(GZIP, b"c", unknown=[1.0]),
    annotations={BASE: "sha256:0", "com.amazon.soci.index-digest": "s", "own": "yes"},
    subject=descriptor(OCI_MANIFEST, b"subject"),
    artifactType="application/x",
    unknown={"b": 1.0},
)


def test_a_manifest_of_the_same_blobs_keeps_its_bytes() -> None:
    made = new_manifest(OLD, Blob(b"config"), [row(b"a", 1), row(b"b", 2), row(b"c", 3)], "oci")
    assert made.data is OLD.data
    assert not made.notes


def test_what_no_longer_holds_is_dropped_and_named() -> None:
    layers = [row(b"a", 1), row(b"B", 2, codec=Codec.ZSTD), row(b"C", 3, is_new=True)]
    made = new_manifest(OLD, Blob(b"new config"), layers, "oci", keeps_base=False)
    document = json.loads(made.data)
    assert made.media_type == OCI_MANIFEST
    assert document["config"] == descriptor(f"{OCI}.config.v1+json", b"new config", x=1.0)
    assert document["layers"] == [
        descriptor(GZIP, b"a", annotations={TOC: "t", "k": "v"}),
        descriptor(
            f"{OCI}.layer.v1.tar+zstd", b"B", annotations={"containerd.io/uncompressed": "u"}
        ),
        descriptor(GZIP, b"C", unknown=[1.0]),
    ]
    assert document["annotations"] == {"own": "yes"}
    assert document["unknown"] == {"b": 1.0}
    assert document["artifactType"] == "application/x"
    assert "subject" not in document
    told = "\n".join(made.notes)
    for name in (CHUNKED, BASE, "com.amazon.soci.index-digest", "subject"):
        assert name in told
    assert TOC not in told


def test_annotations_of_the_base_hold_while_its_layers_stay() -> None:
    layers = [row(b"a", 1), row(b"x", 2, 3, is_new=True)]
    made = new_manifest(OLD, Blob(b"new"), layers, "oci")
    assert json.loads(made.data)["annotations"] == {BASE: "sha256:0", "own": "yes"}


def test_a_layer_made_of_several_has_no_annotations_of_theirs() -> None:
    made = new_manifest(OLD, Blob(b"new"), [row(b"x", 1, 2, 3, is_new=True)], "oci")
    assert json.loads(made.data)["layers"] == [descriptor(GZIP, b"x")]
    assert TOC in made.notes[0]
    assert CHUNKED in made.notes[0]


def test_only_the_config_changes_and_tables_of_layers_stay() -> None:
    layers = [row(b"a", 1), row(b"b", 2), row(b"c", 3)]
    document = json.loads(new_manifest(OLD, Blob(b"dated"), layers, "oci").data)
    assert document["layers"] == json.loads(OLD.data)["layers"]
    assert document["annotations"] == json.loads(OLD.data)["annotations"]


def test_families_are_never_mixed_m3() -> None:
    layers = [row(b"a", 1), row(b"b", 2), row(b"c", 3, codec=Codec.PLAIN)]
    made = new_manifest(OLD, Blob(b"config"), layers, "docker")
    document = json.loads(made.data)
    assert made.media_type == document["mediaType"] == DOCKER_MANIFEST
    assert document["config"]["mediaType"] == f"{DOCKER}.container.image.v1+json"
    assert [one["mediaType"] for one in document["layers"]] == [
        f"{DOCKER}.image.rootfs.diff.tar.gzip",
        f"{DOCKER}.image.rootfs.diff.tar.gzip",
        f"{DOCKER}.image.rootfs.diff.tar",
    ]
    assert "oci" not in made.data.decode()
    assert "annotations" not in made.data.decode()
    assert any("annotations" in note for note in made.notes)


def test_dockers_manifest_becomes_an_oci_one_m4() -> None:
    old = manifest(
        descriptor(f"{DOCKER}.image.rootfs.diff.tar.gzip", b"a"), family="docker", unknown=1.0
    )
    made = new_manifest(old, Blob(b"config"), [row(b"Z", 1, codec=Codec.ZSTD)], "oci")
    document = json.loads(made.data)
    assert made.media_type == document["mediaType"] == OCI_MANIFEST
    assert document["config"]["mediaType"] == f"{OCI}.config.v1+json"
    assert document["layers"] == [descriptor(f"{OCI}.layer.v1.tar+zstd", b"Z")]
    assert b"docker" not in made.data
    assert b'"unknown":1.0' in made.data


def test_media_types_follow_the_real_compression_m2() -> None:
    old = manifest(descriptor(f"{OCI}.layer.v1.tar", b"a"))  # it is gzip
    made = new_manifest(old, Blob(b"new"), [row(b"a", 1)], "oci")
    assert json.loads(made.data)["layers"] == [descriptor(GZIP, b"a")]


def test_an_image_without_a_manifest_gets_one() -> None:
    made = new_manifest(None, Blob(b"config"), [row(b"a", 1), row(b"a", 2)], "docker")
    gzip = f"{DOCKER}.image.rootfs.diff.tar.gzip"
    assert json.loads(made.data) == {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": descriptor(f"{DOCKER}.container.image.v1+json", b"config"),
        "layers": [descriptor(gzip, b"a"), descriptor(gzip, b"a")],
    }
    assert not made.notes


def test_a_layer_listed_twice_is_two_c1() -> None:
    old = manifest(descriptor(GZIP, b"a", annotations={"n": "1"}), descriptor(GZIP, b"a"))
    made = new_manifest(old, Blob(b"new"), [row(b"a", 1), row(b"a", 2)], "oci")
    assert json.loads(made.data)["layers"] == json.loads(old.data)["layers"]


def test_a_manifest_without_layers_has_none() -> None:
    old = RawManifest(b'{"schemaVersion":2,"config":{},"layers":null}', OCI_MANIFEST)
    document = json.loads(new_manifest(old, Blob(b"new"), [], "oci").data)
    assert document["layers"] == []
    assert document["config"]["digest"] == Digest.of(b"new")


def test_dumped_is_small_and_keeps_letters() -> None:
    assert dumped({"a": ["ü", 1]}) == '{"a":["ü",1]}'
