"""`clean`: what goes, from which layer, and what must stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lightship import history, inspect
from lightship.api.cleaning import clean
from lightship.api.trees import open_tree
from lightship.errors import UsageError
from lightship.filetree.patterns import Pattern
from lightship.rules.suppressing import Ignore
from lightship.testing import Dir, File, Layer, Link, Symlink, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.rewrite import RewriteResult

LISTS = "var/lib/apt/lists"
BASE: dict[str, Any] = {
    "bin/sh": b"base",
    "etc/passwd": b"root:x:0:0::/:/bin/sh\n",
    f"{LISTS}/base": b"b" * 5000,
}
STATUS = b"""Package: foo
Status: install ok installed
Architecture: amd64
Version: 1.0
Description: one
 .
 more

Package: bar
Status: install ok installed
Architecture: amd64
Version: 2.0

"""
DPKG: dict[str, Any] = {
    "var/lib/dpkg/status": STATUS,
    "var/lib/dpkg/info/foo.list": b"/.\n/usr\n/usr/bin/foo\n/usr/lib/foo/data\n",
    "var/lib/dpkg/info/foo.md5sums": b"0  usr/bin/foo\n",
    "var/lib/dpkg/info/foobar.list": b"/usr/bin/other\n",
    "var/lib/dpkg/info/bar.list": b"/usr/bin/bar\n/usr/bin/bar2\n",
    "usr/bin/foo": b"f" * 1000,
    "usr/lib/foo/data": b"d" * 2000,
    "usr/bin/bar": b"b" * 100,
    "usr/bin/bar2": b"2" * 100,
}


def made(tmp_path: Path, *layers: Layer, **config: Any) -> str:
    return build_image(layers, directory=tmp_path, config={"config": config})


def cleaned(reference: str, tmp_path: Path, **more: Any) -> tuple[RewriteResult, str]:
    target = f"oci:{tmp_path / 'cleaned'}:it"
    return clean(reference, target, cache=None, **more), target


def paths_in(reference: str) -> set[str]:
    return {entry.path.decode() for entry in open_tree(reference).walk()}


def content_of(reference: str, path: bytes) -> int:
    return next(one.content_bytes for one in open_tree(reference).walk() if one.path == path)


def shrunk(result: RewriteResult) -> int:
    """By how many visible bytes."""
    before, after = result.before.visible_bytes, result.after.visible_bytes
    assert before is not None
    assert after is not None
    return before - after


def fates(result: RewriteResult) -> list[tuple[int, str]]:
    return [(row.from_positions[0], row.fate) for row in result.layers]


def test_what_is_certainly_not_needed_goes_from_the_layer_that_brought_it(tmp_path: Path) -> None:
    reference = made(
        tmp_path,
        BASE,
        {f"{LISTS}/a": b"a" * 40_000, "opt/app": b"app"},
        {"opt/two": b"2"},
        {"var/cache/apt/pkgcache.bin": b"p" * 1000, "tmp/scratch": b"likely, not certain" * 90},
    )
    result, target = cleaned(reference, tmp_path)
    assert fates(result) == [(1, "kept"), (2, "written"), (3, "kept"), (4, "written")]
    assert [(row.path, row.rule, row.layer, row.content_bytes) for row in result.removed] == [
        ("var/cache/apt/pkgcache.bin", "apt-cache", 4, 1000),
        (f"{LISTS}/a", "apt-lists", 2, 40_000),
    ]
    assert shrunk(result) == 41_000
    assert paths_in(reference) - paths_in(target) == {"var/cache/apt/pkgcache.bin", f"{LISTS}/a"}
    assert result.cleaning is not None
    assert (result.cleaning.base_names, result.cleaning.base_bytes) == (1, 5000)
    after = inspect(target, cache=None)
    assert {one.rule for one in after.findings if one.remedy == "remove"} <= {
        "apt-lists",  # of the base
        "temporary-files",
    }


def test_touch_base_takes_out_of_every_layer(tmp_path: Path) -> None:
    reference = made(tmp_path, BASE, {f"{LISTS}/a": b"a" * 40_000})
    result, target = cleaned(reference, tmp_path, touch_base=True)
    assert fates(result) == [(1, "written"), (2, "written")]
    assert f"{LISTS}/base" not in paths_in(target)
    assert shrunk(result) == 45_000
    (told,) = [one for one in inspect(reference, cache=None).findings if one.rule == "apt-lists"]
    assert told.removable_bytes == 45_000
    assert not [one for one in inspect(target, cache=None).findings if one.remedy == "remove"]


def test_a_file_that_covers_one_of_the_base_is_whited_out(tmp_path: Path) -> None:
    reference = made(tmp_path, BASE, {f"{LISTS}/base": b"new" * 1000}, {f"{LISTS}/base": b"x"})
    result, target = cleaned(reference, tmp_path)
    assert f"{LISTS}/base" not in paths_in(target)
    assert result.layers[0].fate == "kept"


def test_the_base_is_the_one_that_is_named(tmp_path: Path) -> None:
    base = made(tmp_path, BASE, {f"{LISTS}/second": b"s" * 3000})
    reference = made(tmp_path, BASE, {f"{LISTS}/second": b"s" * 3000}, {f"{LISTS}/c": b"c" * 900})
    result, _ = cleaned(reference, tmp_path, base=base)
    assert [row.path for row in result.removed] == [f"{LISTS}/c"]
    assert result.base_layers == 2
    assert result.notes == ()


def test_where_all_lies_in_the_base_nothing_is_written(tmp_path: Path) -> None:
    reference = made(tmp_path, BASE, {"opt/app": b"app"})
    result, _ = cleaned(reference, tmp_path)
    assert result.outcome == "nothing"
    assert result.why == "all that could go, 5.00 kB, lies in the base image (--touch-base)"
    assert not (tmp_path / "cleaned").exists()


def test_a_layer_that_only_had_what_goes_is_gone(tmp_path: Path) -> None:
    said = [{"created_by": f"step {n}"} for n in (1, 2, 3)]
    reference = build_image(
        [BASE, {"scratch": b"a" * 900}, {"opt/app": b"x"}], directory=tmp_path, history=said
    )
    result, target = cleaned(reference, tmp_path, paths=["scratch"])
    assert fates(result) == [(1, "kept"), (3, "kept")]
    steps = history(target, cache=None).rows[::-1]
    assert [(row.created_by, row.empty_layer) for row in steps] == [
        ("step 1", False), ("step 2", True), ("step 3", False),
    ]  # fmt: skip


def test_a_rule_is_asked_whatever_its_confidence(tmp_path: Path) -> None:
    reference = made(tmp_path, BASE, {"tmp/scratch": b"x" * 9000, f"{LISTS}/a": b"a" * 900})
    result, target = cleaned(reference, tmp_path, rules=["temporary-files"])
    assert [row.rule for row in result.removed] == ["temporary-files"]
    assert {"tmp", f"{LISTS}/a"} <= paths_in(target)


def test_a_category_goes_but_for_licences(tmp_path: Path) -> None:
    layer: Layer = {
        "usr/share/doc/x/README": b"r" * 900,
        "usr/share/doc/x/copyright": b"MIT",
        "usr/bin/x": b"x",
    }
    reference = made(tmp_path, BASE, layer)
    result, target = cleaned(reference, tmp_path, categories=["documentation"])
    assert [row.path for row in result.removed] == ["usr/share/doc/x/README"]
    assert "usr/share/doc/x/copyright" in paths_in(target)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"rules": ["nonsense"]}, "no rule 'nonsense'"),
        ({"rules": ["duplicates"]}, "not mended by removing"),
        ({"categories": ["nonsense"]}, "no category 'nonsense'"),
        ({"paths": ["/not/there"]}, "is not in the image"),
        ({"paths": ["/"]}, "names nothing"),
        ({"paths": ["../etc"]}, "names nothing"),
        ({"paths": ["/usr/bin/app"]}, "command runs or loads it"),
        ({"paths": ["/usr/bin/called"]}, "a link to what"),
        ({"paths": ["/opt/now"]}, "a link to what"),
        ({"paths": ["/lib64"]}, "programs expect"),
        ({"paths": ["/etc/passwd"]}, "must stay"),
        ({"paths": ["/etc/ssl/certs/ca.pem"]}, "certificates"),
        ({"paths": ["/data/one"]}, "in a volume"),
        ({"paths": ["/var/lib/dpkg/status"]}, "a package database"),
    ],
)
def test_what_must_stay_and_what_is_not_there_is_told(
    tmp_path: Path, asked: dict[str, list[str]], said: str
) -> None:
    layer: dict[str, Any] = {
        "opt/v1/run": File(b"#!/bin/sh\n", mode=0o755),
        "opt/now": Symlink("v1"),
        "usr/bin/app": File(b"#!/bin/sh\nexec /opt/now/run\n", mode=0o755),
        "usr/bin/called": Symlink("app"),
        "lib64": Symlink("usr/lib64"),
        "etc/ssl/certs/ca.pem": b"PEM",
        "etc/passwd": b"app:x:1:1::/:/bin/sh\n",
        "data/one": b"1",
        **DPKG,
    }
    reference = made(tmp_path, BASE, layer, Cmd=["/usr/bin/app"], Volumes={"/data": {}})
    with pytest.raises(UsageError, match=said):
        cleaned(reference, tmp_path, **asked)
    assert not (tmp_path / "cleaned").exists()


def test_what_must_stay_stays_in_a_directory_that_goes(tmp_path: Path) -> None:
    reference = made(
        tmp_path, BASE, {"opt/a/run": File(b"#!/bin/sh\n", mode=0o755), "opt/a/doc": b"d"},
        Cmd=["/opt/a/run"],
    )  # fmt: skip
    result, target = cleaned(reference, tmp_path, paths=["/opt/a"])
    assert [row.path for row in result.removed] == ["opt/a/doc"]
    assert "opt/a/run" in paths_in(target)
    assert result.cleaning is not None
    assert [one.path for one in result.cleaning.must_stay] == ["opt/a/run"]


def test_a_hard_link_frees_when_its_last_name_goes(tmp_path: Path) -> None:
    layer: Layer = {"opt/a": b"x" * 700, "opt/b": Link("opt/a"), "opt/c": Link("opt/b")}
    reference = made(tmp_path, BASE, layer)
    result, target = cleaned(reference, tmp_path, paths=["opt/a", "opt/b"])
    assert shrunk(result) == 0
    assert content_of(target, b"opt/c") == 700
    (tmp_path / "again").mkdir()
    result, _ = cleaned(target, tmp_path / "again", paths=["opt/c"])
    assert shrunk(result) == 700


def test_a_symbolic_link_that_later_records_lead_through(tmp_path: Path) -> None:
    reference = made(
        tmp_path,
        BASE,
        {"opt/real": Dir(mode=0o750), "opt/link": Symlink("real")},
        [("opt/link/file", b"x" * 300)],
    )
    result, target = cleaned(reference, tmp_path, paths=["opt/link"])
    assert [row.path for row in result.removed] == ["opt/link"]
    assert paths_in(reference) - paths_in(target) == {"opt/link"}
    assert content_of(target, b"opt/real/file") == 300


def test_a_package_that_goes_whole_goes_from_dpkgs_database(tmp_path: Path) -> None:
    reference = made(tmp_path, BASE, DPKG)
    result, target = cleaned(reference, tmp_path, paths=["usr/bin/foo", "usr/lib/foo"])
    assert result.cleaning is not None
    (loss,) = result.cleaning.packages
    assert (loss.name, loss.whole, loss.lost, loss.files) == ("foo", True, 2, 2)
    assert result.cleaning.edited == ("var/lib/dpkg/status",)
    assert paths_in(reference) - paths_in(target) == {
        "usr/bin/foo", "usr/lib/foo", "usr/lib/foo/data",
        "var/lib/dpkg/info/foo.list", "var/lib/dpkg/info/foo.md5sums",
    }  # fmt: skip
    assert content_of(target, b"var/lib/dpkg/status") == len(STATUS) - STATUS.index(b"Package: bar")
    packages = inspect(target, cache=None).contents
    assert packages is not None
    assert "foo" not in {row.name for row in packages.packages}
    assert shrunk(result) == sum(row.content_bytes for row in result.removed) + STATUS.index(
        b"Package: bar"
    )


def test_a_package_that_loses_a_part_stays_listed(tmp_path: Path) -> None:
    reference = made(tmp_path, BASE, DPKG)
    result, target = cleaned(reference, tmp_path, paths=["usr/bin/foo"])
    assert result.cleaning is not None
    (loss,) = result.cleaning.packages
    assert (loss.name, loss.whole, loss.lost, loss.files) == ("foo", False, 1, 2)
    assert content_of(target, b"var/lib/dpkg/status") == len(STATUS)


def test_a_package_keeps_a_file_where_its_record_lies_in_the_base(tmp_path: Path) -> None:
    records = {path: what for path, what in DPKG.items() if path.startswith("var")}
    files = {path: what for path, what in DPKG.items() if path.startswith("usr")}
    reference = made(tmp_path, records, files)
    result, target = cleaned(reference, tmp_path, paths=["usr/lib/foo"])
    assert result.cleaning is not None
    assert not result.cleaning.packages[0].refused
    (tmp_path / "two").mkdir()
    result, target = cleaned(reference, tmp_path / "two", paths=["usr/bin/foo", "usr/lib/foo"])
    assert result.cleaning is not None
    assert "lies in a layer that stays" in (result.cleaning.packages[0].refused or "")
    assert "usr/bin/foo" in paths_in(target)
    assert "usr/lib/foo" not in paths_in(target)


def test_equal_files_become_one_and_what_is_written_to_does_not(tmp_path: Path) -> None:
    layer: Layer = {
        "usr/lib/a": b"s" * 5000,
        "usr/lib/b": b"s" * 5000,
        "usr/lib/later": File(b"s" * 5000, mtime=7),
        "var/lib/state": b"s" * 5000,
        "usr/lib/shared": File(b"s" * 5000, mode=0o666),
    }
    reference = made(tmp_path, BASE, layer, {"usr/lib/c": b"s" * 5000})
    result, target = cleaned(reference, tmp_path, dedupe=True)
    assert result.cleaning is not None
    joined = result.cleaning.joined
    assert joined is not None
    assert (joined.names, joined.content_bytes) == (1, 5000)
    assert (joined.other_facts_bytes, joined.other_layer_bytes) == (5000, 5000)
    assert joined.other_place_bytes == 10_000
    assert shrunk(result) == 5000
    tree = {entry.path: entry for entry in open_tree(target).walk()}
    assert tree[b"usr/lib/a"].inode == tree[b"usr/lib/b"].inode
    assert len({tree[name].inode for name in tree if name.startswith(b"usr/lib/")}) == 4
    assert result.proof is not None
    assert result.proof.linked == 1


def test_a_plan_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    reference = made(tmp_path, BASE, {f"{LISTS}/a": b"a" * 40_000, "opt/x": b"x"})
    plan = clean(reference, cache=None)
    done, _ = cleaned(reference, tmp_path)
    assert plan.outcome == "planned"
    assert plan.removed == done.removed
    assert plan.cleaning == done.cleaning
    assert plan.after.visible_bytes == done.after.visible_bytes
    assert plan.after.unpacked_bytes == done.after.unpacked_bytes


def test_names_that_are_no_text(tmp_path: Path) -> None:
    name = f"{LISTS}/".encode() + b"\xff\xfe\n"
    reference = made(tmp_path, BASE, {name: b"n" * 400})
    result, target = cleaned(reference, tmp_path)
    (row,) = result.removed
    assert row.path_base64 is not None
    assert name not in {entry.path for entry in open_tree(target).walk()}


def test_times_are_clamped_in_layers_that_lose_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = File(b"y", mtime=5_000)
    reference = made(
        tmp_path, BASE, {"opt/a": young, "opt/link": Link("opt/a"), "opt/gone": b"g"}, {"z": young}
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4000")
    result, target = cleaned(reference, tmp_path, paths=["opt/gone"], clamp_mtime=True)
    times = {entry.path: entry.mtime_ns for entry in open_tree(target).walk()}
    assert times[b"opt/a"] == 4_000 * 10**9
    assert times[b"z"] == 5_000 * 10**9
    assert fates(result) == [(1, "kept"), (2, "written"), (3, "kept")]
    assert result.proof is not None
    assert result.proof.clamped == 2


def test_the_same_image_gives_the_same_bytes(tmp_path: Path) -> None:
    layer: Layer = {f"{LISTS}/a": b"a" * 900, "usr/lib/x": b"x" * 90, "usr/lib/y": b"x" * 90}
    reference = made(tmp_path, BASE, layer, DPKG)
    digests = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        result, _ = cleaned(reference, tmp_path / name, dedupe=True)
        digests.add(str(result.digest))
    assert len(digests) == 1


def test_no_image_is_without_any_layer(tmp_path: Path) -> None:
    reference = made(tmp_path, {"a": b"x", "b": b"y"})
    result, target = cleaned(reference, tmp_path, paths=["a", "b"])
    assert [row.fate for row in result.layers] == ["written"]
    assert paths_in(target) == set()


def test_what_is_suppressed_stays(tmp_path: Path) -> None:
    reference = made(tmp_path, BASE, {f"{LISTS}/a": b"a" * 900, f"{LISTS}/b": b"b" * 900})
    patterns = (Pattern.parse(f"{LISTS}/a"),)
    ignore = Ignore(rule="apt-lists", reason="a mirror", patterns=patterns)
    result, _ = cleaned(reference, tmp_path, ignores=(ignore,))
    assert [row.path for row in result.removed] == [f"{LISTS}/b"]
