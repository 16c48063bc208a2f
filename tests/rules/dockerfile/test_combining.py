"""Rules that work together on RUNs: one RUN first, then its clean-up in the right place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.dockerfile.build import Build
from lightship.rules.discovery import dockerfile_rules
from lightship.rules.fixing import fix_file
from lightship.rules.smell import Matter

if TYPE_CHECKING:
    from lightship.rules.fixing import FixedFile

RULES = {rule.name: rule for rule in dockerfile_rules()}
INSTRUCTIONS = [
    *("RUN a", "RUN cd /x && a", "RUN set -ex; a; b", "RUN set -ex && a \\\n  && b", "RUN a || b"),
    *("RUN a; b;", "RUN (a) && cd b", "# why", "", "LABEL a=b", "CMD a", "USER app", "ENV A=b"),
    *("RUN a # b", "RUN a &", "RUN if a; then b; fi", "RUN a \\\n  # c\n  && b", "RUN a \\\n;"),
    *(
        "# hadolint ignore=DL3008",
        "RUN --mount=type=cache,target=/c a",
        "COPY . .",
        "RUN pip i pip",
    ),
    *("RUN curl -o /a b", "RUN rm /a", "RUN chmod 1 /a", "FROM b AS c", "RUN { a; b; } | c"),
]


def fixed(text: str, *names: str, selected: str = "combine-runs") -> FixedFile:
    matter = Matter(build=Build.read(text.encode()), selected=frozenset((selected,)))
    return fix_file(matter, [RULES[name] for name in names])


def test_g6_update_and_install_become_one_run_with_its_clean_up() -> None:
    made = fixed(
        "FROM debian:12\nRUN apt update\nRUN apt install git\n", "combine-runs", "package-lists"
    )
    assert made.after.decode() == (
        "FROM debian:12\n"
        "RUN apt update \\\n"
        "    && apt install git \\\n"
        "    && rm -rf /var/lib/apt/lists/*\n"
    )
    assert [one.rule for one in made.made] == ["combine-runs", "package-lists"]
    assert made.made[1].saving is not None
    assert made.made[1].saving.positions == (1, 2)


@given(st.lists(st.sampled_from(INSTRUCTIONS), max_size=9), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=200, deadline=None)
def test_a_fix_of_a_fix_changes_nothing(lines: list[str], newline: str) -> None:
    names = ("clean-up-in-later-run", "combine-runs", "archive-kept", "ownership-after-copy")
    text = "\n".join(("FROM debian:12", *lines)).replace("\n", newline)
    made = fixed(text, *names)
    assert not made.refused
    assert fixed(made.after.decode(), *names).after == made.after
    runs = [step for step in Build.read(text.encode()).steps if step.keyword == "RUN"]
    assert len(made.made) <= len(runs)


@pytest.mark.parametrize("count", [5000])
def test_many_runs_take_no_square_of_time(count: int) -> None:
    text = "FROM debian:12\n" + "RUN curl -o /a{0} b\nCOPY a /b\n" * count
    build = Build.read(text.encode())
    for name in ("clean-up-in-later-run", "combine-runs", "archive-kept", "ownership-after-copy"):
        assert not list(RULES[name].check(Matter(build=build)))


def test_many_chains_take_no_square_of_time() -> None:
    text = "FROM debian:12\n" + "RUN curl -o /a b\nRUN c\nRUN rm /a\nCOPY a /b\n" * 2000
    matter = Matter(build=Build.read(text.encode()), selected=frozenset(("combine-runs",)))
    assert len(list(RULES["clean-up-in-later-run"].check(matter))) == 2000
    assert len(list(RULES["combine-runs"].check(matter))) == 4000
