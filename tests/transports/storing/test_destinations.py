"""Where to write is said, never guessed."""

import os
from pathlib import Path

import pytest

from lightship.errors import DestinationError, UsageError
from lightship.testing import build_image
from lightship.transports.access import Access
from lightship.transports.destinations import open_staging, parse_destination


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("docker://quay.io/x/y:1", "registry:quay.io/x/y:1"),
        ("registry:app", "registry:docker.io/library/app:latest"),
        ("registry:localhost:5000/app:1", "registry:localhost:5000/app:1"),
        ("oci-registry:localhost:5000/app", "registry:localhost:5000/app:latest"),
        ("docker:app:slim", "docker:app:slim"),
        ("docker-daemon:app", "docker:app:latest"),
        ("podman:quay.io/x/y:1", "podman:quay.io/x/y:1"),
        ("containers-storage:app:1", "podman:localhost/app:1"),
        ("containers-storage:[overlay@/a+/b]app:1", "podman:[overlay@/a+/b]localhost/app:1"),
        ("oci:there", "oci:there"),
        ("oci:there/", "oci:there"),
        ("oci:/", "oci:/"),
        ("oci:there:1", "oci:there:1"),
        ("oci-dir:there:quay.io/x/y:1", "oci:there:quay.io/x/y:1"),
        ("oci://there:1", "oci:there:1"),
        ("oci-archive:x:1", "oci-archive:x:1"),
        ("docker-archive:x.tar:app:1", "docker-archive:x.tar:app:1"),
        ("docker-archive://x.tar", "docker-archive:x.tar"),
        ("docker-archive:-", "docker-archive:-"),
        ("oci-archive:-:1", "oci-archive:-:1"),
        ("-", "docker-archive:-"),
        ("x.tar", "docker-archive:x.tar"),
        ("./x.tar", "docker-archive:./x.tar"),
        ("x.tar:app:1", "docker-archive:x.tar:app:1"),
        ("x.oci.tar", "oci-archive:x.oci.tar"),
        ("x.oci", "oci-archive:x.oci"),
        ("x.oci:1", "oci-archive:x.oci:1"),
        ("file:x.tar", "docker-archive:x.tar"),
    ],
)
def test_every_spelling_has_one_form(text: str, canonical: str) -> None:
    assert str(parse_destination(text)) == canonical
    assert not any(Path().iterdir())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "an empty destination"),
        ("a\0b", "NUL"),
        ("app:slim", "docker:app:slim, podman:app:slim, registry:app:slim"),
        ("quay.io/x/y", "registry:quay.io/x/y"),
        ("app", "or a file: app.tar"),
        ("quay.io/x/y:1", "or a file: y.tar"),
        ("/var/x", "oci:/var/x for a directory"),
        ("./x", "docker-archive:./x"),
        ("x.tar.gz", "-o - | gzip > x.tar.gz"),
        ("x.tgz", "gzip"),
        ("docker-achive:x.tar.d", "Did you mean docker-archive:x.tar.d?"),
        ("podmna:app", "Did you mean podman:app?"),
        ("Docker:app", "Did you mean docker:app?"),
        ("rootfs:x", "umoci unpack"),
        ("containerd:x", "ctr images import"),
        ("dir:x", "oci:DIR:TAG"),
        ("sif:x", "docker-archive:FILE"),
        ("oci:", "Write oci:PATH."),
        ("oci::1", "names no place"),
        ("docker:", "Write docker:NAME."),
        ("oci:-", "standard output"),
        ("oci:x:@sha256:" + "a" * 64, "names no place"),
        ("docker:sha256:" + "a" * 64, "is an ID"),
        ("podman:" + "a" * 64, "is an ID"),
        ("docker-achive:x.tar", "Did you mean docker-archive:x.tar?"),
        ("some:x.tar", "docker:some:x.tar"),
        ("docker:App", "lower case"),
        ("docker-archive:x.tar:App", "lower case"),
        ("oci:x:a b", "is no tag"),
        ("oci:x:\udcff", "is no tag"),
        ("oci-archive:x:-a", "is no tag"),
        ("x.oci:a\n", "is no tag"),
        ("docker-archive:x.tar:app@sha256:" + "a" * 64, "has a digest"),
        ("registry:x@sha256:" + "a" * 64, "has a digest"),
    ],
)
def test_what_says_not_where_is_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_destination(text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_path_that_is_there_is_told_by_its_content(tmp_path: Path) -> None:
    for form in ("oci", "oci-archive", "docker-archive", "docker-archive-25"):
        place = tmp_path / form
        place.mkdir()
        text = build_image([{"a": b"x"}], directory=place, form=form)
        made = text.partition(":")[2]
        there = tmp_path / f"{form}.there"
        os.rename(made, there)  # noqa: PTH104 - a file or a directory
        transport = form.removesuffix("-25")
        assert str(parse_destination(str(there))) == f"{transport}:{there}"
        assert str(parse_destination(f"{there}:x:1")) == f"{transport}:{there}:x:1"


def test_a_layout_beside_and_a_tag_may_be_a_name(tmp_path: Path) -> None:
    Path(build_image([], directory=tmp_path).partition(":")[2]).rename("app")
    assert str(parse_destination("./app:1")) == "oci:./app:1"
    with pytest.raises(UsageError, match=r"oci:app:1.*docker:app:1"):
        parse_destination("app:1")


def test_a_file_that_is_no_archive_is_not_replaced_by_chance() -> None:
    Path("x.tar").write_text("dear diary")
    with pytest.raises(UsageError, match=r"no image archive.*docker-archive:x\.tar"):
        parse_destination("x.tar")
    assert str(parse_destination("docker-archive:x.tar")) == "docker-archive:x.tar"
    Path("y.tar").touch()
    assert str(parse_destination("y.tar")) == "docker-archive:y.tar"


def test_a_directory_that_is_no_layout_is_not_taken_for_one() -> None:
    Path("d").mkdir()
    with pytest.raises(UsageError, match="write oci:d"):
        parse_destination("d")


@pytest.mark.parametrize("form", ["docker-archive", "oci-archive", "oci"])
def test_what_cannot_be_written_says_why_and_what_to_do(form: str) -> None:
    Path("file").touch()
    os.mkfifo("fifo")
    Path("dangling").symlink_to("nowhere/at/all")
    Path("directory").mkdir()
    Path("directory/x").touch()
    for place, told in {
        "fifo": "fifo" if form == "oci" else "is no regular file",
        "/dev/null": "null" if form == "oci" else "is no regular file",
        "file/x": "Not a directory",
        "directory": "other files in it" if form == "oci" else "Is a directory",
        "nowhere/x": "" if form == "oci" else "Make its directory first",
        "n" * 300: "File name too long",
    }.items():
        if not told:
            continue
        with pytest.raises(DestinationError) as caught:
            open_staging(parse_destination(f"{form}:{place}"), (), Access())
        assert told in str(caught.value)
        assert "\n" not in str(caught.value)
    assert {path.name for path in Path().iterdir()} == {"file", "fifo", "dangling", "directory"}
    assert [path.name for path in Path("directory").iterdir()] == ["x"]
