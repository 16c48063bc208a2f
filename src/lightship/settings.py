"""Where each setting comes from: command line, environment, project, user, defaults.

The first that speaks wins. A project's file comes with somebody's repository, so it may only say
what a reader of that repository may decide: never network, cache, limits or output paths.

A file's tables, `[check]`, `[lint]`, `[profiles.NAME]` and `[rules]`, are not looked into here: who
owns them does that.
"""

from __future__ import annotations

import os
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from platformdirs import user_cache_path, user_config_path, user_data_path

from lightship.errors import UsageError
from lightship.units import parse_bandwidth, parse_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PROJECT_FILE = "lightship.toml"
DEFAULT_ORIGIN = "default"
COMMAND_LINE = "command line"
SECTIONS = ("check", "lint", "profiles", "rules")
"""Tables of a settings file, which a project's may have as well."""
_PYPROJECT = "pyproject.toml"
_HOST = re.compile(r"(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_MAX_COUNT = 1_000_000_000


class Setting(Struct, frozen=True):
    """One setting: its key in files, how its value is read, and who may set it."""

    name: str
    parse: Callable[[object], object]
    default: object
    doc: str
    in_project: bool = False
    """Whether a project's file may set it."""

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return "LIGHTSHIP_" + self.name.upper().replace("-", "_")


class Value(Struct, frozen=True):
    """A setting's value and where it came from."""

    value: Any
    origin: str


def _size(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return parse_bytes(_text(value))


def _bandwidth(value: object) -> int:
    return parse_bandwidth(_text(value))


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise UsageError(f"{value!r} is no text")


def _directory(value: object) -> Path:
    text = _text(value)
    try:
        if "\0" in text:
            raise UsageError(f"{text!r} is no path")
        return Path(text).expanduser()
    except RuntimeError:
        raise UsageError(f"{text!r}: no such user") from None


def parse_file(value: object) -> Path:
    """Read the path of a file that is there.

    Raises:
        UsageError: there is none.
    """
    path = _directory(value)
    # Not Path.is_file: it fails for a name that no file can have.
    if not os.path.isfile(path):  # noqa: PTH113
        raise UsageError(f"{str(path)!r} is no file")
    return path


def parse_hosts(value: object) -> frozenset[str]:
    """Read `host`, `host:port`, several with commas or as a list.

    Raises:
        UsageError: one is no host.
    """
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise UsageError(f"{value!r} is no host and no list of them", "Write host or host:port.")
    hosts = frozenset(text.strip().lower() for text in texts if text.strip())
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise UsageError(f"{host!r} is no host", "Write host or host:port.")
    return hosts


def parse_count(value: object) -> int:
    """Read a number of things, at least one.

    Raises:
        UsageError: it is none.
    """
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:12])
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MAX_COUNT:
        return value
    raise UsageError(f"{value!r} is no number from 1 to {_MAX_COUNT}")


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise UsageError(f"{value!r} is neither true nor false")


def _color(value: object) -> str:
    if isinstance(value, str) and value in {"auto", "always", "never"}:
        return value
    raise UsageError(f"{value!r} is none of auto, always, never")


def _builder(value: object) -> str:
    if isinstance(value, str) and value in {"buildkit", "legacy", "buildah"}:
        return value
    raise UsageError(f"{value!r} is none of buildkit, legacy, buildah")


SETTINGS = (
    Setting(
        "bandwidth",
        _bandwidth,
        12_500_000,
        "Bandwidth that pull times are estimated for, such as 100Mbit/s.",
        in_project=True,
    ),
    Setting(
        "platform",
        _text,
        None,
        "Platform to measure, such as linux/arm64; by default this machine's, with linux.",
        in_project=True,
    ),
    Setting("top", parse_count, 10, "How many rows a list has at most.", in_project=True),
    Setting(
        "context-builder",
        _builder,
        "buildkit",
        "Builder whose ways count for a build context: buildkit, legacy or buildah.",
        in_project=True,
    ),
    Setting("color", _color, "auto", "Colour: auto, always or never."),
    Setting(
        "jobs",
        parse_count,
        None,
        "How many layers are read at once; by default one a processor, up to four.",
    ),
    Setting("max-unpacked", _size, 256 * 1024**3, "Refuse an image that unpacks to more bytes."),
    Setting("max-entries", parse_count, 5_000_000, "Refuse a layer of more entries."),
    Setting("max-depth", parse_count, 1024, "Refuse a path through more directories."),
    Setting("cache-dir", _directory, None, "Where what layers hold is remembered."),
    Setting("data-dir", _directory, None, "Where what base update learnt is kept."),
    Setting("cache-max", _size, 2_000_000_000, "How many bytes the cache may take."),
    Setting("offline", _switch, False, "Never use a network."),
    Setting(
        "plain-http",
        parse_hosts,
        frozenset(),
        "Registries that are spoken to without TLS: host or host:port, several with commas.",
    ),
    Setting("ca-file", parse_file, None, "Certificates of authorities to trust as well (PEM)."),
    Setting("auth-file", parse_file, None, "Registry credentials, as docker login writes them."),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


class Section(Struct, frozen=True):
    """A table of a settings file as it stands there, and where that is: `x.toml [check]`."""

    table: Mapping[str, object]
    origin: str


class Settings(Struct, frozen=True):
    """All settings, each with its origin.

    Attributes:
        values: by name.
        sections: for each of `SECTIONS` the tables that files have, the nearest first.
    """

    values: Mapping[str, Value]
    sections: Mapping[str, tuple[Section, ...]]

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 # the table says which type
        return self.values[name].value


def load_settings(
    arguments: Mapping[str, object],
    *,
    environment: Mapping[str, str] = os.environ,
    directory: Path | None = None,
) -> Settings:
    """Every setting from the first place that gives it.

    Args:
        arguments: values from the command line, already of their types; None is not given.
        environment: where `LIGHTSHIP_*` is looked up.
        directory: where the search for a project's file starts; by default the working directory.

    Raises:
        UsageError: a value is wrong, a key is unknown, or may not stand where it stands.
    """
    values: dict[str, Value] = {}
    for name, given in arguments.items():
        if given is not None:
            values[name] = Value(given, COMMAND_LINE)
    for setting in SETTINGS:
        given = environment.get(setting.variable, "")
        if given and setting.name not in values:
            values[setting.name] = _read(setting, given, f"environment, {setting.variable}")
    sections: dict[str, tuple[Section, ...]] = dict.fromkeys(SECTIONS, ())
    for origin, table, is_project in _files(directory):
        for name, given in table.items():
            if name in SECTIONS:
                sections[name] += (_section(name, given, origin),)
                continue
            setting = _known(name, origin)
            if is_project and not setting.in_project:
                raise UsageError(
                    f"{origin}: a project may not set {name!r}",
                    f"Set it with {setting.variable}, on the command line, or in {user_file()}.",
                )
            value = _read(setting, given, origin)
            values.setdefault(setting.name, value)
    for setting in SETTINGS:
        values.setdefault(setting.name, Value(_default(setting), DEFAULT_ORIGIN))
    return Settings({setting.name: values[setting.name] for setting in SETTINGS}, sections)


def _section(name: str, given: object, origin: str) -> Section:
    if not isinstance(given, dict):
        raise UsageError(f"{origin}: {name} is no table", f"Write [{name}] on a line of its own.")
    whose = f"{origin[:-1]}.{name}]" if origin.endswith("]") else f"{origin} [{name}]"
    return Section(given, whose)


def user_file() -> Path:
    """The user's own settings file, which need not exist."""
    return user_config_path("lightship") / PROJECT_FILE


def _default(setting: Setting) -> object:
    if setting.name == "cache-dir":
        return user_cache_path("lightship")
    if setting.name == "data-dir":
        return user_data_path("lightship")
    return setting.default


def _read(setting: Setting, given: object, origin: str) -> Value:
    try:
        return Value(setting.parse(given), origin)
    except UsageError as error:
        raise UsageError(f"{origin}: {setting.name}: {error.what}", error.hint) from None


def _known(name: str, origin: str) -> Setting:
    setting = _BY_NAME.get(name.replace("_", "-"))
    if setting is None:
        close = get_close_matches(name, _BY_NAME, 1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(_BY_NAME)}."
        raise UsageError(f"{origin}: no setting {name!r}", hint)
    return setting


def _files(directory: Path | None) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Origin, table and whether it is a project's, the nearest first."""
    project = _project_table(directory)
    if project:
        yield project[0], project[1], True
    user = user_file()
    # `os.path` says no where a home may not be looked into; `Path` raises.
    if os.path.isfile(user):  # noqa: PTH113 - see above
        yield str(user), _table(user), False


def _project_table(directory: Path | None) -> tuple[str, dict[str, Any]] | None:
    for folder in _project_folders(directory):
        own = folder / PROJECT_FILE
        if own.is_file():
            return str(own), _table(own)
        shared = folder / _PYPROJECT
        # Another tool's broken file is not ours to complain about.
        if shared.is_file() and b"lightship" in _bytes(shared):
            table = _table(shared).get("tool", {}).get("lightship")
            if isinstance(table, dict):
                return f"{shared} [tool.lightship]", table
    return None


def _project_folders(directory: Path | None) -> list[Path]:
    """From the directory up to its repository's root; outside a repository only itself.

    A file further up (in `/tmp`, say) may be anybody's.
    """
    try:
        start = (directory or Path.cwd()).absolute()
    except OSError:
        return []
    folders = [start, *start.parents]
    for at, folder in enumerate(folders):
        if (folder / ".git").exists():
            return folders[: at + 1]
    return folders[:1]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "Make it readable or remove it.") from None


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_bytes(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: no TOML: {error}") from None
