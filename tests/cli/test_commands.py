from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest

from lightship.cli.app import _COMMANDS, app
from lightship.errors import (
    CorruptInputError,
    DestinationError,
    InternalError,
    LightshipError,
    PlatformMismatchError,
    UnreachableError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer, StandIn

    Lightship = Callable[..., Answer]

pytestmark = pytest.mark.usefixtures("api")


def test_bare_image_is_inspected(lightship: Lightship, api: StandIn) -> None:
    answer = lightship("app.tar")
    assert (answer.code, answer.err) == (0, "")
    assert "What would win most" in answer.out
    assert "\x1b" not in answer.out
    name, reference, arguments = api.calls[0]
    assert (name, reference) == ("inspect", "app.tar")
    assert arguments["platform"] is None
    assert arguments["bandwidth"] == 12_500_000
    assert arguments["limits"].max_unpacked_bytes == 256 * 1024**3


def test_options_reach_the_api(lightship: Lightship, api: StandIn) -> None:
    answer = lightship(
        "app.tar",
        *("--platform", "arm64", "--exact", "--verify", "--bandwidth", "1Gbit/s"),
        *("--no-cache", "--max-unpacked", "2GiB", "--jobs", "3", "--offline"),
    )
    assert answer.code == 0
    arguments = api.arguments
    assert arguments["platform"] == "linux/arm64"
    assert arguments["exact"] is True
    assert arguments["verify"] is True
    assert arguments["bandwidth"] == 125_000_000
    assert arguments["cache"] is None
    assert arguments["limits"].max_unpacked_bytes == 2 * 1024**3
    assert arguments["jobs"] == 3


def test_the_cache_is_where_the_settings_say(
    lightship: Lightship, api: StandIn, tmp_path: Path
) -> None:
    lightship("app.tar")
    assert api.arguments["cache"].directory == tmp_path / "cache" / "lightship"
    assert api.arguments["cache"].max_bytes == 2_000_000_000
    lightship("app.tar", "--cache-dir", str(tmp_path / "mine"))
    assert api.arguments["cache"].directory == tmp_path / "mine"


def test_json(lightship: Lightship) -> None:
    document = json.loads(lightship("app.tar", "--format", "json").out)
    assert document["schema"] == "lightship.report/1"
    assert next(iter(document)) == "schema"


def test_all_platforms(lightship: Lightship, api: StandIn) -> None:
    answer = lightship("app.tar", "--all-platforms", "--format=json")
    document = json.loads(answer.out)
    assert document["schema"] == "lightship.report-list/1"
    assert len(document["reports"]) == 2
    assert api.calls[0][0] == "inspect_all_platforms"
    assert "platform" not in api.arguments
    assert lightship("app.tar", "--all-platforms").out.count("What would win most") == 2


def test_one_platform_and_all_of_them_exclude_each_other(lightship: Lightship) -> None:
    answer = lightship("app.tar", "--all-platforms", "--platform", "linux/arm64")
    assert answer.code == 2
    assert "exclude each other" in answer.err


def test_output_into_a_file(lightship: Lightship, tmp_path: Path) -> None:
    answer = lightship("app.tar", "-o", "report.json", "--color", "always")
    assert (answer.code, answer.out) == (0, "")
    assert json.loads((tmp_path / "report.json").read_text())["verified"] == "read"
    lightship("app.tar", "-o", "report.txt", "--color", "always")
    assert "\x1b" not in (tmp_path / "report.txt").read_text()


def test_color_always(lightship: Lightship) -> None:
    assert "\x1b[" in lightship("app.tar", "--color", "always").out
    assert "\x1b[" not in lightship("app.tar", "--color", "always", "--format", "json").out


def test_details_and_top(lightship: Lightship) -> None:
    out = lightship("app.tar", "--details", "--top", "1").out
    assert "Largest dead files" in out
    assert "2 more: --top 3" in out


def test_history(lightship: Lightship, api: StandIn) -> None:
    answer = lightship("history", "app.tar")
    assert answer.code == 0
    assert answer.out.startswith("IMAGE          CREATED")
    assert "bandwidth" not in api.arguments
    assert "4f4f4f4f4f4f4f4f4f4f" in lightship("history", "app.tar", "--no-trunc").out
    assert json.loads(lightship("history", "app.tar", "--format", "json").out)["rows"]


def test_cache(lightship: Lightship, api: StandIn) -> None:
    assert lightship("cache", "info").out == (
        "/home/me/.cache/lightship\n3 layers, 1.20 MB stored of 2.00 GB at most\n"
    )
    document = json.loads(lightship("cache", "clear", "--format", "json").out)
    assert document["schema"] == "lightship.cache/1"
    lightship("cache", "prune", "--max", "1MB")
    assert api.calls[-1][0] == "cache_prune"
    assert api.arguments["rest"] == (1_000_000,)
    lightship("cache", "prune")
    assert api.arguments["rest"] == (2_000_000_000,)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError, 2),
        (UnreachableError, 3),
        (PlatformMismatchError, 3),
        (CorruptInputError, 4),
        (DestinationError, 5),
        (InternalError, 70),
        (LightshipError, 70),
    ],
)
def test_errors_are_one_line_and_have_their_exit_code(
    error: type[LightshipError], code: int, lightship: Lightship, api: StandIn
) -> None:
    api.error = error("layer 3 (\x1b[31m\nevil) is broken", "Fetch it again.")
    answer = lightship("app.tar")
    assert answer.code == code
    assert answer.out == ""
    assert answer.err == (
        "lightship: error: layer 3 (\\x1b[31m\\x0aevil) is broken. Fetch it again.\n"
    )


def test_an_unforeseen_error_is_called_a_bug(
    lightship: Lightship, api: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.error = KeyError("\x1b]0;x\x07")
    answer = lightship("app.tar")
    assert answer.code == 70
    assert answer.err.count("\n") == 1
    assert "KeyError" in answer.err
    assert "This is a bug in lightship" in answer.err
    assert "lightship/cli/inspect.py:" in answer.err
    assert "\x1b" not in answer.err
    for loud in (["--verbose"], ["-v"]):
        shown = lightship("app.tar", *loud).err
        assert "Traceback (most recent call last)" in shown
        assert "\x1b" not in shown
    monkeypatch.setenv("LIGHTSHIP_DEBUG", "1")
    assert "Traceback" in lightship("app.tar").err


def test_an_interrupt_is_one_line(lightship: Lightship, api: StandIn) -> None:
    api.error = KeyboardInterrupt()
    answer = lightship("app.tar")
    assert (answer.code, answer.err) == (130, "lightship: error: interrupted\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["inspct"], "Did you mean 'inspect'?"),
        (["inspect"], "no image is named"),
        (["inspect", ""], "no image is named"),
        (["app.tar", "--top", "0"], "--top"),
        (["app.tar", "--tpo", "3"], "No such option"),
        (["app.tar", "--bandwidth", "fast"], "is no bandwidth"),
        (["app.tar", "--max-unpacked", "many"], "is no size"),
        (["app.tar", "--platform", "a/b/c/d"], "is no platform"),
        (["app.tar", "--format", "xml"], "'xml' is not one of 'text', 'json'"),
        (["app.tar", "other.tar"], "unexpected extra argument"),
        (["app.tar", "-o", "report.pdf"], "no format for '.pdf'"),
        (["cache", "infro"], "No such command 'infro'"),
        (["app.tar", "\udcff\x1b[31m"], "unexpected extra argument"),
        (["app.tar", "--\udcff\x1b[31m"], "No such option"),
    ],
)
def test_usage_errors_are_one_line_with_exit_code_2(
    arguments: list[str], said: str, lightship: Lightship
) -> None:
    answer = lightship(*arguments)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert said in answer.err
    assert answer.err.startswith("lightship: error: ")
    assert answer.out == ""
    assert "\x1b" not in answer.err


def test_a_missing_directory_is_exit_code_5_before_the_work(
    lightship: Lightship, api: StandIn
) -> None:
    answer = lightship("app.tar", "-o", "absent/report.json")
    assert answer.code == 5
    assert api.calls == []


def test_any_argument_may_be_an_image(lightship: Lightship, api: StandIn) -> None:
    assert lightship("\udcff\udcfe.tar").code == 0
    assert api.calls[0][1] == "\udcff\udcfe.tar"


def test_nothing_at_all_is_help_and_exit_code_2(lightship: Lightship) -> None:
    answer = lightship()
    assert answer.code == 2
    assert "Usage: lightship" in answer.err
    assert answer.out == ""


def test_help_lists_every_command_with_its_own_words(lightship: Lightship) -> None:
    out = lightship("--help").out
    context = click.Context(app)
    for name, words in _COMMANDS.items():
        command = app.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(200).rstrip(".") == words.rstrip(".")
        assert words in out
    assert max(map(len, out.splitlines())) <= 80


def test_show_settings(
    lightship: Lightship, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lightship.toml").write_text("top = 7\n")
    monkeypatch.setenv("LIGHTSHIP_JOBS", "3")
    answer = lightship("inspect", "--bandwidth", "1Gbit/s", "--show-settings")
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in answer.out.splitlines()[1:]}
    assert rows["bandwidth"] == "1 Gbit/s command line"
    assert rows["top"] == f"7 {tmp_path / 'lightship.toml'}"
    assert rows["jobs"] == "3 environment, LIGHTSHIP_JOBS"
    assert rows["offline"] == "false default"
    assert lightship("--show-settings").code == 0
    assert lightship("cache", "info", "--show-settings").code == 0
    assert lightship("demo", "--show-settings").code == 0


def test_settings_of_a_project_reach_the_command(
    lightship: Lightship, api: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "lightship.toml").write_text('platform = "linux/riscv64"\n')
    lightship("app.tar")
    assert api.arguments["platform"] == "linux/riscv64"
    (tmp_path / "lightship.toml").write_text('cache-dir = "/evil"\n')
    answer = lightship("app.tar")
    assert answer.code == 2
    assert "a project may not set 'cache-dir'" in answer.err
    assert answer.err.count("\n") == 1
