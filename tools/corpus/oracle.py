"""Instructions as BuildKit reads them, from our tree and from the PyPI package `dockerfile`.

That package is BuildKit 0.12.5's own parser (frontend/dockerfile/parser), compiled. It does not say
whether a here-document expands variables or strips tabs. It takes text only: bytes that are no
UTF-8, and NUL, cannot be asked about.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any, NamedTuple

from lightship.dockerfile.instructions import JSON_KEYWORDS, KEYWORDS
from lightship.dockerfile.words import raw_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.tree import Dockerfile, Instruction

_WHITE = re.compile(r"[\t\v\f\r ]+")
_LISTS = frozenset(("ADD", "COPY", "EXPOSE", "FROM", "VOLUME"))
# What a newer BuildKit reads in another way than 0.12.5, by the sources of both.
_NEWER = re.compile(
    r"<<[ \t\r]"  # blanks between `<<` and the name
    r"|\$\{[^}]?[^:}]*[#%/]"  # ${x#a}, ${x%a}, ${x/a/b}: an error there, and no here-document then
    r"|^[^\S\n]*#\s*check\s*=",  # a directive, which ends directives there
    re.MULTILINE | re.IGNORECASE,
)


def _package() -> Any:  # noqa: ANN401 - a compiled module without types
    """The package's one module, by its file: a folder of our tests has its name."""
    files = metadata.distribution("dockerfile").files or ()
    module = next(str(one.locate()) for one in files if one.suffix in (".so", ".pyd"))
    spec = spec_from_file_location("dockerfile", module)
    if spec is None or spec.loader is None:
        raise ImportError(module)
    before = sys.modules.get("dockerfile")
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    # Its kind of module puts itself there.
    if before is None:
        sys.modules.pop("dockerfile", None)
    else:
        sys.modules["dockerfile"] = before
    return loaded


_BUILDKIT = _package()


class Reading(NamedTuple):
    """One instruction; strings as BuildKit keeps them, quotes included."""

    keyword: str
    line: int
    end_line: int
    flags: tuple[str, ...]
    is_json: bool
    values: tuple[str, ...]
    heredocs: tuple[tuple[str, int, str], ...]
    inner: str | None

    @property
    def parts(self) -> tuple[object, ...]:
        """What is compared on its own: names, lines, flags, form and values, here-documents."""
        return (
            (self.keyword, self.inner),
            (self.line, self.end_line),
            self.flags,
            (self.is_json, self.values),
            self.heredocs,
        )


def can_be_asked(data: bytes) -> bool:
    """Whether the package takes these bytes."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def is_newer(read: Dockerfile) -> bool:
    """Whether the file holds something that BuildKit has read differently since 0.12.5."""
    return (
        _NEWER.search(read.text) is not None
        or any(map(_goes_on, read.instructions))
        # A backslash escaped in flags whatever the directive said.
        or (read.escape == "`" and any(map(_has_escaped_flag, read.instructions)))
    )


def _has_escaped_flag(one: Instruction) -> bool:
    every = list(_nested(one))
    written = one.joined.text[one.keyword_end : every[-1].value_start]
    return any(told.flags for told in every) and ("\\" in written or "`" in written)


def _nested(one: Instruction | None) -> Iterator[Instruction]:
    """An instruction, and what it holds: `ONBUILD ONBUILD RUN` has three."""
    while one is not None:
        yield one
        one = one.inner


def _goes_on(one: Instruction) -> bool:
    """Whether something follows a JSON array: no JSON form any more, and one in 0.12.5."""
    *_, told = _nested(one)
    start = told.value.find("[")
    if told.keyword not in JSON_KEYWORDS or told.json is not None or start < 0:
        return False
    if start and told.keyword != "HEALTHCHECK":
        return False
    try:
        json.JSONDecoder().raw_decode(told.value, start)
    except (ValueError, RecursionError):
        return False
    return True


def theirs(text: str) -> list[Reading] | str:
    """What the package reads; or its error."""
    try:
        commands = _BUILDKIT.parse_string(text)
    except _BUILDKIT.GoParseError as error:
        return str(error)
    # A file that ends in a lone continuation gives an instruction without a name.
    return [_their(command) for command in commands if command.cmd]


def _their(command: Any) -> Reading:  # noqa: ANN401 - likewise
    keyword = _capitals(command.cmd)
    # JSON may hold NUL, at which the package's strings end; ours are cut likewise.
    values = tuple(command.value)
    if keyword not in KEYWORDS or (command.sub_cmd and _capitals(command.sub_cmd) not in KEYWORDS):
        values = ()
    return Reading(
        keyword,
        command.start_line,
        command.end_line,
        tuple(command.flags),
        bool(command.json),
        values,
        tuple((one.name, one.file_descriptor, one.content) for one in command.heredocs),
        _capitals(command.sub_cmd) if command.sub_cmd else None,
    )


def _capitals(word: str) -> str:
    """A keyword in capitals; BuildKit compares in small letters, of which few have no ASCII."""
    small = word.replace("\u0130", "i").lower()
    return small.upper() if small.isascii() else word


def ours(read: Dockerfile) -> list[Reading]:
    """What our tree says, in the same form."""
    return [_our(read, instruction) for instruction in read.instructions]


def _our(read: Dockerfile, one: Instruction) -> Reading:
    told = one.inner or one
    return Reading(
        one.keyword,
        one.line,
        one.end_line,
        tuple(_flag(flag.name, flag.value) for flag in one.flags),
        told.json is not None,
        _values(told, read.escape),
        # The package tells no here-documents of an ONBUILD; its last line does.
        tuple(
            (document.name, document.descriptor, read.text[document.start : document.end])
            for document in (one.heredocs if one.inner is None else ())
        ),
        None if one.inner is None else one.inner.keyword,
    )


def _flag(name: str, value: str | None) -> str:
    return f"--{name}" if value is None else f"--{name}={value}"


def _values(one: Instruction, escape: str) -> tuple[str, ...]:
    value = one.value
    if not value or one.keyword not in KEYWORDS:
        return ()
    if one.keyword == "HEALTHCHECK":
        kind, *rest = _WHITE.split(value, maxsplit=1)
        return (
            kind,
            *(rest if one.json is None else (part.partition("\0")[0] for part in one.json)),
        )
    if one.json is not None:
        return tuple(part.partition("\0")[0] for part in one.json)
    if one.keyword in _LISTS:
        return tuple(_WHITE.split(value))
    if one.keyword == "ARG":
        return tuple(word for word, _, _ in raw_words(value, escape))
    if one.keyword in ("ENV", "LABEL"):
        return _pairs(value, escape)
    if one.keyword == "ONBUILD":
        return ("",)
    return (value,)


def _pairs(value: str, escape: str) -> tuple[str, ...]:
    words = [word for word, _, _ in raw_words(value, escape)]
    if words and "=" not in words[0]:
        return tuple(_WHITE.split(value, maxsplit=1))
    return tuple(part for word in words for part in word.split("=", 1))
