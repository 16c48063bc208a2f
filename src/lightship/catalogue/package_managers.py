"""Package managers of distributions: how they are called, and what they leave behind.

As of November 2026: apt 3.0, apk-tools 2.14, dnf 4 and 5, microdnf, yum 3, tdnf, zypper 1.14.
Source: their manual pages.
"""

from __future__ import annotations

from typing import NamedTuple

_APT_VALUES = ("-o", "--option", "-c", "--config-file", "-t", "--target-release")
_APT_INSTALLS = (
    "install",
    "reinstall",
    "upgrade",
    "safe-upgrade",
    "full-upgrade",
    "dist-upgrade",
    "dselect-upgrade",
    "build-dep",
    "satisfy",
    "source",
    "download",
)
_RPM_INSTALLS = (
    "install",
    "in",
    "reinstall",
    "localinstall",
    "groupinstall",
    "group",
    "update",
    "up",
    "upgrade",
    "update-minimal",
    "distro-sync",
    "builddep",
    "module",
    "swap",
    "makecache",
    "check-update",
)


class PackageManager(NamedTuple):
    """One package manager.

    Attributes:
        name: of its family.
        programs: names it is called by.
        system: how catalogue/build_tools.py names the packages it installs.
        updates: subcommands that only fetch lists.
        installs: those that install from lists.
        upgrades: those that replace what the base has, if no package is named.
        removes: those that take packages away.
        with_value: options that take the next word.
        elsewhere: options with which it leaves the image alone, or works on another root.
        places: where it keeps lists and downloads.
        row: of catalogue/removable.toml, with all that it leaves.
        cleans: subcommands, each with all its words, that remove them.
        clean_up: commands to append; `{program}` is the program that was called.
        offline: options with which `installs` fetch nothing.
        flag: of `installs`, with which nothing is kept; empty without.
        fetches: whether `installs` fetch lists by themselves when there are none.
    """

    name: str
    programs: frozenset[str]
    system: str
    updates: frozenset[str]
    installs: frozenset[str]
    upgrades: frozenset[str]
    removes: frozenset[str]
    with_value: tuple[str, ...]
    elsewhere: tuple[str, ...]
    places: tuple[str, ...]
    row: str
    cleans: tuple[tuple[str, ...], ...] = ()
    clean_up: tuple[str, ...] = ()
    offline: tuple[str, ...] = ()
    flag: str = ""
    fetches: bool = True


APT = PackageManager(
    name="apt",
    programs=frozenset(("apt-get", "apt", "aptitude")),
    system="dpkg",
    updates=frozenset(("update",)),
    installs=frozenset(_APT_INSTALLS),
    upgrades=frozenset(
        ("upgrade", "safe-upgrade", "full-upgrade", "dist-upgrade", "dselect-upgrade")
    ),
    removes=frozenset(("remove", "purge", "autoremove", "auto-remove", "autopurge")),
    with_value=_APT_VALUES,
    elsewhere=("-s", "--simulate", "--dry-run", "--print-uris"),
    places=("/var/lib/apt/lists",),
    row="apt-lists",
    cleans=(("distclean",), ("dist-clean",)),
    clean_up=("rm -rf /var/lib/apt/lists/*",),
    fetches=False,
)
APK = PackageManager(
    name="apk",
    programs=frozenset(("apk",)),
    system="apk",
    updates=frozenset(("update",)),
    installs=frozenset(("add", "upgrade", "fix")),
    upgrades=frozenset(("upgrade",)),
    removes=frozenset(("del",)),
    with_value=(
        "-t",
        "--virtual",
        "-X",
        "--repository",
        "-p",
        "--root",
        "--arch",
        "--keys-dir",
        "--repositories-file",
        "--wait",
        "--cache-dir",
        "--cache-max-age",
    ),
    elsewhere=("-p", "--root", "-s", "--simulate", "--cache-dir"),
    places=("/var/cache/apk", "/etc/apk/cache"),
    row="apk-cache",
    cleans=(("cache", "clean"), ("cache", "purge")),
    offline=("--no-network",),
    flag="--no-cache",
    fetches=False,
)


def _rpm(
    name: str, programs: tuple[str, ...], places: tuple[str, ...], *more: str
) -> PackageManager:
    return PackageManager(
        name=name,
        programs=frozenset(programs),
        system="rpm",
        updates=frozenset(("makecache", "check-update")),
        installs=frozenset(_RPM_INSTALLS),
        upgrades=frozenset(("update", "up", "upgrade", "distro-sync")),
        removes=frozenset(("remove", "rm", "erase", "autoremove")),
        with_value=(
            "-c",
            "-x",
            "-d",
            "-e",
            "-R",
            "--enablerepo",
            "--disablerepo",
            "--repo",
            "--repoid",
            "--setopt",
            "--exclude",
            "--releasever",
            "--installroot",
        ),
        elsewhere=("--installroot", "--assumeno", "--downloadonly"),
        places=places,
        row="dnf-cache",
        cleans=(("clean", "all"),),
        offline=("-C", "--cacheonly"),
        clean_up=("{program} clean all", *more),
    )


_RPM_PLACES = ("/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/microdnf", "/var/cache/yum")
DNF = _rpm("dnf", ("dnf", "dnf5", "dnf-3", "microdnf", "tdnf"), _RPM_PLACES)
# yum 3 leaves the lists of repositories that are switched off.
YUM = _rpm("yum", ("yum",), _RPM_PLACES, "rm -rf /var/cache/yum")
ZYPPER = PackageManager(
    name="zypper",
    programs=frozenset(("zypper",)),
    system="rpm",
    updates=frozenset(("refresh", "ref")),
    installs=frozenset(
        (
            "install",
            "in",
            "install-new-recommends",
            "inr",
            "source-install",
            "si",
            "update",
            "up",
            "patch",
            "dist-upgrade",
            "dup",
        )
    ),
    upgrades=frozenset(("update", "up", "patch", "dist-upgrade", "dup")),
    removes=frozenset(("remove", "rm")),
    with_value=("-R", "--root", "-C", "--config", "-r", "--repo", "--from", "-t", "--type"),
    elsewhere=("-R", "--root", "--installroot", "-D", "--dry-run", "-d", "--download-only"),
    places=("/var/cache/zypp", "/var/cache/zypper"),
    row="zypper-cache",
    cleans=(("clean",), ("cc",)),
    clean_up=("zypper clean --all",),
)
MANAGERS = (APT, APK, DNF, YUM, ZYPPER)


def manager_of(program: str) -> PackageManager | None:
    """The manager that a program's name calls."""
    return _BY_PROGRAM.get(program)


_BY_PROGRAM = {program: manager for manager in MANAGERS for program in manager.programs}
