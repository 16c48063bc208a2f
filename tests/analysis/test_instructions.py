from __future__ import annotations

import pytest

from lightship.analysis.instructions import map_history
from lightship.model.documents import HistoryEntry

EMPTY = "(empty)"


def mapped(
    steps: list[str], layer_entries: list[int] | None = None, *, layers: int = 0
) -> tuple[list[str | None], bool]:
    """What made each layer; a step marked `(empty)` says of itself that it made none."""
    history = [
        HistoryEntry(
            created_by=step.removesuffix(EMPTY).strip() or None,
            empty_layer=True if step.endswith(EMPTY) else None,
        )
        for step in steps
    ]
    found = map_history(history, layer_entries or [1] * layers)
    made_by = [steps[entry] if entry is not None else None for entry in found.entries]
    return made_by, found.guessed


def test_one_entry_a_layer() -> None:
    assert mapped(["ADD rootfs", "RUN a", "COPY b"], layers=3) == (
        ["ADD rootfs", "RUN a", "COPY b"],
        False,
    )


def test_marked_entries_made_no_layer() -> None:
    steps = ["ADD rootfs", f"ENV a=b {EMPTY}", "RUN a", f"CMD x {EMPTY}"]
    assert mapped(steps, layers=2) == (["ADD rootfs", "RUN a"], False)


@pytest.mark.parametrize("empty_layer", [None, False])
def test_an_entry_that_says_it_made_a_layer_is_one_that_says_nothing(
    empty_layer: bool | None,
) -> None:
    found = map_history([HistoryEntry(created_by="RUN a", empty_layer=empty_layer)], [1])
    assert (found.entries, found.guessed) == ((0,), False)


def test_c2_no_history() -> None:
    assert mapped([], layers=3) == ([None, None, None], False)
    assert mapped([], layers=0) == ([], False)


def test_a_history_without_layers() -> None:
    assert mapped(["FROM scratch", "ENV a=b"], layers=0) == ([], True)
    assert mapped([f"ENV a=b {EMPTY}"], layers=0) == ([], False)


@pytest.mark.parametrize(
    "idle",
    [
        *("ENV a=b", "CMD x", 'CMD ["x"]', "ENTRYPOINT x", "LABEL a=b", "EXPOSE 80", "USER me"),
        *("VOLUME /data", "ARG a", "STOPSIGNAL 9", "HEALTHCHECK NONE", "ONBUILD RUN x", "SHELL x"),
        *("MAINTAINER me", '/bin/sh -c #(nop)  CMD ["bash"]', "/bin/sh -c #(nop) ENV a=b"),
    ],
)
def test_c3_an_unmarked_entry_that_cannot_have_made_a_layer(idle: str) -> None:
    """jib#991: more entries than layers, none of them marked."""
    assert mapped(["ADD rootfs", idle, "RUN a"], layers=2) == (["ADD rootfs", "RUN a"], True)
    assert mapped([idle, "ADD rootfs", "RUN a"], layers=2) == (["ADD rootfs", "RUN a"], True)


@pytest.mark.parametrize(
    "real",
    [
        *("WORKDIR /app", "RUN ENV", "COPY . .", "ADD x /", "ENVIRONMENT", "RUN a # CMD"),
        *("/bin/sh -c #(nop) COPY file:x", "/bin/sh -c CMD", "|1 a=b /bin/sh -c x", ""),
    ],
)
def test_c3_what_may_have_made_a_layer_is_kept(real: str) -> None:
    assert mapped(["ADD rootfs", real, "CMD x", "RUN a"], layers=3) == (
        ["ADD rootfs", real, "RUN a"],
        True,
    )


def test_c3_twelve_entries_and_eleven_layers() -> None:
    steps = [f"RUN {number}" for number in range(12)]
    assert mapped(steps, layers=11) == (steps[:11], True)


def test_c3_only_as_many_are_passed_over_as_are_too_many() -> None:
    steps = ["ADD rootfs", "ENV a=b", "RUN a", "CMD x"]
    assert mapped(steps, layers=3) == (["ADD rootfs", "RUN a", "CMD x"], True)
    assert mapped(steps, layers=2) == (["ADD rootfs", "RUN a"], True)
    assert mapped(steps, layers=1) == (["ADD rootfs"], True)


def test_fewer_entries_than_layers_the_oldest_have_none() -> None:
    """A base without history below what was built on it."""
    assert mapped(["RUN a", "COPY b"], layers=4) == ([None, None, "RUN a", "COPY b"], True)


def test_c4_layers_without_a_record_are_passed_over_if_that_makes_it_fit() -> None:
    assert mapped(["ADD rootfs", "RUN a"], [5, 0, 3]) == (["ADD rootfs", None, "RUN a"], True)
    assert mapped(["ADD rootfs"], [0, 0, 3]) == ([None, None, "ADD rootfs"], True)


def test_c4_if_it_does_not_fit_the_oldest_have_none() -> None:
    assert mapped(["RUN a", "RUN b"], [5, 0, 0, 3, 2]) == (
        [None, None, None, "RUN a", "RUN b"],
        True,
    )


def test_c4_an_unmarked_entry_of_an_empty_layer_stays_with_it() -> None:
    assert mapped(["ADD rootfs", "ENV a=b", "RUN a"], [5, 0, 3]) == (
        ["ADD rootfs", "ENV a=b", "RUN a"],
        False,
    )


def test_all_marked_and_layers_all_the_same() -> None:
    assert mapped([f"RUN a {EMPTY}"], layers=2) == ([None, None], False)
