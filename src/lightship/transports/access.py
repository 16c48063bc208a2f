"""How places that are no files are reached: registries and engines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.net.options import NetOptions
from lightship.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Access(Struct, frozen=True, kw_only=True):
    """What a transport may use besides the reference.

    Attributes:
        network: how registries are reached.
        auth_file: the file with registry credentials that was named; None for the usual places.
        environment: where `DOCKER_HOST`, `DOCKER_CONFIG` and the like are looked up.
        progress: told which transport answered a bare name, and of waits.
    """

    network: NetOptions = NetOptions()
    auth_file: Path | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    progress: Progress = SILENT
