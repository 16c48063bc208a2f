"""Instructions and layers brought together from histories as builders write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.analysis.built_from import BuiltFrom, map_instructions
from lightship.dockerfile.build import Build
from lightship.model.documents import HistoryEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCKERFILE = r"""
ARG BASE=base
FROM $BASE AS tools
RUN make tools

FROM $BASE AS middle
ARG WHO="two words"
ENV DEST=/srv/app GREETING="hello there"
RUN mkdir -p $DEST && \
    # a comment
    echo "$GREETING" \

    && true
WORKDIR $DEST
COPY one.bin two.bin ./

FROM middle
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
COPY --from=tools /tools /opt/tools
COPY --chown=1:1 dir ${DEST}/dir/
RUN ["rm", "-r", "/arch"]
RUN make  install
USER 5
CMD ["again"]
"""
# Text, and whether it made no layer.
Row = tuple[str, bool] | tuple[str, bool, str]
LAYER, EMPTY = False, True
BUILDKIT: list[Row] = [
    ("ADD root.tar / # buildkit", LAYER),
    ('CMD ["/bin/sh"]', EMPTY),
    ("ARG WHO=two", EMPTY),
    ("ENV DEST=/srv/app GREETING=hello there", EMPTY),
    ('RUN |1 WHO=two /bin/sh -c mkdir -p $DEST && echo "$GREETING"  && true # buildkit', LAYER),
    ("WORKDIR /srv/app", LAYER),
    ("COPY one.bin two.bin ./ # buildkit", LAYER),
    ("SHELL [/bin/bash -o pipefail -c]", EMPTY),
    ("COPY /tools /opt/tools # buildkit", LAYER),
    ("COPY dir /srv/app/dir/ # buildkit", LAYER),
    ("RUN rm -r /arch # buildkit", LAYER),
    ("RUN /bin/bash -o pipefail -c make  install # buildkit", LAYER),
    ("USER 5", EMPTY),
    ('CMD ["again"]', EMPTY),
]  # fmt: skip
LEGACY: list[Row] = [
    ("/bin/sh -c #(nop) ADD file:0f in / ", LAYER),
    ('/bin/sh -c #(nop)  CMD ["/bin/sh"]', EMPTY),
    ("/bin/sh -c #(nop)  ARG WHO=two words", EMPTY),
    ("/bin/sh -c #(nop)  ENV DEST=/srv/app GREETING=hello there", EMPTY),
    ('|1 WHO=two words /bin/sh -c mkdir -p $DEST &&     echo "$GREETING"     && true', LAYER),
    ("/bin/sh -c #(nop) WORKDIR /srv/app", EMPTY),
    ("/bin/sh -c #(nop) COPY multi:1f in ./ ", LAYER),
    ("/bin/bash -o pipefail -c #(nop)  SHELL [/bin/bash -o pipefail -c]", EMPTY),
    ("/bin/bash -o pipefail -c #(nop) COPY dir:2f in /opt/tools ", LAYER),
    ("/bin/bash -o pipefail -c #(nop) COPY --chown=1:1dir:3f in /srv/app/dir/ ", LAYER),
    ("rm -r /arch", EMPTY),
    ("/bin/bash -o pipefail -c make  install", LAYER),
    ("/bin/bash -o pipefail -c #(nop)  USER 5", EMPTY),
    ('/bin/bash -o pipefail -c #(nop)  CMD ["again"]', EMPTY),
]
BUILDAH: list[Row] = [
    ("/bin/sh -c #(nop) ADD file:0f in / ", LAYER),
    ('/bin/sh -c #(nop) CMD ["/bin/sh"]', EMPTY, "FROM fd9b5d327b6d"),
    ("/bin/sh -c #(nop) ARG WHO", EMPTY, "FROM localhost/base:1"),
    ('/bin/sh -c #(nop) ENV DEST=/srv/app GREETING="hello there"', EMPTY, "FROM 254717e14c97"),
    ('|1 WHO=two words /bin/sh -c mkdir -p $DEST &&     echo "$GREETING"     && true', LAYER,
     "FROM 367c0e4b3cb3"),
    ("/bin/sh -c #(nop) WORKDIR $DEST", EMPTY, "FROM 2dbf369d96e2"),
    ("/bin/sh -c #(nop) COPY multi:21 in ./ ", LAYER, "FROM 38f5736ce75f"),
    ('/bin/sh -c #(nop) SHELL ["/bin/bash", "-o", "pipefail", "-c"]', EMPTY, "FROM 3d7fb4e3805b"),
    ("/bin/sh -c #(nop) COPY dir:89 in /opt/tools ", LAYER, "FROM afd9c890dba4"),
    ("/bin/sh -c #(nop) COPY dir:f0 in ${DEST}/dir/ ", LAYER, "FROM a4de2e1805f4"),
    ('/bin/sh -c ["rm", "-r", "/arch"]', LAYER, "FROM 303b51bbd180"),
    ("/bin/sh -c make  install", LAYER, "FROM faf632050990"),
    ("/bin/sh -c #(nop) USER 5", EMPTY, "FROM 0e77786fe263"),
    ('/bin/sh -c #(nop) CMD ["again"]', EMPTY, "FROM d7621661502c"),
]  # fmt: skip
KANIKO: list[Row] = [
    ('RUN mkdir -p $DEST &&     echo "$GREETING"     && true', LAYER),
    ("WORKDIR $DEST", EMPTY),
    ("COPY one.bin two.bin ./", LAYER),
    ("COPY --from=tools /tools /opt/tools", LAYER),
    ("COPY --chown=1:1 dir ${DEST}/dir/", LAYER),
    ('RUN ["rm", "-r", "/arch"]', LAYER),
    ("RUN make  install", LAYER),
]  # fmt: skip


def history_of(rows: Sequence[Row]) -> list[HistoryEntry]:
    return [
        HistoryEntry(
            created_by=row[0], empty_layer=row[1], comment=row[2] if len(row) == 3 else None
        )
        for row in rows
    ]


def mapped(rows: Sequence[Row], text: str = DOCKERFILE, layers: int | None = None) -> BuiltFrom:
    count = sum(not row[1] for row in rows) if layers is None else layers
    return map_instructions(Build.read(text.encode()), history_of(rows), [3] * count)


def by_text(found: BuiltFrom, text: str = DOCKERFILE) -> dict[str, int | None]:
    """The layer of each step that is known to have one or none, by its first words."""
    build = Build.read(text.encode())
    return {
        " ".join(step.instruction.joined.text.split()[:3]): found.layers[step.position]
        for step in build.steps
        if step.keyword in ("RUN", "COPY", "ADD", "WORKDIR") and step.position in found.known
    }


def layers(*positions: int | None) -> dict[str, int | None]:
    names = (
        "RUN mkdir -p",
        "WORKDIR $DEST",
        "COPY one.bin two.bin",
        "COPY --from=tools /tools",
        "COPY --chown=1:1 dir",
        'RUN ["rm", "-r",',
        "RUN make install",
    )
    return dict(zip(names, positions, strict=True))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(BUILDKIT, layers(2, 3, 4, 5, 6, 7, 8), id="buildkit"),
        pytest.param(LEGACY, layers(2, None, 3, 4, 5, None, 6), id="legacy"),
        pytest.param(BUILDAH, layers(2, None, 3, 4, 5, 6, 7), id="buildah"),
        pytest.param(KANIKO, layers(1, None, 2, 3, 4, 5, 6), id="kaniko"),
    ],
)
def test_each_builder(rows: list[Row], expected: dict[str, int | None]) -> None:
    found = mapped(rows)
    assert (found.matched, found.reasons, found.shared) == (True, (), frozenset())
    assert by_text(found) == expected


def test_one_layer_a_stage_is_shared_by_its_steps() -> None:
    rows: list[Row] = [
        (row[0], EMPTY) if at not in (6, 13) else (row[0], LAYER, "FROM localhost/base:1")
        for at, row in enumerate(BUILDAH)
    ]
    rows[0] = (rows[0][0], LAYER)
    found = mapped(rows)
    assert by_text(found) == layers(2, 2, 2, 3, 3, 3, 3)
    assert (found.matched, found.shared) == (True, frozenset((2, 3)))


def test_a_squashed_image_is_one_layer_of_all_steps() -> None:
    squashed: list[Row] = [
        LEGACY[0],
        *((row[0], EMPTY) for row in LEGACY[1:]),
        ("", LAYER, "merge sha256:1f to sha256:2f"),
    ]
    found = mapped(squashed)
    assert by_text(found) == layers(2, 2, 2, 2, 2, 2, 2)
    assert (found.matched, found.shared) == (True, frozenset((2,)))


def test_a_group_of_one_step_shares_nothing() -> None:
    text = "FROM base\nCOPY a /a\nCMD a\n"
    rows: list[Row] = [
        ("/bin/sh -c #(nop) COPY file:1 in /a ", EMPTY),
        ("/bin/sh -c #(nop) CMD a", LAYER, "FROM base"),
    ]
    found = mapped(rows, text)
    assert (found.layers, found.shared) == ((None, 1, None), frozenset())


def test_a_step_that_the_image_has_not() -> None:
    text = DOCKERFILE.replace("make  install", "make all")
    found = mapped(BUILDKIT, text)
    assert not found.matched
    assert found.reasons[0] == "its history has no RUN as in line 22"
    assert "make install" in found.reasons[1]
    assert by_text(found, text)["COPY --chown=1:1 dir"] == 6
    assert "RUN make all" not in by_text(found, text)


def test_a_step_that_the_file_has_not() -> None:
    rows = [*BUILDKIT, ("RUN /bin/sh -c curl evil # buildkit", LAYER)]
    found = mapped(rows)
    assert not found.matched
    assert found.reasons == (
        "its history has a step that the file has not: RUN /bin/sh -c curl evil",
    )
    assert by_text(found) == layers(2, 3, 4, 5, 6, 7, 8)


def test_labels_that_the_builder_added_change_nothing() -> None:
    assert mapped([*LEGACY, ("/bin/sh -c #(nop)  LABEL a=b", EMPTY)]).matched


def test_what_a_base_adds_on_build_is_the_bases() -> None:
    triggered: Row = ("RUN /bin/sh -c from the base # buildkit", LAYER)
    found = mapped([*BUILDKIT[:2], triggered, *BUILDKIT[2:]])
    assert by_text(found) == layers(3, 4, 5, 6, 7, 8, 9)
    assert found.matched


def test_the_same_instruction_twice() -> None:
    text = "FROM base\nRUN make\nCOPY a /a\nRUN make\n"
    rows: list[Row] = [("RUN /bin/sh -c make # buildkit", LAYER) for _ in range(3)]
    rows.insert(2, ("COPY a /a # buildkit", LAYER))
    assert mapped(rows, text).layers == (None, 2, 3, 4)


@pytest.mark.parametrize(
    "entry",
    [
        "RUN /bin/sh -c other && make # buildkit",
        "|1 A=b /bin/sh -c other && make",
        "RUN |1 A=b /bin/sh -c /bin/sh -c make # buildkit",
        "/bin/sh -c make all",
        "|1 A=b make",
        "RUN make all",
        "/bin/sh -c #(nop) COPY dir:1 in make",
        "COPY make make",
        "",
    ],
)
def test_another_command_is_another_step(entry: str) -> None:
    found = mapped([(entry, LAYER)], "FROM base\nRUN make\n")
    assert (found.layers, found.matched) == ((None, None), False)


@pytest.mark.parametrize(
    "entry",
    [
        "RUN /bin/sh -c make # buildkit",
        "RUN |2 A=b C=d e /bin/sh -c make # buildkit",
        "|1 A=/bin/sh /bin/sh -c make",
        "/bin/sh -c make",
        "/bin/bash -o pipefail -c make",
        "/bin/ash -eo pipefail -c make",
        "RUN make",
        "RUN  make ",
    ],
)
def test_a_shell_of_the_base_and_build_arguments_are_put_aside(entry: str) -> None:
    found = mapped([(entry, LAYER)], "FROM base\nRUN make\n")
    assert (found.layers, found.matched) == ((None, 1), True)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("RUN <<EOF\nmake\n  make install\nEOF\n", "RUN /bin/sh -c make\n  make install\n"),
        ("RUN <<EOF\n#!/usr/bin/python3\nprint()\nEOF\n", "RUN /bin/sh -c /dev/pipes/EOF"),
        ("RUN cat <<A > /a\nx\nA\n", "RUN /bin/sh -c cat <<A > /a\nx\nA"),
        ('RUN ["echo", "a b"]\n', "RUN |1 A=b echo a b"),
        ('COPY ["a b", "/c d/"]\n', "COPY a b /c d/"),
        ("ADD a /\n", "ADD a /"),
        ("ADD a /\n", "/bin/sh -c #(nop) ADD file:1 in / "),
        ("COPY a .\n", "COPY a ."),
        ("ARG TO=/a\nCOPY a $TO\n", "COPY a /given/otherwise"),
        ("WORKDIR srv\n", "WORKDIR /app/srv"),
        ("RUN --mount=type=cache,target=/c make\n", "RUN /bin/sh -c make"),
    ],
)
def test_forms_of_one_step(text: str, entry: str) -> None:
    found = mapped([(entry + " # buildkit", LAYER)], f"FROM base\n{text}")
    assert found.layers[-1] == 1
    assert found.matched


def test_copies_to_different_places_are_different() -> None:
    text = "FROM base\nCOPY a /a\nCOPY b /b\n"
    found = mapped([("COPY a /a", LAYER)], text)
    assert (found.layers, found.matched) == ((None, 1, None), False)
    assert found.layers_of((1, 2)) is None
    assert found.layers_of((1,)) == frozenset((1,))


def test_an_uncertain_place_is_not_looked_for_behind_other_layers() -> None:
    text = "FROM base\nCOPY a $X\n"
    found = mapped([("COPY q /q", LAYER), ("RUN /bin/sh -c make", LAYER)], text)
    assert (found.layers, found.matched) == ((None, None), False)


def test_an_image_without_history_tells_nothing() -> None:
    found = mapped([], layers=3)
    assert not found.matched
    assert by_text(found) == {}


def test_a_history_that_does_not_fit_its_layers_is_not_trusted() -> None:
    assert not mapped(BUILDKIT, layers=5).matched


def test_a_file_that_makes_no_layer() -> None:
    found = mapped([("COPY a /a", LAYER), ("CMD a", EMPTY)], "FROM base\nCMD a\n")
    assert (found.layers, found.matched) == ((None, None), False)
    assert found.layers_of((1,)) == frozenset()


def test_stages_that_are_not_in_the_image_are_not_known() -> None:
    build = Build.read(DOCKERFILE.encode())
    position = next(one.position for one in build.steps if one.instruction.value == "make tools")
    assert mapped(BUILDKIT).layers_of((position,)) is None


@given(st.lists(st.tuples(st.text(max_size=40), st.booleans()), max_size=12), st.binary())
def test_anything_may_stand_in_a_history(rows: list[tuple[str, bool]], data: bytes) -> None:
    build = Build.read(b"FROM a\n" + data)
    found = map_instructions(build, history_of(rows), [1] * len(rows))
    assert len(found.layers) == len(build.steps)
    assert all(layer is None or 1 <= layer <= len(rows) for layer in found.layers)


@pytest.mark.parametrize("step", ["RUN make this", "WORKDIR /srv", "COPY a /a"])
@pytest.mark.parametrize("row", [("RUN /bin/sh -c make that", LAYER), ("ENV A=b", EMPTY)])
def test_many_steps_that_are_not_there_take_no_time(step: str, row: Row) -> None:
    found = mapped([row] * 5_000, "FROM a\n" + f"{step}\n" * 5_000)
    assert not found.matched
    assert len(found.reasons) <= 10
