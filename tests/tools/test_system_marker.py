"""The marker that names system packages (tests/conftest.py), tried on a small test run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = "there : sh # a shell\ngone : no-such-command # nothing\n"
TESTS = """
import pytest

@pytest.mark.system("there")
def test_there(): pass

@pytest.mark.system("there", "gone")
@pytest.mark.parametrize("number", [1, 2])
def test_gone(number): pass

def test_plain(): pass
"""


# Each starts a test run of its own.
pytestmark = pytest.mark.slow


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tools").mkdir()
    for name in ("tests/conftest.py", "tools/setup.py"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "tools" / "system-packages.txt").write_text(LIST)
    (tmp_path / "tests" / "test_it.py").write_text(TESTS)
    markers = "[pytest]\nmarkers = system(*packages): needs them\n"
    (tmp_path / "pytest.ini").write_text(markers)
    return tmp_path


def run(project: Path, system: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SYSTEM": system}
    environment.pop("PYTEST_ADDOPTS", None)
    # A place of its own: in the shared one pytest also takes away what runs that were killed left,
    # however deep.
    command = [sys.executable, "-m", "pytest", f"--basetemp={project / 'made'}", *options]
    return subprocess.run(
        command, check=False, cwd=project, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_without_the_system_packages_the_run_says_what_it_left_out(
    small_project: Path, workers: str
) -> None:
    result = run(small_project, "no", "-n", workers)
    assert result.returncode == 0, result.stdout
    assert "1 passed, 3 skipped" in result.stdout
    assert "not run: 1 test that needs there: tests/test_it.py" in result.stdout
    assert "not run: 2 tests that need gone, there: tests/test_it.py" in result.stdout


def test_a_missing_package_is_a_failure_that_names_it(small_project: Path) -> None:
    result = run(small_project, "")
    assert result.returncode == 1
    assert "missing here: gone (no-such-command)." in result.stdout
    assert "2 passed, 2 errors" in result.stdout
    assert "not run" not in result.stdout


@pytest.mark.parametrize("names", ['"else"', ""])
def test_a_name_that_is_not_in_the_list_stops_the_run(small_project: Path, names: str) -> None:
    text = TESTS.replace('"there", "gone"', names)
    (small_project / "tests" / "test_it.py").write_text(text)
    result = run(small_project, "")
    assert result.returncode == 4
    assert "see tools/system-packages.txt" in result.stderr
