"""Histories as real images have them, and what they tell of the base's end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.analysis.base_history import Guess, end_by_history
from lightship.analysis.instructions import map_history
from lightship.model.documents import HistoryEntry

BUILDKIT = "buildkit.dockerfile.v0"
Step = tuple[str, str, bool]
"""When, by what, and whether it made a layer."""


def history(*steps: Step, comment: str | None = None) -> list[HistoryEntry]:
    return [
        HistoryEntry(created=when, created_by=by, comment=comment, empty_layer=not layer or None)
        for when, by, layer in steps
    ]


DEBIAN = history(("2026-01-12T00:00:00Z", "# debian.sh --arch 'amd64' out/ 'trixie'", True))
PYTHON = DEBIAN + history(
    ("2026-01-15T20:00:00Z", "ENV PATH=/usr/local/bin:/usr/bin:/bin", False),
    ("2026-01-15T20:00:00Z", "RUN /bin/sh -c set -eux; apt-get update; # buildkit", True),
    ("2026-01-15T20:00:00Z", "ENV PYTHON_VERSION=3.12.9", False),
    ("2026-01-15T20:12:00Z", "RUN /bin/sh -c set -eux; wget -O python.tar.xz # buildkit", True),
    ("2026-01-15T20:12:01Z", "RUN /bin/sh -c set -eux; for src in idle3 pip3; # buildkit", True),
    ("2026-01-15T20:12:01Z", 'CMD ["python3"]', False),
    comment=BUILDKIT,
)
NODE = history(
    ("2025-12-01T00:00:00Z", "# debian.sh --arch 'amd64' out/ 'bookworm'", True)
) + history(
    ("2025-12-02T01:00:00Z", "RUN /bin/sh -c groupadd --gid 1000 node # buildkit", True),
    ("2025-12-02T01:00:00Z", "ENV NODE_VERSION=22.12.0", False),
    ("2025-12-02T01:05:00Z", "RUN /bin/sh -c ARCH= && curl -fsSLO node.tar.xz # buildkit", True),
    ("2025-12-02T01:05:01Z", "COPY docker-entrypoint.sh /usr/local/bin/ # buildkit", True),
    ("2025-12-02T01:05:01Z", 'ENTRYPOINT ["docker-entrypoint.sh"]', False),
    ("2025-12-02T01:05:01Z", 'CMD ["node"]', False),
    comment=BUILDKIT,
)
UBUNTU = history(
    ("2026-02-01T03:00:00Z", "/bin/sh -c #(nop)  ARG RELEASE", False),
    ("2026-02-01T03:00:00Z", "/bin/sh -c #(nop)  LABEL org.opencontainers.image.ref.name=u", False),
    ("2026-02-01T03:00:02Z", "/bin/sh -c #(nop) ADD file:6089c6bede9eca8 in / ", True),
    ("2026-02-01T03:00:02Z", '/bin/sh -c #(nop)  CMD ["/bin/bash"]', False),
)
NGINX = DEBIAN + history(
    ("2026-01-20T00:00:00Z", "ENV NGINX_VERSION=1.27.3", False),
    ("2026-01-20T00:00:00Z", "RUN /bin/sh -c set -x && groupadd nginx # buildkit", True),
    ("2026-01-20T00:00:00Z", "COPY docker-entrypoint.sh / # buildkit", True),
    ("2026-01-20T00:00:00Z", 'ENTRYPOINT ["/docker-entrypoint.sh"]', False),
    ("2026-01-20T00:00:00Z", "EXPOSE map[80/tcp:{}]", False),
    ("2026-01-20T00:00:00Z", "STOPSIGNAL SIGQUIT", False),
    ("2026-01-20T00:00:00Z", 'CMD ["nginx" "-g" "daemon off;"]', False),
    comment=BUILDKIT,
)
DISTROLESS = history(*[("0001-01-01T00:00:00Z", f"bazel build //common:{at}", True)
                       for at in range(5)])  # fmt: skip
OWN = history(
    ("2026-03-10T09:00:00Z", "WORKDIR /app", True),
    ("2026-03-10T09:00:01Z", "COPY requirements.txt . # buildkit", True),
    ("2026-03-10T09:02:00Z", "RUN /bin/sh -c pip install -r requirements.txt # buildkit", True),
    ("2026-03-10T09:02:00Z", "EXPOSE map[8000/tcp:{}]", False),
    ("2026-03-10T09:02:00Z", 'CMD ["python" "-m" "app"]', False),
    comment=BUILDKIT,
)


def layers_of(entries: list[HistoryEntry]) -> int:
    return sum(not entry.empty_layer for entry in entries)


def guessed(entries: list[HistoryEntry], layers: int | None = None) -> Guess | None:
    count = layers_of(entries) if layers is None else layers
    return end_by_history(entries, map_history(entries, [1] * count))


@pytest.mark.parametrize(
    ("base", "layers"), [(PYTHON, 4), (NODE, 4), (UBUNTU, 1), (NGINX, 3), (DISTROLESS, 5)]
)
def test_an_application_on_a_usual_base(base: list[HistoryEntry], layers: int) -> None:
    found = guessed(base + OWN)
    assert found is not None
    assert found.layers == layers == layers_of(base)


def test_an_image_that_is_itself_a_usual_base_ends_its_own_base_at_the_gap() -> None:
    # What python's own Dockerfile is built on: debian, days older and without a CMD here.
    found = guessed(PYTHON)
    assert found is not None
    assert (found.layers, found.why) == (1, "4 days passed between two steps")


def test_the_nearest_of_several_bases_counts() -> None:
    tools = history(
        ("2026-02-01T00:00:00Z", "RUN /bin/sh -c apt-get install -y git # buildkit", True),
        ("2026-02-01T00:00:00Z", 'CMD ["bash"]', False),
        comment=BUILDKIT,
    )
    found = guessed(PYTHON + tools + OWN)
    assert found is not None
    assert found.layers == 5


def test_where_only_the_configuration_follows_a_command_it_closes_nothing() -> None:
    rest = history(("2026-01-20T00:00:00Z", "LABEL a=b", False), comment=BUILDKIT)
    assert guessed(OWN + rest) is None


def test_an_image_from_scratch_has_no_base() -> None:
    one = history(
        ("2026-03-10T09:00:00Z", "COPY /app /app # buildkit", True),
        ("2026-03-10T09:00:00Z", "COPY /etc/ssl /etc/ssl # buildkit", True),
        ("2026-03-10T09:00:00Z", 'ENTRYPOINT ["/app"]', False),
        comment=BUILDKIT,
    )
    assert guessed(one) is None


@pytest.mark.parametrize("when", ["2026-03-10T09:00:00Z", "1970-01-01T00:00:00Z", "", "yesterday"])
def test_a_squashed_image_and_one_dated_alike_have_none(when: str) -> None:
    assert guessed(history((when, "", True))) is None
    assert guessed(history(*[(when, f"RUN step {at}", True) for at in range(6)])) is None


def test_no_history_tells_nothing() -> None:
    assert guessed([], layers=4) is None


def test_a_history_that_does_not_match_the_layers_tells_nothing() -> None:
    assert guessed(PYTHON + OWN, layers=6) is None
    assert guessed(PYTHON + OWN, layers=9) is None


def test_a_multi_stage_image_has_the_last_stage_s_base() -> None:
    copied = history(
        ("2026-03-10T09:00:00Z", "COPY /src/app /usr/local/bin/app # buildkit", True),
        ("2026-03-10T09:00:00Z", 'CMD ["app"]', False),
        comment=BUILDKIT,
    )
    found = guessed(UBUNTU + copied)
    assert found is not None
    assert found.layers == 1


def test_steps_after_the_epoch_are_another_builder_s() -> None:
    ko = history(
        ("1970-01-01T00:00:00Z", "ko build", True), ("1970-01-01T00:00:10Z", "ko build", True)
    )
    found = guessed(ko + history(("2026-03-10T09:00:00Z", "RUN own", True)))
    assert found is not None
    assert found.layers == 2
    assert "epoch" in found.why


@pytest.mark.parametrize(("hours", "layers"), [(23, None), (24, 1), (24 * 400, 1)])
def test_a_gap_counts_from_a_day(hours: int, layers: int | None) -> None:
    later = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)).isoformat()
    found = guessed(history(("2026-01-01T00:00:00Z", "RUN a", True), (later, "RUN b", True)))
    assert (found.layers if found else None) == layers


def buildah(*steps: tuple[str, bool, str | None]) -> list[HistoryEntry]:
    """Steps as buildah 1.28 wrote them: by what, whether they made a layer, and the comment."""
    return [
        HistoryEntry(
            created=f"2026-11-24T06:39:{second:02d}.001147215Z",
            created_by=f"/bin/sh -c #(nop) {by}",
            comment=comment,
            empty_layer=not layer or None,
        )
        for second, (by, layer, comment) in enumerate(steps)
    ]


BUILDAH_LAYERS = buildah(
    ("COPY file:9a7d in /base ", True, None),
    ('CMD ["/base"]', False, "FROM e616a5e7f3c3"),
    ("COPY file:bdb1 in /app1 ", True, "FROM localhost/base:1"),
    ("COPY file:9182 in /app2 ", True, "FROM 57fa95786280"),
    ('CMD ["/app"]', False, "FROM 9d07858ba05b"),
)
BUILDAH_ONE_LAYER = buildah(
    ("COPY file:9a7d in /base ", False, None),
    ('CMD ["/base"]', True, None),
    ("COPY file:bdb1 in /app1 ", False, None),
    ("COPY file:9182 in /app2 ", False, None),
    ('CMD ["/app"]', True, "FROM localhost/base:1"),
)


@pytest.mark.parametrize("steps", [BUILDAH_LAYERS, BUILDAH_ONE_LAYER])
def test_buildah_names_the_base_in_a_comment(steps: list[HistoryEntry]) -> None:
    found = guessed(steps)
    assert found is not None
    assert (found.layers, found.name) == (1, "localhost/base:1")


def test_what_buildkit_built_upon_an_image_of_buildah_is_not_buildah_s() -> None:
    found = guessed(BUILDAH_LAYERS + OWN)
    assert found is not None
    assert (found.layers, found.name) == (3, None)


def test_buildah_on_scratch_has_no_base() -> None:
    steps = buildah(
        ("COPY a in /", True, "FROM scratch"), ("COPY b in /", True, "FROM 0123456789ab")
    )
    assert guessed(steps) is None


entries = st.builds(
    HistoryEntry,
    created=st.none()
    | st.text(max_size=8)
    | st.datetimes(timezones=st.just(UTC)).map(lambda time: time.isoformat())
    | st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-01-01"]),
    created_by=st.none() | st.sampled_from(['CMD ["a"]', "RUN b", "ENTRYPOINT c", "COPY d"]),
    comment=st.none() | st.sampled_from(["FROM a", "FROM scratch", "FROM 0123456789ab", BUILDKIT]),
    empty_layer=st.none() | st.booleans(),
)


@settings(deadline=None)
@given(st.lists(entries, max_size=8))
def test_whatever_the_history_a_base_has_layers_and_no_more_than_there_are(
    steps: list[HistoryEntry],
) -> None:
    found = guessed(steps)
    assert found is None or 0 < found.layers <= layers_of(steps)
