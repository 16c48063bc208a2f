"""What the Dockerfile of an application says that it needs of its base, where there is no image."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.package_managers import manager_of
from lightship.catalogue.smaller_bases import smaller_bases
from lightship.dockerfile.image_name import image_name
from lightship.model.results.base_verdict import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.known import Known
    from lightship.catalogue.base_images import BaseRow, Libc
    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.stages import Stage

_FAMILIES = {"microdnf": "dnf", "yum": "dnf", "tdnf": "dnf"}
"""Package managers by those whose packages they install."""
_NONE = "none"
_BUILDS = frozenset(("pip", "pip3", "uv", "npm", "yarn", "pnpm", "gem", "bundle", "composer"))
_MOST_NAMES = 6
_RELEASE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")


def family_of(manager: str | None) -> str | None:
    """The package manager whose packages one installs: dnf's for microdnf and yum."""
    return _FAMILIES.get(manager or "", manager)


class DockerfileWants(Struct, frozen=True, dict=True):
    """A stage that is shipped, upon an image.

    Attributes:
        build: the file.
        stage: the lowest of those whose layers are in the image.
        known: what is known of bases.
    """

    build: Build
    stage: Stage
    known: Known

    @property
    def base(self) -> str:
        """As the file names it, build arguments filled in; as written where one has no default."""
        return self.stage.base_name or self.stage.base

    @cached_property
    def row(self) -> BaseRow | None:
        """What the catalogue knows of it."""
        return self.known.find(self.base)

    @cached_property
    def like(self) -> tuple[BaseRow, ...]:
        """The rows of the same image: itself, or others of its tags."""
        repository = image_name(self.base).repository
        return tuple(
            row for row in self.known.rows if image_name(row.name).repository == repository
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """That the base is made for."""
        rows = [self.row] if self.row is not None else self.like
        return tuple(dict.fromkeys(one for row in rows for one in row.languages))

    @property
    def libc(self) -> Libc | None:
        """Of the base, by its row, its tag, or other tags of the same image."""
        if self.row is not None and self.row.libc is not None:
            return self.row.libc
        alpine = "alpine" in self.base
        if alpine:
            return "musl"
        others = (row.libc for row in self.like if "alpine" not in row.tag)
        return next((libc for libc in others if libc is not None), None)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Those that run upon the base, in the image that is shipped."""
        stages = self.build.stages
        return tuple(
            step
            for index in sorted(stages.upon(self.stage.index) & stages.shipped)
            for step in self.build.of(stages.all[index])
        )

    @cached_property
    def installs(self) -> tuple[tuple[Step, str, tuple[str, ...]], ...]:
        """Each call of a distribution's package manager that installs: its family, the names."""
        return tuple(self._installs())

    def _installs(self) -> Iterator[tuple[Step, str, tuple[str, ...]]]:
        for step in self.steps:
            for command in step.script.commands if step.script else ():
                manager = manager_of(command.name)
                words = [word.text for word in command.arguments]
                verb = next((word for word in words if not word.startswith("-")), "")
                if manager is None or verb not in manager.installs:
                    continue
                names = words[words.index(verb) + 1 :]
                yield step, manager.name, tuple(one for one in names if one[:1] not in "-$")


def reasons_against(wants: DockerfileWants, row: BaseRow) -> Iterator[Reason]:
    """What speaks for or against a base, as far as a Dockerfile tells; it never proves anything."""
    yield Reason(
        kind="seen",
        weight="unproven",
        says="only the Dockerfile was read, and no image that it built",
    )
    yield from _release(wants, row)
    yield from _shell(wants, row)
    yield from _packages(wants, row)
    yield from _tools(wants, row)
    yield from _libc(wants, row)


def _release(wants: DockerfileWants, row: BaseRow) -> Iterator[Reason]:
    """Whether it is of another release of what the base is made for, or another image's."""
    ours, theirs = image_name(wants.base), image_name(row.name)
    if not wants.languages:
        return
    if ours.repository != theirs.repository:
        says = f"it is another image than {ours.repository}: other paths, other packages"
        yield Reason(kind="release", weight="unproven", says=says)
        return
    now, then = (_leading(name.tag) for name in (ours, theirs))
    if now and then and not _agree(now, then):
        yield Reason(kind="release", weight="unproven", says=f"it is of {then}, and not of {now}")


def _leading(tag: str | None) -> str:
    found = _RELEASE.match(tag or "")
    return found[0] if found is not None else ""


def _agree(one: str, other: str) -> bool:
    """Whether one version is within the other: 3.13 and 3.13.5."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _shell(wants: DockerfileWants, row: BaseRow) -> Iterator[Reason]:
    if row.shell != _NONE:
        return
    for step in wants.steps:
        if step.keyword in ("RUN", "CMD", "ENTRYPOINT") and step.instruction.json is None:
            yield Reason(
                kind="shell",
                weight="blocks",
                says=f"line {step.line} is a {step.keyword} in shell form, and there is no shell",
            )
            return


def _packages(wants: DockerfileWants, row: BaseRow) -> Iterator[Reason]:
    theirs = family_of(row.package_manager)
    for step, family, names in wants.installs:
        if theirs == family_of(family):
            continue
        listed = ", ".join(names[:_MOST_NAMES]) or "packages"
        if theirs == _NONE:
            says = (
                f"line {step.line} installs {listed} with {family}, and there is no package manager"
            )
        elif theirs is None:
            says = (
                f"line {step.line} installs {listed} with {family}, and nobody knows what is there"
            )
        else:
            says = f"line {step.line} installs {listed} with {family}; there it is {theirs}"
        yield Reason(kind="packages", weight="blocks" if theirs == _NONE else "unproven", says=says)


def _tools(wants: DockerfileWants, row: BaseRow) -> Iterator[Reason]:
    """Programs that instructions call and the smaller one of two siblings lacks."""
    own = image_name(wants.base)
    table = smaller_bases().get(own.repository)
    if table is None or own.tag is None or table.sibling(own.tag) is None:
        return
    if not row.image.endswith(own.repository):
        return
    installed = {name for _, _, names in wants.installs for name in names}
    if "build-essential" in installed:
        return
    for step in wants.steps:
        for command in step.script.commands if step.script else ():
            if command.name in table.lacks and command.name not in installed:
                yield Reason(
                    kind="tools",
                    weight="unproven",
                    says=f"line {step.line} calls {command.name}, which smaller variants lack",
                )
                return


def _libc(wants: DockerfileWants, row: BaseRow) -> Iterator[Reason]:
    ours = wants.libc
    if row.libc == "none":
        says = "there is no C library: only static programs start there"
        yield Reason(kind="libc", weight="unproven", says=says)
        return
    if ours is None or row.libc in (None, ours):
        return
    for step in wants.steps:
        if step.instruction.flag("from") is not None:
            yield Reason(
                kind="libc",
                weight="unproven",
                says=f"line {step.line} copies what was built elsewhere: it may need {ours}, and "
                f"here is {row.libc}",
            )
            return
    for step in wants.steps:
        for command in step.script.commands if step.script else ():
            if command.name in _BUILDS:
                yield Reason(
                    kind="libc",
                    weight="unproven",
                    says=f"line {step.line} installs with {command.name}: packages without a build "
                    f"for {row.libc} are compiled there, or fail",
                )
                return
