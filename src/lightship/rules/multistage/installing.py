"""Packages that a stage installs: which of them only build, and which the program needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.build_tools import TOOL_GROUPS
from lightship.dockerfile.variables import settings_of
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.dockerfile.build import Step
    from lightship.dockerfile.shell.script import Command
    from lightship.rules.multistage.launching import Started
    from lightship.rules.multistage.plan import FinalBase, Kept
    from lightship.rules.multistage.single import Ran, Single

_SYSTEMS = {"apt-get": "dpkg", "apt": "dpkg", "aptitude": "dpkg", "apk": "apk"}
_WITH_VALUE = ("-t", "-o", "-c", "--target-release", "--option", "-X", "--repository", "--virtual")
# Fetch, unpack and check what a build needs; a program that calls one is told by the command.
_FETCHING = re.compile(
    r"curl|wget|aria2|git-core|openssh-client|unzip|zip|tar|gzip|bzip2|xz|xz-utils|zstd|p7zip.*"
    r"|gnupg\d?|gpg|gpg-agent|dirmngr|apt-transport-https|software-properties-common|lsb-release"
    r"|apt-utils|debconf-utils|sudo|file|upx(?:-ucl)?|vim|nano|less|tree|man-db|strace|musl-tools"
    r"|musl-dev|libc6?-dev|libc-dev|linux-headers|linux-libc-dev|protobuf-compiler|protoc|jq|yq"
    r"|rsync|perl|texinfo|gettext|help2man|libtool-bin|libgcc-\d+-dev|libstdc\+\+-\d+-dev|\.\S+"
)
_DEVELOPMENT = re.compile(r"[a-z0-9][a-z0-9+.-]*-dev(?:el)?")
# Programs and the packages that have them: apt's and apk's name.
_PROGRAMS = {
    "curl": ("curl", "curl"),
    "wget": ("wget", ""),
    "bash": ("", "bash"),
    "tini": ("tini", "tini"),
    "dumb-init": ("dumb-init", "dumb-init"),
    "gosu": ("gosu", "su-exec gosu"),
    "su-exec": ("", "su-exec"),
    "nc": ("netcat-openbsd", ""),
    "pgrep": ("procps", ""),
    "pidof": ("procps", ""),
    "ps": ("procps", ""),
}
# Of every Debian, Ubuntu and Alpine image.
_COMMON = frozenset(
    """
    sh cat ls sleep mkdir rm cp mv chmod chown grep sed cut head tail date env id tr wc
    touch ln basename dirname expr find mktemp nohup nice tee uname whoami hostname sort
    stat xargs dash awk
    """.split()  # noqa: SIM905 - one to a line is a page
)


_USUAL = frozenset(("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin"))


class Installed(Struct, frozen=True):
    """A package that a RUN installs.

    Attributes:
        name: without version and architecture.
        system: `dpkg` or `apk`.
        line: of the RUN.
    """

    name: str
    system: str
    line: int

    @property
    def only_builds(self) -> bool:
        """Whether no program needs it to run, unless it calls it by name."""
        if _FETCHING.fullmatch(self.name):
            return True
        return any(
            self.system in group.packages and group.packages[self.system].fullmatch(self.name)
            for group in TOOL_GROUPS
        )

    @property
    def is_development(self) -> bool:
        """Whether it has headers of a library."""
        return _DEVELOPMENT.fullmatch(self.name) is not None


def installed(single: Single) -> tuple[Installed, ...]:
    """What RUNs install with apt and apk, in order. Raises `CannotTell`."""
    found: list[Installed] = []
    for ran in single.ran:
        system = _SYSTEMS.get(ran.name)
        if system is None or not _installs(ran.command):
            continue
        for word in ran.command.operands(*_WITH_VALUE)[1:]:
            text = ran.text(word)
            if text is None:
                raise CannotTell(f"what line {ran.step.line} installs: {word.text[:40]}")
            name = re.split(r"[=/:<>~@]", text)[0]
            if name:
                found.append(Installed(name, system, ran.step.line))
    return tuple(dict.fromkeys(found))


def _installs(command: Command) -> bool:
    operands = command.operands(*_WITH_VALUE)
    return bool(operands) and operands[0].text in ("install", "add")


def removes(ran: Ran) -> bool:
    """Whether a command takes packages away."""
    operands = [word.text for word in ran.command.operands(*_WITH_VALUE)]
    wanted = ("del", "remove", "purge", "autoremove", "auto-remove", "erase")
    return ran.name in (*_SYSTEMS, "dpkg", "dnf", "yum") and bool(set(operands[:1]) & set(wanted))


def check_clear(single: Single, language: str) -> None:
    """Look at what nothing can be said about.

    Raises:
        CannotTell: what it starts, or which release of the language it has, is not clear; or a RUN
            takes packages away again.
    """
    single.launch  # noqa: B018 - raises where it is not clear what runs
    if "$" in single.image_text:
        raise CannotTell(f"which {language} {single.image_text} has: a build argument says it")
    for ran in single.ran:
        if removes(ran):
            raise CannotTell(f"what is left where line {ran.step.line} takes packages away")


def needed(single: Single) -> tuple[str, ...]:
    """Packages that are installed and are neither tools of a build nor headers."""
    called = {ran.name for ran in single.ran}
    found = [
        one.name
        for one in installed(single)
        if not one.only_builds and not one.is_development and one.name not in called
    ]
    zones = any("TZ" in names_of(step) for step in single.steps if step.keyword == "ENV")
    if zones and single.builder is not None and "tzdata" in single.builder.has:
        found.append("tzdata")
    return tuple(dict.fromkeys(found))


def names_of(step: Step) -> tuple[str, ...]:
    """The variables that an ENV sets."""
    return tuple(one.name for one in settings_of(step.instruction) or ())


def development(single: Single) -> tuple[Installed, ...]:
    """Packages with headers that are installed."""
    return tuple(one for one in installed(single) if one.is_development and not one.only_builds)


def programs_for(
    single: Single, base: FinalBase, kept: tuple[Kept, ...], started: Iterable[Started]
) -> tuple[str, ...]:
    """Packages for the programs that the command and the health check call.

    Args:
        single: the stage.
        base: what the final stage begins from.
        kept: what is copied from the builder.
        started: the command and the health check.

    Raises:
        CannotTell: a program that nothing is known of.
    """
    found: list[str] = []
    for one in started:
        for program in _called(one):
            if any(is_kept(path, kept) for path in single.resolved(program)):
                continue
            found += _packages(program, base, one)
    return tuple(dict.fromkeys(found))


def is_kept(path: str, kept: tuple[Kept, ...]) -> bool:
    """Whether a path of the builder is copied, by itself or in a folder."""
    sources = [source for one in kept for source in one.sources]
    return any(
        path == source or (source.endswith("/") and path.startswith(source)) for source in sources
    )


def _called(started: Started) -> Iterator[str]:
    yield from started.programs
    if started.shell is not None:
        yield started.shell


def _packages(program: str, base: FinalBase, started: Started) -> list[str]:
    name = program.rpartition("/")[2]
    usual = "/" not in program or program.rpartition("/")[0] in _USUAL
    if usual and base.system is not None:
        if name in _COMMON or name in base.has:
            return []
        if name in _PROGRAMS:
            package = _PROGRAMS[name][base.system == "alpine"]
            return package.split()[:1]
    raise CannotTell(
        f"where {program[:60]} comes from, which line {started.step.line} starts: no line seems to"
        " make it"
    )
