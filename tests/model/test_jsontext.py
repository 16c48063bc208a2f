import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.errors import CorruptInputError
from lightship.model import jsontext
from lightship.model.documents import Config, Index, Manifest, SavedImage

DIGEST = "sha256:" + "a" * 64
MANIFEST = {"config": {"digest": DIGEST, "size": 1}, "layers": [{"digest": DIGEST, "size": 2}]}


def decode(text: str | bytes, type_: type[Any] = Manifest) -> Any:
    data = text if isinstance(text, bytes) else text.encode()
    return jsontext.decode(data, type_, what="x.json", limit=1 << 20)


def refused(text: str | bytes, type_: type[Any] = Manifest) -> str:
    with pytest.raises(CorruptInputError) as caught:
        decode(text, type_)
    assert caught.value.exit_code == 4
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("x.json ")
    return str(caught.value)


def test_a_document_gets_its_types() -> None:
    manifest = decode(json.dumps(MANIFEST))
    assert manifest.layers[0].blob_bytes == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ('{"config": 1} {}', "extra data"),
        ("[]", "expected `object`, got `array`"),
        ('{"layers": []}', "missing required field `config`"),
        ('{"config": {"digest": 3, "size": 1}}', "`$.config.digest`"),
        ('{"config": null}', "missing required field `config`"),
        (b"\xff\xfe{}", "not UTF-8 at byte 0"),
        ('{"a": NaN}', "number"),
        ('{"a": %s}' % ("1" * 5000), "number"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        ('{"config": {"digest": "x", "size": 1.5}}', "`$.config.size`"),
    ],
)
def test_what_is_wrong_is_told(text: str | bytes, told: str) -> None:
    assert told in refused(text)


def test_the_limit_is_told() -> None:
    with pytest.raises(CorruptInputError, match="limit of 10 "):
        jsontext.decode(b" " * 11, Manifest, what="x.json", limit=10)


def test_a_key_given_twice_is_refused() -> None:
    assert "'layers' twice" in refused('{"layers": [], "layers": [1]}')


def test_a_key_given_twice_is_refused_wherever_it_is() -> None:
    refused('{"unknown": [{"a": 1, "a": 2}]}')


def test_keys_of_a_structure_that_differ_in_case_are_refused() -> None:
    told = refused('[{"Config": "a", "Layers": ["x"], "layers": ["y"]}]', list[SavedImage])
    assert "differ only in case" in told


def test_the_kelvin_sign_is_a_k_to_go() -> None:
    refused('{"manifests": [], "manife\u017fts": []}', Index)


def test_labels_that_differ_in_case_are_different() -> None:
    config = decode('{"config": {"Labels": {"a": "1", "A": "2"}}}', Config)
    assert config.config.labels == {"a": "1", "A": "2"}


def test_keys_match_whatever_their_case_as_in_go() -> None:
    (saved,) = decode('[{"config": "c", "LAYERS": ["x"]}]', list[SavedImage])
    assert saved == SavedImage(config="c", layers=["x"])


@pytest.mark.parametrize("key", ["architecture", "os", "config", "rootfs", "history", "created"])
def test_null_means_absent_as_in_go(key: str) -> None:
    assert decode(json.dumps({key: None}), Config) == Config()


def test_half_a_surrogate_pair_is_replaced_as_in_go() -> None:
    config = decode(r'{"architecture": "\ud800x\ud83d\ude00"}', Config)
    assert config.architecture == "\ufffdx\U0001f600"


TYPES = st.sampled_from([Manifest, Index, Config, list[SavedImage]])
KEYS = st.sampled_from(
    ("config", "Config", "layers", "Layers", "manifests", "digest", "size", "rootfs", "diff_ids")
) | st.sampled_from(
    ("history", "annotations", "platform", "os", "RepoTags", "Labels", "mediaType", "urls")
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.just(DIGEST),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS | st.text(), inner),
)


@settings(deadline=None)
@given(VALUES, TYPES)
def test_any_value_is_read_or_refused(value: object, type_: type[Any]) -> None:
    try:
        decode(json.dumps(value), type_)
    except CorruptInputError as error:
        assert "\n" not in str(error)  # noqa: PT017


@settings(deadline=None)
@given(st.binary(), TYPES)
def test_any_bytes_are_read_or_refused(data: bytes, type_: type[Any]) -> None:
    with pytest.raises(CorruptInputError):
        decode(data + b"}", type_)


@settings(deadline=None)
@given(st.data(), TYPES)
def test_any_change_of_a_document_is_read_or_refused(data: st.DataObject, type_: type[Any]) -> None:
    text = bytearray(json.dumps([MANIFEST] if type_ == list[SavedImage] else MANIFEST).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        decode(bytes(text), type_)
    except CorruptInputError as error:
        assert "\n" not in str(error)  # noqa: PT017
