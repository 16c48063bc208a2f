"""`fix`: what makes the image of a Dockerfile big is mended in the file, with a proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.api.base_evidence import with_judged_base
from lightship.api.dockerfile_findings import findings_of, offer, together
from lightship.api.dockerfiles import bug, opened, problem
from lightship.api.linting import paths_of
from lightship.api.weighing_fixes import weigher
from lightship.dockerfile.build import Build
from lightship.dockerfile.tree import to_bytes, to_text
from lightship.dockerfile.unified import unified
from lightship.errors import DestinationError
from lightship.model.results.fix import FixedFile, FixResult, MadeFix
from lightship.progress import SILENT
from lightship.replacing import replace_file
from lightship.rules.choosing import choose
from lightship.rules.discovery import lint_rules
from lightship.rules.fixing import FixedFile as Edited
from lightship.rules.fixing import fix_file
from lightship.rules.smell import DockerfileRule

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from typing import Unpack

    from lightship.api.dockerfile_findings import Weigh
    from lightship.api.dockerfiles import Opened
    from lightship.api.options import ReadKeywords
    from lightship.model.results.lint import FileProblem, Saved
    from lightship.rules.choosing import Choice, LintRule
    from lightship.rules.fixing import Made
    from lightship.rules.smell import Matter, Saving, Tier
    from lightship.rules.suppressing import Ignore

_SAFE: frozenset[Tier] = frozenset(("safe",))
_BOTH: frozenset[Tier] = frozenset(("safe", "unsafe"))


def fix(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = ".",
    *,
    write: bool = False,
    unsafe: bool = False,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    image: str | None = None,
    platform: str | None = None,
    context: str | os.PathLike[str] | None = None,
    ignores: Sequence[Ignore] = (),
    data: Path | None = None,
    **reading: Unpack[ReadKeywords],
) -> FixResult:
    """Mend Dockerfiles so that their images get smaller.

    Every fix is proven before it counts: read again, the file is valid, only the instructions that
    are meant have changed, every comment is there, and the shell text of RUN parses. What is wrong
    with one file is told in the result and keeps it from no other.

    Args:
        paths: as for `lint`.
        write: put the fixed files in the place of the old ones, each whole or not at all; standard
            input is never written.
        unsafe: also make fixes that change what is installed or built.
        select: names of rules whose fixes to make; see `lint`.
        ignore: names of rules whose fixes not to make.
        image: one that the Dockerfile built, to measure savings in; see `lint`.
        platform: of the image, as for `inspect`.
        context: the build context; by default each file's own folder.
        ignores: suppressions of settings files.
        data: the user's data folder, with what `base update` learnt of bases; None for what this
            version of lightship knows, which is the same everywhere.
        reading: how the image is read: fields of `ReadOptions`.

    Returns:
        A diff for each file, its fixes with their bytes, and what is left. Savings as in `lint`.

    Raises:
        UsageError: no rule has a name, or an image is given for several files.
        LightshipError: the image cannot be read, as for `inspect`.
    """
    choice = choose(lint_rules(), select, ignore)
    weigh_of = weigher(image, platform, reading)
    editor = _Editor(choice, _BOTH if unsafe else _SAFE, tuple(ignores))
    files: list[FixedFile] = []
    problems: list[FileProblem] = []
    savings: list[Saved | None] = []
    for one in opened(
        paths_of(paths),
        context=Path(context) if context is not None else None,
        selected=choice.selected,
        image=image,
        progress=reading.get("progress", SILENT),
        data=data,
    ):
        problems += one.problems
        one = with_judged_base(  # noqa: PLW2901 - the same file
            one, choice.selected, image, platform, reading, data=data
        )
        if one.matter is None:
            continue
        named = one.named
        weigh = weigh_of(named, one.matter.build)
        try:
            edited = editor.edit(one, one.matter)
            file = editor.told(one, one.matter, edited, weigh)
        except Exception as error:  # noqa: BLE001 - a bug with one file keeps it from no other
            problems.append(bug(named, error))
            continue
        if write and file.diff and named.path is not None:
            try:
                replace_file(named.path, edited.after, instead_of=edited.before)
                file = replace(file, written=True)
            except DestinationError as error:
                said = error.what.removeprefix(f"{named.path}: ")
                problems.append(problem(named, said, error.exit_code))
        files.append(file)
        savings.append(weigh.together(made.saving for made in file.made))
    return FixResult(
        unsafe=unsafe,
        files=tuple(files),
        problems=tuple(problems),
        saving=together(savings),
        image=image,
    )


class _Editor:
    """Fixes one file after the other."""

    def __init__(
        self, choice: Choice[LintRule], tiers: frozenset[Tier], ignores: tuple[Ignore, ...]
    ) -> None:
        # Rules for build contexts may be named, as settings are those of `lint`; they fix nothing.
        self._rules = [one for one in choice.rules if isinstance(one, DockerfileRule)]
        self._tiers = tiers
        self._ignores = ignores

    def edit(self, one: Opened, matter: Matter) -> Edited:
        """The file with every fix that passes the proof."""
        if one.untouched is not None:
            data = to_bytes(matter.build.dockerfile.text)
            return Edited(before=data, after=data, untouched=one.untouched)
        away = {ignore.rule for ignore in self._ignores if ignore.holds_for(one.named.shown)}
        rules = [rule for rule in self._rules if rule.name not in away]
        return fix_file(matter, rules, self._tiers)

    def told(self, one: Opened, matter: Matter, edited: Edited, weigh: Weigh) -> FixedFile:
        """What was done, and what rules still find."""
        named, after = one.named, one
        if edited.after != edited.before:
            after = replace(one, matter=replace(matter, build=Build.read(edited.after)))
        left = findings_of(after, self._rules, weigh=_no_weight, ignores=self._ignores)
        return FixedFile(
            path=named.shown,
            path_base64=named.base64,
            diff=unified(to_text(edited.before), to_text(edited.after), named.shown),
            made=tuple(_made(made, weigh) for made in edited.made),
            refused=tuple(_made(made, weigh) for made in edited.refused),
            left=tuple(found for found in left if found.suppressed is None),
            untouched=edited.untouched,
            written=False,
            fixed=to_text(edited.after) if named.path is None else None,
        )


def _made(made: Made, weigh: Weigh) -> MadeFix:
    return MadeFix(
        rule=made.rule,
        line=made.line,
        message=made.message,
        fix=offer(made.fix),
        saving=weigh(made.saving) if made.saving is not None else None,
        refused=made.refused,
    )


def _no_weight(_saving: Saving) -> None:
    """Of the file as it is then, no image was built."""
