"""Programs that an application starts and that the full variant of an image has, the slim not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.catalogue.smaller_bases import smaller_bases
from lightship.dockerfile.shell.parsing import script_of
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.single import Single

# Debian's package of each that may be started when a container runs.
_PACKAGES = {
    "bzip2": "bzip2",
    "convert": "imagemagick",
    "curl": "curl",
    "file": "file",
    "git": "git",
    "gpg": "gnupg",
    "hg": "mercurial",
    "magick": "imagemagick",
    "pkill": "procps",
    "ps": "procps",
    "scp": "openssh-client",
    "ssh": "openssh-client",
    "svn": "subversion",
    "top": "procps",
    "unzip": "unzip",
    "wget": "wget",
    "xz": "xz-utils",
}
_STARTS = re.compile(
    r"\bsubprocess\b|\bos\.(?:system|popen|exec|spawn)|\bPopen\b|\bpexpect\b|\bchild_process\b"
    r"|\bexeca\b|\bshelljs\b|\bsimple-git\b|\bcross-spawn\b|\bcreate_subprocess"
)
_FIRST_WORD = re.compile(r"[\"'`](?:/usr/(?:local/)?bin/|/bin/)?([a-z][\w+-]*)(?=[\"'`\s])")
_IS_SCRIPT = re.compile(r"#!\s*\S*(?:/|\benv\s+)(?:sh|bash|dash|ash)\b")


def started_by_sources(single: Single, endings: tuple[str, ...]) -> Iterator[str]:
    """Packages of programs that the sources start and the slim image lacks.

    Args:
        single: the stage; all that it copies can be seen.
        endings: of the language's files.

    Raises:
        CannotTell: they start a compiler, or the like.
    """
    row = smaller_bases().get(single.image.repository)
    lacks = frozenset(row.lacks) if row is not None else frozenset[str]()
    for path, text in single.sources.texts.items():
        if not path.startswith("/"):
            continue
        names: set[str] = set()
        if path.endswith(".sh") or _IS_SCRIPT.match(text):
            names = {command.name for command in script_of(text).commands}
        elif path.endswith(endings) and _STARTS.search(text):
            names = set(_FIRST_WORD.findall(text))
        for name in sorted(names & lacks):
            if name not in _PACKAGES:
                raise CannotTell(
                    f"how to do without {name}, which {path.rpartition('/')[2][:60]} starts"
                )
            yield _PACKAGES[name]
