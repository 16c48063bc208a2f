"""How a container of an image is run: what the config says of it, read with care.

Format: OCI image-spec, config.md, "Execution parameters", and Docker's `Healthcheck` and `Shell`
(moby, image/spec/v1.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from lightship.model.image import Image

_MAX_DIRECTORIES = 200
_DEFAULT_PATH = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class RunSettings(Struct, frozen=True, kw_only=True):
    """What a container of an image is started with.

    Attributes:
        user: as written: `app`, `1001:0`; empty for root.
        environment: names to values; of a name given twice the last.
        entrypoint, command, healthcheck: arguments; a health check in shell form is `/bin/sh -c`.
        working_directory: absolute.
        ports: exposed, as written: `80/tcp`.
        volumes: paths.
        stop_signal: as written: `SIGQUIT`; empty for the engine's own, SIGTERM.
    """

    user: str = ""
    environment: dict[bytes, bytes]
    entrypoint: tuple[bytes, ...] = ()
    command: tuple[bytes, ...] = ()
    healthcheck: tuple[bytes, ...] = ()
    working_directory: bytes = b"/"
    ports: tuple[str, ...] = ()
    volumes: tuple[bytes, ...] = ()
    stop_signal: str = ""

    @property
    def search_path(self) -> list[bytes]:
        """Directories that programs are looked up in."""
        path = self.environment.get(b"PATH") or _DEFAULT_PATH
        return _directories(path)

    @property
    def library_path(self) -> list[bytes]:
        """Elements of LD_LIBRARY_PATH."""
        return _directories(self.environment.get(b"LD_LIBRARY_PATH", b""))


def _directories(path: bytes) -> list[bytes]:
    return [one for one in path.split(b":", _MAX_DIRECTORIES) if one][:_MAX_DIRECTORIES]


def run_settings(image: Image) -> RunSettings:
    """What the image's config says; members that are of the wrong kind count as not there."""
    config = image.config.config
    raw = _raw(image.config_bytes)
    environment = {}
    for one in (config.env if config is not None else None) or []:
        name, _, value = _bytes(one).partition(b"=")
        environment[name] = value
    directory = _bytes((config.working_dir if config is not None else None) or "/")
    return RunSettings(
        user=(config.user if config is not None else None) or "",
        environment=environment,
        entrypoint=_arguments(config.entrypoint if config is not None else None),
        command=_arguments(config.cmd if config is not None else None),
        healthcheck=_healthcheck(raw.get("Healthcheck")),
        working_directory=directory if directory.startswith(b"/") else b"/" + directory,
        ports=tuple(sorted(_keys(raw.get("ExposedPorts")))),
        volumes=tuple(sorted(_bytes(one) for one in _keys(raw.get("Volumes")))),
        stop_signal=signal if isinstance(signal := raw.get("StopSignal"), str) else "",
    )


def _raw(document: bytes | None) -> dict[str, object]:
    try:
        decoded = msgspec.json.decode(document or b"{}")
    except (msgspec.DecodeError, RecursionError):
        return {}
    config = decoded.get("config") if isinstance(decoded, dict) else None
    return config if isinstance(config, dict) else {}


def _healthcheck(value: object) -> tuple[bytes, ...]:
    test = value.get("Test") if isinstance(value, dict) else None
    if not isinstance(test, list):
        return ()
    kind, words = test[:1], _arguments([one for one in test[1:] if isinstance(one, str)])
    if kind == ["CMD-SHELL"]:
        return (b"/bin/sh", b"-c", *words[:1])
    return words if kind == ["CMD"] else ()


def _keys(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, dict) else []


def _arguments(words: list[str] | None) -> tuple[bytes, ...]:
    return tuple(_bytes(word) for word in words or ())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
