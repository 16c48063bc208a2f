"""Documents with anything anywhere, their digests and sizes right: read or refused in one line."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightship.errors import LightshipError

from .conftest import opened, opened_all
from .shelf import LAYERS, OCI, Shelf, config_of, path_of, sha

DIGEST = sha(LAYERS[0])
JUNK: st.SearchStrategy[object] = (
    st.sampled_from(
        [None, True, 0, -1, 2**70, 1.5, "", "x", "../x", "/", "\ud800", "\x1b[2J\n", [], {}, [None]]
    )
    | st.sampled_from(
        [DIGEST, "sha256:", path_of(DIGEST), "linux", "unknown", f"{OCI}.index.v1+json"]
    )
).map(copy.deepcopy)


def documents() -> dict[str, Any]:
    """Those of one image, not yet linked by digests."""
    return {
        "config": config_of(
            LAYERS,
            config={"Env": ["A=b"], "Labels": {"a": "b"}, "Cmd": ["x"]},
            history=[{"created_by": "x"}, {"empty_layer": True}],
        ),
        "layers": [{"digest": sha(tar), "size": len(tar), "mediaType": "t"} for tar in LAYERS],
        "manifest": {"schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json"},
        "descriptor": {
            "platform": {"os": "linux", "architecture": "amd64", "variant": "v1"},
            "annotations": {"org.opencontainers.image.ref.name": "1"},
        },
        "nested": {"schemaVersion": 2},
        "top": {"schemaVersion": 2},
        "saved": {"RepoTags": ["x:1"], "Layers": [path_of(sha(tar)) for tar in LAYERS]},
    }


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys or indexes."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(inner):
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


def shelf_of(parts: dict[str, Any], *, docker: bool) -> Shelf:
    shelf = Shelf()
    for tar in LAYERS:
        shelf.put(path_of(sha(tar)), tar)
    config = shelf.blob(parts["config"], f"{OCI}.config.v1+json")
    manifest = parts["manifest"]
    if isinstance(manifest, dict):
        manifest = {"config": config, "layers": parts["layers"], **manifest}
    image = shelf.blob(manifest, f"{OCI}.manifest.v1+json")
    if isinstance(parts["descriptor"], dict):
        image.update(parts["descriptor"])
    nested = parts["nested"]
    if isinstance(nested, dict):
        nested = {"manifests": [image], **nested}
    index = shelf.blob(nested, f"{OCI}.index.v1+json")
    top = parts["top"]
    shelf.put("index.json", {"manifests": [index], **top} if isinstance(top, dict) else top)
    if docker:
        saved = parts["saved"]
        if isinstance(saved, dict):
            saved = {"Config": path_of(config["digest"]), **saved}
        shelf.put("manifest.json", [saved])
    return shelf


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(data=st.data())
@pytest.mark.parametrize("docker", [True, False])
def test_any_change_of_documents_is_read_or_refused(
    tmp_path: Path, data: st.DataObject, *, docker: bool
) -> None:
    parts = copy.deepcopy(documents())
    for _ in range(data.draw(st.integers(1, 3))):
        found = list(places(parts))
        holder, key = found[data.draw(st.integers(0, len(found) - 1))]
        change = data.draw(st.sampled_from(["put", "add", "drop"]))
        if change == "drop" and holder is not parts:
            del holder[key]
        elif change == "add" and isinstance(holder, dict) and holder is not parts:
            holder[data.draw(st.sampled_from(["manifests", "layers", "config", "urls", "x"]))] = (
                data.draw(JUNK)
            )
        else:
            holder[key] = data.draw(JUNK)
    place = shelf_of(parts, docker=docker).tar(tmp_path / "x.tar")
    for read in (opened, opened_all):
        try:
            read(place)
        except LightshipError as error:
            assert error.exit_code in (2, 3, 4)  # noqa: PT017
            assert str(error).isprintable()  # noqa: PT017


@pytest.mark.parametrize("docker", [True, False])
def test_without_a_change_it_is_read(tmp_path: Path, *, docker: bool) -> None:
    place = shelf_of(documents(), docker=docker).tar(tmp_path / "x.tar")
    assert len(opened(place).layers) == 2
