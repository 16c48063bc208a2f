"""Reasons put together: paths as text, and what is many files' told once."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from lightship.model.results.base_verdict import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.bases.loads import Failure
    from lightship.model.results.base_verdict import Weight

MOST_NAMES = 8


def text_of(name: bytes) -> str:
    """A foreign name as text; what is not UTF-8 in it is U+FFFD."""
    return name.decode("utf-8", "replace")


def reason(
    kind: str,
    weight: Weight,
    says: str,
    path: bytes | None = None,
    *,
    evidence: Sequence[str] = (),
    todo: str | None = None,
) -> Reason:
    """A reason about a file, whatever its name is."""
    shown = text_of(path) if path is not None else None
    is_exact = path is None or (shown or "").encode("utf-8", "replace") == path
    return Reason(
        kind=kind,
        weight=weight,
        says=says,
        path=shown,
        evidence=tuple(evidence),
        todo=todo,
        path_base64=None if is_exact else b64encode(path or b"").decode(),
    )


def listed(names: Iterable[str]) -> tuple[str, ...]:
    """The first of many, and how many more there are."""
    every = list(names)
    more = len(every) - MOST_NAMES
    return (*every[:MOST_NAMES], *((f"and {more} more",) if more > 0 else ()))


def failures_told(kind: str, failures: Iterable[Failure], of_many: str) -> Iterator[Reason]:
    """Reasons for what cannot be loaded.

    What is started for certain is told one by one, of what may be loaded there is one line.

    Args:
        kind: of the reasons.
        failures: of these.
        of_many: what these files lack, as in `3 programs and libraries of the application lack X`.
    """
    maybe: dict[bytes, str] = {}
    for one in failures:
        if one.role == "started":
            whose = one.trouble.path or one.file
            yield reason(kind, one.weight, one.trouble.says, whose, evidence=one.trouble.evidence)
        else:
            missing = ", ".join(one.trouble.evidence[:3]) or one.trouble.says
            maybe.setdefault(one.file, f"{text_of(one.file)}: {missing}")
    if not maybe:
        return
    count = len(maybe)
    files = "1 program or library" if count == 1 else f"{count} programs and libraries"
    says = f"{files} of the application would not find {of_many} there, if loaded"
    path = next(iter(maybe)) if count == 1 else None
    yield reason(kind, "unproven", says, path, evidence=listed(maybe.values()))
