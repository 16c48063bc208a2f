"""What happens to images in the real world, told by `diff`."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lightship.api.diffing import diff
from lightship.errors import UnreachableError, UsageError
from lightship.layers.cache import CachePlace
from lightship.testing import Dir, File, Link, Symlink, build_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.model.results.diff import ChangedName, DiffResult
    from lightship.testing import Layer

CHANCE = random.Random(3)  # noqa: S311 # filling, no secret
HISTORY = ("ADD base / ", "RUN apt-get install -y git", "COPY . /app", "CMD run")


def noise(count: int) -> bytes:
    return CHANCE.randbytes(count)


BASE: dict[str, object] = {f"usr/lib/lib{n}.so": noise(5_000) for n in range(20)}
GIT: dict[str, object] = {"usr/bin/git": noise(40_000), "usr/bin/git-shell": Link("usr/bin/git")}
APP: dict[str, object] = {
    "app/data/model.bin": noise(60_000),
    **{f"app/src/m{n}.py": noise(300 + n) for n in range(30)},
}
LAYERS: list[Layer] = [BASE, GIT, APP]


def history(*instructions: str) -> list[dict[str, object]]:
    return [
        {"created_by": text, **({"empty_layer": True} if text.startswith("CMD") else {})}
        for text in instructions
    ]


def built(folder: Path, layers: Sequence[Layer], *instructions: str, **options: Any) -> str:
    return build_image(
        layers, directory=folder, history=history(*(instructions or HISTORY)), **options
    )


def compare(
    folder: Path, layers: Sequence[Layer], *instructions: str, **options: Any
) -> DiffResult:
    """The usual image, and one of these layers."""
    a, b = built(folder, LAYERS), built(folder, layers, *instructions, **options)
    return diff(a, b, cache=None)


def counts(result: DiffResult) -> dict[str, int]:
    """Names by what happened to them, none left out."""
    changes = result.changes
    found = {
        "added": changes.added.names,
        "removed": changes.removed.names,
        "changed": changes.changed.names,
        "metadata": changes.metadata.names,
        "touched": changes.touched.names,
        "moved": changes.moved.names,
    }
    return {what: count for what, count in found.items() if count}


def paths(rows: Sequence[ChangedName]) -> list[str]:
    return [row.path for row in rows]


def steps(result: DiffResult) -> list[tuple[int | None, int | None, str, str]]:
    return [(row.a_layer, row.b_layer, row.status, row.sharing) for row in result.instructions]


def again(layer: Mapping[str, object], **attributes: Any) -> dict[str, object]:
    """The same files with other attributes."""
    return {
        path: File(content, **attributes) if isinstance(content, bytes) else content
        for path, content in layer.items()
    }


def blob_bytes(reference: str) -> dict[str, int]:
    """Digest and stored bytes of the config and the layers, read from the layout itself."""
    folder = Path(reference.partition(":")[2])
    index = json.loads((folder / "index.json").read_text())
    digest = index["manifests"][0]["digest"].partition(":")[2]
    manifest = json.loads((folder / "blobs" / "sha256" / digest).read_text())
    return {one["digest"]: one["size"] for one in (manifest["config"], *manifest["layers"])}


def test_the_same_image(tmp_path: Path) -> None:
    result = compare(tmp_path, LAYERS)
    assert result.identical
    assert result.same_files
    assert counts(result) == {}
    assert result.pull.wire_bytes == 0
    assert result.pull.unpacked_bytes == 0
    assert steps(result) == [(n, n, "same", "chain") for n in (1, 2, 3)]
    assert result.directories == ()


def test_one_package_more(tmp_path: Path) -> None:
    curl = {"usr/bin/curl": noise(20_000), "usr/share/doc/curl/README": noise(100)}
    result = compare(
        tmp_path, [BASE, GIT | curl, APP], HISTORY[0], HISTORY[1] + " curl", *HISTORY[2:]
    )
    assert counts(result) == {"added": 5}  # with /usr/share, /usr/share/doc, /usr/share/doc/curl
    assert paths(result.added)[:2] == ["usr/bin/curl", "usr/share/doc/curl/README"]
    assert steps(result) == [
        (1, 1, "same", "chain"),
        (2, 2, "changed", "none"),
        (3, 3, "same", "blob"),
    ]
    row = result.instructions[1]
    assert row.created_by == "RUN apt-get install -y git curl"
    assert row.a_created_by == "RUN apt-get install -y git"
    assert row.b_unpacked_bytes - row.a_unpacked_bytes == 20_100
    assert result.delta.visible_bytes == result.delta.unpacked_bytes == 20_100
    first = result.directories[0]
    assert (first.path, first.visible_bytes, first.files) == ("usr/bin", 20_000, 1)
    # Layer 3 is unpacked again, on another chain, but not pulled.
    assert (result.pull.blobs, result.pull.layers) == (1, 2)
    assert result.shared.chain_layers == 1


def test_what_is_pulled_are_the_blobs_that_a_has_not(tmp_path: Path) -> None:
    a, b = built(tmp_path, LAYERS), built(tmp_path, [BASE, GIT, {**APP, "app/new": noise(999)}])
    result = diff(a, b, cache=None)
    stored_a, stored_b = blob_bytes(a), blob_bytes(b)
    assert result.pull.wire_bytes == sum(
        size for digest, size in stored_b.items() if digest not in stored_a
    )
    assert not result.pull.wire_bytes_estimated
    assert result.delta.wire_bytes == sum(stored_b.values()) - sum(stored_a.values())
    assert result.shared.blobs == 2
    time = result.pull.time
    assert time.download_seconds == result.pull.wire_bytes / time.bandwidth_bytes_per_second


def test_a_rebuild_that_changes_times_only(tmp_path: Path) -> None:
    result = compare(tmp_path, [again(BASE, mtime=9), again(GIT, mtime=9), again(APP, mtime=9)])
    assert counts(result) == {"touched": 53}
    assert result.touched == ()
    assert not result.same_files
    assert result.delta.unpacked_bytes == result.delta.visible_bytes == 0
    # The files are the same and everything is pulled again all the same.
    assert [row.sharing for row in result.instructions] == ["none"] * 3
    assert [row.status for row in result.instructions] == ["changed"] * 3
    assert result.pull.unpacked_bytes == result.b.unpacked_bytes
    a, b = built(tmp_path, LAYERS), built(tmp_path, [BASE, again(GIT, mtime=9), APP])
    listed = diff(a, b, cache=None, mtimes=True)
    assert sorted(paths(listed.touched)) == ["usr/bin/git", "usr/bin/git-shell"]
    assert listed.touched[0].facts == ("mtime",)
    assert listed.touched[0].b is not None
    assert listed.touched[0].b.mtime == "1970-01-01T00:00:09Z"


def test_another_base(tmp_path: Path) -> None:
    alpine: Layer = {"lib/musl.so": noise(8_000), "bin/sh": Symlink("/lib/musl.so")}
    result = compare(tmp_path, [alpine, GIT, APP], "ADD alpine / ", *HISTORY[1:])
    assert result.shared.chain_layers == 0
    assert [row.status for row in result.instructions[1:]] == ["same", "same"]
    assert [row.sharing for row in result.instructions if row.b_layer] == ["none", "blob", "blob"]
    assert result.changes.removed.files == 20
    assert sorted(paths(result.added)) == ["bin", "bin/sh", "lib", "lib/musl.so"]
    assert result.directories[0].path == "usr/lib"
    assert result.directories[0].visible_bytes == -100_000
    assert result.delta.visible_bytes == -92_000
    assert result.pull.layers == 3


def test_chown_in_a_layer_of_its_own(tmp_path: Path) -> None:
    result = compare(
        tmp_path, [*LAYERS, again(APP, uid=1000)], *HISTORY[:3], "RUN chown -R 1000 /app"
    )
    assert counts(result) == {"metadata": 31}
    row = result.metadata[0]
    assert (row.path, row.facts) == ("app/data/model.bin", ("uid",))
    assert row.a is not None
    assert row.b is not None
    assert (row.a.uid, row.b.uid, row.a.layer, row.b.layer) == (0, 1000, 3, 4)
    assert result.delta.visible_bytes == 0
    assert result.delta.unpacked_bytes == result.delta.dead_bytes > 60_000
    assert steps(result)[-1] == (None, 4, "added", "none")
    assert result.instructions[-1].created_by == "RUN chown -R 1000 /app"
    # What the old layer holds is dead now: that is where the wire bytes went.
    assert result.elsewhere.dead_wire_bytes > 60_000
    assert result.directories == ()


def test_the_same_layers_compressed_otherwise(tmp_path: Path) -> None:
    result = compare(tmp_path, LAYERS, codec=["gzip", "zstd", "gzip"])
    assert result.same_files
    assert not result.identical
    assert steps(result) == [
        (1, 1, "same", "chain"),
        (2, 2, "same", "recompressed"),
        (3, 3, "same", "chain"),
    ]
    assert result.pull.blobs == 1
    # Nothing is unpacked: the chain is the same, whatever the blobs.
    assert (result.pull.unpacked_bytes, result.pull.layers) == (0, 0)
    (warning,) = result.warnings
    assert warning.startswith("B: layer 2 is the same as in A but compressed otherwise")


def test_docker_pulls_all_above_the_first_layer_that_it_has_not(tmp_path: Path) -> None:
    result = compare(tmp_path, [BASE, {**GIT, "x": b"1"}, APP])
    assert result.pull.blobs == 1
    wire = [row.b_wire_bytes for row in result.instructions]
    assert result.pull.wire_bytes == wire[1] + result.pull.config_bytes
    assert result.pull.chain_wire_bytes == wire[1] + wire[2] + result.pull.config_bytes


def test_a_directory_that_was_moved(tmp_path: Path) -> None:
    moved = {path.replace("app/src", "srv/shop/lib"): data for path, data in APP.items()}
    moved |= {
        "srv/shop/lib": Dir(),
        "srv/shop/lib/__init__.py": b"",
        "srv/shop/lib/s": Symlink("m1"),
    }
    app = APP | {"app/src": Dir(), "app/src/__init__.py": b"", "app/src/s": Symlink("m1")}
    a, b = built(tmp_path, [BASE, GIT, app]), built(tmp_path, [BASE, GIT, moved])
    result = diff(a, b, cache=None)
    (move,) = result.moved
    assert (move.source, move.target, move.names, move.files) == (
        "app/src",
        "srv/shop/lib",
        33,
        31,
    )
    assert move.content_bytes == sum(300 + n for n in range(30))
    # Only the directories on the way are news.
    assert paths(result.added) == ["srv", "srv/shop"]
    assert counts(result) == {"added": 2, "moved": 33}
    assert result.delta.visible_bytes == 0


def test_a_file_that_was_renamed(tmp_path: Path) -> None:
    renamed = {p.replace("model.bin", "weights.bin"): data for p, data in APP.items()}
    result = compare(tmp_path, [BASE, GIT, renamed])
    (move,) = result.moved
    assert (move.source, move.target) == ("app/data/model.bin", "app/data/weights.bin")
    assert counts(result) == {"moved": 1}


def test_layers_squashed_into_one(tmp_path: Path) -> None:
    result = compare(tmp_path, [{**BASE, **GIT, **APP}], "COPY --from=0 / /")
    assert result.same_files
    assert result.pull.blobs == 1
    assert [row.status for row in result.instructions].count("removed") == 3


def test_plain_layers_are_known_by_their_content(tmp_path: Path) -> None:
    """What `docker save` writes has no blobs as a registry keeps them."""
    saved = built(tmp_path, [*LAYERS, {"new": noise(2_000)}], form="docker-archive", codec="plain")
    result = diff(built(tmp_path, LAYERS), saved, cache=None)
    assert [row.sharing for row in result.instructions] == ["chain", "chain", "chain", "none"]
    assert result.pull.blobs == 1


def test_estimates_of_layers_that_both_have_cancel_out(tmp_path: Path) -> None:
    big: Layer = {"big": b"".join(noise(24) + bytes(40) for _ in range(150_000))}
    form: dict[str, Any] = {"form": "docker-archive", "codec": "plain"}
    a, b = built(tmp_path, [big], "x", **form), built(tmp_path, [big, GIT], "x", "y", **form)
    result = diff(a, b, cache=None)
    assert result.a.wire_bytes_estimated
    assert not result.delta.wire_bytes_estimated
    assert result.delta.wire_bytes_error == 0
    assert not result.pull.wire_bytes_estimated
    back = diff(build_image([], directory=tmp_path, history=[]), b, cache=None)
    assert back.pull.wire_bytes_estimated
    assert back.pull.wire_bytes_error == back.b.wire_bytes_error > 0


def test_a_blob_that_one_image_knows_counts_for_both(tmp_path: Path) -> None:
    big: Layer = {"big": b"".join(noise(24) + bytes(40) for _ in range(150_000))}
    stored = built(tmp_path, [big, GIT], "x", "y")
    saved = built(tmp_path, [big, GIT], "x", "y", form="docker-archive", codec="plain")
    for a, b in ((stored, saved), (saved, stored)):
        result = diff(a, b, cache=None)
        assert result.delta.wire_bytes == 0
        assert not result.a.wire_bytes_estimated
        assert not result.b.wire_bytes_estimated
        assert result.pull.wire_bytes == 0
        assert result.identical


def test_a_layer_listed_twice_is_pulled_once(tmp_path: Path) -> None:
    twice: Layer = {"x": noise(5_000)}
    result = compare(tmp_path, [*LAYERS, twice, {".wh.x": b""}, twice], *"abcdef")
    wire = [row.b_wire_bytes for row in result.instructions if row.sharing == "none"]
    assert [size > 4_000 for size in wire] == [True, False, False]
    assert wire[2] == 0
    assert result.pull.blobs == 2
    assert result.pull.layers == 3


def test_lists_are_as_long_as_asked(tmp_path: Path) -> None:
    a, b = built(tmp_path, [BASE]), built(tmp_path, [{"only": b"1"}])
    result = diff(a, b, cache=None, listed=3)
    assert len(result.removed) == 3
    assert result.changes.removed.files == 20


def test_paths_that_are_not_text(tmp_path: Path) -> None:
    result = compare(tmp_path, [*LAYERS, {b"d/\xff": b"1"}], *"abcd")
    row = next(row for row in result.added if row.path == "d/\ufffd")
    assert row.path_base64 == "ZC//"


def test_warnings_say_of_which_image_they_speak(tmp_path: Path) -> None:
    lost: Layer = {"l": Link("nowhere")}
    a, b = built(tmp_path, [lost], "x"), built(tmp_path, [lost, GIT, lost], "x")
    both = diff(a, b, cache=None).warnings
    assert [text.partition(": ")[0] for text in both] == ["A and B", "B", "B"]
    assert diff(a, a, cache=None).warnings == (both[0],)


def test_nothing_at_all(tmp_path: Path) -> None:
    empty = build_image([], directory=tmp_path, history=[])
    result = diff(empty, empty, cache=None)
    assert result.identical
    grown = diff(empty, built(tmp_path, LAYERS), cache=None)
    assert grown.delta.visible_bytes == grown.b.visible_bytes
    assert grown.pull.wire_bytes == grown.b.wire_bytes


def test_both_through_standard_input_is_refused() -> None:
    for b in ("-", "docker-archive:-", "oci-archive:-:name"):
        with pytest.raises(UsageError, match="only one of two images"):
            diff("-", b)


def test_names_may_end_with_a_dash(tmp_path: Path) -> None:
    a, b = built(tmp_path, LAYERS), built(tmp_path, LAYERS)
    for reference, name in ((a, "a-"), (b, "b-")):
        Path(reference.partition(":")[2]).rename(tmp_path / name)
    assert diff(str(tmp_path / "a-"), f"oci:{tmp_path}/b-", cache=None).identical


def test_one_through_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a = built(tmp_path, LAYERS, form="docker-archive-25")
    b = built(tmp_path, LAYERS[:2], *HISTORY[:2], form="docker-archive-25")
    with Path(b.partition(":")[2]).open("rb") as stream:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(stream))
        result = diff(a, "-", cache=None)
    assert result.changes.removed.files == 31
    assert result.pull.blobs == 0


def test_an_image_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError):
        diff(built(tmp_path, LAYERS), f"oci:{tmp_path}/none:latest", cache=None)


def test_both_images_use_one_cache(tmp_path: Path) -> None:
    place = CachePlace(tmp_path / "cache")
    a, b = built(tmp_path, LAYERS), built(tmp_path, [*LAYERS, {"x": b"1"}], *"abcd")
    first = diff(a, b, cache=place)
    assert diff(a, b, cache=place).changes == first.changes
    assert diff(a, b, cache=None).delta == first.delta
