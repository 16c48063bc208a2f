"""Python: what pip and its like install, where compilers or the full image are there for it.

Nothing is changed in the builder: the packages and their scripts are copied to the place where they
were installed, so that whatever names them finds them, and the application is brought as before.
Into an environment that has to be made for it, PATH and every absolute path would be others.
Source: docs.python.org (site, sysconfig), docker-library/python.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.catalogue.patterns import ROOT_HOME
from lightship.catalogue.python_packages import (
    CALLS,
    COMPILED_WHEN_OLD,
    COMPILES,
    LINKED,
    SHARED_DATA,
)
from lightship.catalogue.smaller_bases import smaller_bases
from lightship.rules.multistage.calling import started_by_sources
from lightship.rules.multistage.extensions import (
    compilers,
    libraries,
    recommended,
    running_packages,
)
from lightship.rules.multistage.installing import check_clear, installed, removes
from lightship.rules.multistage.plan import CannotTell, FinalBase, Kept, Language, Plan
from lightship.rules.multistage.python_installs import installs, is_tool
from lightship.rules.multistage.python_lists import distributions
from lightship.rules.multistage.splitting import split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.python_installs import Install
    from lightship.rules.multistage.python_lists import Distribution
    from lightship.rules.multistage.single import Single

_IMAGES = frozenset(("python", "debian", "ubuntu", "alpine"))
_PLAIN = frozenset(("debian", "ubuntu"))
_MINOR = re.compile(r"(\d+\.\d+)(?![\d])")
_HAS = frozenset(("python", "python3", "pip", "pip3", "pydoc3"))
_SCRIPTS = frozenset(
    """
    django-admin flask gunicorn uvicorn celery alembic nltk playwright spacy mkdocs sphinx-build
    """.split()  # noqa: SIM905 - one to a line is a page
)


def _builds(single: Single) -> bool:
    if single.image.repository not in _IMAGES or not any(is_tool(ran) for ran in single.ran):
        return False
    try:
        if compilers(single) and not any(removes(ran) for ran in single.ran):
            return True
    except CannotTell:
        return True
    # On the full image alone, the rule of full bases says it: here only if it is asked for.
    return "multi-stage" in single.matter.selected and _slim(single) is not None


def _slim(single: Single) -> str | None:
    """The slim image's tag for a full one; None if it is none."""
    row = smaller_bases().get("python")
    name = single.image
    if row is None or name.repository != "python" or name.tag is None or name.digest is not None:
        return None
    return row.sibling(name.tag)


def _recognise(single: Single) -> Plan:
    check_clear(single, "Python")
    found = installs(single)
    if not found:
        raise CannotTell("what is installed for Python: no line that could be read does")
    base = _base(single)
    cut = split(single, is_tool, frozenset(("pip", "poetry", "pipenv")), _HAS | _SCRIPTS)
    named = _named(single, found, is_needed=base.image != single.image_text)
    packages = [*_packages(single, named, is_full=base.image != single.image_text)]
    if single.image.repository != "python" and "python3" not in packages:
        packages.append("python3")
    recommends, more = recommended(single, packages)
    return Plan(
        language="Python",
        base=base,
        kept=tuple(_kept(single, found, named)),
        packages=tuple(dict.fromkeys((*packages, *more))),
        recommends=recommends,
        tools="the compilers, the headers and what they left",
        repeats=cut.repeats,
        notes=tuple(_notes(single, found, is_full=base.image != single.image_text)),
    )


def _notes(single: Single, found: tuple[Install, ...], *, is_full: bool) -> Iterator[str]:
    yield "Nothing is installed anew: what was installed is copied to the place where it was."
    if any(install.ran.option("-e", "--editable") is not None for install in found):
        yield "What is installed with -e is looked for in its folder, which is copied as before."
    if is_full:
        yield "What was compiled may link to a library that the slim image lacks: run its tests."
    if single.sources.missing is not None:
        yield "What starts a compiler when it runs no longer finds one."


def _base(single: Single) -> FinalBase:
    """The same image, or its slim sibling: the same Python on the same release."""
    system = single.system
    tag = single.image.tag or ""
    if system is None or "windows" in tag:
        raise CannotTell(f"which system {single.image_text} is of")
    kind = "alpine" if system.is_musl else "debian"
    slim = _slim(single)
    if slim is not None:
        text = single.image_text
        image = text[: len(text) - len(tag)] + slim
        return FinalBase(image=image, why="it has the same Python", system=kind, has=_HAS)
    if single.image.repository == "python" and "slim" not in tag and not system.is_musl:
        raise CannotTell(f"which slim image has the Python of {single.image_text}")
    has = _HAS if single.image.repository == "python" else frozenset(("python3",))
    why = "it is the one that it was built on"
    return FinalBase(image=single.image_text, why=why, system=kind, has=has)


def _named(
    single: Single, found: tuple[Install, ...], *, is_needed: bool
) -> tuple[Distribution, ...] | None:
    """What is installed by name; None where that cannot be told and need not be known."""
    try:
        return distributions(single, found)
    except CannotTell:
        if is_needed:
            raise
        return None


def _packages(
    single: Single, named: tuple[Distribution, ...] | None, *, is_full: bool
) -> Iterator[str]:
    seen = named is not None and single.sources.missing is None
    if is_full and single.sources.missing is not None:
        raise CannotTell(f"which programs it starts: {single.sources.missing}")
    yield from running_packages(single, seen=seen)
    have = {one.name for one in installed(single)}
    for one in named or ():
        if one.name in COMPILES:
            raise CannotTell(f"which compiler {one.name} starts when it runs")
        call = CALLS.get(one.name)
        if call is not None and (is_full or call in have):
            yield call
        linked = LINKED.get(one.name, ())
        if one.pinned:
            linked = (*linked, *COMPILED_WHEN_OLD.get(one.name, ()))
        if is_full:
            yield from libraries(single, linked)
    if is_full:
        yield from started_by_sources(single, (".py",))
        return
    has_compiler = any(re.match(r"g\+\+|gcc|build-|gfortran|alpine-sdk", name) for name in have)
    if has_compiler and single.system is not None and single.system.is_musl:
        yield from libraries(single, ("c++",))
    if has_compiler and (not seen or any(one.name == "lightgbm" for one in named or ())):
        yield from libraries(single, ("openmp",))


def _kept(
    single: Single, found: tuple[Install, ...], named: tuple[Distribution, ...] | None
) -> Iterator[Kept]:
    folders = list(dict.fromkeys(one.folder for one in found))
    if None in folders:
        yield from _system(single, named)
    for folder in folders:
        if folder is not None:
            owner = "" if folder.startswith(f"{ROOT_HOME}/") else None
            yield Kept((f"{folder}/",), f"{folder}/", "what was installed", owner=owner)


def _system(single: Single, named: tuple[Distribution, ...] | None) -> Iterator[Kept]:
    """Where the system's own Python has packages and scripts."""
    why = "what was installed"
    if single.image.repository in _PLAIN:
        # They have nothing of their own in there.
        yield Kept(("/usr/local/",), "/usr/local/", why, owner="")
        return
    minor = _MINOR.match(single.image.tag or "")
    if single.image.repository != "python" or minor is None:
        raise CannotTell(
            f"into which folder packages are installed: {single.image_text} does not name the minor"
            " version of Python"
        )
    folders = [f"/usr/local/lib/python{minor[1]}/site-packages", "/usr/local/bin"]
    if any(one.name in SHARED_DATA for one in named or ()) or named is None:
        is_musl = single.system is not None and single.system.is_musl
        folders += ["/usr/local/share", *(() if is_musl else ("/usr/local/etc",))]
    for folder in folders:
        yield Kept((posixpath.join(folder, ""),), posixpath.join(folder, ""), why, owner="")


LANGUAGE = Language("Python", _builds, _recognise)
