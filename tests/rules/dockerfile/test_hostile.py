"""Rules about package managers take anything: nothing raises, and a fix is a fix."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.dockerfile.build import Build
from lightship.rules.discovery import dockerfile_rules
from lightship.rules.fixing import fix_file
from lightship.rules.linting import smells_of
from lightship.rules.smell import Matter

NAMES = (
    *("package-lists", "recommended-packages", "apt-update-alone", "distribution-upgrade"),
    *("build-tools-shipped", "dev-dependencies", "git-history-kept", "pip-download-cache"),
    *("npm-download-cache", "yarn-download-cache", "conda-package-cache", "gem-archives-kept"),
    *("cargo-registry-kept", "go-build-cache-kept", "maven-repository-kept"),
    *("gradle-caches-kept", "composer-download-cache", "uv-download-cache"),
)
RULES = [rule for rule in dockerfile_rules() if rule.name in NAMES]
PIECES = (
    *("apt-get", "update", "install", "-y", "apk", "add", "update", "dnf", "upgrade", "pip"),
    *("npm", "ci", "yarn", "git", "clone", "https://e.org/a.git", "/a", "$A", "$(b)", "xargs"),
    *("sudo", "env", "A=b", "rm", "-rf", "/var/lib/apt/lists/*", "~", "{a,b}", "go", "build"),
    *("&&", "||", ";", "|", "&", "(", ")", "{", "}", "if", "then", "fi", "for", "in", "do"),
    *("done", "\\\n", "\\\n# c\n", "#", "'", '"', "\n", "!", "set", "-e", "\r\n", "\0", "<<EOF"),
    *("\nFROM a AS b\n", "\nFROM b\n", "\nUSER a\n", "\nENV A=b\n", "\nRUN ", "\nONBUILD RUN "),
    *("--mount=type=cache,target=/c", "--no-cache", "-m", "python3", "-c", "--", "timeout", "5"),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_words(pieces: list[str]) -> None:
    data = ("FROM debian:12\nRUN " + " ".join(pieces)).encode()
    matter = Matter(build=Build.read(data))
    if not matter.build.stages.all:
        return
    for rule, smell in smells_of(matter, RULES):
        assert smell.fix is None or smell.unfixed is None
        assert smell.fix is None or smell.fix.tier in rule.fixes
        assert smell.start is None or smell.end is None or 0 <= smell.start < smell.end <= len(data)
    fixed = fix_file(matter, RULES, frozenset(("safe", "unsafe")))
    again = fix_file(Matter(build=Build.read(fixed.after)), RULES, frozenset(("safe", "unsafe")))
    assert again.after == fixed.after
    assert not fixed.refused


def test_a_long_line_and_many_instructions() -> None:
    words = "apt-get install -y a && pip install b && npm ci && git clone https://e.org/c && "
    for text in (
        "FROM debian:12\nRUN " + "rm -rf " + "/a{b,c}" * 20_000,
        "FROM debian:12\nRUN " + "xargs " * 20_000 + "apt-get update",
        "FROM debian:12\n" + "RUN apt-get update\n" * 1500,
        "FROM debian:12\n" + "RUN apk add a\nRUN go build\n" * 700,
        "FROM debian:12\nRUN " + words * 300 + "true",
        "FROM debian:12\nRUN git clone " + "a" * 200_000,
    ):
        for _ in smells_of(Matter(build=Build.read(text.encode())), RULES):
            pass
