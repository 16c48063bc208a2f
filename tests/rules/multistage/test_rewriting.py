"""Dockerfiles put together from parts: what is rewritten is valid, whole, and rewritten once."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.dockerfile.build import Build
from lightship.rules.dockerfile.multi_stage import RULE
from lightship.rules.fixing import fix_file

from .reading import matter

PROGRAM = "RUN echo 'package main; func main() { println(1) }' > /tmp/a.go"
BUILDS = [
    "RUN go build -o /bin/a /tmp/a.go",
    "RUN CGO_ENABLED=0 go build -o /bin/a /tmp/a.go",
    "RUN go vet /tmp/a.go \\\n    # a comment in it\n    && go build -o /bin/a /tmp/a.go",
    "RUN go build -o /tmp/a /tmp/a.go && mv /tmp/a /bin/",
]
PARTS = [
    "# a comment",
    "",
    "ENV A=1 B=2",
    "ENV PATH=/opt/bin:$PATH",
    "ENV CGO_ENABLED=0",
    "ARG VERSION=3",
    "LABEL version=$VERSION",
    "LABEL a=b \\\n  # inside\n  c=d",
    "WORKDIR /srv",
    "WORKDIR below",
    "USER 1000",
    "USER worker",
    "RUN useradd worker",
    "RUN mkdir -p /data && chown 1000 /data",
    "RUN chown 1000 /nowhere",
    "RUN echo 1 > /etc/setting",
    "RUN apt-get update && apt-get install -y tini ca-certificates",
    "RUN strange-tool",
    "EXPOSE 80 \\\n 443",
    "VOLUME /data",
    "VOLUME /bin",
    "STOPSIGNAL SIGINT",
    "MAINTAINER somebody",
    'SHELL ["/bin/bash", "-c"]',
    "ONBUILD RUN true",
    "HEALTHCHECK NONE",
    "HEALTHCHECK CMD /bin/a",
    'HEALTHCHECK CMD ["/bin/a", "ask"]',
    "HEALTHCHECK CMD wget -q localhost || exit 1",
]
STARTS = ["CMD /bin/a", 'CMD ["/bin/a"]', 'ENTRYPOINT ["a"]', "CMD a $A", "entrypoint exec a -x"]
parts = st.lists(st.sampled_from(PARTS), max_size=5)


@settings(max_examples=150)
@given(
    first=st.sampled_from(["FROM golang:1.21", "from golang:1.24 as made", "FROM golang:1-alpine"]),
    before=parts,
    build=st.sampled_from(BUILDS),
    after=parts,
    start=st.sampled_from(STARTS),
    end=parts,
    newline=st.sampled_from(["\n", "\r\n"]),
    final=st.booleans(),
)
def test_what_is_rewritten_is_whole_and_rewritten_once(  # noqa: PLR0917 - given by name
    first: str,
    before: list[str],
    build: str,
    after: list[str],
    start: str,
    end: list[str],
    newline: str,
    final: bool,
) -> None:
    text = "\n".join([first, *before, PROGRAM, build, *after, start, *end])
    text = text.replace("\n", newline) + (newline if final else "")
    given_matter = matter(text)
    fixed = fix_file(given_matter, [RULE], frozenset(("safe", "unsafe")))
    assert not fixed.refused
    build_after = Build.read(fixed.after)
    if not fixed.made:
        assert fixed.after == fixed.before
        return
    assert len(build_after.stages.all) == 2
    assert not build_after.dockerfile.problems
    # Each comment and each instruction is still there, in one of the stages or in both.
    lost = Counter(given_matter.build.dockerfile.comments()) - Counter(
        build_after.dockerfile.comments()
    )
    assert not lost
    kept = {step.instruction.joined.text for step in build_after.steps}
    for step in given_matter.build.steps:
        if step.keyword in ("EXPOSE", "LABEL", "VOLUME", "STOPSIGNAL", "ENV", "USER", "WORKDIR"):
            assert step.instruction.joined.text in kept
    final_stage = build_after.of(build_after.stages.all[1])
    keywords = Counter(step.keyword for step in final_stage)
    for step in given_matter.build.steps:
        if step.keyword in ("EXPOSE", "STOPSIGNAL", "VOLUME", "LABEL", "MAINTAINER"):
            assert keywords[step.keyword]
    assert keywords["CMD"] + keywords["ENTRYPOINT"] == 1
    again = fix_file(replace(given_matter, build=build_after), [RULE], frozenset(("unsafe",)))
    assert again.after == fixed.after
    assert newline == "\n" or b"\n" not in fixed.after.replace(b"\r\n", b"")


@settings(max_examples=100)
@given(st.lists(st.sampled_from([*PARTS, *BUILDS, *STARTS, "FROM golang:1.21", "RUN make"])))
def test_no_order_of_instructions_raises(lines: list[str]) -> None:
    list(RULE.check(matter("FROM debian:12\n" + "\n".join(lines))))
