"""Junk where nothing vouches for the bytes: read, or refused in order; never a bug."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from independent.layouts import folder, index_of, load, manifest_of, store
from independent.rawtar import END, regular
from lightship.testing import build_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hardening.outcome import Outcome
    from lightship.testing.images import Form

ORDERLY = {3, 4}
LAYERS = [regular(b"a", b"hello") + END, regular(b"b", b"x") + regular(b".wh.a") + END]
JUNK: list[object] = [
    *(None, True, 0, -1, 2**63, 2**200, 1.5, 1e308, "", "x", "\x00\x1b[31m", "sha256:", "a" * 9999),
    *([], {}, [None], [[]], [{}], {"": ""}, {"a": {"b": []}}, [1, "a", None]),
]


def orderly(reference: str) -> str | None:
    """None if the image was read or refused as it should be, else what happened."""
    try:
        lightship.inspect(reference, cache=None)
        lightship.history(reference, cache=None)
    except lightship.LightshipError as error:
        if error.exit_code not in ORDERLY:
            return f"exit code {error.exit_code}: {error}"
    except Exception as error:  # noqa: BLE001 - any other is what is looked for
        return f"{type(error).__name__}: {error}"
    return None


def _disorder(reference: str, step: int) -> list[str]:
    path = Path(reference.partition(":")[2])
    whole = path.read_bytes()
    found = []
    for at in range(0, len(whole), step):
        for bits in (0x01, 0x80, 0xFF):
            path.write_bytes(whole[:at] + bytes((whole[at] ^ bits,)) + whole[at + 1 :])
            if trouble := orderly(reference):
                found.append(f"byte {at} ^ {bits:#x}: {trouble}")
    return found


FORMS: list[Form] = ["oci-archive", "docker-archive", "docker-archive-25"]


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_any_byte_of_an_archive(tmp_path: Path, form: Form) -> None:
    reference = build_image(LAYERS, directory=tmp_path, form=form, codec="plain")
    assert not _disorder(reference, 97)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_every_byte_of_an_archive(tmp_path: Path, form: Form) -> None:
    reference = build_image(LAYERS, directory=tmp_path, form=form, codec="plain")
    assert not _disorder(reference, 5)


def _places(document: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children: Iterator[tuple[Any, object]] = iter(())
    if isinstance(document, dict):
        children = iter(document.items())
    elif isinstance(document, list):
        children = enumerate(document)
    for key, child in children:
        yield from _places(child, (*path, key))


def _with(document: object, path: tuple[Any, ...], junk: object) -> object:
    if not path:
        return junk
    changed: Any = copy.deepcopy(document)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    return changed


CONFIG = {
    "created": "2026-01-01T00:00:00Z",
    "config": {"Env": ["A=b"], "Cmd": ["c"], "Labels": {"l": "m"}, "User": "u"},
}


@pytest.mark.parametrize("which", ["index", "manifest", "config"])
def test_junk_in_every_place_of_a_document(tmp_path: Path, which: str) -> None:
    reference = build_image(LAYERS, directory=tmp_path, config=CONFIG)
    layout = folder(reference)
    index, manifest = index_of(layout), manifest_of(layout)
    config = json.loads(load(layout, manifest["config"]))
    document = {"index": index, "manifest": manifest, "config": config}[which]
    found = []
    for path in _places(document):
        for junk in JUNK:
            raw = json.dumps(_with(document, path, junk)).encode()
            _place(layout, which, raw, index, manifest)
            if trouble := orderly(reference):
                found.append(f"{path} = {junk!r:.40}: {trouble}")
    assert not found, "\n".join(found[:20])


def _place(
    layout: Path, which: str, raw: bytes, index: dict[str, Any], manifest: dict[str, Any]
) -> None:
    if which == "index":
        (layout / "index.json").write_bytes(raw)
        return
    if which == "config":
        raw = json.dumps(
            {**manifest, "config": {**manifest["config"], **store(layout, raw)}}
        ).encode()
    entry = {**index["manifests"][0], **store(layout, raw)}
    (layout / "index.json").write_text(json.dumps({**index, "manifests": [entry]}))


@pytest.mark.parametrize("form", ["docker-archive", "docker-archive-25"])
def test_junk_in_every_place_of_a_saved_manifest(tmp_path: Path, form: Form) -> None:
    reference = build_image(LAYERS, directory=tmp_path, form=form, codec="plain")
    path = Path(reference.partition(":")[2])
    whole = path.read_bytes()
    start = whole.index(b'[{"Config"')
    end = whole.index(b"}]", start) + 2
    document = json.loads(whole[start:end])
    found = []
    for place in _places(document):
        for junk in JUNK:
            raw = json.dumps(_with(document, place, junk)).encode()
            if len(raw) > end - start:
                continue  # it must fit where the old one stood
            path.write_bytes(whole[:start] + raw.ljust(end - start) + whole[end:])
            if trouble := orderly(reference):
                found.append(f"{place} = {junk!r:.40}: {trouble}")
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 5000, b"\x1f\x8b", b"hello\n", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"{"],
)
def test_files_that_are_no_image(
    tmp_path: Path, lightship_run: Callable[..., Outcome], content: bytes
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    for scheme in ("docker-archive:", "oci-archive:", ""):
        assert lightship_run("inspect", f"{scheme}{path}").exit_code in {2, 3, 4}
        assert lightship_run("inspect", f"{scheme}{path}").stdout == ""
