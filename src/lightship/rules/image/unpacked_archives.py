"""Archives that lie beside what was unpacked from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.data_files import evidence_of, unpackaged
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Subject

_PAGE = """
An archive (`.tar.gz`, `.zip`, `.whl`...) lies beside a directory of its name: what is in it is in
the image twice, once packed and once unpacked.

## Why it matters

An archive does not compress again: all of it is pulled.

## What to do

Unpack while downloading, so that the archive never is a file, or delete it in the same `RUN`:

```dockerfile
RUN curl -fsSL https://example.org/tool-1.2.tar.gz | tar -xz -C /opt
```

`ADD` of a local archive unpacks it, and leaves no archive in the image. In a build of several
stages the archive stays in the stage that unpacks it.

## What it cannot see

The archive is not opened: that a directory with its name lies beside it is taken for its content.
An archive that was unpacked elsewhere is not found. One that the application serves for download
may have to stay. """


def _check(subject: Subject) -> Iterable[Claim]:
    found = list(unpackaged(subject, "unpacked archive"))
    if found:
        yield Claim(
            message="{files}, {bytes}, beside a directory of the same name.",
            paths=[one.path for one in found],
            evidence=evidence_of(subject, found),
        )


RULE = Rule(
    name="unpacked-archives",
    title="Archives beside their content",
    severity="warning",
    confidence="likely",
    remedy="remove",
    advice="Unpack while downloading, or delete the archive in the RUN that unpacks it.",
    page=_PAGE,
    check=_check,
)
