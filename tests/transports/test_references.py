from pathlib import Path

import pytest

from lightship.errors import LightshipError, UnreachableError, UsageError
from lightship.model.reference import Reference
from lightship.transports import references
from lightship.transports.references import parse


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.tar").write_bytes(b"")
    (tmp_path / "with:colon.tar").write_bytes(b"")
    (tmp_path / "layout").mkdir()
    (tmp_path / "layout" / "index.json").touch()
    (tmp_path / "root" / "usr").mkdir(parents=True)
    (tmp_path / "root" / "etc").mkdir()
    (tmp_path / "empty").mkdir()
    return tmp_path


DIGEST = "@sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "transport", "location", "selector"),
    [
        ("docker-archive:x.tar", "docker-archive", "x.tar", ""),
        ("docker-archive://x.tar", "docker-archive", "x.tar", ""),
        ("docker-archive:x.tar:alpine:3", "docker-archive", "x.tar", "alpine:3"),
        ("docker-archive:x.tar:@1", "docker-archive", "x.tar", "@1"),
        (f"docker-archive:x.tar{DIGEST}", "docker-archive", "x.tar", DIGEST),
        ("docker-archive:with:colon.tar", "docker-archive", "with:colon.tar", ""),
        ("docker-archive:with:colon.tar:tag", "docker-archive", "with:colon.tar", "tag"),
        ("oci-archive:x.tar:host:5000/a/b:1", "oci-archive", "x.tar", "host:5000/a/b:1"),
        ("oci:layout", "oci", "layout", ""),
        ("oci-dir:layout:latest", "oci", "layout", "latest"),
        (f"oci:layout{DIGEST}", "oci", "layout", DIGEST),
        ("layout", "oci", "layout", ""),
        ("./layout:latest", "oci", "./layout", "latest"),
        ("rootfs:root", "rootfs", "root", ""),
        ("rootfs:empty", "rootfs", "empty", ""),
        ("root", "rootfs", "root", ""),
        ("x.tar", "by-content", "x.tar", ""),
        ("file:x.tar", "by-content", "x.tar", ""),
        ("x.tar:alpine:3", "by-content", "x.tar", "alpine:3"),
        ("with:colon.tar", "by-content", "with:colon.tar", ""),
        ("-", "by-content", "-", ""),
        ("docker-archive:-", "docker-archive", "-", ""),
        ("docker-archive:-:alpine:3", "docker-archive", "-", "alpine:3"),
    ],
)
@pytest.mark.usefixtures("place")
def test_a_reference(text: str, transport: str, location: str, selector: str) -> None:
    assert parse(text) == Reference(transport, location, selector)


@pytest.mark.parametrize(
    "text",
    [
        "docker-archive:x.tar",
        "docker-archive:x.tar:alpine:3",
        f"oci:layout{DIGEST}",
        "oci:layout:latest",
        "docker-archive:x.tar@1",
        "rootfs:root",
    ],
)
@pytest.mark.usefixtures("place")
def test_what_is_printed_is_read_again(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("docker://alpine:3", "skopeo copy docker://alpine:3 oci:"),
        ("registry:example.org/x", "skopeo copy docker://example.org/x oci:"),
        ("docker:alpine", "docker save alpine | lightship inspect -"),
        ("docker-daemon:alpine:3", "docker save alpine:3 | lightship inspect -"),
        ("podman:x", "podman save x | lightship inspect -"),
        ("podman://x", "podman save x | lightship inspect -"),
        ("containers-storage:x", "podman save x | lightship inspect -"),
        ("containerd:x", "ctr images export - x | lightship inspect -"),
        ("dir:x", "rootfs:DIR"),
        ("singularity:x.sif", "OCI or Docker archive"),
        ("alpine:3", "neither registries nor engines"),
        ("example.org:5000/a/b:1", "neither registries nor engines"),
        ("layout:3", "write oci:layout:3"),
        ("oci:nowhere:1", "no such file or directory"),
        ("rootfs:nowhere", "no such file or directory"),
    ],
)
@pytest.mark.usefixtures("place")
def test_what_this_version_does_not_reach_says_what_to_do(text: str, told: str) -> None:
    with pytest.raises(UnreachableError) as caught:
        parse(text)
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["", "oci:", "docker-archive:", "a\0b", "empty"])
@pytest.mark.usefixtures("place")
def test_what_cannot_be_a_reference(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


@pytest.mark.parametrize("spelling", sorted(references.ALIASES))
@pytest.mark.usefixtures("place")
def test_every_alias_leads_somewhere(spelling: str) -> None:
    prefix = spelling if spelling.endswith("://") else f"{spelling}:"
    try:
        assert parse(f"{prefix}x.tar").location == "x.tar"
    except LightshipError as error:
        assert "this version does not read" in str(error)  # noqa: PT017
