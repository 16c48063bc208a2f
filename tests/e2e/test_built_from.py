"""Instructions and their layers in images that real builders built, and what fixes save in them.

Each step writes a file of its own, so that the layer it made is known by what is in it.
"""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from lightship.analysis.built_from import BuiltFrom, map_instructions
from lightship.analysis.wire_files import wire_use
from lightship.api.measuring import Measured, measure
from lightship.api.options import ReadOptions
from lightship.dockerfile.build import Build
from lightship.rules.saved_records import SavedRecords
from lightship.rules.savings import Savings
from lightship.rules.smell import Saving

from .dockerd import docker_engine
from .mistakes import root_tar
from .programs import run

if TYPE_CHECKING:
    from pathlib import Path

    from .dockerd import DockerEngine
    from .workshop import Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "buildah"),
    pytest.mark.xdist_group("engine"),
]
BASE = """\
FROM scratch
ADD root.tar /
ENV LANG=C.UTF-8
CMD ["/bin/sh"]
"""
TEXT = r"""# Everything that makes a history hard to read.
ARG BASE=localhost/built-base:1
FROM ${BASE} AS tools
RUN mkdir /tools && echo tool > /tools/made-by-tools

FROM ${BASE} AS middle
ARG WHO="somebody else"
ARG UNSET
ENV DEST=/srv/app GREETING="hello there"
LABEL one="a b" two=c
RUN mkdir -p $DEST /lists && \
    # a comment

    echo "$GREETING  $WHO" > /srv/made-by-mkdir && cat /big/*.bin > /lists/all
WORKDIR $DEST
COPY one.bin made-by-copy ./

FROM middle
SHELL ["/bin/sh", "-e", "-c"]
ARG WHO
COPY --from=tools /tools /opt/tools
COPY --chown=1:1 dir ${DEST}/dir/
RUN rm one.bin; echo `cat /srv/made-by-mkdir` > made-by-rm
ADD a.tar /arch
RUN ["true"]
RUN ["cp", "made-by-rm", "/srv/made-by-json"]
RUN echo  "two  blanks" > /srv/made-by-echo; rm -r /lists
RUN chown -R 5:5 /opt/tools && echo x > /srv/made-by-chown
USER 5
EXPOSE 80
HEALTHCHECK CMD true
STOPSIGNAL 9
ENTRYPOINT ["cat"]
CMD ["made-by-rm"]
"""
MARKS = {
    "RUN mkdir": "srv/made-by-mkdir",
    "COPY one.bin": "srv/app/made-by-copy",
    "COPY --from=tools": "opt/tools/made-by-tools",
    "COPY --chown": "srv/app/dir/made-by-dir",
    "RUN rm": "srv/app/made-by-rm",
    "ADD a.tar": "arch/made-by-add",
    'RUN ["cp"': "srv/made-by-json",
    "RUN echo": "srv/made-by-echo",
    "RUN chown": "srv/made-by-chown",
}
"""A file that only this step writes; by how the step begins."""
SIZES = {"one.bin": 40_009, "made-by-copy": 101, "dir/made-by-dir": 7_001, "big/1.bin": 9_001}
LISTS = SIZES["big/1.bin"]
IMAGE = "localhost/built:1"


@dataclass(frozen=True)
class Made:
    """What one builder built."""

    build: Build
    measured: Measured
    found: BuiltFrom

    def position(self, beginning: str) -> int:
        (step,) = (
            step
            for step in self.build.shipped()
            if step.instruction.joined.text.startswith(beginning)
        )
        return step.position

    def saving(self, kind: str, *beginnings: str, patterns: tuple[str, ...] = ()) -> Saving:
        positions = tuple(self.position(one) for one in beginnings)
        return Saving(kind=kind, positions=positions, patterns=patterns)  # type: ignore[arg-type]

    @property
    def savings(self) -> Savings:
        use = wire_use(self.measured.tree, self.measured.scans)
        return Savings(SavedRecords(self.measured.tree, use), self.found, IMAGE)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("context")
    for name, size in SIZES.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(name.encode()[:1] * size)
    (place / "root.tar").write_bytes(root_tar())
    with tarfile.open(place / "a.tar", "w") as archive:
        entry = tarfile.TarInfo("made-by-add")
        entry.size = 3_001
        archive.addfile(entry, io.BytesIO(b"a" * 3_001))
    (place / "base.dockerfile").write_text(BASE + "COPY big /big\n")
    (place / "dockerfile").write_text(TEXT)
    return place


@pytest.fixture(scope="module")
def images(
    workshop: Workshop, context: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    place = tmp_path_factory.mktemp("built-from")
    made = {}
    with workshop.alone():
        with docker_engine(place / "docker", "--experimental") as engine:
            for name, buildkit, options in (
                ("legacy", "0", ()),
                ("buildkit", "1", ()),
                ("squashed", "0", ("--squash", "--label=more=x")),
            ):
                made[name] = _docker(engine, context, place / f"{name}.tar", buildkit, options)
        for name, layers in (("buildah", "true"), ("buildah-one-layer", "false")):
            store = ("--root", f"{place}/{name}", "--runroot", f"{place}/run",
                     "--storage-driver", "vfs")  # fmt: skip
            build = ("bud", f"--layers={layers}", "--isolation", "chroot", "-q")
            for file, tag in (("base.dockerfile", "localhost/built-base:1"), ("dockerfile", IMAGE)):
                run("buildah", *store, *build, "--build-arg", "WHO=me", "-f", context / file,
                    "-t", tag, context)  # fmt: skip
            run("buildah", *store, "push", "-q", IMAGE, f"oci:{place}/{name}-image:1")
            made[name] = f"oci:{place}/{name}-image:1"
    return made


def _docker(
    engine: DockerEngine, context: Path, archive: Path, buildkit: str, options: tuple[str, ...]
) -> str:
    build = ("build", "--network=none", "-q", "--build-arg", "WHO=me and you")
    engine.docker(*build[:3], "-f", context / "base.dockerfile", "-t", "localhost/built-base:1",
                  context, DOCKER_BUILDKIT=buildkit)  # fmt: skip
    engine.docker(*build, *options, "-f", context / "dockerfile", "-t", IMAGE, context,
                  DOCKER_BUILDKIT=buildkit)  # fmt: skip
    engine.docker("save", "-o", archive, IMAGE)
    return f"docker-archive:{archive}"


@pytest.fixture(
    scope="module", params=["legacy", "buildkit", "squashed", "buildah", "buildah-one-layer"]
)
def made(request: pytest.FixtureRequest, images: dict[str, str]) -> Made:
    build = Build.read(TEXT.encode())
    measured = measure(images[request.param], None, ReadOptions(cache=None))
    entries = [len(scan.index) for scan in measured.scans]
    return Made(build, measured, map_instructions(build, measured.history, entries))


def _in_layer(measured: Measured, layer: int, path: str) -> bool:
    index = measured.scans[layer - 1].index
    return any(index.path(entry) == path.encode() for entry in range(len(index)))


def test_each_instruction_is_mapped_to_the_layer_that_it_made(made: Made) -> None:
    assert (made.found.matched, made.found.reasons) == (True, ())
    for beginning, path in MARKS.items():
        layer = made.found.layers[made.position(beginning)]
        assert layer is not None, beginning
        assert _in_layer(made.measured, layer, path), beginning
    shipped = {step.position for step in made.build.shipped()}
    assert made.found.known == shipped


def test_only_what_several_steps_made_together_is_shared(made: Made) -> None:
    layers = Counter(made.found.layers[made.position(one)] for one in MARKS)
    assert {layer for layer, steps in layers.items() if steps > 1} == made.found.shared


def test_what_a_merge_saves(made: Made) -> None:
    saved = made.savings.count(made.saving("merge", "RUN mkdir", "RUN echo"))
    assert saved is not None
    layers = {made.found.layers[made.position(one)] for one in ("RUN mkdir", "RUN echo")}
    if not made.found.shared:
        assert (saved.unpacked_bytes, saved.estimated) == (LISTS, False)
    elif len(layers) == 1:  # then there is nothing left to save
        assert (saved.unpacked_bytes, saved.estimated) == (0, False)
    else:  # others in the same layer may have done it, and in one of the images one did
        assert saved.unpacked_bytes in (LISTS, LISTS + SIZES["one.bin"])
        assert saved.estimated


def test_what_paths_hold(made: Made) -> None:
    saved = made.savings.count(
        made.saving("paths", "COPY --chown", "ADD a.tar", patterns=("/srv/app/dir/*", "/arch"))
    )
    assert saved is not None
    assert saved.unpacked_bytes == SIZES["dir/made-by-dir"] + 3_001
    assert saved.estimated == bool(made.found.shared)


def test_what_changed_attributes_cost(made: Made) -> None:
    saved = made.savings.count(made.saving("copies", "RUN chown"))
    assert saved is not None
    assert saved.unpacked_bytes == (0 if made.found.shared else len("tool\n"))


def test_an_image_of_an_older_file_is_known_as_such(made: Made) -> None:
    build = Build.read(TEXT.replace('"two  blanks"', "three").encode())
    entries = [len(scan.index) for scan in made.measured.scans]
    found = map_instructions(build, made.measured.history, entries)
    assert not found.matched
    assert "its history has no RUN as in line 27" in found.reasons


BEFORE = """\
FROM localhost/built-base:1
RUN mkdir /lists && cat /big/*.bin > /lists/a && echo 1 > /srv-1
RUN cat /big/*.bin /big/*.bin > /bulk && echo 2 > /srv-2
RUN rm /bulk && cat /srv-1 /srv-1 > /srv-2
COPY dir /data
RUN chown -R 7:7 /data
"""
AFTER = """\
FROM localhost/built-base:1
RUN mkdir /lists && cat /big/*.bin > /lists/a && echo 1 > /srv-1 && rm -r /lists
RUN cat /big/*.bin /big/*.bin > /bulk && echo 2 > /srv-2 \
 && rm /bulk && cat /srv-1 /srv-1 > /srv-2
COPY --chown=7:7 dir /data
"""
FIXES = (
    Saving(kind="paths", positions=(1,), patterns=("/lists/*",)),
    Saving(kind="merge", positions=(2, 3)),
    Saving(kind="copies", positions=(5,)),
)


@pytest.mark.parametrize("buildkit", ["0", "1"])
def test_what_was_predicted_is_what_a_rebuild_measures(
    workshop: Workshop, context: Path, tmp_path: Path, buildkit: str
) -> None:
    measured = []
    with workshop.alone(), docker_engine(tmp_path / "docker") as engine:
        for name, text in (("before", BEFORE), ("after", AFTER)):
            (context / name).write_text(text)
            build = ("build", "--network=none", "-q", "-t")
            engine.docker(*build, "localhost/built-base:1", "-f", context / "base.dockerfile",
                          context, DOCKER_BUILDKIT=buildkit)  # fmt: skip
            engine.docker(*build, IMAGE, "-f", context / name, context, DOCKER_BUILDKIT=buildkit)
            engine.docker("save", "-o", tmp_path / f"{name}.tar", IMAGE)
            reference = f"docker-archive:{tmp_path / name}.tar"
            measured.append(measure(reference, None, ReadOptions(cache=None)))
    before = measured[0]
    build_of = Build.read(BEFORE.encode())
    entries = [len(scan.index) for scan in before.scans]
    found = map_instructions(build_of, before.history, entries)
    savings = Made(build_of, before, found).savings
    singly = [savings.count(fix) for fix in FIXES]
    assert [one.unpacked_bytes if one else None for one in singly] == [
        LISTS,
        2 * LISTS + len("2\n"),
        SIZES["dir/made-by-dir"],
    ]
    together = savings.together(FIXES)
    assert together is not None
    assert not together.estimated
    unpacked = [sum(scan.index.unpacked_bytes for scan in one.scans) for one in measured]
    assert together.unpacked_bytes == unpacked[0] - unpacked[1]
