"""Which files of the context a program reads when it runs.

It is told by names: a file whose name, or whose folder's name, stands nowhere in the sources, in
the command or in ENV cannot be asked for by a name that is written down.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.rules.multistage.fetching import settings_written
from lightship.rules.multistage.plan import CannotTell, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.shell.script import Word
    from lightship.rules.multistage.single import Single
    from lightship.rules.multistage.sources import Copied

# What a build or people read, whatever the language.
_NOT_FOR_RUNNING = re.compile(
    r"(?:README|LICEN[CS]E|CHANGELOG|CONTRIBUTING|AUTHORS|NOTICE|COPYING|CODEOWNERS|Makefile"
    r"|GNUmakefile|Dockerfile|Containerfile|docker-compose|compose|Jenkinsfile|Vagrantfile)(?:[.-].*)?"
    r"|.*\.(?:md|rst|adoc|dockerfile|mk)|\.(?!env|keep|gitkeep).*",
    re.IGNORECASE,
)


def data_of(
    single: Single,
    is_source: re.Pattern[str],
    *,
    embedded: re.Pattern[str] | None = None,
    installed: bool = False,
    by_name: bool = True,
) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
    """Files of the context that the program may read when it runs: what to keep, and what not.

    Args:
        single: the stage.
        is_source: matches the name of a file that only the build reads.
        embedded: matches parts of the sources that name what the build puts into the program.
        installed: whether the build installs what it fetches, with its data.
        by_name: whether only what is named is kept; not where libraries read by convention.

    Raises:
        CannotTell: not all of the sources can be seen.
    """
    sources = single.sources
    missing = sources.unseen if installed else sources.missing
    if missing is not None:
        raise CannotTell(f"what the program reads when it runs: {missing}")
    candidates = [
        one
        for one in sources.copied
        if not is_source.fullmatch(posixpath.basename(one.path))
        and not _NOT_FOR_RUNNING.fullmatch(posixpath.basename(one.path))
        and one.source != single.matter.name
    ]
    words = _words(single, is_source, embedded, {one.path for one in candidates})
    working = _working_folders(single, is_source)
    wanted = [
        one
        for one in candidates
        if not by_name or _is_named(one, words) or not _is_below(one.path, working)
    ]
    wanted = [one for one in wanted if _is_sent(single, one)]
    paths = {one.path for one in wanted}
    left = sorted({one.source.partition("/")[0] for one in candidates if one.path not in paths})
    kept = _kept(wanted, {one.path for one in sources.copied} - paths)
    clauses = (f"what nothing names: {', '.join(left)}",) if left else ()
    return (*kept, *_empty_folders(single, working), *settings_written(single)), clauses


def _empty_folders(single: Single, working: frozenset[str]) -> Iterator[Kept]:
    """Folders that RUNs make among the sources and that no other command works with."""
    touched = {one.path for one in single.sources.copied}
    touched |= {f"{ran.directory}/" for ran in single.ran if ran.directory is not None}
    for ran in single.ran:
        if ran.name not in ("mkdir", "chown", "chmod"):
            touched.update(
                f"{path}/"
                for word in ran.command.arguments
                if (path := ran.path(_value(word))) is not None
            )
    for ran in single.ran:
        if ran.name != "mkdir" or ran.step.mounts:
            continue
        for word in ran.command.operands("-m", "--mode"):
            path = ran.path(word)
            if path is None or not _is_below(path, working):
                continue
            if not any(one.startswith(f"{path}/") for one in touched):
                yield Kept((f"{path}/",), f"{path}/", "a folder that is made for it")


def _value(word: Word) -> Word:
    """What stands behind the `=` of a word, if it has one."""
    at = word.text.find("=") + 1
    return type(word)(word.text[at:], word.literal, word.start, word.end)


def _working_folders(single: Single, is_source: re.Pattern[str]) -> frozenset[str]:
    """Where RUNs work and sources are: what is anywhere else was put there for the program."""
    found = {ran.directory for ran in single.ran if ran.directory is not None}
    for one in single.sources.copied:
        if is_source.fullmatch(posixpath.basename(one.path)):
            found.add(posixpath.dirname(one.path))
    return frozenset(found - {"/"})


def _is_below(path: str, folders: frozenset[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def _is_sent(single: Single, one: Copied) -> bool:
    """Whether a file gets to the build at all. Raises `CannotTell`."""
    ignored = single.ignored(one.source)
    if ignored is None:
        raise CannotTell(f"whether {one.source[:60]} gets to the build: see the ignore file")
    return not ignored


_WORD = re.compile(r"[\w.-]*\w")
# The end of a name that is put together: "%s.json", name + ".json", *.json.
_ENDING = re.compile(r"(?:%[a-z]|[^\w.])(\.[A-Za-z]\w*)")


def _words(
    single: Single,
    is_source: re.Pattern[str],
    embedded: re.Pattern[str] | None,
    candidates: set[str],
) -> frozenset[str]:
    """Every word in the sources, the commands and ENV."""
    words: set[str] = set()
    for path, text in single.sources.texts.items():
        if (path in candidates and not path.endswith(".sh")) or not _is_read(path, is_source):
            continue
        plain = embedded.sub("", text) if embedded is not None else text
        words.update(_WORD.findall(plain))
        words.update(_ENDING.findall(plain))
    if any("dotenv" in word for word in words):
        words.add(".env")
    for step in single.steps:
        if step.keyword in ("CMD", "ENTRYPOINT", "ENV", "HEALTHCHECK"):
            words.update(_WORD.findall(step.instruction.value))
    return frozenset(words)


def _is_read(path: str, is_source: re.Pattern[str]) -> bool:
    # What the container starts, and other scripts, name files too.
    return (
        not path.startswith("/")
        or path.endswith(".sh")
        or is_source.fullmatch(posixpath.basename(path)) is not None
    )


def _is_named(one: Copied, words: frozenset[str]) -> bool:
    *folders, name = one.source.split("/")
    stem, dot, ending = name.rpartition(".")
    parts = (*folders, name, name.partition(".")[0], dot + ending if stem else "")
    return any(part in words for part in parts if part)


def _kept(wanted: list[Copied], others: set[str]) -> Iterator[Kept]:
    """Whole folders where nothing else is in them, files else."""
    blocked: set[str] = set()
    for path in others:
        while (path := posixpath.dirname(path)) not in blocked and path != "/":
            blocked.add(path)
    done: set[str] = set()
    for one in wanted:
        highest = one.path
        for _ in range(one.source.count("/")):
            if (folder := posixpath.dirname(highest)) in blocked:
                break
            highest = folder
        if highest not in done:
            done.add(highest)
            end = "" if highest == one.path else "/"
            owner = one.step.instruction.flag("chown") or ""
            yield Kept((highest + end,), highest + end, "the program may read it", owner=owner)
