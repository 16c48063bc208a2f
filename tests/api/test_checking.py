"""`check` on real images: each limit just below, at and just above what the image measures."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lightship
from lightship.api.checking import Question, check, check_gate
from lightship.errors import (
    CorruptInputError,
    LightshipError,
    PlatformMismatchError,
    UnreachableError,
    UsageError,
)
from lightship.policy.dive_ci import DiveRules
from lightship.policy.gate import gate_from, places
from lightship.settings import Section
from lightship.testing import Symlink, build_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.check import CheckResult, Judged
    from lightship.testing import Layer

# 2,500 bytes unpacked, of which b's 500 are dead; a and c are equal; a, c and d are left.
LAYERS: list[Layer] = [
    {"a": b"x" * 1000, "b": b"y" * 500, "c": b"x" * 1000},
    {".wh.b": b"", "d": b""},
]
KNOWN = {
    "unpacked": 2500,
    "layer": 2500,
    "dead": 500,
    "duplicate": 1000,
    "layers": 2,
    "files": 3,
}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_image(LAYERS, directory=tmp_path_factory.mktemp("image"))


def weigh(reference: str) -> tuple[int, int]:
    """Wire bytes of a layout and of its largest layer, from the files on disk."""
    root = Path(reference.partition(":")[2])
    index = json.loads((root / "index.json").read_text())

    def blob(descriptor: dict[str, str]) -> Path:
        return root / "blobs" / "sha256" / descriptor["digest"].partition(":")[2]

    manifest = json.loads(blob(index["manifests"][0]).read_text())
    layers = {blob(layer) for layer in manifest["layers"]}
    sizes = [file.stat().st_size for file in layers]
    return blob(manifest["config"]).stat().st_size + sum(sizes), max(sizes)


def checked(reference: str, **budgets: object) -> CheckResult:
    named = {name.replace("_", "-"): value for name, value in budgets.items()}
    return check(reference, budgets=named, cache=None)


def only(result: CheckResult) -> Judged:
    (one,) = result.judged
    assert one.verdict == result.verdict
    return one


def hold(reference: str, limit: str, value: int, **how: Any) -> None:
    """Above, at and below what is measured, as a limit that fails and as one that warns."""
    for verdict, word in (("fail", "max-"), ("warn", "warn-")):
        for allowed, expected in ((value + 1, "pass"), (value, "pass"), (value - 1, verdict)):
            budgets = {word + limit: allowed}
            one = only(check(reference, budgets=budgets, cache=None, **how))
            assert one.budget == f"max-{limit}"
            assert one.verdict == expected, (allowed, one.message)
            assert one.measured == value
            assert one.headroom == allowed - value
            assert (one.fail if verdict == "fail" else one.warn) == allowed
            assert bool(one.advice) == (expected != "pass")


@pytest.mark.parametrize("limit", KNOWN)
def test_equality_passes(limit: str, image: str) -> None:
    hold(image, limit, KNOWN[limit])


def test_equality_passes_on_the_wire(image: str) -> None:
    wire, largest = weigh(image)
    hold(image, "wire", wire)
    hold(image, "blob", largest)
    hold(image, "wire", wire, manifest_only=True)
    hold(image, "blob", largest, manifest_only=True)
    hold(image, "layers", 2, manifest_only=True)


def test_equality_passes_for_efficiency(image: str) -> None:
    for name, verdict in (("min_efficiency", "fail"), ("warn_efficiency", "warn")):
        for allowed in ("0.8", "80%", 0.8, "0.799999999999999999"):
            assert only(checked(image, **{name: allowed})).verdict == "pass"
        one = only(checked(image, **{name: "0.800000000000000001"}))
        assert (one.verdict, one.measured, one.bound) == (verdict, 0.8, "at_least")


def test_equality_passes_for_growth(image: str, tmp_path: Path) -> None:
    smaller = build_image(
        [{"a": b"x" * 1000, "c": b"x" * 1000}], directory=tmp_path, history=[{"created_by": "x"}]
    )
    grown = weigh(image)[0] - weigh(smaller)[0]
    hold(image, "growth", grown, baseline=smaller)
    hold(image, "growth", grown, baseline=smaller, manifest_only=True)
    hold(image, "growth-unpacked", 500, baseline=smaller)
    for allowed, verdict in (("25%", "pass"), ("24.99%", "fail"), ("25.01%", "pass")):
        budgets = {"max-growth-unpacked": allowed}
        one = only(check(image, budgets=budgets, baseline=smaller, cache=None))
        assert (one.verdict, one.measured) == (verdict, 500)


def test_what_shrinks_has_grown_by_less_than_nothing(image: str, tmp_path: Path) -> None:
    larger = build_image([*LAYERS, {"e": os.urandom(5000)}], directory=tmp_path)
    budgets = {"max-growth": 0, "max-growth-unpacked": "0%"}
    result = check(image, budgets=budgets, baseline=larger, cache=None)
    assert [one.verdict for one in result.judged] == ["pass", "pass"]
    assert result.judged[1].measured == -5000


def test_the_larger_limit_fails_where_both_are_broken(image: str) -> None:
    result = checked(image, max_dead=400, warn_dead=100)
    assert only(result).verdict == "fail"
    assert only(checked(image, max_dead=500, warn_dead=100)).verdict == "warn"
    assert only(checked(image, max_dead=500, warn_dead=500)).verdict == "pass"


def test_a_layer_that_is_listed_twice_is_pulled_once(tmp_path: Path) -> None:
    once, twice = (
        build_image(layers, directory=tmp_path, history=[])
        for layers in ([LAYERS[0]], [LAYERS[0], LAYERS[0]])
    )
    wire, blob = weigh(twice)
    assert wire < weigh(once)[0] + blob
    for manifest_only in (False, True):
        hold(twice, "wire", wire, manifest_only=manifest_only)
        hold(twice, "layers", 2, manifest_only=manifest_only)


# Causes.


def test_causes_name_layers_and_instructions(tmp_path: Path) -> None:
    layers = [{"small": b"s"}, {"large": os.urandom(9000)}, {"second": os.urandom(4000)}]
    history = [{"created_by": f"RUN step {at}"} for at in (1, 2, 3)]
    image = build_image(layers, directory=tmp_path, history=history)
    causes = only(checked(image, max_wire=1)).causes
    assert [(cause.layer, cause.created_by) for cause in causes] == [
        (2, "RUN step 2"),
        (3, "RUN step 3"),
        (1, "RUN step 1"),
    ]
    # Only what breaks a limit that holds for each one by itself.
    assert [cause.layer for cause in only(checked(image, max_layer=5000)).causes] == [2]
    assert [cause.layer for cause in only(checked(image, max_blob=5000)).causes] == [2]


def test_growth_is_caused_by_what_the_baseline_has_not(tmp_path: Path) -> None:
    first, second = {"base": os.urandom(9000)}, {"new": os.urandom(50)}
    before = build_image([first], directory=tmp_path)
    after = build_image([first, second], directory=tmp_path)
    result = check(after, budgets={"max-growth": 0}, baseline=before, cache=None)
    assert [cause.layer for cause in only(result).causes] == [2]


# Forbidden paths.


def test_a_forbidden_path_counts_where_a_later_layer_removes_it(tmp_path: Path) -> None:
    layers: list[Layer] = [
        {"app/.git/config": b"c" * 7, "app/.git/HEAD": b"h" * 5, "app/main.py": b"m"},
        {"app/.wh..git": b"", "etc/key.pem": b"k" * 3},
        {"etc/key.pem": b"new", "srv/.wh..wh..opq": b""},
    ]
    image = build_image(layers, directory=tmp_path)
    one = only(checked(image, forbid=[".git", "*.pem"]))
    assert (one.measured, one.verdict, one.fail, one.unit) == (2, "fail", 0, "paths")
    git, key = one.causes
    assert (git.layer, git.bytes) == (1, 12)
    assert git.what == "/app/.git, hidden by a later layer (matches .git)"
    assert (key.layer, key.bytes, key.what) == (3, 6, "/etc/key.pem (matches *.pem)")
    assert only(checked(image, warn_path=".git")).verdict == "warn"
    assert only(checked(image, forbid=["*.key", "/config", "app/*.txt"])).verdict == "pass"


def test_a_whiteout_is_no_path(tmp_path: Path) -> None:
    image = build_image(
        [{"a": b"1"}, {".wh.secret": b"", "x/.wh..wh..opq": b""}], directory=tmp_path
    )
    for pattern in ("secret", ".wh.*", ".wh.secret"):
        assert only(checked(image, forbid=pattern)).measured == 0


def test_a_path_counts_under_both_its_names(tmp_path: Path) -> None:
    layers: list[Layer] = [{"usr/bin/x": b"1", "bin": Symlink("usr/bin")}, {"bin/tool": b"22"}]
    image = build_image(layers, directory=tmp_path)
    assert only(checked(image, forbid="/usr/bin/tool")).measured == 1
    assert only(checked(image, forbid="/bin/tool")).measured == 1
    assert only(checked(image, forbid="tool")).measured == 2


def test_forbidden_and_unwanted_are_judged_apart(tmp_path: Path) -> None:
    image = build_image([{"etc/secret": b"1", "etc/other": b"2"}], directory=tmp_path)
    result = checked(image, warn_path="etc", forbid="etc/secret")
    assert [(one.budget, one.verdict) for one in result.judged] == [
        ("forbid", "fail"),
        ("warn-path", "warn"),
    ]


# Estimates.


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image whose layer a registry would store compressed, and this archive does not."""
    lines = (
        b"%d %s\n" % (at, hashlib.sha256(b"%d" % at).hexdigest().encode()) for at in range(80_000)
    )
    layers: list[Layer] = [{"lines": b"".join(lines)}]
    directory = tmp_path_factory.mktemp("plain")
    return build_image(layers, directory=directory, form="docker-archive", codec="plain")


def test_an_estimate_too_near_to_a_limit_is_computed_exactly(plain: str) -> None:
    estimated = lightship.inspect(plain, cache=None).image
    exact = lightship.inspect(plain, cache=None, exact=True).image
    assert estimated.wire_bytes_estimated
    assert estimated.wire_bytes != exact.wire_bytes
    assert not exact.wire_bytes_estimated
    # Between the two the estimate would have told the wrong verdict.
    between = (estimated.wire_bytes + exact.wire_bytes) // 2
    for limit in (between, exact.wire_bytes, exact.wire_bytes - 1):
        one = checked(plain, max_wire=limit)
        assert not one.image.wire_bytes_estimated
        assert only(one).measured == exact.wire_bytes
        assert only(one).verdict == ("pass" if exact.wire_bytes <= limit else "fail")
    assert (estimated.wire_bytes <= between) != (exact.wire_bytes <= between)


def test_an_estimate_far_from_every_limit_stays_one(plain: str) -> None:
    for limit, verdict in (("1GB", "pass"), ("1kB", "fail")):
        result = checked(plain, max_wire=limit, max_blob=limit)
        assert result.image.wire_bytes_estimated
        assert result.verdict == verdict
        assert "≈" in result.judged[0].message


def test_the_estimate_of_a_blob_is_made_exact_too(plain: str) -> None:
    exact = lightship.inspect(plain, cache=None, exact=True).layers[0].wire_bytes
    assert only(checked(plain, max_blob=exact)).verdict == "pass"
    assert only(checked(plain, max_blob=exact - 1)).verdict == "fail"


def test_growth_over_an_estimate_is_made_exact_on_both_sides(plain: str) -> None:
    result = check(plain, budgets={"max-growth": 0}, baseline=plain, cache=None)
    assert only(result).verdict == "pass"
    assert only(result).measured == 0


def test_a_saved_estimate_that_leaves_the_verdict_open_is_refused(
    plain: str, tmp_path: Path
) -> None:
    file = tmp_path / "base.json"
    image = {"platform": "linux/amd64", "wire_bytes": 2_000_000, "wire_bytes_error": 100_000}
    file.write_text(json.dumps({"schema": "lightship.report/1", "image": image}))
    exact = lightship.inspect(plain, cache=None, exact=True).image.wire_bytes
    with pytest.raises(UsageError, match=r"is an estimate, too near to max-growth.*--exact"):
        check(plain, budgets={"max-growth": exact - 2_000_000}, baseline=str(file), cache=None)
    result = check(plain, budgets={"max-growth": "1GB"}, baseline=str(file), cache=None)
    assert result.verdict == "pass"


def test_what_comes_through_a_pipe_is_exact_at_once(plain: str, tmp_path: Path) -> None:
    archive = Path(plain.partition(":")[2])
    exact = lightship.inspect(plain, cache=None, exact=True).image.wire_bytes
    for limit, verdict in ((exact, "pass"), (exact - 1, "fail")):
        pipe = tmp_path / f"pipe-{verdict}"
        os.mkfifo(pipe)
        writer = threading.Thread(target=lambda: pipe.write_bytes(archive.read_bytes()))  # noqa: B023
        writer.start()
        try:
            result = checked(f"docker-archive:{pipe}", max_wire=limit)
        finally:
            writer.join(30)
        assert only(result).verdict == verdict


# By the manifest alone.


def blanked(image: str, directory: Path) -> str:
    """A copy of a layout in which no layer's bytes are right, only their number."""
    root = Path(image.partition(":")[2])
    copy = directory / "blanked"
    index = json.loads((root / "index.json").read_text())
    for file in root.rglob("*"):
        if file.is_file():
            target = copy / file.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    blobs = copy / "blobs" / "sha256"
    manifest = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_text())
    for layer in manifest["layers"]:
        (blobs / layer["digest"][7:]).write_bytes(bytes(layer["size"]))
    return f"oci:{copy}"


def test_manifest_only_reads_no_layer(image: str, tmp_path: Path) -> None:
    blank = blanked(image, tmp_path)
    wire, _ = weigh(image)
    result = check(blank, budgets={"max-wire": wire}, manifest_only=True, cache=None)
    assert result.verdict == "pass"
    assert result.image.wire_bytes == wire
    assert (result.image.unpacked_bytes, result.image.files) == (None, None)
    with pytest.raises(CorruptInputError):
        check(blank, budgets={"max-wire": wire}, cache=None)


@pytest.mark.parametrize("form", ["docker-archive", "docker-archive-25"])
def test_manifest_only_of_an_archive_needs_compressed_layers(form: Any, tmp_path: Path) -> None:
    packed = build_image(LAYERS, directory=tmp_path, form=form)
    wire = lightship.inspect(packed, cache=None).image.wire_bytes
    hold(packed, "wire", wire, manifest_only=True)
    loose = build_image(LAYERS, directory=tmp_path, form=form, codec=["gzip", "plain"])
    with pytest.raises(UsageError, match="layer 2 is stored uncompressed"):
        check(loose, budgets={"max-wire": "1GB"}, manifest_only=True)


@pytest.mark.parametrize(
    "limit",
    ["max-unpacked", "warn-dead", "max-duplicate", "max-layer", "max-files", "forbid"],
)
def test_what_only_layers_tell_is_refused_where_it_was_asked_for(limit: str, image: str) -> None:
    with pytest.raises(UsageError, match=f"--{limit} cannot be judged"):
        check(image, budgets={"max-wire": "1GB", limit: "1"}, manifest_only=True)


def test_what_only_layers_tell_is_not_passed_where_a_file_asks(image: str) -> None:
    table = {"max-wire": "1GB", "max-dead": "1GB", "forbid": ["*.pem"]}
    gate = gate_from(places({}, {}, [Section(table, "x.toml [check]")]), ())
    result = check_gate(Question(reference=image, manifest_only=True), gate, {})
    assert result.verdict == "warn"
    assert [one.verdict for one in result.judged] == ["pass"]
    assert [(one.budget, one.limit, one.origin) for one in result.unjudged] == [
        ("max-dead", "1GB", "x.toml [check]"),
        ("forbid", "*.pem", "x.toml [check]"),
    ]
    assert check_gate(Question(reference=image), gate, {"cache": None}).verdict == "pass"


def test_nothing_that_can_be_judged_is_an_error(image: str) -> None:
    gate = gate_from(places({}, {}, [Section({"max-dead": 1}, "x.toml [check]")]), ())
    with pytest.raises(UsageError, match=r"no limit can be judged \(max-dead\)"):
        check_gate(Question(reference=image, manifest_only=True), gate, {})


def test_no_limit_at_all_says_what_to_do(image: str) -> None:
    with pytest.raises(UsageError, match=r"--profile rahti.*\[check\]"):
        check(image)


def test_growth_needs_a_baseline(image: str) -> None:
    with pytest.raises(UsageError, match="give --baseline"):
        checked(image, max_growth="5%")


# Platforms.


def test_rahti_is_amd64_only(tmp_path: Path) -> None:
    arm = build_image(LAYERS, directory=tmp_path, platform="linux/arm64")
    with pytest.raises(PlatformMismatchError, match="linux/amd64"):
        check(arm, profile="rahti", cache=None)
    with pytest.raises(UsageError, match="rahti is for linux/amd64 only, not for linux/arm64"):
        check(arm, profile="rahti", platform="linux/arm64")
    assert checked(arm, max_wire="1GB").image.platform == "linux/arm64"


def test_an_index_that_calls_an_arm_image_amd64_does_not_deceive_rahti(tmp_path: Path) -> None:
    arm = build_image(LAYERS, directory=tmp_path, platform="linux/arm64")
    file = Path(arm.partition(":")[2]) / "index.json"
    index = json.loads(file.read_text())
    index["manifests"][0]["platform"] = {"os": "linux", "architecture": "amd64"}
    file.write_text(json.dumps(index))
    for manifest_only in (False, True):
        with pytest.raises(LightshipError):
            check(arm, profile="rahti", manifest_only=manifest_only, cache=None)


def test_the_head_room_of_rahti_is_always_told(image: str) -> None:
    wire, blob = weigh(image)
    result = check(image, profile="rahti", cache=None)
    assert result.verdict == "pass"
    assert [(one.budget, one.headroom) for one in result.judged] == [
        ("max-wire", 5 * 2**30 - wire),
        ("max-blob", 5 * 2**30 - blob),
    ]


# Baselines.


def test_a_saved_report_is_a_baseline(image: str, tmp_path: Path) -> None:
    from lightship.report.json import to_json  # noqa: PLC0415 - only here

    report = tmp_path / "base.json"
    report.write_text(to_json(lightship.inspect(image, cache=None)))
    saved = tmp_path / "check.out"
    saved.write_text(to_json(checked(image, max_wire="1GB")))
    for file in (report, saved):
        budgets = {"max-growth": 0, "max-growth-unpacked": 0}
        result = check(image, budgets=budgets, baseline=str(file), cache=None)
        assert [one.measured for one in result.judged] == [0, 0]
        assert result.baseline == str(file)


def test_a_baseline_that_lacks_a_figure_is_told(image: str, tmp_path: Path) -> None:
    from lightship.report.json import to_json  # noqa: PLC0415 - only here

    file = tmp_path / "base.json"
    file.write_text(to_json(check(image, budgets={"max-wire": 1}, manifest_only=True)))
    assert check(image, budgets={"max-growth": 0}, baseline=str(file), cache=None)
    with pytest.raises(UsageError, match="does not say how large it was"):
        check(image, budgets={"max-growth-unpacked": 0}, baseline=str(file), cache=None)


def test_bad_baselines(image: str, tmp_path: Path) -> None:
    def outcome(name: str) -> type[Exception]:
        with pytest.raises(LightshipError) as raised:
            check(image, budgets={"max-growth": 0}, baseline=name, cache=None)
        assert "\n" not in str(raised.value)
        return raised.type

    broken = tmp_path / "broken.json"
    broken.write_text("{")
    other = tmp_path / "other.json"
    other.write_text("{}")
    assert outcome(str(broken)) is CorruptInputError
    assert outcome(str(other)) is UsageError
    assert outcome(str(tmp_path / "none.json")) is UnreachableError
    assert outcome(str(tmp_path / "none.tar")) is UnreachableError


# Dive's rules.


def test_dives_rules_are_judged_beside(image: str) -> None:
    broken = check(image, dive=DiveRules(), cache=None)
    assert broken.verdict == "fail"
    assert broken.dive is not None
    assert not broken.dive.passed
    assert broken.judged == ()
    lenient = DiveRules("0.5", "disabled", "disabled")
    kept = check(image, dive=lenient, budgets={"max-layers": 1}, cache=None)
    assert kept.dive is not None
    assert (kept.dive.passed, kept.verdict) == (True, "fail")
    assert check(image, dive=lenient, cache=None).verdict == "pass"
    with pytest.raises(UsageError, match="dive's rules"):
        check(image, dive=lenient, manifest_only=True)
    with pytest.raises(UsageError, match="lowestEfficiency"):
        check("nowhere.tar", dive=DiveRules("much"))


def test_the_order_is_that_of_the_table(image: str) -> None:
    names = ["max-files", "max-wire", "min-efficiency", "max-dead", "max-blob"]
    result = checked(image, **{name.replace("-", "_"): "1" for name in names})
    assert [one.budget for one in result.judged] == [
        "max-wire",
        "max-blob",
        "max-dead",
        "min-efficiency",
        "max-files",
    ]


def test_an_image_without_layers_is_measured(tmp_path: Path) -> None:
    empty: Sequence[Layer] = []
    image = build_image(empty, directory=tmp_path)
    result = checked(
        image, max_blob=0, max_layer=0, max_unpacked=0, max_layers=0, max_files=0, min_efficiency=1
    )
    assert result.verdict == "pass"
