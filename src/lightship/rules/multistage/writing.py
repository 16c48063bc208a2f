"""A plan to edits: the builder as it was, and a final stage behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lightship.dockerfile.editing import apply, inserted
from lightship.dockerfile.lines import bare
from lightship.model.edit import Edit
from lightship.rules.multistage.carrying import carried_of, health_and_command
from lightship.rules.multistage.installing import programs_for
from lightship.rules.multistage.plan import CannotTell
from lightship.rules.multistage.splitting import brought
from lightship.rules.smell import Fix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.dockerfile.build import Step
    from lightship.rules.multistage.carrying import Carried
    from lightship.rules.multistage.plan import Kept, Plan
    from lightship.rules.multistage.single import Single

_NAME = "build"
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def rewritten(single: Single, plan: Plan) -> Fix:
    """The fix that makes two stages of one.

    Raises:
        CannotTell: the final stage would lack something.
    """
    return _Writer(single, plan, carried_of(single, plan)).fix()


class _Writer:
    """One rewrite."""

    def __init__(self, single: Single, plan: Plan, carried: Carried) -> None:
        self._single = single
        self._plan = plan
        self._carried = carried
        self._text = single.build.dockerfile.text
        self._newline = single.build.dockerfile.newline
        self._check_entrypoint()
        if carried.shell is not None and plan.base.system is None:
            raise CannotTell(f"how to run without a shell: {carried.shell}")

    def _check_entrypoint(self) -> None:
        """A base's own entrypoint gets the command as its arguments."""
        builder = self._single.builder
        before = builder is not None and builder.entrypoint
        own = any(step.keyword == "ENTRYPOINT" for step in self._single.steps)
        if self._plan.starts is None and not own and before != self._plan.base.entrypoint:
            which = self._single.image_text if before else self._plan.base.image
            raise CannotTell(f"what the entrypoint of {which} does with the command")

    def _keyword(self, lower: str) -> str:
        """A keyword as the file writes them."""
        first = self._single.steps[0].instruction
        written = first.joined.text[first.keyword_start : first.keyword_end]
        return lower if written.islower() else lower.upper()

    def fix(self) -> Fix:
        name = self._single.stage.name or _NAME
        final = self._final(name)
        removals = [edit for step in self._moved() for edit in self._removal(step)]
        removals += self._blanks_at_end(removals)
        edits = [*self._named(), *self._plan.edits, *removals]
        edits.append(self._appended(removals, final))
        touched = self._plan.edited | self._carried.moved
        if self._single.stage.name is None:
            touched |= {self._single.stage.first}
        if not self._text.endswith("\n") and self._ends_with_instruction():
            touched |= {self._single.steps[-1].position}
        return Fix(
            title=f"build in a stage of its own and run on {self._image}",
            tier="unsafe",
            edits=tuple(sorted(edits, key=lambda edit: (edit.start, edit.end))),
            leaves=len(touched) - len(self._carried.moved) + len(final),
            notes=self._notes(),
        )

    def _ends_with_instruction(self) -> bool:
        return self._single.build.dockerfile.nodes[-1].instruction is not None

    def _named(self) -> list[Edit]:
        if self._single.stage.name is not None:
            return []
        first = self._single.steps[0].instruction
        return [inserted(first.joined, first.value_end, f" {self._keyword('as')} {_NAME}")]

    @property
    def _image(self) -> str:
        """The final base, from the same registry as the builder's image where it is official."""
        image, written = self._plan.base.image, self._single.image_text
        prefix = written[: max(written.rfind(self._single.image.repository), 0)]
        official = "/" not in image.partition(":")[0] and image != "scratch"
        return prefix + image if official and "$" not in prefix else image

    def _moved(self) -> list[Step]:
        return [one for one in self._carried.steps if one.position in self._carried.moved]

    def _removal(self, step: Step) -> Iterable[Edit]:
        start, end = self._comments_above(step), step.instruction.end
        yield Edit(self._blanks_above(start) if self._is_blank_at(end) else start, end, "")

    def _blanks_above(self, start: int) -> int:
        """Where the blank lines begin above a place: they set off what is taken out there."""
        nodes = self._single.build.dockerfile.nodes
        at = next(index for index, node in enumerate(nodes) if node.start == start)
        while at and nodes[at - 1].kind == "blank":
            at -= 1
        return nodes[at].start

    def _is_blank_at(self, end: int) -> bool:
        return not self._text[end:].split("\n", 1)[0].strip()

    def _blanks_at_end(self, removals: list[Edit]) -> Iterable[Edit]:
        """Blank lines behind all that stays, where what they set off is gone."""
        for node in reversed(self._single.build.dockerfile.nodes):
            inside = any(edit.start <= node.start and node.end <= edit.end for edit in removals)
            if node.kind == "blank" and not inside:
                yield Edit(node.start, node.end, "")
            elif not inside:
                return

    def _comments_above(self, step: Step) -> int:
        """Where the comment lines begin that stand right above an instruction."""
        start = step.instruction.start
        nodes = self._single.build.dockerfile.nodes
        at = next(index for index, node in enumerate(nodes) if node.start == start)
        while at and nodes[at - 1].kind == "comment":
            at -= 1
        # A block of comments below the instruction before belongs to what follows it; the first
        # of the file may be about all of it.
        return nodes[at].start if at else start

    def _appended(self, removals: list[Edit], final: list[str]) -> Edit:
        kept = apply(self._text, removals)
        end = self._newline
        before = "" if kept.endswith("\n") else end
        before += "" if bare(kept[-2:]).endswith("\n") or kept.endswith("\n\r\n") else end
        return Edit(len(self._text), len(self._text), before + "".join(final))

    def _final(self, name: str) -> list[str]:
        """The final stage's instructions, each whole lines."""
        plan, steps = self._plan, self._carried.steps
        end = self._newline
        platform = self._single.stage.platform
        if platform is not None and "$" in platform:
            raise CannotTell("for which platform it is: FROM has a variable in --platform")
        flag = f"--platform={platform} " if platform is not None else ""
        lines = [f"{self._keyword('from')} {flag}{self._image}{end}"]
        lines += self._install()
        built = self._carried.built
        lines += [self._whole(step) for step in steps if step.position < built]
        lines += [self._copy(one, name) for one in plan.kept]
        if plan.commands:
            if any(step.keyword == "USER" and step.position < built for step in steps):
                raise CannotTell(f"how to run {plan.commands[0]}: USER stands before the build")
            lines.append(f"{self._keyword('run')} {' && '.join(plan.commands)}{end}")
        lines += [self._whole(step) for step in steps if step.position > built]
        if plan.starts:
            words = json.dumps(plan.starts, ensure_ascii=False)
            lines.append(f"{self._keyword('cmd')} {words}{end}")
        return lines

    def _install(self) -> list[str]:
        base = self._plan.base
        started = health_and_command(self._single, self._plan.starts)
        there = (*self._plan.kept, *brought(self._single, self._plan.repeats))
        called = programs_for(self._single, base, there, started)
        packages = sorted({*self._plan.packages, *called})
        if not packages:
            return []
        run, end = self._keyword("run"), self._newline
        if base.system == "alpine":
            return [f"{run} apk add --no-cache {' '.join(packages)}{end}"]
        if base.system is None:
            raise CannotTell(f"how to install {packages[0]} into {base.image}")
        only = "" if self._plan.recommends else "--no-install-recommends "
        lines = (
            f"{run} apt-get update \\",
            f"    && apt-get install -y {only}{' '.join(packages)} \\",
            "    && rm -rf /var/lib/apt/lists/*",
        )
        return ["".join(line + end for line in lines)]

    def _copy(self, one: Kept, name: str) -> str:
        owner = self._owner() if one.owner is None else one.owner
        words = [self._keyword("copy"), f"--from={name}"]
        words += [f"--chown={owner}"] if owner else []
        words += [*one.sources, one.target]
        if any(char.isspace() or char in "\"'\\$*?[" for path in words[2:] for char in path):
            raise CannotTell(f"how to copy {one.target[:60]}: its name has odd characters")
        return " ".join(words) + self._newline

    def _owner(self) -> str:
        """Who builds, whose the files are then; empty for root. Not every builder keeps it."""
        users = {
            step.scope.user
            for step in self._single.steps
            if step.keyword == "RUN" and step.position not in self._carried.moved
        }
        users -= {None, "0", "root", "0:0", "root:root"}
        if not users:
            return ""
        user = next(iter(users)) or ""
        if len(users) > 1 or "$" in user or not user:
            raise CannotTell("whose the program is: different users build it")
        return user

    def _whole(self, step: Step) -> str:
        """An instruction with the comments in it, and if it is moved with those above it."""
        instruction = step.instruction
        moved = step.position in self._carried.moved
        start = self._comments_above(step) if moved else instruction.start
        text = self._text[start : instruction.end]
        words = self._words(step)
        if words is not None:
            above = self._text[start : instruction.start]
            inside = "".join(
                self._text[span.start : span.end].strip() + self._newline
                for span in instruction.comments
            )
            head = instruction.joined.text[instruction.keyword_start : instruction.value_start]
            head += "CMD " if step.keyword == "HEALTHCHECK" else ""
            text = f"{above}{inside}{head}{json.dumps(words, ensure_ascii=False)}{self._newline}"
        return text if text.endswith("\n") else bare(text) + self._newline

    def _words(self, step: Step) -> list[str] | None:
        """The words of a command in shell form that has to do without a shell."""
        if self._plan.base.system is not None:
            return None
        for started in health_and_command(self._single, self._plan.starts):
            if started.step is step and not started.is_json and started.words is not None:
                return list(started.words)
        return None

    def _notes(self) -> tuple[str, ...]:
        plan = self._plan
        stays = f"The builder keeps {plan.tools}; what runs begins from {self._image}:"
        left = [f"Left out: {one}." for one in plan.left]
        return (f"{stays} {plan.base.why}.", *plan.notes, *left)
