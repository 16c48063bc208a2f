"""What is wrong with the base that an application stands on, by what it uses of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.newer import smaller_sibling
from lightship.bases.reasoning import text_of
from lightship.bases.usage import Usage, usage_of
from lightship.catalogue.smaller_bases import smaller_bases
from lightship.dockerfile.image_name import image_name
from lightship.model.results.base_check import BaseFinding
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.application import Application
    from lightship.bases.known import Known

_LEAST_UNUSED_BYTES = 20_000_000
_LITTLE = 0.4
_MOST_PACKAGES = 5


def usage_findings(
    application: Application, base: str | None, known: Known
) -> tuple[BaseFinding, ...]:
    """A full variant where the slim one does, and a base of which little is used.

    Args:
        application: whose base is known; of others nothing is said.
        base: what a FROM instruction calls it; None where nothing tells.
        known: what is known today.
    """
    if application.inside.base_layers is None or not application.entrypoint.files:
        return ()
    if application.entrypoint.is_open:
        return ()
    usage = usage_of(application)
    platform = str(application.inside.platform)
    full = tuple(_full_variant(usage, application, base, known, platform)) if base else ()
    return (*full, *(() if full else _little_used(usage)))


def _full_variant(
    usage: Usage, application: Application, base: str, known: Known, platform: str
) -> Iterator[BaseFinding]:
    sibling = smaller_sibling(base, known, platform)
    row = smaller_bases().get(image_name(base).repository)
    if sibling is None or row is None:
        return
    called = {text_of(name) for name in usage.programs}
    if called & set(row.lacks):
        return
    packages = application.inside.ledger.ownership.packages
    lent = sorted(packages[number].name for number in usage.lent)
    evidence = [_share(usage), f"{sibling.name}: {sibling.says}"]
    todo = f"Use {sibling.name}, and test."
    if lent:
        evidence.append(f"libraries of the application also need {', '.join(lent[:8])}")
        todo = f"Use {sibling.name}, install what it lacks of {', '.join(lent[:8])}, and test."
    saved = None
    if sibling.wire_bytes is not None and not sibling.is_example:
        saved = max(sibling.wire_bytes[0] - sibling.wire_bytes[1], 0)
    yield BaseFinding(
        rule="full-variant",
        severity="info",
        says=f"Nothing that is known of the application needs the full variant {base}.",
        todo=todo,
        evidence=tuple(evidence),
        wire_bytes=saved,
    )


def _little_used(usage: Usage) -> Iterator[BaseFinding]:
    unused = usage.base_bytes - usage.used_bytes
    if unused < _LEAST_UNUSED_BYTES or usage.used_bytes > _LITTLE * usage.base_bytes:
        return
    largest = [f"{name}: {format_bytes(count)}" for name, count in usage.unused[:_MOST_PACKAGES]]
    yield BaseFinding(
        rule="little-used",
        severity="info",
        says="The application is known to use little of its base.",
        todo="See lightship base suggest for smaller bases.",
        evidence=(_share(usage), *(f"unused: {one}" for one in largest)),
    )


def _share(usage: Usage) -> str:
    used, every = format_bytes(usage.used_bytes), format_bytes(usage.base_bytes)
    return f"{used} of the base's {every} (unpacked) are used as far as files and packages tell"
