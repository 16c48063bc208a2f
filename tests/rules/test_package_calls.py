"""What commands call in the end, and which package managers."""

from __future__ import annotations

import pytest

from lightship.dockerfile.shell.parsing import script_of
from lightship.rules.package_calls import called, package_calls, subcommand


@pytest.mark.parametrize(
    ("text", "program", "words"),
    [
        ("pip install a", "pip", "install a"),
        ("/opt/venv/bin/pip install a", "pip", "install a"),
        ("python3 -m pip install a", "pip", "install a"),
        ("python3 -c 'import a'", "python3", "-c import a"),
        ("sudo -E apt-get update", "apt-get", "update"),
        ("xargs -n 1 -a /p pip install", "pip", "install"),
        ("timeout -k 5 60 npm ci", "npm", "ci"),
        ("gosu app npm ci", "npm", "ci"),
        ("gosu app sudo npm ci", "sudo", "npm ci"),
        ("conda run -n app python -m pip install a", "pip", "install a"),
        ("poetry run pytest", "pytest", ""),
        ("conda install a", "conda", "install a"),
        ("xargs", "xargs", ""),
        ("timeout 60", "timeout", "60"),
        ("A=b", "", ""),
        ("$PIP install a", "$PIP", "install a"),
    ],
)
def test_called(text: str, program: str, words: str) -> None:
    what = called(script_of(text).commands[0])
    assert (what.program, " ".join(word.text for word in what.words)) == (program, words)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("apt-get -qq -o A=b update", "apt update"),
        ("apt-get -t stable install -y a=1", "apt install a=1"),
        ("aptitude install a", "apt install a"),
        ("apk add -t .deps a b", "apk add a b"),
        ("apk --root /x add a", ""),
        ("apt-get --dry-run upgrade", ""),
        ("dnf --enablerepo x install -y a", "dnf install a"),
        ("zypper -n in a", "zypper in a"),
        ("apt-get --version", ""),
        ("chroot /x apt-get install a", ""),
    ],
)
def test_package_calls(text: str, found: str) -> None:
    calls = package_calls(script_of(text))
    assert found == ";".join(
        " ".join((one.manager.name, one.verb.text, *(word.text for word in one.operands)))
        for one in calls
    )


@pytest.mark.parametrize(
    ("text", "verbs", "last", "operands"),
    [
        ("uv --quiet pip install a", ("sync", "pip install"), "install", ["a"]),
        ("uv pip list", ("pip install",), None, None),
        ("yarn --frozen-lockfile", ("", "install"), None, []),
        ("yarn build", ("", "install"), None, None),
        ("mvn -q package", ("*",), "package", []),
        ("mvn --version", ("*",), None, None),
    ],
)
def test_subcommand(
    text: str, verbs: tuple[str, ...], last: str | None, operands: list[str] | None
) -> None:
    found = subcommand(called(script_of(text).commands[0]), verbs)
    if operands is None:
        assert found is None
        return
    assert found is not None
    assert (found.last.text if found.last else None) == last
    assert [word.text for word in found.operands] == operands
