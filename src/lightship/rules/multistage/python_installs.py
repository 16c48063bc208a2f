"""What RUNs install for Python, and into which folders.

Source: pip.pypa.io (pip install), docs.python.org (venv, site), PEP 405 and 660, and the
documentation of Poetry, Pipenv and uv.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.patterns import ROOT_HOME
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from lightship.rules.multistage.single import Ran, Single

_PIP = re.compile(r"pip[\d.]*")
_PYTHON = re.compile(r"python[\d.]*")
_TOOLS = frozenset(("poetry", "pipenv", "uv", "virtualenv"))
WITH_VALUE = tuple(
    """
    -m -r -c -e -t -i -f --requirement --constraint --editable --target --index-url --trusted-host
    --extra-index-url --find-links --prefix --root --src --no-binary --only-binary --platform
    --python-version --timeout --retries --progress-bar --cache-dir --log --config-settings
    --global-option --use-feature --proxy --cert --python -p --index --default-timeout -o
    """.split()  # noqa: SIM905 - one to a line is a page
)
_ELSEWHERE = ("--prefix", "--root", "--src")
_VARIABLES = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PYTHONUSERBASE", "PIP_PYTHON")
_OFF = frozenset(("false", "0", "no", "off"))


class Install(Struct, frozen=True):
    """One command that installs.

    Attributes:
        ran: the command.
        tool: `pip`, `poetry`, `pipenv`, `uv`, `setup.py`.
        folder: what it installs into: an environment, or a folder for packages; None for the
            system's own.
    """

    ran: Ran
    tool: str
    folder: str | None


def call_of(ran: Ran) -> tuple[str, tuple[str, ...]]:
    """The tool of Python's that a command calls and its operands; an empty name for no such."""
    words = tuple(word.text for word in ran.command.operands(*WITH_VALUE))
    arguments = [word.text for word in ran.command.arguments]
    if _PIP.fullmatch(ran.name):
        return "pip", words
    if ran.name in _TOOLS:
        return ran.name, words
    if _PYTHON.fullmatch(ran.name) and arguments[:1] == ["-m"] and len(arguments) > 1:
        module = arguments[1]
        return ("venv", words) if module in ("venv", "virtualenv") else (_pip(module), words)
    if _PYTHON.fullmatch(ran.name) and words[:1] == ("setup.py",):
        return "setup.py", words[1:]
    return "", ()


def _pip(module: str) -> str:
    return module if module in ("pip", "poetry", "pipenv", "uv", "ensurepip") else ""


def is_tool(ran: Ran) -> bool:
    """Whether it is a tool that installs, or makes environments."""
    return bool(call_of(ran)[0])


def environments(single: Single) -> tuple[str, ...]:
    """The virtual environments that are made. Raises `CannotTell`."""
    found = []
    for ran in single.ran:
        tool, words = call_of(ran)
        if tool in ("venv", "virtualenv") or (tool == "uv" and words[:1] == ("venv",)):
            operands = [word for word in ran.command.operands(*WITH_VALUE) if word.text != "venv"]
            path = ran.path(operands[-1]) if operands else None
            if tool == "uv" or path is None or path == "/":
                raise CannotTell(f"where line {ran.step.line} makes its environment")
            found.append(path)
    return tuple(found)


def installs(single: Single) -> tuple[Install, ...]:
    """All of them, in order. Raises `CannotTell`."""
    made = environments(single)
    found = []
    for ran in single.ran:
        tool, words = call_of(ran)
        verb = words[0] if words else ""
        line = ran.step.line
        if tool == "setup.py":
            if verb != "install":
                raise CannotTell(f"where line {line} puts what setup.py {verb[:20]} makes")
        elif tool == "pip" and verb in ("wheel", "download", "uninstall"):
            raise CannotTell(f"what is left of pip {verb} of line {line}")
        elif tool == "uv":
            if words[:2] != ("pip", "install"):
                if verb not in ("", "cache", "version"):
                    raise CannotTell(f"into which folder uv {verb[:20]} of line {line} installs")
                continue
        elif tool not in ("pip", "poetry", "pipenv") or verb not in ("install", "sync"):
            continue
        found.append(Install(ran, tool, _folder(single, ran, tool, made)))
    return tuple(found)


def _folder(single: Single, ran: Ran, tool: str, made: tuple[str, ...]) -> str | None:
    line = ran.step.line
    if ran.option(*_ELSEWHERE) is not None or any(name in ran.known for name in _VARIABLES):
        raise CannotTell(f"where the packages of line {line} are looked for")
    target = ran.option("-t", "--target") if tool == "pip" else None
    if target is not None:
        path = ran.path(target)
        if path is None:
            raise CannotTell(f"into which folder line {line} installs")
        return path
    user = ran.step.scope.user
    is_root = user in (None, "0", "root", "root:root", "0:0")
    environment = _environment(single, ran, made)
    if environment is not None:
        return environment
    if tool == "poetry" and not _is_off(single, ran):
        raise CannotTell(
            f"where poetry makes the environment of line {line}: say virtualenvs.create false"
        )
    if tool in ("pipenv", "uv") and not ran.command.has("--system"):
        raise CannotTell(f"where {tool} makes the environment of line {line}: say --system")
    if not is_root:
        raise CannotTell(f"where line {line} installs to: {str(user)[:40]} cannot write everywhere")
    return f"{ROOT_HOME}/.local" if ran.command.has("--user") else None


def _is_off(single: Single, ran: Ran) -> bool:
    if (ran.known.get("POETRY_VIRTUALENVS_CREATE") or "").lower() in _OFF:
        return True
    for other in single.ran:
        words = [word.text for word in other.command.operands()]
        if other.name == "poetry" and words[:2] == ["config", "virtualenvs.create"]:
            return words[2:3] == ["false"]
    return False


def _environment(single: Single, ran: Ran, made: tuple[str, ...]) -> str | None:
    """The virtual environment that a command works in."""
    written = ran.command.words[-len(ran.command.arguments) - 1]
    if "/" in written.text:
        path = ran.path(written)
        if path is not None and posixpath.dirname(posixpath.dirname(path)) in made:
            return posixpath.dirname(posixpath.dirname(path))
        if path is None or not path.startswith(("/usr/local/bin/", "/usr/bin/")):
            raise CannotTell(f"into which environment line {ran.step.line} installs")
        return None
    for other in single.ran:
        if other.step is ran.step and other.command.start < ran.command.start:
            operands = other.command.operands()
            if other.name in (".", "source") and operands:
                path = other.path(operands[0]) or ""
                if path.endswith("/bin/activate"):
                    return path.removesuffix("/bin/activate")
    for folder in single.path_at(ran.step):
        if posixpath.dirname(folder) in made and folder.endswith("/bin"):
            return posixpath.dirname(folder)
        if folder in ("/usr/local/bin", "/usr/bin"):
            break
    return None
