"""The name that an image is given in an engine."""

from __future__ import annotations

import re

from lightship.engines.places import own_name
from lightship.errors import UsageError
from lightship.model.reference import Reference
from lightship.transports.references import parse
from lightship.transports.registry.names import parse_name

_AN_ID = re.compile(r"sha256:[0-9a-f]*|[0-9a-f]{64}")


def engine_destination(transport: str, text: str) -> Reference:
    """The canonical reference of a name in an engine: with its tag, and for podman with its host.

    Args:
        transport: `docker` or `podman`.
        text: a name with or without a tag; for podman perhaps with a `[driver@root+run]` before it.

    Raises:
        UsageError: it is no name that an image can be given.
    """
    reference = parse(f"{transport}:{text}")
    name = own_name(reference.location)
    if _AN_ID.fullmatch(own_name(text)) or "@" in name:
        raise UsageError(
            f"{transport}:{text} is no name that an image can be given",
            f"IDs and digests come of what is in it: write {transport}:NAME:TAG.",
        )
    store = reference.location.removesuffix(name)
    tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    # As podman calls what it builds; what it loads without a host would be Docker Hub's.
    host = parse_name(name).host
    local = transport == "podman" and not tagged.startswith(f"{host}/")
    return Reference(transport, f"{store}localhost/{tagged}" if local else store + tagged)
