"""The proof: what it lets pass, and what it stops, with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.dockerfile.build import Build
from lightship.dockerfile.editing import (
    appended,
    apply,
    inserted,
    removed,
    replaced,
    without,
)
from lightship.dockerfile.proving import Proved, prove
from lightship.model.edit import Edit

FILE = """\
# a comment
FROM debian:12
RUN apt-get update && \\
    # inside
    apt-get install -y git && \\

    true
CMD ["git"]
"""


def build(text: str = FILE) -> Build:
    return Build.read(text.encode())


def replace(old: str, new: str, text: str = FILE) -> Edit:
    at = text.index(old)
    return Edit(at, at + len(old), new)


@pytest.mark.parametrize(
    ("old", "new", "leaves", "reason"),
    [
        ("git &&", "git curl &&", None, None),
        ("    # inside\n", "", None, "a comment would be lost: # inside"),
        ("# a comment\n", "", None, "a comment would be lost"),
        ("    # inside\n", "    # outside\n", None, "a comment would be lost"),
        ("git && \\\n", "git &&\n", None, "line"),
        ("git &&", "git && (", None, "the shell text of line 3 would not parse"),
        ('CMD ["git"]', 'COMMAND ["git"]', None, "unknown instruction"),
        ('CMD ["git"]\n', "", None, "0 instructions would stand where 1 are meant"),
        ('CMD ["git"]\n', "", 0, None),
        ("    true\n", "    true\nUSER 1\n", None, "2 instructions would stand where 1 are meant"),
        ("    true\n", "    true \\\n", None, "line 8 would change, which is not meant"),
        ("# a comment\n", "# escape=`\n# a comment\n", None, "line"),
        ("# a comment\n", "# syntax=docker/dockerfile:1\n# a comment\n", None, "directive"),
    ],
)
def test_one_edit(old: str, new: str, leaves: int | None, reason: str | None) -> None:
    proved = prove(build(), [replace(old, new)], leaves=leaves)
    if reason is None:
        assert isinstance(proved, Proved), proved
    else:
        assert isinstance(proved, str)
        assert reason in proved


def test_edits_that_overlap() -> None:
    edits = [Edit(0, 5, ""), Edit(3, 8, "")]
    assert "overlap" in str(prove(build(), edits))
    with pytest.raises(ValueError, match="overlap"):
        apply(FILE, edits)


def test_where_each_new_instruction_comes_from() -> None:
    text = "FROM a\nRUN b\nRUN c\nCMD d\n"
    proved = prove(build(text), [replace("RUN b\nRUN c\n", "RUN b && c\n", text)], leaves=1)
    assert isinstance(proved, Proved)
    assert proved.touched == {1, 2}
    assert proved.origins == ((0,), (1, 2), (3,))


@pytest.mark.parametrize(
    ("edits", "leaves", "origins"),
    [
        ([("RUN b", "RUN bb"), ("RUN d", "RUN dd")], None, ((0,), (1,), (2,), (3,), (4,))),
        ([("RUN b", "RUN bb"), ("RUN c", "RUN cc")], None, ((0,), (1,), (2,), (3,), (4,))),
        ([("RUN b\nRUN c", "RUN bc"), ("RUN d", "RUN dd")], 2, ((0,), (1, 2, 3), (1, 2, 3), (4,))),
        ([("RUN b\n", ""), ("CMD e", "CMD e\nRUN b")], 2, ((0,), (2,), (3,), (4,), (4,))),
    ],
)
def test_several_places_at_once(
    edits: list[tuple[str, str]], leaves: int | None, origins: tuple[tuple[int, ...], ...]
) -> None:
    text = "FROM a\nRUN b\nRUN c\nRUN d\nCMD e\n"
    proved = prove(build(text), [replace(old, new, text) for old, new in edits], leaves=leaves)
    assert isinstance(proved, Proved), proved
    assert proved.origins == origins


def test_an_insertion_between_instructions_is_in_neither() -> None:
    text = "FROM a\nRUN b\n"
    proved = prove(build(text), [Edit(7, 7, "USER 1\n")], leaves=1)
    assert isinstance(proved, Proved)
    assert proved.touched == frozenset()


def test_an_insertion_behind_a_file_without_final_line_end() -> None:
    text = "FROM a\nRUN b"
    proved = prove(build(text), [Edit(len(text), len(text), " && c")])
    assert isinstance(proved, Proved)
    assert proved.build.steps[1].instruction.value == "b && c"


def test_a_comment_between_lines_survives_each_kind_of_edit() -> None:
    made = build()
    instruction = made.steps[1].instruction
    joined, text = instruction.joined, instruction.joined.text
    git = text.index("git")
    kinds = {
        "inserted": ([inserted(joined, git, "--yes ")], None),
        "replaced": (replaced(joined, git, git + 3, "vim"), None),
        "removed": (removed(made.dockerfile, joined, text.index("apt-get i"), git), None),
        "appended": ([appended(made.dockerfile, instruction, "&& rm /x")], None),
        "without": (without(made.dockerfile, instruction), 0),
    }
    for name, (edits, leaves) in kinds.items():
        proved = prove(made, list(edits), leaves=leaves)
        assert isinstance(proved, Proved), (name, proved)
        assert "# inside" in list(proved.build.dockerfile.comments()), name


def test_lines_on_which_nothing_else_stands_go_with_the_text() -> None:
    text = "FROM a\nRUN a \\\n    && b \\\n    && c\n"
    made = build(text)
    joined = made.steps[1].instruction.joined
    start = joined.text.index("&& b")
    edits = removed(made.dockerfile, joined, start, start + 4)
    assert apply(text, edits) == "FROM a\nRUN a \\\n    && c\n"


def test_an_addition_takes_the_style_of_its_instruction() -> None:
    for text, expected in (
        ("FROM a\nRUN b\n", "FROM a\nRUN b && c\n"),
        ("FROM a\nRUN b\\\n\t&& x\n", "FROM a\nRUN b\\\n\t&& x \\\n\t&& c\n"),
        ("FROM a\r\nRUN b \\\r\n  x\r\n", "FROM a\r\nRUN b \\\r\n  x \\\r\n  && c\r\n"),
        ("FROM a\nRUN b \\\n", "FROM a\nRUN b && c \\\n"),
        ("FROM a\nRUN b \\\n# k\n", "FROM a\nRUN b && c \\\n# k\n"),
    ):
        made = build(text)
        edit = appended(made.dockerfile, made.steps[1].instruction, "&& c")
        assert apply(text, [edit]) == expected
        assert isinstance(prove(made, [edit]), Proved)


_LINES = st.sampled_from(
    [
        "FROM a\n",
        "RUN b && c\n",
        "RUN b \\\n  # in\n  && c\n",
        "RUN <<E\nx\nE\n",
        "# c\n",
        "\n",
        "ENV A=b \\\n  C=d\n",
        "CMD x",
        "\\\n",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(_LINES, max_size=8).map("".join),
    st.integers(0, 120),
    st.integers(0, 12),
    st.text("RUN&#\\\n <E", max_size=6),
)
def test_what_passes_differs_only_where_it_was_meant(
    text: str, start: int, size: int, new: str
) -> None:
    text = "FROM a\n" + text
    start = min(start, len(text))
    edit = Edit(start, min(start + size, len(text)), new)
    before = build(text)
    for leaves in (None, 0, 1, 2):
        proved = prove(before, [edit], leaves=leaves)
        if isinstance(proved, str):
            continue
        after = proved.build
        kept = [
            step.instruction.joined.text
            for step in before.steps
            if step.position not in proved.touched
        ]
        same = [
            step.instruction.joined.text
            for step in after.steps
            if len(proved.origins[step.position]) == 1
            and proved.origins[step.position][0] not in proved.touched
        ]
        assert kept == same
        assert set(before.dockerfile.comments()) <= set(after.dockerfile.comments())
        assert not after.dockerfile.problems
