"""`fix` for people: what is saved, then each file's fixes and its diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import Line, Look, Style, wrap, wrapped
from lightship.report.saved_words import saved
from lightship.report.words import counted

if TYPE_CHECKING:
    from lightship.model.results.fix import FixedFile, FixResult, MadeFix

_INDENT = 4
_NARROWEST = 20
_HEAD_LINES = 2
_UNWRITTEN = 5
_DIFF: dict[str, Style] = {"+": "good", "-": "dead", "@": "title"}


def fix_text(result: FixResult, look: Look) -> str:
    """The report; whoever pipes it into `patch` gets the diffs, for patch skips the rest."""
    lines = _head(result, look)
    for file in result.files:
        if file.made or file.refused or (file.untouched and file.left):
            lines += [[], *_file(file, look)]
    return look.render(lines + _foot(result, look))


def fix_diff(result: FixResult) -> str:
    """The diffs alone."""
    return "".join(file.diff for file in result.files)


def _head(result: FixResult, look: Look) -> list[Line]:
    changed = [file for file in result.files if file.diff]
    files = counted(len(result.files), "file")
    if not changed:
        style: Style = "good" if result.files and not result.problems else "bold"
        return wrapped(f"Nothing to fix in {files}", look, style)
    where = files if len(changed) == len(result.files) else f"{len(changed)} of {files}"
    verb = "written to" if any(file.written for file in changed) else "to make in"
    lines = wrapped(f"{counted(result.fixes, 'fix')} {verb} {where}", look, "bold")
    words = saved(result.saving)
    verb = "They save" if result.fixes > 1 else "It saves"
    return lines + (wrapped(f"{verb} {words}", look, "good") if words else [])


def _file(file: FixedFile, look: Look) -> list[Line]:
    if file.untouched is not None:
        told = f"{file.path} is left as it is: {file.untouched}"
        return [[look.ink(piece, "warn")] for piece in wrap(look.ink(told).text, look.width)]
    lines = [line for made in (*file.made, *file.refused) for line in _fix(file, made, look)]
    return [*lines, [], *_diff(file.diff, look)] if file.diff else lines


def _fix(file: FixedFile, made: MadeFix, look: Look) -> list[Line]:
    is_made = made.refused is None
    words = saved(made.saving) if is_made else ""
    head = [
        look.ink(f"{file.path}:{made.line} ", "title"),
        look.ink(made.rule, "bold" if is_made else "dim"),
        look.ink(f"  saves {words}" if words else "", "good"),
    ]
    if not is_made:
        return [head, *_told(f"not made: {made.fix.title}: {made.refused}", look, "warn")]
    notes = [line for note in made.fix.notes for line in _told(f"check: {note}", look, "warn")]
    return [head, *_told(made.fix.title, look, "plain"), *notes]


def _told(text: str, look: Look, style: Style) -> list[Line]:
    pieces = wrap(look.ink(text).text, max(look.width - _INDENT, _NARROWEST))
    return [[look.ink(" " * _INDENT), look.ink(piece, style)] for piece in pieces]


def _diff(diff: str, look: Look) -> list[Line]:
    lines: list[Line] = []
    for at, line in enumerate(diff.split("\n")[:-1]):
        style: Style = "bold" if at < _HEAD_LINES else _DIFF.get(line[:1], "plain")
        lines.append([look.ink(line.removesuffix("\r"), style)])
    return lines


def _foot(result: FixResult, look: Look) -> list[Line]:
    left = [one for file in result.files for one in file.left]
    unsafe = sum(one.fix is not None and one.fix.tier == "unsafe" for one in left)
    hints = []
    unwritten = any(problem.exit_code == _UNWRITTEN for problem in result.problems)
    if any(file.diff and not file.written for file in result.files) and not unwritten:
        hints.append("--write writes it")
    if unsafe and not result.unsafe:
        hints.append(f"--unsafe makes {unsafe} more, which a person has to look at")
    rest = len(left) - (0 if result.unsafe else unsafe)
    if rest:
        verb = "has" if rest == 1 else "have"
        hints.append(f"lightship lint shows {rest} that {verb} no fix")
    if result.image is None and result.saving is not None and result.saving.estimated:
        hints.append("≈ is an estimate: --image IMAGE measures it")
    return [[], *wrapped("; ".join(hints), look, "dim")] if hints else []
