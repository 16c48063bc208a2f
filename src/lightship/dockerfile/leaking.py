"""What a RUN leaves behind for commands that run in the same shell and container after it.

Files are not meant: they are there for the next RUN as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.shell.state import leading_sets, process_state, set_flags

if TYPE_CHECKING:
    from lightship.dockerfile.build import Step
    from lightship.dockerfile.shell.script import Command, Script, Word

# What parentheses keep inside. Of the others: `trap` and `kill` reach out of them or run late,
# `source`, `eval` and `expansion` may turn on `set -e`, aliases are read line by line.
_KEPT_IN = frozenset(
    (
        *("cd", "export", "assignment", "unset", "set", "shopt", "umask", "ulimit", "function"),
        *("exec", "exit"),
    )
)
_WORDS = {
    "background": "the first leaves something running",
    "trap": "the first sets a trap",
    "kill": "the first ends processes",
    "source": "the first reads a script into its shell",
    "eval": "the first builds commands as text",
    "expansion": "the first calls a program whose name only the shell knows",
    "alias": "the first sets an alias",
    "unread": "its shell text does not parse",
}
# Processes that go on running until the RUN ends, and files that are new for each RUN.
_SERVICES = re.compile(
    r"(?<![\w-])(?:service|systemctl|initctl|rc-service|pg_ctl\w*|supervisord|s6-\w+|Xvfb|nohup"
    r"|setsid|screen|tmux|dockerd|containerd|mysqld\w*|mariadbd\w*|redis-server|mongod|nginx"
    r"|start-stop-daemon|dbus-\w+|start\w*|\w*daemon\w*)(?![\w-])|init\.d/|[-_]start(?!\w)"
)
_FRESH = re.compile(r"/etc/(?:hosts|hostname|resolv\.conf)(?!\w)|/dev/shm|/proc/|/sys/")
_ASKS = re.compile(r"\$\{?[-_!](?!\w)")
_PLACING = frozenset(("ln", "mv", "cp", "rm", "install", "update-alternatives", "dpkg-divert"))
_SHELLS = ("bin/sh", "bin/bash", "bin/dash", "bin/ash", "bin/busybox")
# Assignments before one of these builtins outlast it.
_SPECIAL = frozenset((":", "times", "break", "continue"))
# Programs that no other program is put before on PATH. A shell remembers where it found a program
# and does not look again, so that behind `pip install -U pip` the old one would run.
_STEADY = frozenset(
    (
        *("[", "[[", ":", ".", "test", "true", "false", "echo", "printf", "cd", "set", "export"),
        *("unset", "umask", "command", "type", "read", "shift", "exit", "exec", "eval", "pwd"),
        *("apt", "apt-get", "apt-cache", "apt-key", "apt-mark", "aptitude", "dpkg", "apk", "dnf"),
        *(
            "microdnf",
            "yum",
            "rpm",
            "zypper",
            "pacman",
            "add-apt-repository",
            "debconf-set-selections",
        ),
        *("adduser", "addgroup", "useradd", "groupadd", "usermod", "passwd", "chpasswd", "a2enmod"),
        *("basename", "cat", "chgrp", "chmod", "chown", "cp", "cut", "date", "dd", "dirname", "du"),
        *("env", "expr", "head", "id", "install", "ln", "ls", "mkdir", "mktemp", "mv", "nproc"),
        *("readlink", "realpath", "rm", "rmdir", "seq", "sha1sum", "sha256sum", "sha512sum"),
        *("md5sum", "sleep", "sort", "stat", "sync", "tail", "tee", "touch", "tr", "uname", "uniq"),
        *("wc", "which", "whoami", "xargs", "find", "grep", "egrep", "fgrep", "sed", "awk", "gawk"),
        *("tar", "gzip", "gunzip", "bzip2", "xz", "unzip", "zip", "cpio", "patch", "diff", "file"),
        *("getent", "sudo", "locale-gen", "update-locale", "ldconfig", "update-ca-certificates"),
        *("docker-php-ext-install", "docker-php-ext-configure", "docker-php-ext-enable"),
    )
)
# Programs that may be put before others on PATH, but not without naming them.
_NAMING = frozenset(
    (
        *("curl", "wget", "git", "pip", "pip2", "pip3", "npm", "yarn", "gem", "composer", "pecl"),
        *("python", "python2", "python3", "node", "ruby", "perl", "php", "go", "gpg", "conda"),
        *("mamba", "micromamba", "uv", "poetry", "pipenv", "pnpm", "npx", "corepack", "bundle"),
        *("bower", "cargo", "rustup", "dotnet", "mvn", "gradle", "sbt", "lein", "mix", "rebar"),
        *("rebar3", "cabal", "stack", "opam", "swift", "zig", "luarocks", "hg", "svn", "java"),
        *("openssl", "ssh-keyscan", "tdnf", "wine", "R", "Rscript", "julia", "jq", "a2enconf"),
    )
)
# Programs that install others, but hardly ever themselves.
_BUILDING = frozenset(("make", "cmake", "ninja", "meson", "autoreconf", "gcc", "cc"))


class Leak(Struct, frozen=True):
    """What has to be done about it.

    Attributes:
        reason: why the commands must not run in one shell, in a few words; None if they may.
        wraps: whether the first ones need parentheses for it.
    """

    reason: str | None = None
    wraps: bool = False


def leaks(first: Step, second: Step) -> Leak:
    """What of the first RUN the second could tell, if it ran in the same shell and container."""
    script, other = first.script, second.script
    if script is None or other is None:
        return Leak("its shell text does not parse")
    if _starts_anew(first):
        return Leak("its shell reads files at its start that the first may have changed")
    if any(_replaces_shell(command) for command in script.commands):
        return Leak("the first replaces the shell")
    if _SERVICES.search(script.text):
        return Leak("the first may leave a service running")
    if _ASKS.search(other.text):
        return Leak("the second asks about its shell")
    if _FRESH.search(script.text):
        return Leak("the first changes files that every RUN has anew")
    state = set(process_state(script))
    if any(_outlasts(command) for command in script.commands):
        state.add("assignment")
    for reason in sorted(state - _KEPT_IN):
        return Leak(_WORDS.get(reason, "the first changes its shell"))
    if _only_leading_sets(script) and (errexit(first) or set_flags(script) <= {"x", "v"}):
        state.discard("set")
    return Leak(wraps=bool(state) or bool(_remembered(script, other)))


def _starts_anew(step: Step) -> bool:
    """Whether each shell reads profiles: a login or interactive one, or by a variable."""
    flags = [word for word in step.scope.shell[1:] if word.startswith("-")]
    reads = any("l" in flag or "i" in flag for flag in flags if not flag.startswith("--"))
    named = any(flag in ("--login", "--rcfile", "--init-file") for flag in flags)
    return reads or named or not {"BASH_ENV", "ENV"}.isdisjoint(step.scope.environment)


def _replaces_shell(command: Command) -> bool:
    """Whether another program is `/bin/sh` afterwards, as behind `ln -sf bash /bin/sh`."""
    words = [word.text for word in command.arguments]
    if any("dash/sh" in word or word == "dash-binsh" for word in (command.name, *words)):
        return True
    if command.name == "dpkg-reconfigure":
        return "dash" in words
    return command.name in _PLACING and any(word.endswith(_SHELLS) for word in words)


def errexit(step: Step) -> bool:
    """Whether `set -e` holds in any part of a RUN, by itself or by SHELL."""
    script = step.script
    return errexit_by_shell(step) or any(
        command.name == "set"
        and (command.has("-e") or any(word.text == "errexit" for word in command.arguments))
        for command in (script.commands if script else ())
    )


def errexit_by_shell(step: Step) -> bool:
    """Whether SHELL says `-e`."""
    shell = step.scope.shell[1:]
    flags = [word for word in shell if word[:1] == "-" and word[:2] != "--"]
    return any("e" in flag for flag in flags) or "errexit" in shell


def _only_leading_sets(script: Script) -> bool:
    sets = sum(
        any(word.text in ("set", "shift") for word in command.words[:1])
        for command in script.commands
    )
    return sets == leading_sets(script)


def _outlasts(command: Command) -> bool:
    return bool(command.assignments and command.words) and command.words[0].text in _SPECIAL


def _remembered(script: Script, other: Script) -> set[str]:
    """Programs of both that the second might find somewhere else if it looked for them."""
    names = {_looked_up(command) for command in script.commands}
    shared = names & {_looked_up(command) for command in other.commands} - _STEADY - _BUILDING - {
        ""
    }
    if not shared or not names <= _STEADY | _NAMING | {""}:
        return shared
    first_use: dict[str, int] = {}
    for command in script.commands:
        first_use.setdefault(_stem(_looked_up(command)), command.start)
    # What was looked for after it was put there is remembered rightly.
    named = {
        stem
        for command in script.commands
        for stem in map(_named, command.arguments)
        if command.start >= first_use.get(stem, command.start + 1)
    }
    return {name for name in shared if _stem(name) in named or name not in _NAMING}


def _named(word: Word) -> str:
    """The program that a word may name: `pip` of `pip==25.0`, `tool` of `/usr/bin/tool`."""
    return _stem(re.split(r"[=@<>~\[]", word.text.rpartition("/")[2], maxsplit=1)[0])


def _stem(name: str) -> str:
    """`pip` of `pip3`: the package of that name brings both."""
    return name.rstrip("0123456789.")


def _looked_up(command: Command) -> str:
    """The program that the shell itself looks for on PATH; empty for one with a folder."""
    word = command.words[0].text if command.words else ""
    return "" if "/" in word else word
