r"""ADD fetches an archive from the network, and a RUN unpacks it: its layer keeps it.

## Why it matters

ADD does not unpack what it fetches. The archive is a layer of its own; what a later RUN unpacks
comes on top of it, and where that RUN removes the archive it is hidden, not gone.

## What to do

Fetch and unpack it in one RUN:

```dockerfile
RUN curl -fsSL https://example.org/tool.tar.gz | tar -xz -C /usr/local
```

Say `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` first, or a failed download is not noticed if tar
is content with what came. With BuildKit a stage of its own can ADD it, and the RUN mount it.

## What it cannot see

Whether the image has curl or wget. ADD also looks whether the remote file has changed, which RUN
does not: so nothing is changed by itself.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from lightship.dockerfile.copies import copy_of
from lightship.rules.archives import SUFFIX, unpackings
from lightship.rules.smell import DockerfileRule, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Step
    from lightship.rules.smell import Matter


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for step in build.shipped():
        wanted = _fetched(step) if step.keyword == "ADD" else {}
        if not wanted or step.stage is None:
            continue
        for later in build.steps[step.position + 1 : step.stage.last]:
            found = [one for one in unpackings(later) if one.path in wanted]
            if found:
                path = found[0].path or ""
                yield Smell(
                    position=step.position,
                    message=f"ADD fetches {wanted[path]}, line {later.line} unpacks it,"
                    " and this layer keeps it.",
                    unfixed="whether curl or wget is in the image is not known",
                    saving=Saving(kind="paths", positions=(step.position,), patterns=(path,)),
                )
                break


def _fetched(step: Step) -> dict[str, str]:
    """Names of remote archives by where ADD puts them."""
    copy = copy_of(step)
    if copy is None or copy.path is None or step.instruction.flag("unpack") not in (None, "false"):
        return {}
    found = {}
    for source in copy.remote:
        name = posixpath.basename(source.partition("?")[0].partition("#")[0])
        if SUFFIX.search(name):
            found[posixpath.join(copy.path, name) if copy.is_directory else copy.path] = name
    return found


RULE = DockerfileRule(
    name="remote-archive-added",
    title="Remote archives fetched with ADD",
    severity="warning",
    confidence="certain",
    advice="Fetch and unpack it in one RUN.",
    page=__doc__,
    check=_check,
)
