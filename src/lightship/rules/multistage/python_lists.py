"""Which distributions are installed for Python, by name.

Source: PEP 503, 508 and 621, pip.pypa.io (requirements files), python-poetry.org, pipenv.pypa.io.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.rules.multistage.plan import CannotTell
from lightship.rules.multistage.python_installs import WITH_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.python_installs import Install
    from lightship.rules.multistage.single import Ran, Single


_MOST_LISTS = 50


class Distribution(Struct, frozen=True):
    """A distribution that is installed by name.

    Attributes:
        name: normalized (PEP 503).
        pinned: whether one version is asked for.
    """

    name: str
    pinned: bool


# A name at the beginning of a line: Poetry's tables, setup.cfg.
_KEY = re.compile(r"^[ \t]*\"?([A-Za-z][\w.-]*)\"?[ \t]*=|^[ \t]+([A-Za-z][\w.-]*)", re.MULTILINE)
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?\s*(.*)")


def distributions(single: Single, found: tuple[Install, ...]) -> tuple[Distribution, ...]:
    """What is installed, as far as it is named.

    Raises:
        CannotTell: a list of requirements cannot be seen, or a source has no name.
    """
    named: list[Distribution] = []
    read: set[str] = set()
    for install in found:
        ran = install.ran
        if install.tool in ("poetry", "pipenv"):
            named += _locked(single, install)
        elif install.tool == "setup.py":
            named += _project(single, ran.directory, ran)
        else:
            skip = 2 if install.tool == "uv" else 1
            for word in ran.command.operands(*WITH_VALUE)[skip:]:
                named += _requirement(single, ran, ran.text(word))
            for option, text in _options(ran):
                if option in ("-r", "--requirement"):
                    named += _file(single, ran, text, read)
                else:
                    named += _requirement(single, ran, text)
    return tuple(dict.fromkeys(named))


def _options(ran: Ran) -> Iterator[tuple[str, str | None]]:
    """Every `-r` and `-e` with its value."""
    names = ("-r", "--requirement", "-e", "--editable")
    arguments = ran.command.arguments
    for at, word in enumerate(arguments):
        name, equals, value = word.text.partition("=")
        if word.text in names and at + 1 < len(arguments):
            yield word.text, ran.text(arguments[at + 1])
        elif name in names and equals:
            yield name, value
        elif word.text.startswith("-r") and len(word.text) > 2:
            yield "-r", word.text[2:]


def _requirement(single: Single, ran: Ran, text: str | None) -> Iterator[Distribution]:
    line = ran.step.line
    if text is None:
        raise CannotTell(f"what line {line} installs")
    plain = text.partition("[")[0]
    if plain in (".", "./", "..") or plain.startswith(("./", "/", "../")):
        if plain.endswith((".whl", ".gz", ".zip")):
            raise CannotTell(f"what {text[:60]} of line {line} links to")
        yield from _project(single, ran.path_text(plain), ran)
        return
    if "://" in text and "@ " not in text and "#egg=" not in text:
        raise CannotTell(f"what {text[:60]} of line {line} links to")
    found = _NAME.match(text.rpartition("#egg=")[2])
    if found is None:
        raise CannotTell(f"what line {line} installs: {text[:40]}")
    name, extras, rest = found.groups()
    name = re.sub(r"[-_.]+", "-", name).lower()
    yield Distribution(name, rest.startswith(("==", "<")))
    for extra in (extras or "").split(","):
        if extra.strip():
            yield Distribution(f"{name}-{extra.strip().lower()}", pinned=False)


def _file(single: Single, ran: Ran, name: str | None, read: set[str]) -> Iterator[Distribution]:
    path = ran.path_text(name) if name is not None else None
    text = single.sources.texts.get(path or "")
    if path in read:
        return
    if text is None or path is None or len(read) > _MOST_LISTS:
        raise CannotTell(
            f"which packages line {ran.step.line} installs: {(name or 'its list')[:60]} cannot be"
            " seen from here"
        )
    read.add(path)
    for raw in text.replace("\\\n", " ").splitlines():
        line = re.sub(r"(?:^|\s)#.*", "", raw).strip()
        option = re.match(r"(-r|--requirement|-e|--editable)[\s=]+(\S+)", line)
        if option is not None and option[1] in ("-r", "--requirement"):
            folder = posixpath.dirname(path)
            yield from _file(single, ran, posixpath.join(folder, option[2]), read)
        elif option is not None:
            yield from _requirement(single, ran, option[2])
        elif line and not line.startswith("-"):
            yield from _requirement(single, ran, line.partition(";")[0].strip())


def _project(single: Single, folder: str | None, ran: Ran) -> Iterator[Distribution]:
    """What a project depends on: its pyproject.toml or setup.py, read for quoted requirements."""
    seen = False
    for name in ("pyproject.toml", "setup.cfg", "setup.py"):
        text = single.sources.texts.get(posixpath.join(folder or "/", name))
        if text is None:
            continue
        seen = True
        if re.search(r"ext_modules|cythonize|Extension\(|maturin|setuptools-rust", text):
            raise CannotTell(f"which libraries the extensions of {name} link to")
        for one in re.findall(
            r"[\"']([A-Za-z][\w.-]*(?:\[[^\]]{0,200}\])?[^\"']{0,60})[\"']", text
        ):
            if "://" not in one:
                yield from _requirement(single, ran, one)
        for one in re.findall(
            r"^[ \t]*\"?([A-Za-z][\w.-]*)\"?[ \t]*=|^[ \t]+([A-Za-z][\w.-]*)", text, re.MULTILINE
        ):
            yield from _requirement(single, ran, one[0] or one[1])
    if not seen:
        raise CannotTell(
            f"what line {ran.step.line} installs: its project cannot be seen from here"
        )


def _locked(single: Single, install: Install) -> Iterator[Distribution]:
    """What Poetry's or Pipenv's lock file names."""
    folder = install.ran.directory or "/"
    name = "poetry.lock" if install.tool == "poetry" else "Pipfile.lock"
    text = single.sources.texts.get(posixpath.join(folder, name))
    if text is None:
        raise CannotTell(
            f"which packages line {install.ran.step.line} installs: {name} is not here"
        )
    for one in re.findall(r"^name = \"([^\"]+)\"|^\s+\"([\w.-]+)\": \{", text, re.MULTILINE):
        yield from _requirement(single, install.ran, one[0] or one[1])
