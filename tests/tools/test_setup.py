import ast
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "tools" / "setup.py"
PYPROJECT = """
[project]
name = "small"
description = "first"
dependencies = ["click"]
"""


class Fake:
    """Stands for `python -m venv` and pip, and remembers what they were asked for."""

    def __init__(self, *, failing: bool = False) -> None:
        self.failing = failing
        self.calls: list[str] = []

    def create(self, venv: str) -> None:
        self.calls.append("create")
        (Path(venv) / "bin").mkdir(parents=True)
        (Path(venv) / "bin" / "python").touch()

    def fill(self, root: str, venv: str, level: str) -> None:
        assert Path(venv).parent == Path(root)
        assert not (Path(venv) / "lightship-setup.json").exists(), "the stamp comes last"
        self.calls.append(level)
        if self.failing:
            message = "no network"
            raise RuntimeError(message)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    return tmp_path


@pytest.fixture
def ensure(setup_program: ModuleType, project: Path) -> Callable[..., list[str]]:
    def run(level: str) -> list[str]:
        fake = Fake()
        setup_program.ensure_venv(level, str(project), fake.create, fake.fill)
        return fake.calls

    return run


def pythons_here() -> list[str]:
    """Every Python 3 on PATH, and those that pyenv keeps, each once and by its own path."""
    names = ["python3", *(f"python3.{minor}" for minor in range(4, 16))]
    candidates = [path for name in names if (path := shutil.which(name))]
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    candidates += map(str, pyenv.glob("versions/3.*/bin/python3"))
    return sorted({path for candidate in candidates if (path := own_path(candidate))})


def own_path(python: str) -> str:
    """The path `python` gives itself; empty for a shim of what is not installed."""
    code = "import os, sys; print(os.path.realpath(sys.executable))"
    return subprocess.run(
        [python, "-c", code], check=False, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def test_its_syntax_is_older_than_any_python_3_in_use() -> None:
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 4))
    newer = (ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.Match, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        assert not isinstance(node, newer), f"line {getattr(node, 'lineno', '?')}"
        if isinstance(node, ast.arguments):
            assert not node.posonlyargs


def test_it_imports_only_the_standard_library() -> None:
    for node in ast.walk(ast.parse(PROGRAM.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_missing_venv_is_made_and_a_finished_one_left_alone(
    ensure: Callable[..., list[str]],
) -> None:
    assert ensure("base") == ["create", "base"]
    assert ensure("base") == []


def test_dev_is_added_to_base_and_holds_it(ensure: Callable[..., list[str]]) -> None:
    ensure("base")
    assert ensure("dev") == ["dev"]
    assert ensure("base") == []
    assert ensure("dev") == []


def test_a_half_made_venv_is_thrown_away(
    ensure: Callable[..., list[str]], setup_program: ModuleType, project: Path
) -> None:
    fake = Fake(failing=True)
    with pytest.raises(RuntimeError):
        setup_program.ensure_venv("base", str(project), fake.create, fake.fill)
    leftover = project / ".venv" / "leftover"
    leftover.touch()
    assert ensure("base") == ["create", "base"]
    assert not leftover.exists()


def test_an_addition_that_failed_makes_the_venv_anew(
    ensure: Callable[..., list[str]], setup_program: ModuleType, project: Path
) -> None:
    ensure("base")
    fake = Fake(failing=True)
    with pytest.raises(RuntimeError):
        setup_program.ensure_venv("dev", str(project), fake.create, fake.fill)
    assert ensure("base") == ["create", "base"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"level": "all"}'])
def test_a_damaged_stamp_counts_as_none(
    ensure: Callable[..., list[str]], project: Path, text: str
) -> None:
    ensure("dev")
    (project / ".venv" / "lightship-setup.json").write_text(text)
    assert ensure("dev") == ["create", "dev"]


@pytest.mark.parametrize("part", ["python", "project", "format"])
def test_another_python_or_project_makes_it_anew(
    ensure: Callable[..., list[str]], project: Path, part: str
) -> None:
    ensure("dev")
    stamp = project / ".venv" / "lightship-setup.json"
    content = json.loads(stamp.read_text())
    stamp.write_text(json.dumps({**content, part: "other"}))
    assert ensure("dev") == ["create", "dev"]


def test_a_venv_whose_python_is_gone_is_made_anew(
    ensure: Callable[..., list[str]], project: Path
) -> None:
    ensure("dev")
    (project / ".venv" / "bin" / "python").unlink()
    assert ensure("dev") == ["create", "dev"]


@pytest.mark.parametrize(
    ("old", "new", "calls"),
    [
        ('"click"', '"click", "rich"', ["create", "base"]),
        ('"first"', '"second"', []),
    ],
)
def test_only_what_is_installed_counts_as_a_change(
    ensure: Callable[..., list[str]], project: Path, old: str, new: str, calls: list[str]
) -> None:
    ensure("base")
    (project / "pyproject.toml").write_text(PYPROJECT.replace(old, new))
    assert ensure("base") == calls


def test_a_copied_checkout_does_not_use_the_venv_of_the_first(
    ensure: Callable[..., list[str]], setup_program: ModuleType, project: Path, tmp_path: Path
) -> None:
    ensure("base")
    copy = shutil.copytree(project, tmp_path / "copy")
    fake = Fake()
    setup_program.ensure_venv("base", str(copy), fake.create, fake.fill)
    assert fake.calls == ["create", "base"]


def test_a_linked_venv_loses_only_its_link(
    ensure: Callable[..., list[str]], project: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (project / ".venv").symlink_to(elsewhere)
    assert ensure("base") == ["create", "base"]
    assert (elsewhere / "kept").exists()


@pytest.mark.slow
def test_the_venv_it_makes_runs_and_has_pip(setup_program: ModuleType, tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    setup_program.make_venv(str(venv))
    command = [str(venv / "bin" / "python"), "-I", "-m", "pip", "--version"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert str(tmp_path) in shown


def test_the_system_list_can_be_read(setup_program: ModuleType) -> None:
    rows = setup_program.read_system_list()
    assert all(row["packages"] and row["commands"] and row["reason"] for row in rows)
    by_first_name = {row["packages"][0]: row for row in rows}
    assert by_first_name["docker.io"]["commands"] == ["dockerd"]
    assert by_first_name["crun"]["packages"] == ["crun", "runc"]


def test_a_row_is_there_when_any_of_its_commands_is(
    setup_program: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "list"
    path.write_text("# note\n\none : no-such-command | sh # a\ntwo | three : no-such-command # b\n")
    rows = setup_program.read_system_list(path)
    assert [row["packages"] for row in setup_program.missing_rows(rows)] == [["two", "three"]]


def test_without_root_the_one_command_is_named(
    setup_program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_program.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(setup_program, "apt_knows", lambda name: name == "docker.io")
    monkeypatch.setattr(setup_program.shutil, "which", lambda name: "/usr/bin/" + name)
    with pytest.raises(setup_program.SetupError) as caught:
        setup_program.install([["docker.io"], ["docker-cli", "docker.io"]], "Why", "\nor not")
    lines = str(caught.value).splitlines()
    assert "  sudo apt-get install -y --no-install-recommends docker.io" in lines
    assert lines[-1] == "or not"


def test_where_there_is_no_apt_the_packages_are_named(
    setup_program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_program.shutil, "which", lambda _: None)
    with pytest.raises(setup_program.SetupError, match=r"no apt-get.*\n\n  zstd"):
        setup_program.install([["zstd"]], "Why")


def test_nothing_missing_means_no_apt(
    setup_program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> int:
        message = "a program was started"
        raise AssertionError(message)

    monkeypatch.setattr(setup_program, "missing_rows", lambda _: [])
    monkeypatch.setattr(setup_program.subprocess, "call", refuse)
    setup_program.ensure_packages(True, True)


def test_system_no_asks_for_nothing(
    setup_program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_program, "missing_rows", lambda rows: rows)
    monkeypatch.setenv("SYSTEM", "no")
    assert setup_program.missing_system_packages() == []
    monkeypatch.setenv("SYSTEM", "")
    assert ["docker.io"] in setup_program.missing_system_packages()


def test_services_are_blocked_while_it_installs(setup_program: ModuleType, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    with setup_program.no_service_starts(str(policy)):
        assert subprocess.run([str(policy)], check=False).returncode == 101
        assert stat.S_IMODE(policy.stat().st_mode) == 0o755
    assert not policy.exists()


def test_a_policy_of_the_machine_is_never_changed(
    setup_program: ModuleType, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    with setup_program.no_service_starts(str(policy)):
        assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_a_policy_left_by_a_killed_run_goes(setup_program: ModuleType, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text(setup_program.POLICY_TEXT)
    with setup_program.no_service_starts(str(policy)):
        assert policy.exists()
    assert not policy.exists()


def test_a_signal_is_heeded_once_the_installation_has_ended(
    setup_program: ModuleType, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    reached = []

    def install_with_a_signal() -> None:
        with setup_program.no_service_starts(str(policy)):
            os.kill(os.getpid(), signal.SIGTERM)
            reached.append("the end")

    with pytest.raises(SystemExit) as caught:
        install_with_a_signal()
    assert caught.value.code == 128 + signal.SIGTERM
    assert reached == ["the end"]
    assert not policy.exists()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_a_python_that_does_not_run_is_passed_over(
    setup_program: ModuleType, bin_folder: Path
) -> None:
    shim = bin_folder / "python3.14"
    shim.write_text("#!/bin/sh\necho not installed >&2\nexit 127\n")
    shim.chmod(0o755)
    assert setup_program.find_python() is None
    (bin_folder / "python3.11").symlink_to(sys.executable)
    assert setup_program.find_python() == str(bin_folder / "python3.11")


def test_an_old_python_goes_on_in_a_newer_one(
    setup_program: ModuleType, bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = bin_folder / "python3.12"
    newer.symlink_to(sys.executable)
    started: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(setup_program.os, "execv", lambda *call: started.append(call))
    setup_program.hand_over(["demo", "SYSTEM=no"])
    assert started == [(str(newer), [str(newer), str(PROGRAM), "demo", "SYSTEM=no"])]


@pytest.mark.parametrize("python", pythons_here())
def test_every_python_here_can_parse_it_and_an_old_one_says_what_is_missing(
    python: str, tmp_path: Path
) -> None:
    code = "import sys; sys.exit(sys.version_info >= (3, 11))"
    is_old = subprocess.run([python, "-c", code], check=False).returncode == 0
    goal = "base" if is_old else "--help"
    shown = subprocess.run(
        [python, str(PROGRAM), goal],
        check=False,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert shown.returncode == is_old
    expected = "lightship needs Python 3.11 or newer" if is_old else "Sets lightship up"
    assert expected in shown.stdout + shown.stderr
    assert ("python3.11-venv" in shown.stderr) == is_old
