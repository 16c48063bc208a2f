"""What a rule about bases knows of the image that a Dockerfile built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.rules.smell import JudgedBase

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from lightship.api.dockerfiles import Opened
    from lightship.api.options import ReadKeywords

RULE = "smaller-base"


def with_judged_base(
    one: Opened,
    selected: Collection[str],
    image: str | None,
    platform: str | None,
    reading: ReadKeywords,
    *,
    data: Path | None = None,
) -> Opened:
    """A file with the base that its image could stand on, where somebody asks the rule about it.

    Raises:
        LightshipError: the image cannot be read, as for `inspect`.
    """
    if image is None or RULE not in selected or one.matter is None or one.named.path is None:
        return one
    # Nothing of this is needed for any other rule.
    from lightship.api.base_dockerfile import best_of  # noqa: PLC0415 - see above
    from lightship.api.base_suggesting import base_suggest  # noqa: PLC0415 - see above

    found = base_suggest(image, platform=platform, data=data, **reading)
    if found.image is None:
        return one
    now = found.image.wire_bytes
    best = best_of(found.candidates, now, found.image.system)
    if best is None or best.weight is None or best.weight.wire_bytes is None:
        return one
    judged = JudgedBase(
        name=best.base.name,
        answer=best.answer,
        image_wire_bytes=(now, best.weight.wire_bytes),
        against=best.said_against,
        instructions=best.instructions,
    )
    return replace(one, matter=replace(one.matter, judged_base=judged))
