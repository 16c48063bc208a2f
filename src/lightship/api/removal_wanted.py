"""What is wanted to go: by rules, by categories, by paths; each path with the reason."""

from __future__ import annotations

import base64
from itertools import repeat
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.duplicates import Duplicates
from lightship.catalogue.categories import CATEGORIES, NUMBER_OF
from lightship.errors import UsageError
from lightship.model.platform import Platform
from lightship.printable import printable_path
from lightship.rewrite.going import at
from lightship.rewrite.protected import is_licence
from lightship.rules.discovery import image_rules
from lightship.rules.judging import judgement
from lightship.rules.rule import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.analysis.ledger import Ledger
    from lightship.api.measuring import Measured
    from lightship.model.finding import Finding
    from lightship.rules.suppressing import Ignore

_EVERYTHING = 1_000_000_000
_NO_DUPLICATES = Duplicates(0, 0, ())


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to go.

    Attributes:
        rules: names of rules, whose findings go whatever their confidence.
        categories: names of categories: every file of one.
        paths: names, each with everything below it; relative to the root.
        ignores: findings that are suppressed.
    """

    rules: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    paths: tuple[bytes, ...] = ()
    ignores: Sequence[Ignore] = ()

    @property
    def is_default(self) -> bool:
        """Whether nobody said anything: then what is certainly not needed goes."""
        return not (self.rules or self.categories or self.paths)


class Reason(Struct, frozen=True):
    """Why a name goes: a rule's finding, or None and what was asked for."""

    rule: str | None
    text: str
    takes_packages: bool = False
    """Whether files go because their packages are to go."""


def check_wanted(wanted: Wanted) -> None:
    """See that there are such rules and categories, and that paths are some.

    Raises:
        UsageError: one is not.
    """
    known = {rule.name: rule for rule in image_rules()}
    for name in wanted.rules:
        if name not in known:
            raise UsageError(f"there is no rule {name[:80]!r}", "See lightship explain.")
        remedy = known[name].remedy
        if remedy != "remove":
            hint = {
                "share": "--dedupe makes links of copies.",
                "rebuild": "lightship squash takes dead bytes out.",
            }.get(remedy, f"lightship explain {name} says what helps.")
            raise UsageError(f"what {name} finds is not mended by removing files", hint)
    for name in wanted.categories:
        if name not in NUMBER_OF:
            every = ", ".join(one.name for one in CATEGORIES)
            raise UsageError(f"there is no category {name[:80]!r}", f"There are {every}.")
    for path in wanted.paths:
        if not path or b".." in path.split(b"/"):
            raise UsageError(
                f"--path {printable_path(path) or '/'} names nothing that could go",
                "Write a path such as /var/cache/apt; it goes with everything below it.",
            )


def wanted_paths(
    wanted: Wanted, measured: Measured, ledger: Ledger
) -> Iterator[tuple[bytes, Reason]]:
    """Paths that are to go, and why; one may come several times, first for its best reason.

    Raises:
        UsageError: a path that was named is not in the image.
    """
    for path in wanted.paths:
        if at(measured.tree, path) is None:
            raise UsageError(
                f"--path /{printable_path(path)} is not in the image",
                "Links on the way are not followed: name the file where it is.",
            )
        yield path, Reason(None, "named by --path")
    for finding in _findings(wanted, measured, ledger):
        # Evidence without a path tells of packages.
        packages = bool(finding.evidence) and all(one.path is None for one in finding.evidence)
        reason = Reason(finding.rule, finding.title, packages)
        encoded = finding.paths_base64 or repeat(None)
        for text, code in zip(finding.paths, encoded, strict=False):
            path = base64.b64decode(code) if code else text.encode("utf-8", "surrogatepass")
            yield path, reason
    yield from _of_categories(wanted, ledger)


def _findings(wanted: Wanted, measured: Measured, ledger: Ledger) -> Sequence[Finding]:
    if not wanted.rules and not wanted.is_default:
        return ()
    rules = [
        rule
        for rule in image_rules()
        if rule.remedy == "remove" and (wanted.is_default or rule.name in wanted.rules)
    ]
    subject = Subject(
        image=measured.image,
        scans=measured.scans,
        instructions=measured.instructions,
        ledger=ledger,
        dead=(),
        dead_groups=(),
        duplicates=_NO_DUPLICATES,
        platform=str(measured.image.platform or Platform.here()),
    )
    judged = judgement(subject, rules, listed=_EVERYTHING, ignores=wanted.ignores)
    return [
        one
        for one in judged.findings
        if one.suppressed is None
        and one.remedy == "remove"
        and (not wanted.is_default or one.confidence == "certain")
    ]


def _of_categories(wanted: Wanted, ledger: Ledger) -> Iterator[tuple[bytes, Reason]]:
    names = {NUMBER_OF[name]: name for name in wanted.categories}
    category_of = ledger.category_of
    for place in ledger.places if names else ():
        prefix = place.path + b"/" if place.path else b""
        for name, record in zip(place.names, place.records, strict=True):
            category = names.get(category_of[record])
            if category is not None and not is_licence(prefix + name):
                yield prefix + name, Reason(None, f"of the category {category}")
