"""`python -m tests.e2e.building [PLACE [FILE...]]`: prove cases, and write the page of figures.

With PLACE, bases and registries made there before are used again, and so are the figures of files
of cases that are not named. Exit code 1 if a case fails; the page is only written once every file
has its figures.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, json

from lightship.units import format_bytes

from ..programs import Lightship  # noqa: TID252 - as its neighbours, one floor up
from .cases import FILES, cases
from .ground import ground
from .proof import Proof, prove

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = Path(__file__).parents[3] / "docs/explanation/fix-proof.md"
_HEAD = """\
# Fixes proven by builds

Written by `python -m tests.e2e.building`. Each Dockerfile is built with a real Docker engine and
BuildKit, fixed with `lightship fix --write --image`, and built again without a cache. A row stands
here only if

- the container's command prints the same;
- the two trees are equal but for the paths that the fix announces, and for logs, databases and
  bytecode with times in them (`VOLATILE` in `tests/e2e/building/proof.py`);
- what was predicted from the first image is within 5 % or 1 MB of what the second one saves.

The bases carry public names and are made of Debian's packages; apt, dnf, zypper, pip, uv, npm,
yarn, cargo and Go fetch from registries on the same machine. conda and http-server are stand-ins,
of which the first keeps and cleans as conda does. Not tried here: apk, Maven, Gradle, .NET. The
cases are in `tests/e2e/building/cases/`. Bytes are unpacked.
"""
_SAFE = """
## Fixes

| case | fixed by | predicted | measured |
|---|---|--:|--:|
"""
_NEW = """
## Rewritten

The image is another one: its command says the same. What another base weighs is not known before it
is there, so the saving is predicted only where the new stage begins from `scratch`.

| case | fixed by | before | after | predicted | measured |
|---|---|--:|--:|--:|--:|
"""
_SILENT = """
## Left alone

Nothing here may be fixed, and nothing is:

"""


class Row(Struct, frozen=True):
    """A proven case; `before_bytes` None where nothing was to be fixed."""

    case: str
    rules: tuple[str, ...]
    is_new: bool
    before_bytes: int | None
    after_bytes: int | None
    predicted_bytes: int | None
    measured_bytes: int


def main(place: Path, files: Sequence[str]) -> int:
    lightship = Lightship(place / "cache")
    figures = place / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    failed = 0
    with ground(place / "ground") as made:
        for file in files:
            rows = []
            for case in cases(file):
                try:
                    proof = prove(case, made, lightship, place / "work")
                    wrong = proof.wrong()
                except AssertionError as error:
                    wrong = [str(error)[-800:]]
                else:
                    rows += [] if wrong else [_row(proof)]
                failed += bool(wrong)
                sys.stdout.write(f"{'FAILED' if wrong else 'proven'} {file}: {case.name}\n")
                sys.stdout.writelines(f"    {line}\n" for line in wrong[:20])
                sys.stdout.flush()
            (figures / f"{file}.json").write_bytes(json.encode(rows))
    if all((figures / f"{file}.json").exists() for file in FILES):
        texts = [(figures / f"{file}.json").read_bytes() for file in FILES]
        PAGE.write_text(page([row for text in texts for row in json.decode(text, type=list[Row])]))
    return int(failed > 0)


def _row(proof: Proof) -> Row:
    result = proof.result
    return Row(
        proof.case.name,
        tuple(sorted(proof.rules)),
        proof.case.tree == "new",
        result.a.unpacked_bytes if result else None,
        result.b.unpacked_bytes if result else None,
        proof.predicted_bytes,
        proof.measured_bytes,
    )


def page(rows: list[Row]) -> str:
    """The page."""
    made = [row for row in rows if row.before_bytes is not None]
    return "".join(
        [
            _HEAD,
            _SAFE,
            *(_line(row, sizes=False) for row in made if not row.is_new),
            _NEW,
            *(_line(row, sizes=True) for row in made if row.is_new),
            _SILENT,
            *(f"- {row.case}\n" for row in rows if row.before_bytes is None),
        ]
    )


def _line(row: Row, *, sizes: bool) -> str:
    cells = [row.case, ", ".join(f"`{rule}`" for rule in row.rules)]
    if sizes:
        cells += [format_bytes(row.before_bytes or 0), format_bytes(row.after_bytes or 0)]
    predicted = "" if row.predicted_bytes is None else f"{row.predicted_bytes:,}"
    return f"| {' | '.join([*cells, predicted, f'{row.measured_bytes:,}'])} |\n"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2:] or FILES))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(Path(folder), FILES))
