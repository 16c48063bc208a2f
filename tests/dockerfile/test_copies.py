"""What COPY and ADD take, where it goes, and names of images."""

from __future__ import annotations

import pytest

from lightship.dockerfile.build import Build
from lightship.dockerfile.copies import Copy, copy_of
from lightship.dockerfile.image_name import ImageName, image_name


@pytest.mark.parametrize(
    ("lines", "copy"),
    [
        ("COPY a b /c/", Copy(("a", "b"), "/c/", "/c", None)),
        ('COPY ["with blank", "/c"]', Copy(("with blank",), "/c", "/c", None)),
        ("COPY --from=x --chown=1 /a /b", Copy(("/a",), "/b", "/b", "x")),
        ("WORKDIR /app\nCOPY . .", Copy((".",), ".", "/app", None)),
        ("WORKDIR /app\nCOPY . ../x/", Copy((".",), "../x/", "/x", None)),
        ("COPY . here", Copy((".",), "here", None, None)),
        ("ENV D=/d\nADD a $D/e", Copy(("a",), "/d/e", "/d/e", None)),
        ("ARG D\nADD a $D/e", Copy(("a",), "$D/e", None, None)),
        ("COPY <<E /x\nE", Copy(("<<E",), "/x", "/x", None)),
    ],
)
def test_a_copy(lines: str, copy: Copy) -> None:
    assert copy_of(Build.read(f"FROM a\n{lines}\n".encode()).steps[-1]) == copy


@pytest.mark.parametrize("line", ["COPY", "COPY a", "RUN a b", 'COPY ["a"]'])
def test_no_copy(line: str) -> None:
    assert copy_of(Build.read(f"FROM a\n{line}\n".encode()).steps[-1]) is None


def test_a_directory_for_sure_and_addresses() -> None:
    assert Copy(("a",), "/b/", "/b", None).is_directory
    assert Copy(("a", "b"), "/b", "/b", None).is_directory
    assert not Copy(("a",), "/b", "/b", None).is_directory
    assert Copy(("https://a/b.tar", "c"), "/b/", "/b", None).remote == ("https://a/b.tar",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("python", ImageName("python", None, None)),
        ("python:3.13-slim", ImageName("python", "3.13-slim", None)),
        ("docker.io/library/python:3", ImageName("python", "3", None)),
        ("docker.io/company/app:3", ImageName("company/app", "3", None)),
        ("library/python", ImageName("python", None, None)),
        ("public.ecr.aws/docker/library/node:20", ImageName("node", "20", None)),
        ("localhost:5000/a", ImageName("localhost:5000/a", None, None)),
        ("localhost:5000/a:1", ImageName("localhost:5000/a", "1", None)),
        ("a@sha256:00ff", ImageName("a", None, "sha256:00ff")),
        ("a:1@sha256:00ff", ImageName("a", "1", "sha256:00ff")),
        ("", ImageName("", None, None)),
        (":", ImageName("", None, None)),
    ],
)
def test_names_of_images(text: str, name: ImageName) -> None:
    assert image_name(text) == name
