"""Tests that need system packages: `@pytest.mark.system("docker.io", "skopeo")`.

The names are those of tools/system-packages.txt. With SYSTEM=no such tests are left out, and the
last lines of the run say how many and which; without it a missing package is a failure, so that
nothing is left out unseen.
"""

import importlib.util
import os
from collections import Counter, defaultdict
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

# A busy machine is no failure: no example is timed.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent
PROPERTY = "left out for want of"


def load_setup() -> ModuleType:
    """tools/setup.py as a module; it is a program, and in no package."""
    spec = importlib.util.spec_from_file_location("lightship_setup", ROOT / "tools" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SETUP = load_setup()
ROWS = SETUP.read_system_list(ROOT / "tools" / "system-packages.txt")
KNOWN_PACKAGES = frozenset(package for row in ROWS for package in row["packages"])


@pytest.fixture(scope="session")
def setup_program() -> ModuleType:
    return SETUP


def packages_needed(item: pytest.Item) -> list[str]:
    return sorted({str(name) for mark in item.iter_markers("system") for name in mark.args})


def packages_missing(packages: list[str]) -> list[str]:
    """Those of `packages` of which a command is missing, each with its commands."""
    rows = [row for row in ROWS if set(row["packages"]) & set(packages)]
    return [
        f"{' | '.join(row['packages'])} ({' | '.join(row['commands'])})"
        for row in SETUP.missing_rows(rows)
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        unknown = set(packages_needed(item)) - KNOWN_PACKAGES
        if unknown or (item.get_closest_marker("system") and not packages_needed(item)):
            names = ", ".join(sorted(unknown)) or "no package"
            message = f"{item.nodeid}: mark.system names {names}; see tools/system-packages.txt"
            raise pytest.UsageError(message)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    packages = packages_needed(item)
    if not packages:
        return
    if not SETUP.system_wanted():
        item.user_properties.append((PROPERTY, ", ".join(packages)))
        pytest.skip(f"SYSTEM=no: needs {', '.join(packages)}")
    if missing := packages_missing(packages):
        pytest.fail(
            f"missing here: {', '.join(missing)}. `make setup` installs them;"
            " SYSTEM=no leaves out the tests that need them.",
            pytrace=False,
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for report in terminalreporter.stats.get("skipped", []):
        for name, value in report.user_properties:
            if name == PROPERTY:
                left_out[value][report.nodeid.partition("::")[0]] += 1
    if not left_out:
        return
    terminalreporter.section("not run (SYSTEM=no)")
    for packages, files in sorted(left_out.items()):
        count = files.total()
        tests = "1 test that needs" if count == 1 else f"{count} tests that need"
        terminalreporter.line(f"not run: {tests} {packages}: {', '.join(sorted(files))}")


def pytest_report_header() -> str | None:
    return None if SETUP.system_wanted() else f"SYSTEM={os.environ['SYSTEM']}: no system packages"
