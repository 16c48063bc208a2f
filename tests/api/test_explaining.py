"""Images explained: contents, findings and what they free together, as `inspect` answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from independent.random_stacks import random_stack
from lightship.api.diffing import diff
from lightship.api.explaining import captures
from lightship.api.history import history
from lightship.api.inspecting import inspect, inspect_all_platforms, inspect_with_picture
from lightship.errors import CorruptInputError
from lightship.filetree.patterns import Pattern
from lightship.layers.cache import CachePlace
from lightship.model.results.contents import UNPACKAGED
from lightship.rules.suppressing import Ignore
from lightship.testing import File, Link, build_image, layer_tar

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from lightship.model.finding import Finding
    from lightship.model.results.inspect import InspectResult

MB = 1_000_000
STATUS = """\
Package: tool
Status: install ok installed
Version: 1.2-3
Architecture: amd64
Section: utils

"""
DEBIAN: dict[str, object] = {
    "var/lib/dpkg/status": STATUS.encode(),
    "var/lib/dpkg/info/tool.list": b"/.\n/usr\n/usr/bin\n/usr/bin/tool\n",
    "usr/bin/tool": b"#!/bin/sh\n" * 100,
}


def told(*layers: object, folder: Path, **options: object) -> InspectResult:
    reference = build_image(layers, directory=folder)  # type: ignore[arg-type] # as tests write them
    return inspect(reference, cache=None, **options)  # type: ignore[arg-type]


def of_rule(result: InspectResult, rule: str) -> Finding:
    (found,) = (finding for finding in result.findings if finding.rule == rule)
    return found


def adds_up(result: InspectResult) -> None:
    contents = result.contents
    assert contents is not None
    wire = contents.wire
    for rows in (
        contents.packages,
        contents.categories,
        contents.instructions,
        contents.directories,
        contents.types,
    ):
        assert sum(row.visible_bytes for row in rows) == result.image.visible_bytes
        assert sum(row.wire_bytes for row in rows) == wire.live_bytes
    blobs = wire.live_bytes + wire.dead_bytes + wire.overhead_bytes
    assert blobs + wire.config_bytes == result.image.wire_bytes


def test_a_package_owns_what_its_records_say(tmp_path: Path) -> None:
    result = told(DEBIAN, {"srv/app.py": b"print()\n"}, folder=tmp_path)
    adds_up(result)
    assert result.contents is not None
    rows = {row.name: row for row in result.contents.packages}
    assert (rows["tool"].system, rows["tool"].version) == ("dpkg", "1.2-3")
    assert rows["tool"].visible_bytes >= len("#!/bin/sh\n") * 100
    assert rows[UNPACKAGED].system is None
    assert rows["tool"].layer == 1


@pytest.mark.parametrize("codec", ["gzip", "zstd", "plain"])
@pytest.mark.parametrize("form", ["oci", "docker-archive", "docker-archive-25"])
def test_every_codec_and_form_adds_up(form: str, codec: str, tmp_path: Path) -> None:
    layers = [DEBIAN, {"a": bytes(range(256)) * 9_000, "b": Link("a")}, {".wh.a": b""}, DEBIAN]
    reference = build_image(layers, directory=tmp_path, form=form, codec=codec)  # type: ignore[arg-type]
    adds_up(inspect(reference, cache=None))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(random=st.randoms(use_true_random=False))
def test_random_stacks_add_up(random: Random, tmp_path: Path) -> None:
    stack = random_stack(random)
    reference = build_image(
        stack.layers,
        directory=tmp_path,
        form=stack.form,
        codec=stack.codecs,
        tar_format=stack.tar_format,
    )
    try:
        result = inspect(reference, cache=None)
    except CorruptInputError:
        return
    adds_up(result)
    assert result.removable_bytes is not None
    assert 0 <= result.removable_bytes <= result.image.unpacked_bytes


def test_broken_records_are_noted_and_nobodys(tmp_path: Path) -> None:
    broken = {**DEBIAN, "var/lib/dpkg/info/tool.list": b"/../../etc/passwd\n/usr/bin/tool\n"}
    broken["app/package.json"] = b"{" * 5_000
    broken["app/node_modules/x/package.json"] = b"no json"
    broken["usr/lib/python3/dist-packages/x-1.dist-info/RECORD"] = b"../../etc/passwd,,\n\xff\0"
    result = told(broken, folder=tmp_path)
    adds_up(result)
    assert result.contents is not None
    assert all(isinstance(note, str) for note in result.contents.notes)


def test_what_is_dead_is_found_and_removable(tmp_path: Path) -> None:
    result = told({"a": b"a" * 3 * MB, "b": b"b"}, {".wh.a": b""}, folder=tmp_path)
    finding = of_rule(result, "deleted")
    assert (finding.severity, finding.removable_bytes) == ("warning", 3 * MB)
    assert result.removable_bytes == 3 * MB
    assert result.findings[0] == finding


def test_bytes_that_two_findings_free_count_once(tmp_path: Path) -> None:
    cache = {f"var/cache/apt/archives/p{at}.deb": bytes([at]) * MB for at in range(3)}
    twice = {f"var/lib/apt/lists/q{at}": bytes([at]) * MB for at in range(3)}
    result = told({**cache, **twice, "x": b"x" * MB, "y": b"x" * MB}, folder=tmp_path)
    # Every copy of the lists is removed already: what is left to share is y.
    assert result.removable_bytes == 7 * MB
    assert sum(finding.removable_bytes for finding in result.findings) > 7 * MB


def test_suppressed_findings_are_last_and_not_removable(tmp_path: Path) -> None:
    ignore = Ignore(rule="deleted", reason="not ours", patterns=(Pattern.parse("x"),))
    layers = ({"x/a": b"a" * 3 * MB, "y/b": b"b" * 2 * MB}, {".wh.x": b"", ".wh.y": b""})
    result = told(*layers, folder=tmp_path, ignores=(ignore,))
    assert result.findings[-1].suppressed == "not ours"
    assert result.removable_bytes == 2 * MB


def test_evidence_and_packages_are_cut_to_what_is_listed(tmp_path: Path) -> None:
    files = {f"d{at}/f": bytes([at]) * 200_000 for at in range(20)}
    gone = {f".wh.d{at}": b"" for at in range(20)}
    result = told(files, gone, DEBIAN, folder=tmp_path, listed=3)
    finding = of_rule(result, "deleted")
    assert len(finding.evidence) <= 3
    assert finding.evidence_count >= len(finding.evidence)
    assert result.contents is not None
    assert len(result.contents.directories) <= 4
    adds_up(result)


def test_a_picture_comes_with_the_same_answer(tmp_path: Path) -> None:
    reference = build_image([DEBIAN, {"usr/.wh.bin": b""}], directory=tmp_path)
    result, picture = inspect_with_picture(reference, cache=None)
    assert result == inspect(reference, cache=None)
    assert picture.visible_bytes[0] == result.image.visible_bytes
    assert picture.dead_bytes[0] == result.image.dead_bytes
    assert picture.wire_bytes[0] == result.image.wire_bytes


def test_every_platform_is_explained(tmp_path: Path) -> None:
    reference = build_image([DEBIAN], directory=tmp_path)
    (result,) = inspect_all_platforms(reference, cache=None)
    adds_up(result)
    assert result.findings == inspect(reference, cache=None).findings


def test_commands_that_need_no_contents_take_the_cached_index_of_who_did(tmp_path: Path) -> None:
    place = CachePlace(tmp_path / "cache")
    archive = build_image([DEBIAN], directory=tmp_path)
    first = inspect(archive, cache=place)
    indexes = list((tmp_path / "cache").rglob("*.index"))
    assert first.verified == "read"
    history(archive, cache=place)
    diff(archive, archive, cache=place)
    # An index that was read without contents would be one more.
    fresh = [path for path in (tmp_path / "cache").rglob("*.index") if path not in indexes]
    assert len(fresh) <= 1
    assert inspect(archive, cache=place).contents == first.contents


def test_requests_are_asked_for_once() -> None:
    names = [request.name for request in captures().requests]
    assert len(names) == len(set(names)) > 3
    assert captures() is captures()


def test_an_image_of_nothing_is_explained(tmp_path: Path) -> None:
    result = told({}, folder=tmp_path)
    adds_up(result)
    assert result.removable_bytes == 0
    bare = told(folder=tmp_path)
    adds_up(bare)


def test_a_root_file_system_is_explained(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "usr/share/doc/x").mkdir(parents=True)
    (root / "usr/share/doc/x/README").write_bytes(b"d" * 5_000)
    result = inspect(f"rootfs:{root}", cache=None)
    adds_up(result)
    assert result.contents is not None
    assert result.contents.wire.config_bytes == 0


def test_hostile_names_do_no_harm(tmp_path: Path) -> None:
    names = ["\x1b[2J", "a\nb", "..foo", "x" * 200, "\u202e", "<script>", "`|$(id)"]
    layer = [(f"usr/share/doc/{name}/{name}", File(b"d" * 300_000)) for name in names]
    result = told(layer, layer_tar([("z", b"")]), folder=tmp_path)
    adds_up(result)
