"""Keys, tokens and passwords in files (deleted ones too), in ENV and in the history."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.secrets import (
    READER,
    kind_of_variable,
    kinds_of_file,
    secrets_of_instruction,
    secrets_request,
)
from lightship.filetree.tree import Death
from lightship.model.finding import Evidence
from lightship.rules.evidence import at_path
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.analysis.secrets import SecretKind
    from lightship.model.finding import Confidence
    from lightship.rules.rule import Subject

# Keys that test suites bring along are no secrets: everybody has them.
_FIXTURES = re.compile(rb"(?:^|/)(?:tests?|__tests__|testdata|fixtures|examples?|spec)(?:/|$)")
_LEVELS: tuple[Confidence, ...] = ("certain", "likely", "guess")
_PAGE = """
The image holds something that opens a door: a private key, a token, a password. Whoever can pull
the image has it.

## Why it matters

Deleting the file in a later `RUN` does not take it out of the image: the layer that brought it is
still pulled. A build argument stands in the history, an `ENV` in the configuration; neither needs
so much as a layer to be read. `lightship` names place and kind, and never prints the value.

## What to do

First change the key or password: it is known. Then build without it:

```dockerfile
RUN --mount=type=secret,id=npmrc NPM_CONFIG_USERCONFIG=/run/secrets/npmrc npm ci
RUN --mount=type=ssh git clone git@example.org:team/project.git
```

What the application needs when it runs comes from the platform, as a Secret that is mounted or
given as a variable. List files such as `.env` and `id_rsa` in `.dockerignore`. Host keys of an SSH
server are made when the container starts (`ssh-keygen -A`), or all its containers share them.

## What it cannot see

It knows the forms of common tokens, PEM private keys, the files in which common tools keep
credentials, and variables that are named like secrets. A password in the middle of a program is not
found, nor is one in a file above 256 kB, in an archive or in a database. Files that a package
brings, and those of test suites, are left out.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    found: dict[Confidence, list[Evidence]] = {level: [] for level in _LEVELS}
    for kind, evidence in (*_in_files(subject), *_in_env(subject), *_in_history(subject)):
        found[kind.confidence].append(evidence)
    surest = next((level for level in _LEVELS if found[level]), None)
    if surest is None:
        return
    everything = [evidence for level in _LEVELS for evidence in found[level]]
    places = f"{len(everything)} places" if len(everything) > 1 else "one place"
    yield Claim(
        message=f"Keys, tokens or passwords in {places}.",
        evidence=everything,
        confidence="certain"
        if surest == "certain"
        else "likely"
        if surest == "likely"
        else "guess",
        severity="warning" if surest == "guess" else "error",
    )


def _in_files(subject: Subject) -> Iterator[tuple[SecretKind, Evidence]]:
    tree, owner_of = subject.ledger.tree, subject.ledger.ownership.owner_of
    for position, (base, index) in enumerate(zip(tree.bases, tree.indexes, strict=True), 1):
        for entry, extracts in index.rarities.captures.items():
            extract = extracts.get(READER)
            if not extract:
                continue
            directory = index.directories[index.columns.directories[entry]]
            record = base + entry
            if owner_of[record] != NO_PACKAGE or _FIXTURES.search(directory):
                continue
            for kind in kinds_of_file(directory, index.columns.names[entry], extract):
                gone = tree.deaths[record] != Death.ALIVE
                note = kind.title
                if gone:
                    note += f"; layer {tree.killers[record]} takes it away, but it is still pulled"
                yield kind, at_path(index.path(entry), 0, layer=position, note=note)


def _in_env(subject: Subject) -> Iterator[tuple[SecretKind, Evidence]]:
    execution = subject.image.config.config
    for variable in (execution.env if execution is not None else None) or ():
        name, _, value = variable.partition("=")
        kind = kind_of_variable(name, value)
        if kind is not None:
            yield kind, Evidence(path=None, bytes=0, note=f"ENV {name}: {kind.title}")


def _in_history(subject: Subject) -> Iterator[tuple[SecretKind, Evidence]]:
    # Without the layer: what made it would be printed, and the secret with it.
    for number, entry in enumerate(subject.image.config.history or (), 1):
        line = entry.created_by or ""
        for name, kind in secrets_of_instruction(line):
            said = f"{name}: {kind.title}" if name else kind.title
            note = f"history, instruction {number}: {said}"
            yield kind, Evidence(path=None, bytes=0, note=note)


RULE = Rule(
    name="secrets",
    title="Keys, tokens or passwords",
    severity="error",
    confidence="certain",
    remedy="change",
    advice="Change them; give new ones to a build by --mount=type=secret, to a pod as a Secret.",
    page=_PAGE,
    check=_check,
    requests=(secrets_request(),),
)
