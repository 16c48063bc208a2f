"""The rows of base images: the shared data comes out as it went in, and every fact has a source."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lightship.bases.known import known_bases
from lightship.bases.support import support_of_row
from lightship.catalogue.base_images import BaseRow, base_images
from lightship.catalogue.end_of_life import product_of_image, term_of_system
from lightship.dockerfile.image_name import image_name
from lightship.model.digest import Digest
from lightship.model.platform import Platform

_SHARED = json.loads((Path(__file__).parent / "data" / "base_images.json").read_bytes())
_ROWS = {row.name: row for row in base_images()}
_AMD64 = "linux/amd64"
_KNOWN = known_bases(None, date(2026, 11, 24))
_SYSTEMS = {
    "rocky": "rocky",
    "almalinux": "almalinux",
    "amazonlinux": "amzn",
    "oracle linux": "ol",
    "opensuse leap": "opensuse-leap",
    "arch (rolling)": "arch",
}
"""How the shared data calls systems, and how their os-release does."""


def _shared() -> list[Any]:
    return [pytest.param(given, id=f"{given['image']}:{given['tag']}") for given in _SHARED["rows"]]


def _is_read_since(row: BaseRow, given: dict[str, Any]) -> bool:
    """Whether a row of which no size was read has got a page of its own since."""
    return given["how"] == "EOL only; size not read" and "repo-info" in row.source


@pytest.mark.parametrize("given", _shared())
def test_the_shared_figures_come_out_as_they_went_in(given: dict[str, Any]) -> None:
    row = _ROWS[f"{given['image']}:{given['tag']}"]
    if not _is_read_since(row, given):
        assert row.wire_bytes.get(_AMD64) == given["compressed_bytes_amd64"]
        assert str(row.created or None) == str(given["image_date"])
        assert row.version == given.get("product_version") or row.image == "busybox"
        assert row.platforms == tuple(f"linux/{one}" for one in given["architectures"] or ())
        assert row.layer_wire_bytes.get(_AMD64) == _tuple(given.get("layers"))
    assert row.stale == given.get("stale")
    assert row.unverified == given.get("unverified")
    for note in ("note", "size_statement"):
        assert (given.get(note) or "").strip("'\"").partition('"')[0] in " ".join(row.notes)


def _tuple(layers: list[int] | None) -> tuple[int, ...] | None:
    return tuple(layers) if layers is not None else None


@pytest.mark.parametrize("given", _shared())
def test_the_shared_sources_come_out_as_they_went_in(given: dict[str, Any]) -> None:
    row = _ROWS[f"{given['image']}:{given['tag']}"]
    if not _is_read_since(row, given):
        assert row.source.startswith(given["source"])
        assert (given["source_commit"] or "") in row.source
        assert row.seen == date.fromisoformat(given["image_date"] or str(row.seen))


@pytest.mark.parametrize("given", _shared())
def test_the_shared_systems_come_out_as_they_went_in(given: dict[str, Any]) -> None:
    row = _ROWS[f"{given['image']}:{given['tag']}"]
    said = given["os_release"].removesuffix(" ?")
    for theirs, ours in _SYSTEMS.items():
        said = re.sub(rf"^{re.escape(theirs)}(?= |$)", ours, said)
    assert row.system == ("busybox" if said.startswith("busybox") else said)
    _same_or_read_since(row, "libc", (given["libc"] or "").partition(" ")[0])
    _same_or_read_since(row, "package_manager", re.split("[ /]", given["package_manager"] or "")[0])
    for shell in re.findall(r"dash|bash|busybox", given["shell"] or ""):
        assert shell in row.shells


def _same_or_read_since(row: BaseRow, fact: str, given: str) -> None:
    """What the shared data does not know is unknown, or is from somewhere else."""
    own = row.origins.get(fact)
    assert getattr(row, fact) == (given or None) or (not given and own is not None)


@pytest.mark.parametrize("given", _shared())
def test_the_shared_last_days_come_out_as_they_went_in(given: dict[str, Any]) -> None:
    support = support_of_row(_ROWS[f"{given['image']}:{given['tag']}"], _KNOWN)
    assert _day(support.system) == given["os_eol"]
    told = given["product_eol"]
    if told is not None:
        assert _day(support.product) == (told if told != "not announced/none" else None)
    if told == "not announced/none":
        assert support.product is not None
        assert support.product.why == "its makers have announced no last day"


def _day(support: Any) -> str | None:
    return str(support.ends) if support is not None and support.ends is not None else None


def test_there_are_enough() -> None:
    assert len(_ROWS) >= 90
    assert sum(bool(row.wire_bytes) for row in _ROWS.values()) >= 60
    assert {
        "python", "javascript", "go", "rust", "java", "ruby", "php", "dotnet", "r", "julia", "perl",
    } <= {language for row in _ROWS.values() for language in row.languages}  # fmt: skip


def test_each_is_there_once_by_the_name_that_from_gives_it() -> None:
    assert [
        name for name, times in Counter(row.name for row in base_images()).items() if times > 1
    ] == []
    for row in _ROWS.values():
        assert image_name(row.name).repository == row.image
        assert image_name(row.name).tag == row.tag


def test_each_fact_has_a_source_and_a_day() -> None:
    for row in _ROWS.values():
        for fact in ("libc", "wire_bytes", "system"):
            origin = row.origin(fact)
            assert origin.source.strip(), row.name
            assert date(2016, 1, 1) < origin.seen <= date(2026, 11, 25), row.name


def test_figures_agree_with_each_other() -> None:
    for row in _ROWS.values():
        for platform, layers in row.layer_wire_bytes.items():
            assert sum(layers) == row.wire_bytes[platform], row.name
            assert row.layers == len(layers)
        for platform, size in row.wire_bytes.items():
            assert size > 100_000, row.name
            assert not row.platforms or platform in row.platforms, row.name
        assert [str(Platform.parse(one)) for one in row.platforms] == list(row.platforms)
        assert all(Digest(one) for one in row.digests.values())


def test_what_is_unpacked_is_larger_and_says_where_it_is_from() -> None:
    for row in _ROWS.values():
        for platform, size in row.unpacked_bytes.items():
            assert row.wire_bytes[platform] < size < 5 * row.wire_bytes[platform], row.name
        for name in ("unpacked_bytes", "packages"):
            if getattr(row, name):
                assert "/local/" in row.origins[name].source, row.name
        assert all(getattr(row, name) for name in row.rounded), row.name


def test_of_the_most_used_what_they_take_unpacked_is_known() -> None:
    names = """alpine:3.23 alpine:3.24 debian:13-slim debian:bookworm-slim debian:13 debian:12
        ubuntu:24.04 ubuntu:26.04 python:3.13-slim python:3.13-alpine python:3.13 node:24-alpine
        node:22-slim golang:1.26 golang:1.26-alpine eclipse-temurin:21-jre-alpine
        nginx:alpine-slim ruby:3.4-slim ruby:3.4-alpine php:8.4-cli-alpine"""
    assert [name for name in names.split() if _AMD64 not in _ROWS[name].unpacked_bytes] == []
    assert sum(row.packages is not None for row in _ROWS.values()) >= 14


def test_bare_systems_are_for_no_language() -> None:
    kinds = {row.image: row.kind for row in _ROWS.values()}
    assert kinds["debian"] == kinds["registry.suse.com/bci/bci-base"] == "system"
    assert (kinds["python"], kinds["nginx"]) == ("language", "server")
    assert not [row.name for row in _ROWS.values() if row.kind == "system" and row.languages]


def test_without_a_shell_there_is_none() -> None:
    for row in _ROWS.values():
        assert (row.shell == "none") <= (not row.shells), row.name
        assert row.shell is None or row.shell == "none" or row.shell.startswith("/")


def test_every_system_ends_or_is_named_as_one_that_does_not() -> None:
    for row in _ROWS.values():
        if row.system is not None:
            assert term_of_system(row.system) is not None, row.name
    unknown = {row.product for row in _ROWS.values() if product_of_image(row.product) is None}
    assert unknown >= {"r-base", "archlinux"}
    assert not unknown & {"python", "node", "golang", "rust", "ruby", "php", "amazoncorretto"}


def test_the_page_is_as_it_is_written() -> None:
    tool = Path(__file__).resolve().parents[2] / "tools" / "write_base_images.py"
    spec = importlib.util.spec_from_file_location("write_base_images", tool)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = module.PAGE.read_text(encoding="utf-8")
    assert written.rstrip() == module.page().rstrip()
    assert {line.replace("\\|", "").count("|") for line in written.splitlines() if "|" in line} == {
        13
    }
