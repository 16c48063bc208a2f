"""`base suggest Dockerfile`: bases for what a Dockerfile ships, with the change to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.api.base_facts import against, other_base
from lightship.api.dockerfile_paths import MOST_BYTES
from lightship.api.dockerfiles import MOST_INSTRUCTIONS
from lightship.bases.candidate import Candidate
from lightship.bases.dockerfile_change import change
from lightship.bases.dockerfile_wants import DockerfileWants, reasons_against
from lightship.bases.ranking import ranked
from lightship.bases.sibling import sibling_row
from lightship.bases.suggesting import Wants, choose
from lightship.dockerfile.build import Build
from lightship.errors import CorruptInputError, UnreachableError
from lightship.model.results.base_suggest import (
    BaseSuggestResult,
    DockerfileChange,
    DockerfileNow,
    Suggested,
)
from lightship.model.results.base_verdict import answer_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.known import Known
    from lightship.catalogue.base_images import BaseRow

_NAMES = ("Dockerfile", "Containerfile")
_LAYOUT = ("oci-layout", "index.json", "manifest.json")
_TEXT = "utf-8"


class Shipped(Struct, frozen=True):
    """A Dockerfile that was read, and the stage upon an image that ends up in what it ships."""

    path: str
    wants: DockerfileWants


def dockerfile_of(target: str) -> Path | None:
    """The Dockerfile that a user means: the file itself, or the one in a folder; None for images.

    What it is called decides for a name with a folder or a suffix, its content for the rest.
    """
    path = Path(target)
    try:
        if path.is_dir():
            if any((path / name).exists() for name in _LAYOUT):
                return None
            return next((path / name for name in _NAMES if (path / name).is_file()), None)
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(4096)
    except (OSError, ValueError):
        return None
    return path if _is_text(head) and bool(Build.read(head).stages.all) else None


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    # The last sign may be cut.
    return "\ufffd" not in head[:-3].decode(_TEXT, "replace")


def read_shipped(path: Path, known: Known) -> Shipped:
    """Read a Dockerfile.

    Raises:
        UnreachableError: it cannot be read.
        CorruptInputError: it is too long, or ships no stage upon an image.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreachableError(f"{path}: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise CorruptInputError(f"{path}: more than {MOST_BYTES} bytes are no Dockerfile")
    build = Build.read(data)
    if len(build.steps) > MOST_INSTRUCTIONS:
        raise CorruptInputError(f"{path}: more than {MOST_INSTRUCTIONS} instructions")
    stages = build.stages
    lowest = next((one for one in stages.all if one.index in stages.shipped), None)
    if lowest is None or not lowest.base:
        raise CorruptInputError(f"{path}: no FROM names an image", "Name a Dockerfile.")
    return Shipped(str(path), DockerfileWants(build, lowest, known))


def suggest_by_dockerfile(
    shipped: Shipped, known: Known, platform: str, *, language: str | None, any_libc: bool
) -> BaseSuggestResult:
    """Candidates by what a Dockerfile says; no answer is better than `needs a test`."""
    wants = shipped.wants
    now = wants.row.wire_bytes.get(platform) if wants.row is not None else None
    needs = Wants(languages=wants.languages, libc=wants.libc, may_be_static=True)
    choice = choose(needs, known, platform, language=language, any_libc=any_libc)
    own = {wants.row.name} if wants.row is not None else set()
    rows = [row for row in choice.rows if row.name not in own]
    sibling = sibling_row(wants.base, known)
    notes = list(known.notes)
    if sibling is not None:
        rows.insert(0, sibling)
        notes.append(
            f"{sibling.name} is not in the catalogue: its bytes are those of another release's, "
            "which weighs about as much"
        )
    smaller = [row for row in rows if _is_smaller(row.wire_bytes.get(platform), now)]
    left_out = list(choice.left_out)
    if len(smaller) < len(rows):
        left_out.append(f"{len(rows) - len(smaller)} that are no smaller than {wants.base}")
    candidates = ranked(_suggested(wants, row, known, platform) for row in smaller)
    return BaseSuggestResult(
        image=None,
        dockerfile=now_of(shipped, platform),
        languages=wants.languages,
        needs=_says(wants),
        candidates=candidates,
        left_out=tuple(left_out),
        change=change_for(shipped, candidates, now, wants.row.system if wants.row else None),
        warnings=tuple(notes),
    )


def _is_smaller(count: int | None, now: int | None) -> bool:
    return count is None or now is None or count < now


def _says(wants: DockerfileWants) -> str:
    if wants.languages:
        return f"The image {wants.base} is made for {' and '.join(wants.languages)}"
    return f"The image {wants.base} is taken for a bare system"


def now_of(shipped: Shipped, platform: str) -> DockerfileNow:
    """How the file is now."""
    wants = shipped.wants
    row = wants.row
    return DockerfileNow(
        path=shipped.path,
        line=wants.build.steps[wants.stage.first].line,
        base=wants.base,
        base_wire_bytes=row.wire_bytes.get(platform) if row is not None else None,
    )


def _suggested(wants: DockerfileWants, row: BaseRow, known: Known, platform: str) -> Suggested:
    candidate = Candidate(name=row.name, row=row)
    reasons = tuple(reasons_against(wants, row))
    return Suggested(
        base=other_base(candidate),
        given=False,
        answer=answer_of(reasons),
        weight=None,
        base_wire_bytes=row.wire_bytes.get(platform),
        reasons=reasons,
        speaks_against=tuple(against(candidate, known)),
        instructions=(),
    )


def change_for(
    shipped: Shipped, candidates: Iterable[Suggested], now: int | None, system: str | None
) -> DockerfileChange | None:
    """The change to the best candidate; None where there is none."""
    best = best_of(candidates, now, system)
    if best is None:
        return None
    row = shipped.wants.known.find(best.base.name)
    made = change(shipped.wants, best.base.name, row, best.instructions, shipped.path)
    return DockerfileChange(base=best.base.name, diff=made.diff, manual=made.manual)


def best_of(
    candidates: Iterable[Suggested], now: int | None, system: str | None
) -> Suggested | None:
    """The candidate that the least speaks against, of several the smallest.

    Args:
        candidates: in their order.
        now: what is there now, on the wire: the image, or the base alone where there is no image.
        system: that it is of now: another distribution is a doubt more.

    Returns:
        None where none is smaller for certain.
    """
    may = [one for one in candidates if _may(one, now)]
    return min(may, key=lambda one: _doubts(one, system)) if may else None


def _may(one: Suggested, now: int | None) -> bool:
    total = one.weight.wire_bytes if one.weight is not None else one.base_wire_bytes
    if one.answer == "will not run" or total is None:
        return False
    return now is None or total < now


def _doubts(one: Suggested, system: str | None) -> tuple[bool, int, bool]:
    unproven = sum(reason.weight == "unproven" for reason in one.reasons)
    doubts = unproven + len(one.speaks_against) + _is_other(one.base.system, system)
    return one.answer != "runs", doubts, not one.base.opened


def _is_other(one: str | None, other: str | None) -> bool:
    """Whether two systems are of different distributions, as far as anybody knows."""
    return bool(one and other) and (one or "").split()[:1] != (other or "").split()[:1]
