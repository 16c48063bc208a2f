"""One Dockerfile built, fixed and built again; what that changed."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from lightship import diff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lightship.model.results.diff import DiffResult

    from ..programs import Lightship  # noqa: TID252 - as its neighbours
    from .cases import Case
    from .ground import Ground

EVERY_NAME = 1_000_000
TOLERATED_BYTES = 1_000_000
TOLERATED_SHARE = 0.05

VOLATILE = (
    r"var/log/.*",
    r"var/cache/(ldconfig/aux-cache|debconf/.*|apt/.*pkgcache\.bin|fontconfig/.*)",
    r"var/lib/(dpkg|apt)/.*(status|-old|extended_states|lock.*|\.list|triggers/.*)",
    r"etc/(ld\.so\.cache|passwd-|group-|shadow-?|gshadow-?|subuid-?|subgid-?)",
    r".*/__pycache__(/.*)?",
    r"(var/lib/rpm|root/\.rpmdb)/.*|var/lib/(dnf/.*|zypp/AnonymousUniqueId)",
    r"etc/ssl/certs/java/cacerts",
    r"usr/share/.*/classes\.jsa",
    r"(root|home/[^/]+)/\.npm/_logs(/.*)?",
    r"root/\.cache/go-build/trim\.txt",
    r"tmp/v8-compile-cache-0/.*",
    r"tmp|root|run|etc|dev|proc|sys",
    r"usr/local/share/\.yarnrc|root/\.yarnrc",
)
"""What two builds of one Dockerfile differ in: times in logs, caches and bytecode."""

_volatile = re.compile("|".join(f"(?:{one})" for one in VOLATILE)).fullmatch


@dataclass(frozen=True)
class Proof:
    """What a fix of a Dockerfile did to its image.

    Attributes:
        fixed: the answer of `lightship fix`, for the one file.
        result: the answer of `lightship diff`; None if nothing was fixed.
        before, after: what the container's command prints.
        text: the Dockerfile afterwards.
    """

    case: Case
    fixed: dict[str, Any]
    result: DiffResult | None
    before: str
    after: str
    text: str

    @property
    def rules(self) -> set[str]:
        return {made["rule"] for made in self.fixed["made"]}

    @property
    def predicted_bytes(self) -> int | None:
        """Unpacked, of all fixes, counted in the image; None where it was only estimated."""
        saving = self.fixed["saving"]
        return int(saving["unpacked_bytes"]) if saving and not saving["estimated"] else None

    @property
    def measured_bytes(self) -> int:
        """Unpacked, of the images built."""
        return -self.result.delta.unpacked_bytes if self.result else 0

    @property
    def predicted_well(self) -> bool:
        if self.predicted_bytes is None and self.case.tree == "new":
            return True
        apart = abs((self.predicted_bytes or 0) - self.measured_bytes)
        return apart <= max(TOLERATED_BYTES, TOLERATED_SHARE * abs(self.measured_bytes))

    def unannounced(self) -> list[str]:
        """Names that differ, and are neither volatile nor announced to go."""
        if self.case.tree == "new":
            return []
        return list(self._differing())

    def wrong(self) -> list[str]:
        """What is not as it should be; nothing, if the fix is proven."""
        case = self.case
        found = {
            f"fixed by {sorted(self.rules)}, not {sorted(case.fixes)}": self.rules
            != set(case.fixes),
            f"refused: {self.fixed['refused']}": bool(self.fixed["refused"]),
            f"said {self.before!r} before": case.says not in self.before,
            f"said {self.before!r} before and {self.after!r} after": self.before != self.after,
            f"does not write {case.writes!r}": case.writes not in self.text,
            f"predicted {self.predicted_bytes}, measured {self.measured_bytes}": not (
                self.predicted_well
            ),
            f"still there: {self.not_gone()}": bool(self.not_gone()),
            f"not smaller: {self.measured_bytes}": case.tree == "new" and self.measured_bytes <= 0,
        }
        return [*(text for text, is_so in found.items() if is_so), *self.unannounced()]

    def not_gone(self) -> list[str]:
        """What was announced to go, and of which nothing went."""
        if self.result is None:
            return list(self.case.gone)
        removed = [name.path for name in self.result.removed]
        removed += [row.source for row in self.result.moved]
        return [one for one in self.case.gone if not any(_below(path, one) for path in removed)]

    def _differing(self) -> Iterator[str]:
        result = self.result
        if result is None:
            return
        for row in result.moved:  # these are neither among the added nor among the removed
            if not (self._may_go(row.source) and _volatile(row.target)):
                yield f"moved {row.source} to {row.target}"
        for name in result.removed:
            if not self._may_go(name.path):
                yield f"removed {name.path}"
        for how in ("added", "changed", "metadata"):
            for name in getattr(result, how):
                if not _volatile(name.path):
                    yield f"{how} {name.path} {','.join(name.facts)}".rstrip()

    def _may_go(self, path: str) -> bool:
        return bool(_volatile(path)) or any(_below(path, one) for one in self.case.gone)


def _below(path: str, pattern: str) -> bool:
    """Whether a path is what a pattern names, or below it."""
    names, wanted = path.strip("/").split("/"), pattern.strip("/").split("/")
    return len(names) >= len(wanted) and all(
        fnmatchcase(name, want) for name, want in zip(names, wanted, strict=False)
    )


def prove(case: Case, ground: Ground, lightship: Lightship, place: Path) -> Proof:
    """Build, fix, build again, and compare. `place` is a folder to work in, gone afterwards."""
    shutil.rmtree(place, ignore_errors=True)
    context = place / "context"
    context.mkdir(parents=True)
    case.write_context(context)
    dockerfile = context / "Dockerfile"
    buildkit = case.builder == "buildkit"
    try:
        ground.build("case:before", context, ground.filled(case.dockerfile), buildkit=buildkit)
        before = ground.run("case:before")
        saved = ground.saved("case:before", place)
        fixed = _fix(lightship, case, dockerfile, saved)
        text = dockerfile.read_text()
        if not fixed["diff"]:
            return Proof(case, fixed, None, before, before, text)
        ground.build("case:after", context, text, buildkit=buildkit)
        after = ground.run("case:after")
        result = diff(saved, ground.saved("case:after", place), listed=EVERY_NAME, cache=None)
        return Proof(case, fixed, result, before, after, text)
    finally:
        shutil.rmtree(place)
        ground.forget("case:before", "case:after")


def _fix(lightship: Lightship, case: Case, dockerfile: Path, image: str) -> Any:
    options = [word for rule in case.select for word in ("--select", rule)]
    options += ["--unsafe"] if case.unsafe else []
    answer = lightship.json("fix", str(dockerfile), "--image", image, "--write", *options)
    assert answer["problems"] == []
    (fixed,) = answer["files"]
    return {**fixed, "saving": answer["saving"]}
