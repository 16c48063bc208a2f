"""Ctrl-C and SIGTERM while an image is written: all of it is there, or nothing has changed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lightship
from hardening.rewrites import COMMANDS, KINDS, place, snapshot
from lightship.cli import main
from lightship.testing import build_image
from lightship.transports.uninterrupted import uninterrupted

if TYPE_CHECKING:
    from types import FrameType

    from lightship.testing import Layer

pytestmark = pytest.mark.slow

LAYERS: list[Layer] = [{"a": b"x" * 3000}, {"a": b"z" * 4000, "c": b"q" * 100}]
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


def _interrupting(monkeypatch: pytest.MonkeyPatch, name: str, *, after: bool) -> None:
    """A Ctrl-C that comes right before or after a file gets this name."""
    rename = Path.replace

    def replace(self: Path, target: Path | str) -> Path:
        hit = Path(target).name == name
        if hit and not after:
            signal.raise_signal(signal.SIGINT)
        done = rename(self, target)
        if hit and after:
            signal.raise_signal(signal.SIGINT)
        return done

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", ["index.json", "oci-layout"])
def test_a_layout_is_whole_however_its_naming_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, after: bool
) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    with monkeypatch.context() as patch:
        _interrupting(patch, name, after=after)
        with pytest.raises(KeyboardInterrupt):
            lightship.copy(reference, f"oci:{tmp_path}/out:it", cache=None)
    lightship.inspect(f"oci:{tmp_path}/out:it", cache=None)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "blobs", "index.json", "oci-layout",
    }  # fmt: skip


def test_what_is_staged_goes_though_that_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = build_image(LAYERS, directory=tmp_path)
    remove = shutil.rmtree

    def interrupted(path: str, *, ignore_errors: bool) -> None:
        signal.raise_signal(signal.SIGINT)
        remove(path, ignore_errors=ignore_errors)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            lightship.copy(reference, f"oci:{tmp_path}/out:it", cache=None)
    assert not [path for path in (tmp_path / "out").iterdir() if "staged" in path.name]


def test_signals_are_kept_back_and_handled_at_the_end() -> None:
    heard: list[str] = []

    def hear(_number: int, _frame: FrameType | None) -> None:
        heard.append("signal")

    before = signal.signal(signal.SIGTERM, hear)
    try:
        with uninterrupted():
            with uninterrupted():
                signal.raise_signal(signal.SIGTERM)
            heard.append("work")
        assert heard == ["work", "signal"]
        assert signal.getsignal(signal.SIGTERM) is hear
    finally:
        signal.signal(signal.SIGTERM, before)


def test_other_threads_are_as_they_were() -> None:
    handlers: list[object] = []

    def work() -> None:
        with uninterrupted():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]


def test_an_interrupt_that_a_finalizer_swallows_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Closing:
        def __del__(self) -> None:
            raise KeyboardInterrupt

    def one() -> None:
        Closing()

    monkeypatch.setattr(sys, "unraisablehook", main._unraisable)
    with pytest.raises(KeyboardInterrupt):
        _waiting(one)


def _waiting(act: object) -> None:
    assert callable(act)
    act()
    time.sleep(30)


def _interrupted(tmp_path: Path, rounds: int, seed: int) -> dict[int, int]:
    """Runs that get a signal at a random moment; how many ended with which code."""
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    layers = [{f"d{j}/f{i}": dice.randbytes(20_000) for i in range(40)} for j in range(3)]
    layers.append({f"d0/f{i}": b"" for i in range(40)} | {"a": b"x"})
    reference = build_image(layers, directory=tmp_path)
    ended: dict[int, int] = {}
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    started = time.monotonic()
    lone = [sys.executable, "-m", "lightship", "squash", reference, "--keep", "none", "--no-cache"]
    subprocess.run([*lone, "-o", f"oci:{tmp_path}/lone"], check=True, capture_output=True)
    whole = time.monotonic() - started  # whatever else this machine does
    for number in range(rounds):
        name, arguments = dice.choice(list(COMMANDS.items()))
        kind, sent = dice.choice(KINDS), dice.choice(list(CODES))
        out = tmp_path / "out" / str(number)
        out.mkdir(parents=True)
        command = place(arguments, reference, f"{kind}:{out}/new")
        with subprocess.Popen(
            [sys.executable, "-m", "lightship", *command, "--no-cache", "--quiet"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        ) as process:
            time.sleep(whole * dice.uniform(0.3, 1.0))
            process.send_signal(sent)
            _, said = process.communicate(timeout=60)
        where = f"{name} to {kind}, seed {seed}, run {number}: {said}"
        begun = process.returncode not in (-sent, 1) and (said or not process.returncode)
        if not begun:  # the interpreter was still on its way to what says so
            assert not snapshot(out), where
            continue
        ended[process.returncode] = ended.get(process.returncode, 0) + 1
        assert process.returncode in (0, CODES[sent]), where
        assert said.count("\n") == bool(process.returncode), where
        found = snapshot(out)
        assert not [path for path in found if "lightship" in path], where
        if found:
            assert lightship.inspect(f"{kind}:{out}/new", cache=None).image, where
        assert not list((tmp_path / "tmp").iterdir()), where
    return ended


@pytest.mark.slow
def test_signals_at_random_moments(tmp_path: Path) -> None:
    assert sum(_interrupted(tmp_path, 15, 1).values()) > 2


@pytest.mark.acceptance
def test_very_many_signals_at_random_moments(tmp_path: Path) -> None:
    ended = _interrupted(tmp_path, 300, 2)
    assert min(ended.get(130, 0), ended.get(143, 0)) > 20, ended
