"""One RUN made of two that follow each other, where that does not change what they do.

Only metadata and comments may stand between them. The metadata stays where it was, behind the new
RUN; comments become lines inside it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.build import Build
from lightship.dockerfile.editing import apply
from lightship.dockerfile.joining import Joint, joint_of
from lightship.dockerfile.lines import bare
from lightship.dockerfile.tree import Span, to_bytes
from lightship.model.edit import Edit

if TYPE_CHECKING:
    from lightship.dockerfile.build import Scope, Step

# They say something about the image and nothing to a RUN.
_METADATA = frozenset(
    ("LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "MAINTAINER")
)
_PRAGMA = re.compile(r"#\s*(?:hadolint|lightship)\b")
_WRITABLE = re.compile(r"(?:\A|,)\s*(?:rw|readwrite)\b")
_LEADING = re.compile(r"^([ \t]+)&&", re.MULTILINE)
_TRAILING = re.compile(r"(?:&&|;)[ \t]*\\[ \t]*\r?\n([ \t]+)")
_CONTINUED = re.compile(r"\n([ \t]+)(?![#\s])")


class Merge(Struct, frozen=True):
    """Edits that make one RUN of two.

    Attributes:
        edits: of the file: the first RUN grows, the second goes with its lines.
        is_wrapped: whether the commands of one of them got parentheses or braces.
        leaves: how many instructions stand in place of the two.
    """

    edits: tuple[Edit, ...]
    is_wrapped: bool = False
    leaves: int = 1


def following_run(build: Build, step: Step) -> Step | None:
    """The RUN behind a RUN of the same stage, with nothing but metadata between them."""
    if step.stage is None:
        return None
    for other in build.steps[step.position + 1 : step.stage.last]:
        if other.keyword == "RUN":
            return other
        if other.keyword not in _METADATA:
            break
    return None


def merge(build: Build, first: Step, second: Step) -> Merge | str:
    """Make one RUN of two.

    Args:
        build: the file.
        first: a RUN.
        second: the one of `following_run`.

    Returns:
        The edits; or why the two have to stay apart, in a few words.
    """
    following = following_run(build, first)
    if following is None or following.position != second.position:
        return "another instruction stands between them"
    reason = first.fixed_reason or second.fixed_reason or _kept_apart(first, second)
    if reason is not None:
        return reason
    joint = joint_of(first, second)
    if isinstance(joint, str):
        return joint
    return _written(build, first, second, joint)


def merge_all(build: Build, first: Step, last: Step) -> Merge | str:
    """Make one RUN of a run of RUNs, from the first to the last.

    Returns:
        One edit that does it; or why two of them have to stay apart.
    """
    between = build.steps[first.position + 1 : last.position + 1]
    count = sum(step.keyword == "RUN" for step in between)
    if count == 1:
        return merge(build, first, last)
    old = build.dockerfile
    start, end = first.instruction.start, last.instruction.end
    head = f"FROM scratch{old.newline}"
    now, wrapped = _read(head + old.text[start:end], first.scope), False
    for _ in range(count):
        step = now.steps[1]
        second = following_run(now, step)
        if second is None:
            return "another instruction stands between them"
        made = merge(now, step, second)
        if isinstance(made, str):
            return made
        wrapped |= made.is_wrapped
        now = _read(apply(now.dockerfile.text, made.edits), first.scope)
    edit = Edit(start, end, now.dockerfile.text[len(head) :])
    return Merge((edit,), wrapped, 1 + len(between) - count)


def _read(text: str, scope: Scope) -> Build:
    """RUNs and what is between them, read for themselves: the same holds for all of them."""
    build = Build.read(to_bytes(text))
    for step in build.steps:
        step.scope = scope
    return build


def _kept_apart(first: Step, second: Step) -> str | None:
    """What the instructions themselves have against it."""
    one, two = (
        [(flag.name, flag.value) for flag in step.instruction.flags] for step in (first, second)
    )
    if one != two:
        return "their flags differ"
    if any(mount.kind == "tmpfs" for mount in first.mounts) or any(
        _WRITABLE.search(value or "") for name, value in one if name == "mount"
    ):
        return "the second would find what the first writes to its mount"
    if first.scope != second.scope:
        return "other settings hold for the second"
    return None


def _written(build: Build, first: Step, second: Step, joint: Joint) -> Merge | str:
    """The edits: the second's text goes to the end of the first, and its lines go."""
    body, other, script = first.body, second.body, second.script
    if body is None or other is None or script is None:
        return "its shell text does not parse"
    text, newline = build.dockerfile.text, build.dockerfile.newline
    one, two = first.instruction, second.instruction
    start, above = _lead(build, first, second)
    begins = other.joined.source(script.statements[joint.drops].start)
    above += [span for span in two.comments if span.start < begins]
    lines = [text[span.start : span.end].strip() for span in above]
    added = text[begins : two.text_end]
    if joint.braces:
        added = f"{{ {added}{' ' if added[-1] in ';&' else '; '}}}"
    place = one.text_end
    if joint.trims and first.script is not None:
        place = body.joined.source_end(first.script.statements[-1].end)
    behind = ")" if joint.wraps else ""
    comments = [line for line in lines if not _PRAGMA.match(line)]
    tail = _tail(build, (first, second), joint.operator, comments)
    edits = [
        Edit(place, place + len(bare(text[place : one.end])), f"{behind}{tail}{added}"),
        Edit(start, two.end, ""),
    ]
    if joint.wraps:
        begins = body.joined.source(_open(first))
        edits.append(Edit(begins, begins, "( " if text[begins] == "(" else "("))
    asked = "".join(line + newline for line in lines if _PRAGMA.match(line))
    if asked:
        edits.append(Edit(one.start, one.start, asked))
    return Merge(tuple(edits), joint.wraps or joint.braces)


def _open(step: Step) -> int:
    """Where parentheses around a script have to begin: behind those that it begins with."""
    script = step.script
    if script is None or any(one.operator != "&&" for one in script.statements[:-1]):
        return 0
    inner = (one for one in script.statements[:-1] if one.kind != "subshell")
    return next(inner, script.statements[-1]).start


def _lead(build: Build, first: Step, second: Step) -> tuple[int, list[Span]]:
    """Where the lines that go with the second RUN begin, and the comments among them.

    They are all those between two RUNs; behind metadata the comments right above the second, and
    the blank lines above those.
    """
    nodes = build.dockerfile.nodes
    adjacent = second.position == first.position + 1
    start, comments = second.instruction.start, []
    index = bisect_left(nodes, start, key=lambda node: node.start) - 1
    while index >= 0 and nodes[index].kind != "instruction":
        if nodes[index].kind == "comment":
            if not adjacent and start != nodes[index].end:
                break
            if not adjacent and nodes[index + 1].kind == "blank":
                break
            comments.append(Span(nodes[index].start, nodes[index].end))
        start = nodes[index].start
        index -= 1
    return start, comments[::-1]


def _tail(build: Build, steps: tuple[Step, Step], operator: str, comments: list[str]) -> str:
    """What stands between the two scripts, in the style of their lines."""
    text, escape = build.dockerfile.text, build.dockerfile.escape
    newline = build.dockerfile.newline
    raw = [text[step.instruction.start : step.instruction.text_end] for step in steps]
    leading = [found[1] for one in raw for found in _LEADING.finditer(one)]
    trailing = [found[1] for one in raw for found in _TRAILING.finditer(one)]
    is_trailing = operator != "&&" or len(trailing) > len(leading)
    indents = trailing if is_trailing else leading
    indents = indents or [found[1] for one in raw for found in _CONTINUED.finditer(one)]
    indent = indents[0] if indents else "    "
    before = f" {operator}" if operator == "&&" and is_trailing else operator * is_trailing
    lines = "".join(f"{indent}{comment}{newline}" for comment in comments)
    behind = "" if is_trailing else f"{operator} "
    return f"{before} {escape}{newline}{lines}{indent}{behind}"
