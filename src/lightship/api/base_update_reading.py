"""What reading a base tells: its layers are streamed, and never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from lightship.analysis.os_release import os_release
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.api.base_opening import look_inside
from lightship.bases.system_traits import c_library, package_manager, shell
from lightship.errors import CorruptInputError

if TYPE_CHECKING:
    from lightship.api.base_update_registry import Wanted
    from lightship.api.options import ReadOptions
    from lightship.bases.inside import Inside
    from lightship.bases.refreshed import RefreshedRow


def read_base(
    row: RefreshedRow, wanted: Wanted, platform: str, options: ReadOptions
) -> RefreshedRow:
    """A row with what is in the image for one platform.

    Raises:
        CorruptInputError: the tag names another image by now.
        LightshipError: as `inspect`.
    """
    # Where nobody says how many layers are read at once, one is: the server has others to serve.
    polite = replace(options, jobs=options.jobs or 1)
    inside = look_inside(str(wanted.where.reference), platform, polite)
    facts = row.platforms[platform]
    if inside.digest != facts.digest:
        raise CorruptInputError(f"{wanted.name} became another image meanwhile", "Run it again.")
    told = replace(facts, unpacked_bytes=inside.unpacked_bytes)
    seen = {name: value for name, value in _facts(inside, row).items() if value is not None}
    return replace(row, platforms={**row.platforms, platform: told}, **seen)


def layers_of(row: RefreshedRow, platform: str) -> int:
    """How many layers there are to read."""
    return len(row.platforms[platform].layer_wire_bytes)


def _facts(inside: Inside, row: RefreshedRow) -> dict[str, Any]:
    told = os_release(inside.ledger.records)
    packages = inside.ledger.ownership.packages
    return {
        "system": told.system if told is not None else None,
        "libc": c_library(inside),
        "package_manager": package_manager(inside),
        "shell": row.shell or shell(inside),
        "packages": sum(one.system in DISTRIBUTIONS for one in packages),
    }
