"""`python -m tests.e2e.building [PLACE]`: prove every case, and write the page with the figures.

With PLACE, bases and registries made there before are used again. Exit code 1 if a case fails; the
page is only written if none does.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from lightship.units import format_bytes

from ..programs import Lightship  # noqa: TID252 - as its neighbours, one floor up
from .cases import FILES, cases
from .ground import ground
from .proof import Proof, prove

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
yarn, cargo and Go fetch from registries on the same machine. conda is a stand-in that keeps and
cleans as conda does; apk is not tried. The cases are in `tests/e2e/building/cases/`. Bytes are
unpacked.
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


def main(place: Path) -> int:
    proofs: list[Proof] = []
    failed = 0
    lightship = Lightship(place / "cache")
    with ground(place / "ground") as made:
        for file in FILES:
            for case in cases(file):
                try:
                    proof = prove(case, made, lightship, place / "work")
                    wrong = proof.wrong()
                except AssertionError as error:
                    wrong = [str(error)[-800:]]
                else:
                    proofs.append(proof)
                failed += bool(wrong)
                sys.stdout.write(f"{'FAILED' if wrong else 'proven'} {file}: {case.name}\n")
                sys.stdout.writelines(f"    {line}\n" for line in wrong[:20])
                sys.stdout.flush()
    if not failed:
        PAGE.write_text(page(proofs))
    return int(failed > 0)


def page(proofs: list[Proof]) -> str:
    """The page, of proofs that hold."""
    same = [one for one in proofs if one.result is not None and one.case.tree == "same"]
    new = [one for one in proofs if one.result is not None and one.case.tree == "new"]
    silent = [one for one in proofs if one.result is None]
    rows = [_HEAD, _SAFE, *(f"| {_row(one)} |\n" for one in same)]
    rows += [_NEW, *(f"| {_row(one, sizes=True)} |\n" for one in new)]
    rows += [_SILENT, *(f"- {one.case.name}\n" for one in silent)]
    return "".join(rows)


def _row(proof: Proof, *, sizes: bool = False) -> str:
    assert proof.result is not None
    predicted = proof.predicted_bytes
    cells = [proof.case.name, ", ".join(f"`{rule}`" for rule in sorted(proof.rules))]
    if sizes:
        a, b = proof.result.a, proof.result.b
        cells += [format_bytes(a.unpacked_bytes), format_bytes(b.unpacked_bytes)]
    cells += ["" if predicted is None else f"{predicted:,}", f"{proof.measured_bytes:,}"]
    return " | ".join(cells)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(Path(folder)))
