"""`fix` for people: what is saved, then each file's fixes and its diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import Line, Look, Style, wrap
from lightship.report.saved_words import saved
from lightship.report.words import counted

if TYPE_CHECKING:
    from lightship.model.results.fix import FixedFile, FixResult, MadeFix

_INDENT = 4
_NARROWEST = 20
_HEAD_LINES = 2
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
        return [[look.ink(f"Nothing to fix in {files}.", "good" if result.files else "bold")]]
    written = [file for file in changed if file.written]
    where = files if len(changed) == len(result.files) else f"{len(changed)} of {files}"
    verb = "made in" if written else "to make in"
    lines: list[Line] = [[look.ink(f"{counted(result.fixes, 'fix')} {verb} {where}", "bold")]]
    words = saved(result.saving)
    if words:
        lines[0] += [look.ink(": ", "bold"), look.ink(f"{words} saved", "good")]
    return lines


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
    changed = any(file.diff and not file.written for file in result.files)
    hints = []
    if changed:
        hints.append("--write writes it")
    if unsafe and not result.unsafe:
        hints.append(f"--unsafe makes {unsafe} more, which a person has to look at")
    rest = len(left) - (0 if result.unsafe else unsafe)
    if rest:
        hints.append(f"lightship lint shows {rest} that {'has' if rest == 1 else 'have'} no fix")
    return [[], [look.ink("; ".join(hints), "dim")]] if hints else []
