"""The name that an image is given in an engine."""

from __future__ import annotations

import re

from lightship.errors import UsageError
from lightship.model.reference import Reference
from lightship.transports.image_names import repository_name
from lightship.transports.references import split_store

_ID = re.compile(r"sha256:.*|[0-9a-f]{64}")


def engine_destination(transport: str, text: str) -> Reference:
    """The canonical reference of a name in an engine: with its tag, and for podman with its host.

    Args:
        transport: `docker` or `podman`.
        text: a name with or without a tag; for podman perhaps with a `[driver@root+run]` before it.

    Raises:
        UsageError: it is no name that an image can be given.
    """
    store, name = split_store(text) if transport == "podman" else ("", text)
    if _ID.fullmatch(name):
        raise UsageError(
            f"{name!r} is an ID, which what is written there will have of its own",
            f"Write {transport}:NAME:TAG.",
        )
    host = repository_name(name).host
    tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    # As podman calls what it builds; what it loads without a host would be Docker Hub's.
    local = transport == "podman" and not tagged.startswith(f"{host}/")
    return Reference(transport, f"{store}localhost/{tagged}" if local else store + tagged)
