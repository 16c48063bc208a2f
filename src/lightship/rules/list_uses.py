"""Whether what comes after a RUN installs from the lists of packages that it left."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.rules.package_calls import called, package_calls, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.catalogue.package_managers import PackageManager
    from lightship.dockerfile.build import Build, Step

_MOST_STEPS = 500
_TOOLS = {
    "apt": r"apt-get|apt|aptitude|apt-cache|apt-file|apt-install|rosdep|gdebi|mk-build-deps|tasksel"
    r"|ansible|ansible-playbook|puppet|salt-call",
    "apk": r"apk",
}
_CALLS = {
    name: re.compile(rf"(?<![\w./$-])(?:/usr/bin/|/sbin/)?({tools})(?![\w./:-])")
    for name, tools in _TOOLS.items()
}
_SCRIPT = re.compile(r"(?!(?:.*/)?autogen\.sh).*\.(?:sh|bash)|\.?/(?:.*/)?(?:install|setup)[\w-]*")
_STARTS = frozenset(("CMD", "ENTRYPOINT", "HEALTHCHECK"))
_NO_FETCH = ("-C", "--cacheonly", "--no-refresh")
_TARGETS = re.compile(r"[\w-]*(?:deps|depend|setup|bootstrap|prereq|require|apt)[\w-]*")
_SHELLS = frozenset(("sh", "bash", "dash", "ash", ".", "source"))


class ListUse(Struct, frozen=True):
    """A later use of package lists.

    Attributes:
        reason: in a few words, with the line.
        is_certain: whether the lists are needed for sure; else they may be.
    """

    reason: str
    is_certain: bool


def list_use(build: Build, step: Step, manager: PackageManager) -> ListUse | None:
    """How the lists that a RUN leaves are used later; None if they are not.

    Package managers that fetch lists when there are none need none, unless they are told not to.
    """
    stage = step.stage
    if stage is None:
        return None
    if manager.fetches:
        return _offline_use(build, step, manager)
    use = _first_use(build.steps[step.position + 1 : stage.last], manager)
    if use is not None:
        return use if isinstance(use, ListUse) else None
    for index in sorted(build.stages.upon(stage.index) - {stage.index}):
        use = _first_use(build.of(build.stages.all[index]), manager)
        if isinstance(use, ListUse):
            return use
    return None


def _offline_use(build: Build, step: Step, manager: PackageManager) -> ListUse | None:
    for later in islice(build.after(step), _MOST_STEPS):
        for call in package_calls(later.script) if later.script is not None else ():
            if call.manager.system == manager.system and any(map(call.has, _NO_FETCH)):
                return ListUse(f"line {later.line} works from them alone", True)
    return None


def _first_use(steps: Iterable[Step], manager: PackageManager) -> ListUse | str | None:
    """The first use in steps that follow each other; `fetched` if lists are fetched before it."""
    doubt = None
    for step in islice(steps, _MOST_STEPS):
        if step.keyword not in _STARTS | {"RUN", "ONBUILD"}:
            continue
        use = (_use_at_start if step.keyword in _STARTS else _use)(step, manager)
        if use == "fetched" or (isinstance(use, ListUse) and use.is_certain):
            return doubt or use
        doubt = doubt or use
    return doubt


def _use_at_start(step: Step, manager: PackageManager) -> ListUse | None:
    """Whether what a container starts installs without an update before it."""
    text = text_of(step)
    found = _CALLS[manager.name].search(text.replace('"', " ").replace(",", " "))
    if found is None or re.search(r"\bupdate\b", text):
        return None
    return ListUse(f"line {step.line} uses them when the container starts", True)


def calls_in_text(step: Step, manager: PackageManager) -> int:
    """How often the text of a RUN names a package manager, in whatever way."""
    return len(_CALLS[manager.name].findall(text_of(step)))


def _use(step: Step, manager: PackageManager) -> ListUse | str | None:
    found = _CALLS[manager.name].search(text_of(step))
    script = step.script
    if found is None:
        name = script_of_unknown(step)
        return ListUse(f"line {step.line} runs {name}, which may use them", False) if name else None
    calls = package_calls(script) if script is not None else ()
    known = False
    for call in calls:
        if call.manager is not manager:
            continue
        known = True
        if call.updates and not set(call.command.within) & {"condition", "or", "if", "case"}:
            return "fetched"
        if call.installs and not (manager.flag and call.has(manager.flag)):
            return ListUse(f"line {step.line} installs from them", True)
    if known:
        return None
    return ListUse(f"line {step.line} may use them with {found[1]}", step.keyword == "ONBUILD")


def script_of_unknown(step: Step) -> str | None:
    """A script of unknown content that a RUN starts."""
    for command in step.script.commands if step.script is not None else ():
        what = called(command)
        words = [command.words[0].text] if command.words else []
        if words and words[0].startswith("$"):
            return words[0][:40]
        if what.program == "make":
            targets = [word.text for word in what.words if _TARGETS.fullmatch(word.text[:80])]
            if targets:
                return f"make {targets[0][:40]}"
        if what.program in _SHELLS:
            words = [word.text for word in what.words if not word.text.startswith("-")][:1]
            if what.program not in (".", "source") and "pipeline" in command.within:
                return "what it downloads"
        for word in words:
            if _SCRIPT.fullmatch(word):
                return word[-40:]
    return None
