"""The figures and the verdict of the real dive, and lightship's of the same image."""

from __future__ import annotations

import subprocess
from math import nextafter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analysis.dive_images import IMAGES, DiveImage
from independent.random_stacks import seeded_stack
from independent.rawtar import END, header, pax, regular
from lightship.analysis.dive import DiveFigures, dive_figures
from lightship.api.trees import open_tree
from lightship.errors import CorruptInputError, UsageError
from lightship.policy.dive_ci import DiveRules, dive_limits, judge_dive, read_dive_rules
from lightship.testing import build_image, layer_tar

from .dive_program import RULES, Dive, Told
from .dive_stacks import dive_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.testing import Layer
    from lightship.testing.images import Codec, Form

    from .workshop import Built

pytestmark = pytest.mark.slow
FEW, MANY = 40, 1_000
CODECS: tuple[Codec, ...] = ("plain", "gzip", "zstd")


@pytest.fixture
def dive(dive_program: Path, tmp_path: Path) -> Dive:
    folder = tmp_path / "dive"
    folder.mkdir()
    return Dive(dive_program, folder)


def archive_of(reference: str) -> Path:
    return Path(reference.removeprefix("docker-archive:"))


def built(layers: Sequence[Layer | bytes], folder: Path, number: int = 0) -> str:
    """An archive in one of the forms `docker save` has had; it differs with the number."""
    tars = [layer if isinstance(layer, bytes) else layer_tar(layer) for layer in layers]
    # In the old form a layer that comes twice is a link, which dive takes for an empty layer.
    old = number % 2 == 0 and len(set(tars)) == len(tars)
    form: Form = "docker-archive" if old else "docker-archive-25"
    codec: Codec = "plain" if old else CODECS[number // 2 % len(CODECS)]
    return build_image(tars, directory=folder, form=form, codec=codec)


def ours(reference: str) -> DiveFigures:
    return dive_figures(open_tree(reference).indexes)


def as_told(figures: DiveFigures, told: Told) -> Told:
    """Our figures as dive tells its own; the layers' sizes as far as we have them."""
    sizes = told.layer_bytes
    same = (sum(sizes), sum(sizes[1:])) == (figures.size_bytes, figures.user_size_bytes)
    return Told(
        figures.efficiency,
        figures.wasted_bytes,
        figures.user_wasted_percent,
        sizes if same else [figures.size_bytes, figures.user_size_bytes],
    )


def around(figures: DiveFigures) -> list[dict[str, str]]:
    """Rules that the figures just keep, that they just break, and those that dive has itself."""
    efficiency = min(max(figures.efficiency, 0.0), 1.0)
    percent = min(figures.user_wasted_percent or 0.0, 1.0)
    kept = (repr(efficiency), str(figures.wasted_bytes), repr(percent))
    broken = (
        repr(min(nextafter(efficiency, 2), 1.0)),
        str(max(figures.wasted_bytes - 1, 0)),
        repr(max(nextafter(percent, -1), 0.0)),
    )
    return [dict(zip(RULES, limits, strict=True)) for limits in (kept, broken)] + [{}]


def rules_of(limits: dict[str, str]) -> DiveRules:
    default = DiveRules()
    return DiveRules(
        limits.get(RULES[0], default.lowest_efficiency),
        limits.get(RULES[1], default.highest_wasted_bytes),
        limits.get(RULES[2], default.highest_user_wasted_percent),
    )


def disagreements(dive: Dive, reference: str) -> list[str]:
    """What dive says otherwise than lightship."""
    archive, figures = archive_of(reference), ours(reference)
    told = dive.figures(archive)
    if not isinstance(told, Told):
        return [f"dive: {told}"]
    if told != as_told(figures, told):
        return [f"dive {told}, lightship {figures}"]
    found = []
    for number, limits in enumerate(around(figures)):
        in_file = "rules:\n" + "".join(f"  {rule}: {limit}\n" for rule, limit in limits.items())
        his = dive.judge(archive, file=in_file) if number else dive.judge(archive, flags=limits)
        verdict = judge_dive(figures, rules_of(limits), origin="", efficiency=1.0, dead_bytes=0)
        mine = {rule.rule: rule.verdict for rule in verdict.rules}
        if (his.rules, his.exit_code) != (mine, 0 if verdict.passed else 1):
            found.append(f"{limits}: dive {his}, lightship {mine}")
    return found


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_images_on_which_dive_surprises(image: DiveImage, dive: Dive, tmp_path: Path) -> None:
    reference = built(image.layers, tmp_path)
    told = dive.figures(archive_of(reference))
    assert isinstance(told, Told)
    assert told.efficiency == image.smallest / image.mentioned
    assert told.wasted_bytes == image.wasted
    assert told.layer_bytes == image.layer_sizes
    assert not disagreements(dive, reference)


def general_stack(seed: int) -> list[bytes]:
    return seeded_stack(seed).tars()


def compare(
    draw: Callable[[int], Sequence[Layer | bytes]], seeds: range, dive: Dive, folder: Path
) -> int:
    """Compare on these images, and count those that lightship does not refuse as corrupt."""
    failed, compared = [], 0
    for seed in seeds:
        reference = built(draw(seed), folder, seed)
        try:
            found = disagreements(dive, reference)
        except CorruptInputError:
            continue
        finally:
            archive_of(reference).unlink()
        compared += 1
        failed += [f"seed {seed}: {line}" for line in found]
    assert not failed, "\n".join((f"{len(failed)} of {compared}", *failed[:5]))
    return compared


def test_random_layers_that_ask_what_dive_asks(dive: Dive, tmp_path: Path) -> None:
    assert compare(dive_stack, range(FEW), dive, tmp_path) == FEW


def test_random_layers_of_every_kind(dive: Dive, tmp_path: Path) -> None:
    assert compare(general_stack, range(FEW), dive, tmp_path) >= FEW // 2


@pytest.mark.acceptance
def test_many_random_layers_that_ask_what_dive_asks(dive: Dive, tmp_path: Path) -> None:
    seeds = range(2_000_000, 2_000_000 + MANY)
    assert compare(dive_stack, seeds, dive, tmp_path) == MANY


@pytest.mark.acceptance
def test_many_random_layers_of_every_kind(dive: Dive, tmp_path: Path) -> None:
    seeds = range(3_000_000, 3_000_000 + MANY)
    assert compare(general_stack, seeds, dive, tmp_path) >= MANY // 2


@pytest.mark.system("docker.io", "buildah", "podman", "skopeo", "umoci", "zstd")
@pytest.mark.xdist_group("engine")
def test_images_that_engines_built(dive: Dive, built: dict[str, Built]) -> None:
    archives = [
        form.reference
        for image in built.values()
        for form in image.forms.values()
        if form.reference.startswith("docker-archive:")
    ]
    assert len(archives) >= len(built)
    assert not [line for archive in archives for line in disagreements(dive, archive)]


@pytest.mark.parametrize("how", ["gnu", "posix"])
def test_sparse_files_have_their_real_size(how: str, dive: Dive, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "holes").write_bytes(b"x" * 700)
    with (folder / "holes").open("r+b") as file:
        file.truncate(300_000)
    made = ["tar", f"--format={how}", "--sparse", "-C", str(folder), "-cf", "-", "holes"]
    tar = subprocess.run(made, check=True, capture_output=True, timeout=60).stdout
    reference = built([tar, {"holes": b"x" * 10}], tmp_path)
    assert ours(reference).wasted_bytes == 300_010
    assert not disagreements(dive, reference)


# Where the two differ, as docs/how-to/from-dive.md says.


def test_dive_believes_a_link_that_claims_a_size(dive: Dive, tmp_path: Path) -> None:
    claim = regular(b"a", b"x") + header(b"b", b"1", 100, target=b"a") + END
    reference = built([claim], tmp_path)
    told = dive.figures(archive_of(reference))
    assert isinstance(told, Told)
    assert told.layer_bytes == [101]
    assert ours(reference).size_bytes == 1


def test_dive_takes_a_repeated_layer_of_an_old_archive_for_empty(
    dive: Dive, tmp_path: Path
) -> None:
    layer: Layer = {"a": b"x" * 100}
    reference = build_image(
        [layer, layer], directory=tmp_path, form="docker-archive", codec="plain"
    )
    told = dive.figures(archive_of(reference))
    assert isinstance(told, Told)
    assert told.layer_bytes == [100, 0]
    assert ours(reference).size_bytes == 200


def test_dive_cannot_read_a_global_pax_header(dive: Dive, tmp_path: Path) -> None:
    tar = pax({b"comment": b"c"}, kind=b"g") + regular(b"a", b"x") + END
    reference = built([tar], tmp_path)
    assert isinstance(dive.figures(archive_of(reference)), str)
    assert ours(reference).size_bytes == 1


AT_1000 = {"a": b"x" * 500, "k": b"k" * 500}, {"a": b"x" * 500, "u": b"u" * 500}
"""Efficiency 0.75, and 1000 bytes wasted."""
SIZES = (
    *("1000", "999", "1kB", "1KB", "1 kb", "1K", "1k", "1Ki", "1KiB", "1kib", "1e3", "1_000"),
    *("1,000", "'1,000'", "999.9", "0.001MB", "0.001 M", "'1000 '", "1000B", "1EB", "1e", "1E"),
    *(".5kB", "5.kB", "+1000", "0x3e8", "01750", "0o1750", "0b1111101000", "1000.", "9e-1", "-0"),
    *("disabled", "null", "~", "", "!!str 1000", "!!int '1000'", '"1\\u00a0kB"', "1000 # why"),
    *("18446744073709549568", "089", "'+1000'", "' 1000'", "-1", "1.5.2", "1000 bytes", "1٣"),
    *("16EiB", "18446744073709551615", ".inf", ".nan", "yes", "true", "1e30", "1:30", "[1]"),
    *("{a: 1}", "2001-01-01", "20 %", "1kBB", "0x", "k"),
)
RATIOS = (
    *("0.75", "0.7500001", "7.5e-1", ".75", "1", "0", "-0.0", "'+.75'", "'.75e0'", "0_1", "1_0e-2"),
    *("disabled", "null", "3/4", "75%", "1.0000001", "inf", "true", "' .75'", "-0.1", "'1_0e-2'"),
    *("1e-400", "'1e-400'", "1e400", "'1e400'", "[0.5]", "0.5.1", "nope"),
)
FILES = (
    "",
    "---\n",
    "rules:\n",
    "rules: null\n",
    "plugins:\n  - plugin1\nrules:\n  lowestEfficiency: 0.1\n  plugin1/rule1: error\n",
    '{"rules": {"lowestEfficiency": 0.1}}',
    "RULES:\n  LOWESTEFFICIENCY: 0.1\n",
    "rules.lowestEfficiency: 0.1\n",
    "rules.lowestEfficiency: 0.1\nrules:\n  lowestEfficiency: 0.8\n",
    "rules.lowestEfficiency:\nrules:\n  lowestEfficiency: 0.1\n",
    "lowestEfficiency: 0.1\n",
    "rules:\n  lowest-efficiency: 0.1\n",
    "rules:\n  lowestEfficiency: 0.1\n---\nrules:\n  lowestEfficiency: 0.99\n",
    "rules:\n  lowestEfficiency:\n    0.1\n",
    "rules:\n  true: 1\n  1: 1\n  null: 1\n  lowestEfficiency: 0.1\n",
    "%YAML 1.1\n---\nrules:\n  lowestEfficiency: 0.1\n",
    "\ufeffrules:\n  lowestEfficiency: 0.1\n",
    "rules: 5\n",
    "rules: []\n",
    "rules: [lowestEfficiency]\n",
    "rules:\n- lowestEfficiency: 0.1\n",
    "rules:\n  lowestEfficiency: |\n    0.1\n",
    "x\n",
    "[1]\n",
    "rules:\n  lowestEfficiency: 0.1\n  lowestEfficiency: 0.2\n",
    "a: 1\n'a': 2\n",
    "a: {b: 1, b: 2}\n",
    "a: b: c\n",
    "? [a]\n: 1\n",
    "\tx: 1\n",
    "a: '\nrules:\n",
)


def spelled(rule: str, values: Sequence[str]) -> list[str]:
    return [f"rules:\n  {rule}: {value}\n" for value in values]


@pytest.mark.parametrize(
    "texts",
    [spelled(RULES[0], RATIOS), spelled(RULES[1], SIZES), spelled(RULES[2], RATIOS), FILES],
    ids=["efficiency", "bytes", "percent", "files"],
)
def test_a_dive_ci_file_means_the_same(texts: Sequence[str], dive: Dive, tmp_path: Path) -> None:
    reference = built(AT_1000, tmp_path)
    figures, file = ours(reference), tmp_path / "rules"
    failed = []
    for text in texts:
        his = dive.judge(archive_of(reference), file=text)
        file.write_text(text)
        try:
            verdict = judge_dive(
                figures, read_dive_rules(file), origin="", efficiency=1.0, dead_bytes=0
            )
            mine = {rule.rule: rule.verdict for rule in verdict.rules}
        except UsageError:
            mine = {}  # and so dive must have come to no verdict
            if his.exit_code == 0 or "fail" in his.rules.values():
                failed.append(f"{text!r}: dive {his}, lightship refuses")
            continue
        if his.rules != mine:
            failed.append(f"{text!r}: dive {his}, lightship {mine}")
    assert not failed, "\n".join(failed)


def test_what_only_later_code_of_dive_switches_off(dive: Dive, tmp_path: Path) -> None:
    archive = archive_of(built(AT_1000, tmp_path))
    for word in ("off", "false", "''", "Disabled"):
        text = f"rules:\n  lowestEfficiency: {word}\n"
        assert dive.judge(archive, file=text).rules["lowestEfficiency"] == "misconfigured"
        (tmp_path / "rules").write_text(text)
        assert dive_limits(read_dive_rules(tmp_path / "rules")).lowest_efficiency is None


def test_a_flag_wins_over_the_file(dive: Dive, tmp_path: Path) -> None:
    archive = archive_of(built(AT_1000, tmp_path))
    file = "rules:\n  lowestEfficiency: 0.1\n"
    assert dive.judge(archive, file=file).rules["lowestEfficiency"] == "pass"
    strict = dive.judge(archive, file=file, flags={"lowestEfficiency": "1"})
    assert strict.rules["lowestEfficiency"] == "fail"


def test_dive_judges_nothing_while_it_exports(dive: Dive, tmp_path: Path) -> None:
    archive = archive_of(built(AT_1000, tmp_path))
    assert dive.exit_code(archive, "--ci") == 1
    assert dive.exit_code(archive, "--ci", "--json", str(tmp_path / "answer.json")) == 0
