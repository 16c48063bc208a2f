"""What rewrites answer and leave as it was, for images that have a bit of everything."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import lightship
from hardening.rewrites import COMMANDS, KINDS, place, snapshot
from independent.layouts import folder, load, manifest_of
from lightship.errors import UsageError
from lightship.testing import (
    Device,
    Dir,
    Fifo,
    File,
    Link,
    Symlink,
    assert_same_tree,
    build_image,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hardening.outcome import Outcome
    from lightship.testing import Layer

pytestmark = pytest.mark.slow

CAPABILITY = b"\x01\0\0\2\0\x20" + bytes(14)
ACL = bytes.fromhex("0200000001000700ffffffff04000500ffffffff20000500ffffffff")
FOLDERS = {
    "usr/": Dir(),
    "usr/bin/": Dir(),
    "dev/": Dir(),
    "acl/": Dir(mode=0o2775, xattrs={"system.posix_acl_default": ACL}),
}
"""In each layer that has files in them: Docker makes up those that are missing."""
LAYERS: list[Layer] = [
    {
        "a": b"x" * 999,
        **FOLDERS,
        "usr/bin/su": File(b"s" * 500, mode=0o4755),
        "usr/bin/ping": File(b"p" * 500, xattrs={"security.capability": CAPABILITY}),
        "acl/f": File(b"q", xattrs={"system.posix_acl_access": ACL}),
        "dev/null": Device(mode=0o666, major=1, minor=3),
        "dev/blk": Device(block=True, major=8, minor=1),
        "fifo": Fifo(),
        "ln": Symlink("usr/bin/su"),
        "hl": Link("ln", mode=0o777),
        "hf": Link("fifo"),
        "hd": Link("dev/null", mode=0o666),
        "hs": Link("usr/bin/su", mode=0o4755),
        "tmp/": Dir(mode=0o1777),
    },
    {
        **FOLDERS,
        "usr/bin/ping": File(b"p" * 500, uid=5, xattrs={"security.capability": CAPABILITY}),
        ".wh.ln": b"",
        "hs": File(b"new", mode=0o6711),
        "acl/.wh..wh..opq": b"",
        "acl/\udcff\n": b"1",
        "dev/.wh.null": b"",
    },
    {"later": Link("hl"), "l2": Link("hd"), "fifo": b"a file", "tmp": Symlink("usr")},
]
RUNS = {
    "Volumes": {"/data": {}},
    "User": "5:5",
    "Entrypoint": ["/x"],
    "Cmd": ["a"],
    "Healthcheck": {"Test": ["CMD", "x"], "Interval": 30_000_000_000},
    "OnBuild": ["RUN x"],
    "Labels": {"a": "\u202eb"},
    "ExposedPorts": {"80/tcp": {}},
    "StopSignal": "SIGQUIT",
    "Shell": ["/bin/bash"],
}
CONFIG: dict[str, object] = {"config": RUNS, "author": "me", "moby.buildkit.buildinfo.v1": "eA=="}
SCHEMAS = Path(__file__).parents[2] / "docs/reference/schemas"


@pytest.fixture
def reference(tmp_path: Path) -> str:
    return build_image(LAYERS, directory=tmp_path, config=CONFIG)


def _valid(text: str, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(text)
    schema = json.loads((SCHEMAS / f"{name}-1.json").read_bytes())
    assert answer["schema"] == f"lightship.{name}/1"
    assert not list(Draft202012Validator(schema).iter_errors(answer))
    return answer


@pytest.mark.parametrize("name", COMMANDS)
def test_answers_are_as_their_schemas_say(
    lightship_run: Callable[..., Outcome], reference: str, tmp_path: Path, name: str
) -> None:
    command = place(COMMANDS[name], reference, f"oci:{tmp_path}/out")
    plans = name != "copy"
    if plans:
        planned = lightship_run(*command, "--format=json", "--plan")
        assert _valid(planned.stdout, "rewrite")["outcome"] == "planned"
        command += ["--proof", f"{tmp_path}/proof.json"]
    if "clean" in name:
        command += ["--manifest", f"{tmp_path}/manifest.json"]
    answer = _valid(lightship_run(*command, "--format=json").stdout, "rewrite")
    assert answer["outcome"] == "written"
    if plans:
        _valid((tmp_path / "proof.json").read_text(), "proof")
    every = lightship_run(
        *place(COMMANDS[name], reference, f"oci:{tmp_path}/every"), "--format=json",
        "--all-platforms",
    )  # fmt: skip
    listed = json.loads(every.stdout)
    assert listed["schema"] == "lightship.rewrite-list/1"
    for one in listed["rewrites"]:
        _valid(json.dumps(one), "rewrite")
    if plans and name != "clean":
        again = place(COMMANDS[name], f"oci:{tmp_path}/out", f"oci:{tmp_path}/again")
        nothing = _valid(lightship_run(*again, "--format=json").stdout, "rewrite")
        assert nothing["outcome"] == "nothing"
        assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", COMMANDS)
def test_what_an_image_runs_stays_as_it_was(
    lightship_run: Callable[..., Outcome], reference: str, tmp_path: Path, name: str
) -> None:
    outcome = lightship_run(*place(COMMANDS[name], reference, f"oci:{tmp_path}/out"))
    assert outcome.exit_code == 0, outcome.stderr
    old, new = (
        json.loads(load(at, manifest_of(at)["config"]))
        for at in (folder(reference), tmp_path / "out")
    )
    for config in (old, new):
        del config["rootfs"], config["history"]
    assert old == new
    if "clean" not in name:
        assert_same_tree(reference, f"oci:{tmp_path}/out")


def test_squash_and_clean_in_one_pass_or_in_two(
    lightship_run: Callable[..., Outcome], reference: str, tmp_path: Path
) -> None:
    paths = ("--path", "/acl", "--path", "/usr/bin/ping", "--path", "hd")
    for arguments in (
        ("squash", reference, "--keep", "none", "--clean", *paths, "-o", f"oci:{tmp_path}/one"),
        ("clean", reference, "--touch-base", *paths, "-o", f"oci:{tmp_path}/half"),
        ("squash", f"oci:{tmp_path}/half", "--keep", "none", "-o", f"oci:{tmp_path}/two"),
    ):
        outcome = lightship_run(*arguments)
        assert outcome.exit_code == 0, outcome.stderr
    assert_same_tree(f"oci:{tmp_path}/one", f"oci:{tmp_path}/two")


@pytest.mark.slow
def test_the_same_bytes_wherever_and_however_it_runs(reference: str, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    ways: list[tuple[list[str], dict[str, str]]] = [
        (["--jobs=1", "--no-cache"], {"TMPDIR": str(tmp_path / "t"), "PYTHONHASHSEED": "2"}),
        (["--jobs=7"], {"LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"}),
    ]
    for number, arguments in enumerate(COMMANDS.values()):
        kind = KINDS[number % len(KINDS)]
        found = set()
        for way, (options, environment) in enumerate(ways):
            out = tmp_path / f"{number}-{way}"
            out.mkdir()
            subprocess.run(
                [sys.executable, "-m", "lightship",
                 *place(arguments, reference, f"{kind}:{out}/new"), "--quiet", *options],
                check=True,
                capture_output=True,
                env=os.environ | environment,
            )  # fmt: skip
            held = json.dumps(snapshot(out)).encode()
            found.add(hashlib.sha256(held).hexdigest())
        assert len(found) == 1, arguments


@pytest.mark.parametrize("text", ["abc", "-1", "1e9", "253402300800", " 5", "\u0665", "1.5"])
def test_a_source_date_that_is_none(
    lightship_run: Callable[..., Outcome],
    monkeypatch: pytest.MonkeyPatch,
    reference: str,
    tmp_path: Path,
    text: str,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    for name in ("squash", "clean"):
        command = place(COMMANDS[name], reference, f"oci:{tmp_path}/out")
        assert "SOURCE_DATE_EPOCH" in lightship_run(*command, "--quiet").refused(2)
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "path",
    ["/", ".", "", "..", "/..", "usr/..", "*", "/usr/*", "/hs/x", "/nope", "/.wh.ln", "\x1b"],
)
def test_paths_that_name_nothing_are_usage_errors(
    lightship_run: Callable[..., Outcome], reference: str, tmp_path: Path, path: str
) -> None:
    out = f"oci:{tmp_path}/out"
    outcome = lightship_run("clean", reference, "--touch-base", "--path", path, "-o", out)
    assert "--path" in outcome.refused(2)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("keep", ["x", "0", -1, 4, 1.5, True, None])
def test_what_is_not_to_be_kept(reference: str, tmp_path: Path, keep: Any) -> None:
    with pytest.raises(UsageError, match="--keep"):
        lightship.squash(reference, f"oci:{tmp_path}/out", keep=keep, cache=None)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("several", ["rules", "categories", "paths"])
def test_one_name_where_several_may_stand(reference: str, several: str) -> None:
    """Its letters are no names: `paths="a"` would take /a out of the image."""
    asked: dict[str, Any] = {several: "a"}
    with pytest.raises(UsageError, match="list"):
        lightship.clean(reference, cache=None, touch_base=True, **asked)
