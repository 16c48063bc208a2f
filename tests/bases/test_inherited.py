"""What goes with the old base, and what the application sets itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bases.moving import DEBIAN, ROOT, judged, this_machine
from lightship.api.base_opening import look_inside
from lightship.api.options import ReadOptions
from lightship.bases.application import application_of
from lightship.bases.candidate import Candidate
from lightship.bases.inherited import own_settings
from lightship.bases.judging import verdict
from lightship.bases.move import Move
from lightship.layers.cache import CachePlace
from lightship.testing import File, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.bases.inherited import Own
    from lightship.bases.inside import Inside
    from lightship.model.results.base_verdict import Reason

OLD, NEW = "2026-10-01T10:00:00Z", "2026-11-20T12:00:00Z"
READ = ReadOptions(cache=None)
# As such images' entrypoints are: one that only hands over, and one that prepares a server.
HANDS_OVER = b"""#!/bin/sh
set -e
if [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ]; then
  set -- node "$@"
fi
exec "$@"
"""
PREPARES = b"""#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$DATA"
  chown -R server "$DATA"
  exec gosu server "$0" "$@"
fi
exec "$@"
"""
USUAL = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NODE: dict[str, Any] = {
    "Env": [USUAL, "NODE_VERSION=24.1.0", "YARN_VERSION=1.22.22"],
    "Entrypoint": ["docker-entrypoint.sh"],
    "Cmd": ["node"],
}
NODE_HISTORY: tuple[str, ...] = (
    "# debian.sh --arch 'amd64' out/ 'trixie'",
    *("ENV NODE_VERSION=24.1.0", "ENV YARN_VERSION=1.22.22"),
    "COPY docker-entrypoint.sh /usr/local/bin/ # buildkit",
    *('ENTRYPOINT ["docker-entrypoint.sh"]', 'CMD ["node"]'),
)
PYTHON: dict[str, Any] = {
    "Env": ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHON_VERSION=3.13.9"],
    "Cmd": ["python3"],
}
PROGRAM = File(content=b"\x7fELF", mode=0o755)


def program(content: bytes) -> File:
    return File(content=content, mode=0o755)


def history(lines: tuple[str, ...], created: str) -> list[dict[str, Any]]:
    makes = ("COPY", "RUN", "WORKDIR", "# debian")
    return [
        {"created": created, "created_by": one, **({} if one.startswith(makes) else EMPTY)}
        for one in lines
    ]


EMPTY = {"empty_layer": True}


class Made:
    """A base of two layers, and images upon it."""

    def __init__(self, folder: Path, script: bytes, **config: Any) -> None:
        self.folder = folder
        self.config = config
        self.layers: list[dict[str, object]] = [
            {**this_machine(), "usr/local/bin/node": PROGRAM, "usr/bin/gosu": PROGRAM},
            {"usr/local/bin/docker-entrypoint.sh": program(script)},
        ]
        self.history: tuple[str, ...] = NODE_HISTORY

    def base(self, script: bytes | None = None, **changed: Any) -> str:
        layers = self.layers[:1] if script is None else self.layers
        past = history(self.history, OLD)
        # One without the script has one layer less.
        return build_image(
            layers,
            directory=self.folder,
            codec="zstd",
            config={"config": {**self.config, **changed}},
            history=past if script is not None else [past[0]],
        )

    def image(self, *lines: str, when: str = NEW, **changed: Any) -> str:
        """`lines`: instructions; one of them makes a layer."""
        return build_image(
            [*self.layers, {"app/app.js": b"1", "app/start": program(b"#!/bin/sh\nexec node x\n")}],
            directory=self.folder,
            codec="zstd",
            config={"config": {**self.config, **changed}},
            history=[*history(self.history, OLD), *history(lines, when)],
        )

    def inside(self, reference: str, how: str) -> Inside:
        if how == "config":
            return look_inside(reference, None, READ, self.base(b""))
        return replace(look_inside(reference, None, READ), base_layers=2)

    def move(self, image: Inside, layers: dict[str, object], **config: Any) -> Move:
        other = build_image(
            [layers], directory=self.folder, codec="zstd", config={"config": config}
        )
        inside = look_inside(other, None, READ)
        return Move(application_of(image), Candidate(name="lightship.test/other", inside=inside))


def of(reasons: list[Reason], weight: str) -> list[str]:
    return [one.says for one in reasons if one.weight == weight]


@pytest.mark.parametrize("how", ["config", "history"])
def test_what_an_image_sets_is_told_from_what_it_inherits(tmp_path: Path, how: str) -> None:
    made = Made(tmp_path, HANDS_OVER, **NODE)
    env = [*NODE["Env"], "NODE_ENV=production"]
    image = made.image(
        "ENV NODE_ENV=production",
        "COPY . /app",
        'CMD ["node" "app.js"]',
        Env=env,
        Cmd=["node", "app.js"],
    )
    own = own_settings(made.inside(image, how))
    assert (own.is_told, own.is_certain, own.is_entrypoint_told) == (True, True, True)
    assert (own.variables, own.maybe) == (frozenset({b"NODE_ENV"}), frozenset())
    assert (own.entrypoint, own.command, own.user) == (False, True, False)


def test_an_entrypoint_resets_the_command_of_the_base(tmp_path: Path) -> None:
    made = Made(tmp_path, HANDS_OVER, **NODE)
    image = made.image(
        "COPY . /app", 'ENTRYPOINT ["/app/start"]', Entrypoint=["/app/start"], Cmd=None
    )
    for how in ("config", "history"):
        own = own_settings(made.inside(image, how))
        assert (own.entrypoint, own.command) == (True, True)


def test_where_nothing_tells_all_is_the_application_s(tmp_path: Path) -> None:
    made = Made(tmp_path, HANDS_OVER, **NODE)
    image = made.image("COPY . /app", 'CMD ["node" "app.js"]', Cmd=["node", "app.js"])
    own = own_settings(replace(look_inside(image, None, READ), base_layers=None))
    assert (own.is_told, own.entrypoint, own.command) == (False, True, True)
    assert own.variables == own.maybe == {b"PATH", b"NODE_VERSION", b"YARN_VERSION"}


def test_instructions_of_one_hour_may_be_either_s(tmp_path: Path) -> None:
    """Base and image of one build: what stands between their layers is told by its number only."""
    made = Made(tmp_path, HANDS_OVER, **NODE)
    image = made.image("COPY . /app", 'CMD ["node" "app.js"]', when=OLD, Cmd=["node", "app.js"])
    inside = made.inside(image, "history")
    own = own_settings(inside)
    assert (own.is_certain, own.is_entrypoint_told, own.entrypoint) == (False, False, True)
    own = own_settings(replace(inside, base_entries=len(NODE_HISTORY)))
    assert (own.is_certain, own.entrypoint, own.command) == (True, False, True)


def test_a_base_seen_before_is_known_by_the_length_of_its_history(tmp_path: Path) -> None:
    made = Made(tmp_path, HANDS_OVER, **NODE)
    options = ReadOptions(cache=CachePlace(tmp_path / "cache"))
    image = made.image("COPY . /app", 'CMD ["node" "x"]', when=OLD, Cmd=["node", "x"])
    look_inside(made.base(b""), None, options)
    inside = look_inside(image, None, options)
    assert (inside.base_layers, inside.base_entries) == (2, len(NODE_HISTORY))
    assert not own_settings(inside).entrypoint


@pytest.mark.parametrize(
    "line",
    [
        'ENTRYPOINT ["/app/start" "-x"]',
        '/bin/sh -c #(nop)  ENTRYPOINT ["/app/start" "-x"]',
        '/bin/sh -c #(nop) ENTRYPOINT ["/app/start","-x"]',
    ],
)
def test_builders_spellings(tmp_path: Path, line: str) -> None:
    made = Made(tmp_path, HANDS_OVER, **{**NODE, "Entrypoint": ["/app/start", "-x"], "Cmd": None})
    made.history = (*NODE_HISTORY[:-2], line)
    own = own_settings(made.inside(made.image("COPY . /app"), "history"))
    assert (own.entrypoint, own.command) == (False, False)
    # A config that was changed without a word in the history.
    image = made.image("COPY . /app", Entrypoint=["/other"])
    assert own_settings(made.inside(image, "history")).entrypoint


@pytest.mark.parametrize("how", ["config", "history"])
def test_an_entrypoint_that_only_hands_over_is_a_note(tmp_path: Path, how: str) -> None:
    made = Made(tmp_path, HANDS_OVER, **NODE)
    image = made.inside(
        made.image("COPY . /app", 'CMD ["node" "/app/app.js"]', Cmd=["node", "/app/app.js"]), how
    )
    move = made.move(image, made.layers[0], Env=[USUAL], Cmd=["bash"])
    assert [(one.weight, one.todo) for one in judged(move, "inherited")] == [("note", None)]
    assert not of(list(verdict(move).reasons), "blocks")
    assert move.landing is not None
    assert move.landing.settings.entrypoint == ()
    assert move.landing.settings.command == (b"node", b"/app/app.js")
    assert b"NODE_VERSION" not in move.landing.settings.environment


@pytest.mark.parametrize("how", ["config", "history"])
def test_a_command_that_needs_the_entrypoint_blocks(tmp_path: Path, how: str) -> None:
    made = Made(tmp_path, HANDS_OVER, **NODE)
    for command in (["--inspect", "/app/app.js"], ["/app/app.js"]):
        line = f"CMD {command}".replace("'", '"').replace(",", "")
        image = made.inside(made.image("COPY . /app", line, Cmd=command), how)
        move = made.move(image, made.layers[0], Env=[USUAL])
        assert [one.weight for one in judged(move, "inherited")] == ["blocks"]


def test_what_an_entrypoint_prepares_leaves_a_doubt(tmp_path: Path) -> None:
    config = {**NODE, "Cmd": ["server"]}
    made = Made(tmp_path, PREPARES, **config)
    image = made.inside(made.image("COPY . /app", 'CMD ["node" "x"]', Cmd=["node", "x"]), "config")
    move = made.move(image, made.layers[0])
    (found,) = judged(move, "inherited")
    assert found.weight == "unproven"
    assert {"mkdir", "chown", "gosu"} <= set(found.evidence)
    assert not of(list(verdict(move).reasons), "blocks")


def test_another_entrypoint_is_taken_away_before_a_command_of_the_application(
    tmp_path: Path,
) -> None:
    made = Made(tmp_path, HANDS_OVER, **NODE)
    image = made.inside(made.image("COPY . /app", 'CMD ["node" "x"]', Cmd=["node", "x"]), "config")
    move = made.move(image, made.layers[0], Entrypoint=["/nodejs/bin/node"])
    found = judged(move, "inherited")
    assert [(one.weight, one.todo) for one in found] == [("carry", "ENTRYPOINT []"), ("note", None)]
    same = made.move(image, {**made.layers[0], **made.layers[1]}, Entrypoint=NODE["Entrypoint"])
    assert judged(same, "inherited") == []
    assert same.landing is not None
    assert same.landing.settings.entrypoint == (b"docker-entrypoint.sh",)


def test_a_command_that_nobody_sets_is_the_new_base_s(tmp_path: Path) -> None:
    made = Made(tmp_path, HANDS_OVER, **NODE)
    image = made.inside(made.image("COPY . /app"), "config")
    other = {"etc/os-release": DEBIAN, "etc/passwd": ROOT, "usr/bin/redis": PROGRAM}
    move = made.move(image, other, Cmd=["redis"])
    assert [one.weight for one in judged(move, "inherited")] == ["unproven"]
    again = made.move(image, {**other, "opt/node": PROGRAM}, Cmd=["/opt/node"])
    assert [one.weight for one in judged(again, "inherited")] == ["note"]
    assert again.landing is not None
    assert again.landing.settings.command == (b"/opt/node",)


@pytest.mark.parametrize("how", ["config", "history"])
def test_what_is_inherited_of_a_python_is_the_new_one_s(tmp_path: Path, how: str) -> None:
    made = Made(tmp_path, HANDS_OVER, **PYTHON)
    made.history = (
        NODE_HISTORY[0],
        "ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "ENV PYTHON_VERSION=3.13.9",
        "RUN /bin/sh -c set -eux; make # buildkit",
        'CMD ["python3"]',
    )
    path = "PATH=/venv/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    env = [path, "PYTHON_VERSION=3.13.9"]
    image = made.inside(
        made.image(f"ENV {path}", "COPY . /app", 'CMD ["/app/start"]', Env=env, Cmd=["/app/start"]),
        how,
    )
    theirs = ["PATH=/opt/python/bin:/usr/bin", "PYTHON_VERSION=3.14.1"]
    move = made.move(image, made.layers[0], Env=theirs)
    assert move.landing is not None
    assert move.landing.settings.environment == {
        b"PATH": b"/venv/bin:/opt/python/bin:/usr/bin",
        b"PYTHON_VERSION": b"3.14.1",
    }
    assert judged(move, "environment") == judged(move, "inherited") == []


def test_inherited_places_and_accounts_are_written_again(tmp_path: Path) -> None:
    config = {**NODE, "User": "node", "WorkingDir": "/srv", "StopSignal": "SIGQUIT"}
    config["Env"] = [*NODE["Env"], "JAVA_HOME=/opt/gone", "DATA=/data", "LANG=C.UTF-8"]
    made = Made(tmp_path, PREPARES, **config)
    made.history = (*NODE_HISTORY, "USER node", "STOPSIGNAL SIGQUIT")
    image = made.inside(
        made.image("COPY . /app", 'CMD ["sh" "-c" "x"]', Cmd=["sh", "-c", "exec $DATA/x"]), "config"
    )
    move = made.move(image, made.layers[0])
    todos = [one.todo for one in judged(move, "inherited") if one.todo]
    assert todos == ["WORKDIR /srv", "USER node"]
    assert "SIGQUIT" in str(of(judged(move, "inherited"), "note"))
    todos = [one.todo for one in judged(move, "environment") if one.todo]
    assert todos == ["ENV DATA=/data", "ENV LANG=C.UTF-8"]


_LINES = st.sampled_from(
    (
        'CMD ["a"]',
        "ENV A=1",
        "USER",
        "CMD",
        'ENTRYPOINT ["\\x"]',
        "#(nop) CMD",
        "WORKDIR /",
        "RUN x",
    )
) | st.text(max_size=20)


@given(st.lists(st.tuples(_LINES, st.booleans(), st.none() | st.text(max_size=9)), max_size=9))
def test_any_history_is_read(entries: list[tuple[str, bool, str | None]]) -> None:
    assert isinstance(_own_of(entries).is_told, bool)


def _own_of(entries: list[tuple[str, bool, str | None]]) -> Own:
    from lightship.model.documents import HistoryEntry  # noqa: PLC0415 - for this one test

    past = [
        HistoryEntry(created_by=line, empty_layer=empty, created=when)
        for line, empty, when in entries
    ]
    return own_settings(replace(_nothing(), history=past, base_layers=0))


def _nothing() -> Inside:
    from lightship.api.base_scratch import scratch  # noqa: PLC0415 - for this one test

    inside = scratch("linux/amd64").inside
    assert inside is not None
    return inside


def test_a_long_command_that_does_not_end_is_read_once(tmp_path: Path) -> None:
    made = Made(tmp_path, HANDS_OVER, **NODE)
    made.history = (*NODE_HISTORY[:-1], 'CMD ["' + '\\"' * 400_000)
    own = own_settings(made.inside(made.image("COPY . /app"), "history"))
    assert (own.entrypoint, own.command) == (False, True)
