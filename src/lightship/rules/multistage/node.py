"""Node: what npm, Yarn and pnpm install and build.

The project's folder is copied as it is after the build, once the dependencies of development are
taken out of it; what serves a built folder needs only that (`static_site.py`). Source:
docs.npmjs.com (npm prune), classic.yarnpkg.com (yarn install), pnpm.io (pnpm prune),
nodejs/docker-node.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.catalogue.node_packages import BUILD_WHEN_RUN, CALLS, LINKED, UNKNOWN_NEEDS
from lightship.catalogue.smaller_bases import smaller_bases
from lightship.dockerfile.editing import appended
from lightship.rules.multistage.calling import started_by_sources
from lightship.rules.multistage.extensions import (
    compilers,
    is_mentioned,
    libraries,
    recommended,
    running_packages,
)
from lightship.rules.multistage.installing import check_clear, removes
from lightship.rules.multistage.node_project import (
    check_imports,
    global_packages,
    is_build,
    is_global,
    is_manager,
    locked,
    only_builds,
    place_of,
    project_installs,
    project_of,
    takes_development,
)
from lightship.rules.multistage.node_starts import check_started
from lightship.rules.multistage.plan import (
    CannotTell,
    FinalBase,
    Kept,
    Language,
    NotItsProgram,
    Plan,
)
from lightship.rules.multistage.splitting import split, target_of
from lightship.rules.multistage.static_site import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.edit import Edit
    from lightship.rules.multistage.node_project import Project
    from lightship.rules.multistage.single import Ran, Single
    from lightship.rules.multistage.splitting import Split

_HAS = frozenset(("node", "nodejs", "npm", "npx", "yarn", "yarnpkg", "corepack"))
_FOR_GYP = re.compile(
    r"python[\d.]*(?:-minimal)?|python-is-python3|py3-setuptools|gcompat|node-gyp"
)
_MAJOR = re.compile(r"v?(\d+)")
_OWN_SCRIPTS = frozenset(("preinstall", "install", "postinstall", "prepare", "prepublish"))


def _builds(single: Single) -> bool:
    if single.image.repository != "node":
        return False
    found = project_installs(single)
    if any(is_build(ran) for ran in single.ran):
        return True
    if not found:
        return False
    try:
        if compilers(single) and not any(removes(ran) for ran in single.ran):
            return True
    except CannotTell:
        return True
    # On the full image alone, the rule of full bases says it: here only if it is asked for.
    return "multi-stage" in single.matter.selected and _slim(single) is not None


def _recognise(single: Single) -> Plan:
    check_clear(single, "Node")
    installs = project_installs(single)
    if not installs:
        raise CannotTell("which project is built: no line that could be read installs one")
    base = _base(single)
    line = single.launch.command[0].step.line
    for program in single.launch.command[0].programs:
        if program.rpartition("/")[2] in BUILD_WHEN_RUN:
            raise CannotTell(
                f"what to start: line {line} starts {program}, which builds when it runs"
            )
    project = project_of(single, installs)
    has = _HAS | _global_programs(single)
    cut = split(single, _is_for_builder, frozenset(), has, is_global)
    base = FinalBase(
        image=base.image, why=base.why, system=base.system, has=base.has | has, entrypoint=True
    )
    folder = served(single)
    if folder is not None:
        return _site(single, base, cut, folder, project)
    return _application(single, base, cut, project, installs)


def _base(single: Single) -> FinalBase:
    """The same image, or its slim sibling: the same Node on the same release."""
    system, name = single.system, single.image
    if system is None or "windows" in (name.tag or ""):
        raise CannotTell(f"which system {single.image_text} is of")
    kind = "alpine" if system.is_musl else "debian"
    slim = _slim(single)
    if slim is not None:
        text = single.image_text
        image = text[: len(text) - len(name.tag or "")] + slim
        return FinalBase(image=image, why="it has the same Node", system=kind)
    if "slim" not in (name.tag or "") and not system.is_musl:
        raise CannotTell(f"which slim image has the Node of {single.image_text}")
    return FinalBase(image=single.image_text, why="it is the one that it was built on", system=kind)


def _slim(single: Single) -> str | None:
    """The slim image's tag for a full one; None if it is none."""
    row, name = smaller_bases().get("node"), single.image
    return row.sibling(name.tag) if row is not None and name.tag and not name.digest else None


def _is_for_builder(ran: Ran) -> bool:
    return is_manager(ran) and not (is_global(ran) and not only_builds(ran))


def _global_programs(single: Single) -> frozenset[str]:
    """Programs of what is installed for the whole image, and is so in the final stage too."""
    found: set[str] = set()
    for ran in single.ran:
        if is_global(ran) and not only_builds(ran):
            found |= global_packages(ran)
    if "pm2" in found:
        found |= {"pm2-runtime", "pm2-docker"}
    return frozenset(found)


def _application(
    single: Single, base: FinalBase, cut: Split, project: Project, installs: tuple[Ran, ...]
) -> Plan:
    check_started(single, project, base)
    if project.develops and takes_development(single, installs):
        check_imports(single, project)
    edits, edited = _pruned(single, project, installs)
    if not edits and base.image == single.image_text and not compilers(single):
        raise NotItsProgram("what would be left out: nothing is there only to build")
    repeats, owner = _apart(single, cut, project)
    packages = [*_packages(single, project, is_full=base.image != single.image_text)]
    recommends, more = recommended(single, packages)
    folder = f"{project.folder}/"
    notes = ["The project's folder is copied as the build leaves it."]
    if edits:
        notes.append("Dependencies of development are taken out: nothing that runs may need one.")
    if base.image != single.image_text:
        notes.append("Modules that were compiled may link to a library that the slim image lacks.")
    return Plan(
        language="Node",
        base=base,
        kept=(Kept((folder,), folder, "the project", owner=owner),),
        packages=tuple(dict.fromkeys((*packages, *more))),
        recommends=recommends,
        edits=edits,
        edited=edited,
        tools="the compilers and the caches",
        left=("dependencies of development",) if edits else (),
        repeats=repeats,
        notes=tuple(notes),
    )


def _site(single: Single, base: FinalBase, cut: Split, folder: str, project: Project) -> Plan:
    """The plan for a folder that is built, and served by what is installed for it."""
    within = {
        step.position
        for step in single.steps
        if step.keyword in ("COPY", "ADD") and _is_in(target_of(single, step), project.folder)
    }
    return Plan(
        language="Node",
        base=base,
        kept=(Kept((f"{folder}/",), f"{folder}/", "what is served"),),
        tools="the project, its dependencies and the caches",
        repeats=frozenset(cut.repeats - within),
        notes=(f"All that is served has to be below {folder}.",),
    )


def _is_in(path: str | None, folder: str) -> bool:
    return path is None or f"{path}/".startswith(f"{folder}/")


def _apart(single: Single, cut: Split, project: Project) -> tuple[frozenset[int], str | None]:
    """What is repeated, without what the project's folder has by then, and whose that folder is."""
    owners: set[str] = set()
    inside: set[int] = set()
    for step in single.steps:
        if step.position > cut.last:
            break
        if step.keyword in ("COPY", "ADD") and _is_in(target_of(single, step), project.folder):
            inside.add(step.position)
            owners.add(step.instruction.flag("chown") or "")
    first = min(inside | cut.builder)
    for ran in single.ran:
        at = ran.step.position
        if first < at < cut.last and at in cut.repeats and ran.name in ("chown", "chmod", "chgrp"):
            raise CannotTell(
                f"whose the project is: line {ran.step.line} changes it before the build"
            )
    if len(owners) > 1 or any("$" in owner for owner in owners):
        raise CannotTell("whose the project is: its files are copied for different users")
    owner = next(iter(owners), "")
    return frozenset(cut.repeats - inside), owner or None


def _pruned(
    single: Single, project: Project, installs: tuple[Ran, ...]
) -> tuple[tuple[Edit, ...], frozenset[int]]:
    """The edit that takes out dependencies of development, once all is built."""
    if not project.develops or not takes_development(single, installs):
        return (), frozenset()
    ours = [ran for ran in single.ran if is_manager(ran) and not is_global(ran)]
    last = ours[-1]
    step = last.step
    ran_last = [ran for ran in single.ran if ran.step is step][-1]
    if step.fixed_reason is not None:
        raise CannotTell(
            f"how to take out dependencies of development on line {step.line}: {step.fixed_reason}"
        )
    if (
        ran_last.directory != project.folder
        or place_of(last) != project.folder
        or ran_last.name == "cd"
    ):
        raise CannotTell(
            f"where line {step.line} ends: dependencies of development are taken out there"
        )
    if step.covered(f"{project.folder}/node_modules"):
        raise CannotTell(f"what is installed: line {step.line} mounts node_modules")
    managers = {ran.name for ran in installs}
    command = _prune(single, project, managers)
    if any(ran.command.has("--no-save") for ran in installs):
        raise CannotTell("which packages are needed: some are installed with --no-save")
    return (
        (appended(single.build.dockerfile, step.instruction, f"&& {command}"),),
        frozenset((step.position,)),
    )


def _prune(single: Single, project: Project, managers: set[str]) -> str:
    if managers == {"npm"}:
        major = _MAJOR.match(single.image.tag or "")
        # npm 7 and newer; 8 came with Node 16.
        is_old = major is not None and int(major[1]) < 16
        return "npm prune --production" if is_old else "npm prune --omit=dev"
    if len(managers) == 1 and not project.is_berry:
        own = _OWN_SCRIPTS & set(project.scripts)
        if own:
            raise CannotTell(
                f"whether the script {min(own)} of package.json runs without dependencies of"
                " development"
            )
        return "pnpm prune --prod" if managers == {"pnpm"} else "yarn install --production"
    raise CannotTell(f"how {' and '.join(sorted(managers))} take out dependencies of development")


def _packages(single: Single, project: Project, *, is_full: bool) -> Iterator[str]:
    missing = single.sources.missing
    if is_full and missing is not None:
        raise CannotTell(f"which programs it starts: {missing}")
    for name in running_packages(single, seen=missing is None):
        if not _FOR_GYP.fullmatch(name) or is_mentioned(single, name):
            yield name
    names = locked(single, project)
    if is_full:
        for name in sorted(names):
            if name in UNKNOWN_NEEDS:
                raise CannotTell(f"which libraries {name} needs: the slim image may lack them")
            yield from CALLS.get(name, ())
            yield from libraries(single, LINKED.get(name, ()))
        yield from started_by_sources(single, (".js", ".mjs", ".cjs", ".ts"))


LANGUAGE = Language("Node", _builds, _recognise)
