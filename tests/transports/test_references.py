import re
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.errors import LightshipError, UnreachableError, UsageError
from lightship.model.reference import Reference
from lightship.net.options import NetOptions
from lightship.progress import Silent
from lightship.transports import references
from lightship.transports.access import Access
from lightship.transports.opening import open_image
from lightship.transports.references import parse

from .conftest import read_layer


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


ID = "d8" * 32


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("docker://alpine:3", "registry:docker.io/library/alpine:3"),
        ("registry:example.org/x", "registry:example.org/x:latest"),
        ("registry://localhost:5000/x", "registry:localhost:5000/x:latest"),
        (f"oci-registry:quay.io/a/b{DIGEST}", f"registry:quay.io/a/b{DIGEST}"),
        ("docker:alpine", "docker:alpine"),
        ("docker:layout", "docker:layout"),
        ("docker-daemon:alpine:3", "docker:alpine:3"),
        (f"docker-daemon:sha256:{ID}", f"docker:sha256:{ID}"),
        (f"docker:{ID}", f"docker:sha256:{ID}"),
        ("docker:d8d8d8d8d8d8", "docker:d8d8d8d8d8d8"),
        ("docker:sha256:d8d8", "docker:sha256:d8d8"),
        (f"docker:h:1/a/b{DIGEST}", f"docker:h:1/a/b{DIGEST}"),
        (f"docker:sha256:{ID}{DIGEST}", f"docker:sha256:{ID}{DIGEST}"),
        ("podman:localhost/x", "podman:localhost/x"),
        ("podman://x:1", "podman:x:1"),
        ("podman:sha256:d8d8", "podman:d8d8"),
        ("containers-storage:x", "podman:x"),
        (f"containers-storage:@{ID}", f"podman:sha256:{ID}"),
        (f"containers-storage:docker.io/library/x:1@{ID}", f"podman:sha256:{ID}"),
        ("containers-storage:[/r]x", "podman:[/r]x"),
        ("containers-storage:[overlay@/r+/q]h/x:1", "podman:[overlay@/r+/q]h/x:1"),
        (f"containers-storage:[vfs@/r:a=1]@{ID}", f"podman:[vfs@/r:a=1]sha256:{ID}"),
        ("alpine:3", "anywhere:alpine:3"),
        ("example.org:5000/a/b:1", "anywhere:example.org:5000/a/b:1"),
        (f"alpine{DIGEST}", f"anywhere:alpine{DIGEST}"),
        ("d8d8d8d8d8d8", "anywhere:d8d8d8d8d8d8"),
        (f"sha256:{ID}", f"anywhere:sha256:{ID}"),
    ],
)
@pytest.mark.usefixtures("place")
def test_an_image_that_is_no_file(text: str, printed: str) -> None:
    reference = parse(text)
    assert str(reference) == printed
    if reference.transport != references.ANYWHERE:
        assert parse(printed) == reference


@pytest.mark.parametrize("text", ["d8d8d8d8d8d8", f"sha256:{'d8' * 6}", ID, f"sha256:{ID}"])
def test_what_is_an_image_id(text: str) -> None:
    assert references.is_image_id(text)


@pytest.mark.parametrize("text", ["d8d8", "d8d8d8d8d8dg", "D8D8D8D8D8D8", ID + "d8", "alpine"])
def test_what_is_a_name(text: str) -> None:
    assert not references.is_image_id(text)


def test_a_spelling_that_others_understand_otherwise_is_told_of() -> None:
    assert references.spelling_note("docker://alpine:3") == (
        "docker:// is the registry, as for skopeo; for the Docker engine write docker:alpine:3"
    )
    assert references.spelling_note("docker:alpine:3") == ""


def test_it_is_told_of_before_anything_is_opened() -> None:
    class Said(Silent):
        notes: ClassVar[list[str]] = []

        def note(self, text: str) -> None:
            self.notes.append(text)

    access = Access(network=NetOptions(offline=True), progress=Said())
    with pytest.raises(UnreachableError):
        open_image("docker://alpine:3", platform=None, read_layer=read_layer, access=access)
    assert Said.notes == [references.spelling_note("docker://alpine:3")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("containerd:x", "ctr images export - x | lightship inspect -"),
        ("dir:x", "rootfs:DIR"),
        ("singularity:x.sif", "OCI or Docker archive"),
        ("layout:3", "write oci:layout:3"),
        ("oci:nowhere:1", "no such file or directory"),
        ("rootfs:nowhere", "no such file or directory"),
        ("./nowhere", "no such file or directory"),
        ("nowhere.tar", "no such file or directory"),
        ("Nowhere Land", "no file or directory, and no image name"),
    ],
)
@pytest.mark.usefixtures("place")
def test_what_is_not_reached_says_what_to_do(text: str, told: str) -> None:
    with pytest.raises(UnreachableError) as caught:
        parse(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "docker:Alpine",
            "docker:-x",
            "docker:--help",
            "docker:a b",
            "docker:x/../y",
            "docker:$x",
        ),
        *("podman:", "docker-daemon:", "docker://", "registry:x:y:z", "docker:x@sha256:0"),
        *("podman:[relative]x", "podman:[/r", "podman:[/r]", "podman:[/r]-x", "docker:[/r]x"),
    ],
)
@pytest.mark.usefixtures("place")
def test_what_cannot_be_the_name_of_an_image(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


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
        assert parse(f"{prefix}x.tar").location.endswith("x.tar")
    except LightshipError as error:
        assert "this version does not read" in str(error)  # noqa: PT017


_WORD = st.from_regex(r"[a-z0-9]{1,12}(?:[-._][a-z0-9]{1,6})?", fullmatch=True)
_HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


@st.composite
def _names(draw: st.DrawFn) -> str:
    host = draw(st.sampled_from(["", "localhost/", "h.example:5000/", "[::1]:5000/"]))
    path = "/".join(draw(st.lists(_WORD, min_size=1, max_size=3)))
    tag = draw(st.just("") | st.from_regex(r":[A-Za-z0-9_][\w.-]{0,20}", fullmatch=True))
    digest = draw(st.just("") | _HEX.map("@sha256:{}".format))
    return f"{host}{path}{tag if tag.isascii() else ''}{digest}"


@given(_names(), st.sampled_from(["docker:", "docker-daemon:", "podman:", "podman://"]))
def test_any_name_of_an_image_is_one_to_an_engine_and_is_read_again(name: str, word: str) -> None:
    reference = parse(word + name)
    assert reference.transport == word.partition(":")[0].removesuffix("-daemon")
    assert reference.location == name
    assert parse(str(reference)) == reference


@given(st.text(max_size=30), st.sampled_from(["docker:", "podman:", "containers-storage:"]))
def test_no_other_text_reaches_an_engine_or_its_program(text: str, word: str) -> None:
    try:
        location = parse(word + text).location
    except LightshipError:
        return
    assert not location.startswith("-")
    assert re.fullmatch(r"(?:\[[^\[\]]*\])?[\w.:@/\[\]-]+", location, re.ASCII)
