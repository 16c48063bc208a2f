"""What settings files and the environment say of `lint` and `fix`.

[lint]
select = ["default", "combine-runs"]
ignore = ["full-base"]
fail-on = "error"
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, get_args

from msgspec import Struct

from lightship.errors import UsageError
from lightship.model.finding import Severity
from lightship.settings import COMMAND_LINE, DEFAULT_ORIGIN, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_KEYS = ("select", "ignore", "fail-on")
_PREFIX = "LIGHTSHIP_LINT_"
_SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_MOST = 1000


class LintSettings(Struct, frozen=True):
    """What is asked, and where each of it was said.

    Attributes:
        select: names as `rules.choosing.choose` takes them.
        ignore: likewise.
        fail_on: the least severity that fails.
        origins: by key of the settings file.
    """

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    fail_on: Severity
    origins: Mapping[str, str]


def lint_settings(
    given: Mapping[str, object], environment: Mapping[str, str], sections: Iterable[Section]
) -> LintSettings:
    """Each setting from the first place that gives it.

    Args:
        given: from the command line, by key; None and empty lists are not given.
        environment: where `LIGHTSHIP_LINT_*` is looked up.
        sections: the `[lint]` tables of files, the nearest first.

    Raises:
        UsageError: a key or a value is wrong.
    """
    places = [
        Section({key: value for key, value in given.items() if value}, COMMAND_LINE),
        *_variables(environment),
        *sections,
    ]
    values: dict[str, tuple[str, ...]] = {}
    origins = dict.fromkeys(_KEYS, DEFAULT_ORIGIN)
    for place in places:
        for written, value in place.table.items():
            key = _known(written, place.origin)
            # What stands further down is read as well: a mistake there is said.
            read = _names(key, value, place.origin)
            if key not in values:
                values[key], origins[key] = read, place.origin
    fail_on = values.get("fail-on", ("warning",))[0]
    return LintSettings(
        select=values.get("select", ()),
        ignore=values.get("ignore", ()),
        fail_on=next(one for one in _SEVERITIES if one == fail_on),
        origins=origins,
    )


def _variables(environment: Mapping[str, str]) -> Iterable[Section]:
    for variable, value in environment.items():
        if value and variable.startswith(_PREFIX):
            key = variable.removeprefix(_PREFIX).lower().replace("_", "-")
            yield Section({key: value}, f"environment, {variable}")


def _known(written: str, origin: str) -> str:
    key = written.replace("_", "-")
    if key not in _KEYS:
        close = get_close_matches(key, _KEYS, 1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(_KEYS)}."
        raise UsageError(f"{origin}: no setting {written!r}", hint)
    return key


def _names(key: str, value: object, origin: str) -> tuple[str, ...]:
    written = (value,) if isinstance(value, str) else value
    if not isinstance(written, list | tuple) or not all(isinstance(one, str) for one in written):
        raise UsageError(f"{origin}: {key} is no text and no list of texts")
    names = tuple(one.strip() for text in written[:_MOST] for one in text.split(",") if one.strip())
    if key == "fail-on" and (len(names) != 1 or names[0] not in _SEVERITIES):
        raise UsageError(
            f"{origin}: {key} is none of {', '.join(_SEVERITIES)}", 'Write fail-on = "error".'
        )
    return names
