"""Whether what a carried RUN changes is there in the final stage."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.dockerfile.build import Step
    from lightship.rules.multistage.plan import Plan
    from lightship.rules.multistage.single import Ran, Single

_CHANGE = frozenset(("chown", "chmod", "chgrp"))
_WITH_VALUE = ("-m", "--mode", "--reference", "--from")
# Of every system.
_EVERYWHERE = frozenset(
    """
    / /dev/stdout /dev/stderr /etc /etc/passwd /etc/group /home /media /mnt /opt /root /run /srv
    /tmp /usr /usr/local /usr/local/bin /usr/local/lib /usr/share /var /var/cache /var/lib /var/log
    /var/run /var/tmp
    """.split()  # noqa: SIM905 - one to a line is a page
)


def check_paths(single: Single, plan: Plan, steps: Sequence[Step], *, built: int) -> None:
    """See that every path that a carried RUN changes the owner or mode of exists by then.

    Args:
        single: the stage.
        plan: with what is copied.
        steps: the carried ones, in order.
        built: position behind which the copies are.

    Raises:
        CannotTell: one may not.
    """
    there: set[str] = set()
    folders: set[str] = set()
    for step in steps:
        if step.position in plan.repeats and step.keyword == "RUN":
            # All that it had is there.
            continue
        if step.position > built:
            there |= {one.target.rstrip("/") for one in plan.kept}
            folders = {one.target for one in plan.kept if one.target.endswith("/")}
        if step.keyword == "WORKDIR":
            there.add(single.workdir_after(step) or "/")
        for ran in single.ran:
            if ran.step.position == step.position:
                _check_command(ran, there, folders)


def _check_command(ran: Ran, there: set[str], folders: set[str]) -> None:
    operands = [ran.path(word) for word in ran.command.operands(*_WITH_VALUE)]
    if ran.name in ("mkdir", "touch", "ln", "install"):
        there.update(path for path in operands if path is not None)
    elif ran.name in ("useradd", "adduser"):
        # A home is made for some of them, at /home/NAME unless it is said otherwise.
        home = ran.option("-d", "--home-dir", "-h", "--home")
        path = ran.path(home) if home is not None else None
        there.add(path if path is not None else f"/home/{ran.command.arguments[-1].text}")
    elif ran.name in _CHANGE:
        for path in operands[1:]:
            if path is None or not _exists(path, there, folders):
                raise CannotTell(
                    f"whether {path or 'what'} line {ran.step.line} changes is needed: nothing"
                    " else puts it into the final stage"
                )


def _exists(path: str, there: set[str], folders: set[str]) -> bool:
    if path in _EVERYWHERE or any(path.startswith(folder) for folder in folders):
        return True
    above = set(there)
    for one in there:
        folder = posixpath.dirname(one)
        while folder not in above and folder not in ("", "/"):
            above.add(folder)
            folder = posixpath.dirname(folder)
    return path in above
