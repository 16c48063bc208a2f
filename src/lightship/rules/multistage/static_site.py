"""A site that is built, and then only served from a folder.

It is served by the program that the file starts: another server would answer otherwise, on another
port. Source: the README files of `serve` and `http-server` on npm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.node_packages import SERVERS
from lightship.rules.multistage.node_project import global_packages, is_build, is_global
from lightship.rules.multistage.single import at

if TYPE_CHECKING:
    from lightship.rules.multistage.single import Single


def served(single: Single) -> str | None:
    """The built folder that is served, absolute; None where the command is no such server.

    Only a server that is installed for the whole image, and a folder that is named: one that the
    build makes, not one that is copied.
    """
    words = single.launch.words
    if not words or words[0] not in SERVERS:
        return None
    if not any(is_global(ran) and words[0] in global_packages(ran) for ran in single.ran):
        return None
    folders = []
    skip = False
    for word in words[1:]:
        if skip or word.startswith("-"):
            skip = not skip and word in SERVERS[words[0]]
        else:
            folders.append(word)
    if len(folders) != 1 or not any(is_build(ran) for ran in single.ran):
        return None
    folder = at(single.last_workdir, folders[0])
    copied = any(one.path.startswith(f"{folder}/") for one in single.sources.copied)
    return None if copied or folder in (single.last_workdir, "/") else folder
