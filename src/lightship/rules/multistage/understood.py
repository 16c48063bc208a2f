"""Whether every command of a stage is one whose results are known: a build's, or of no weight."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.rules.multistage.launching import BUILTINS
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.multistage.single import Ran, Single

# What installs, fetches, unpacks, moves, checks or prints; what each of them leaves is looked at
# elsewhere, or is of the build alone.
_KNOWN = frozenset(
    """
    apt-get apt aptitude apk dpkg dpkg-query apt-key apt-mark apt-cache add-apt-repository
    update-alternatives curl wget aria2c tar bsdtar unzip zip gzip gunzip xz bzip2 zstd git svn hg
    gpg sha1sum sha256sum sha512sum md5sum ssh-keyscan patch diff cmp rm rmdir mv cp ln install
    mkdir touch chmod chown chgrp ls cat sed awk gawk grep egrep fgrep cut head tail tr sort uniq wc
    find xargs tee basename dirname realpath readlink mktemp sleep date env uname nproc getconf stat
    du df file which whereis id whoami hostname expr seq strip upx ldd nm objdump readelf ldconfig
    useradd groupadd adduser addgroup usermod groupmod passwd getent dos2unix sync pwd
    yes timeout nice arch printenv locale
    """.split()  # noqa: SIM905 - one to a line is a page
)


_SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh"))


def check_understood(single: Single, tools: Iterable[str], made: Iterable[str]) -> None:
    """See that every RUN is known, and runs nothing else than known programs.

    Args:
        single: the stage.
        tools: programs of the language.
        made: files that it builds, which it may run to try them.

    Raises:
        CannotTell: what a line leaves, that the program may need.
    """
    known = _KNOWN | _SHELLS | BUILTINS | frozenset(tools)
    paths = frozenset(made)
    for step in single.steps:
        if step.keyword == "RUN" and (step.script is None or not step.script.exact):
            raise CannotTell(f"what line {step.line} leaves: it cannot be read as shell")
    for ran in single.ran:
        # gcc-12, clang-16
        name = re.sub(r"-[0-9.]+\Z", "", ran.name)
        if name in _SHELLS and not _is_rustup(ran):
            raise CannotTell(f"what line {ran.step.line} leaves: it runs a script with {name}")
        if not name or name in known:
            continue
        word = ran.command.words[-len(ran.command.arguments) - 1]
        if (path := ran.path(word)) is not None and path in paths:
            continue
        if any(found in paths for found in single.resolved(name)):
            continue
        raise CannotTell(f"what line {ran.step.line} leaves: it runs {_shown(name)}")


def _is_rustup(ran: Ran) -> bool:
    """Rust's own installer, down a pipe: it puts a toolchain into the home folder."""
    body = ran.step.body
    return "pipeline" in ran.command.within and body is not None and "sh.rustup.rs" in body.text


def _shown(name: str) -> str:
    return re.sub(r"\s+", " ", name)[:60]
