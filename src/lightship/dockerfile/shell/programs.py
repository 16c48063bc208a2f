"""Which word of a command is the program, and which are its operands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.dockerfile.shell.script import Word

# Programs that run their operands as a command, and their options that take the next word.
_WRAPPERS: dict[str, tuple[str, ...]] = {
    "sudo": ("-u", "-g", "-h", "-p", "-C", "--user", "--group"),
    "env": ("-u", "-C", "--unset", "--chdir"),
    "exec": ("-a",),
    "command": (),
    "builtin": (),
    "time": ("-f", "-o"),
    "nice": ("-n", "--adjustment"),
    "ionice": ("-c", "-n"),
    "eatmydata": (),
    "nohup": (),
    "setsid": (),
    "stdbuf": ("-i", "-o", "-e"),
}


def program_index(words: Sequence[Word]) -> int:
    """Where the program stands behind what only starts it; `len(words)` without any.

    `env A=b nice -n 5 make` is `make`; `sudo -v`, that starts nothing, is `sudo`, and so is
    `command -v git`, that only asks, `command`.
    """
    index, size = 0, len(words)
    while index < size:
        name = words[index].text.rpartition("/")[2]
        taking = _WRAPPERS.get(name)
        if taking is None:
            return index
        inner = _behind(words, index + 1, taking, assigns=name in ("env", "sudo"))
        if inner >= size or (name == "command" and _asks(words[index + 1].text)):
            return index
        index = inner
    return index


def _behind(words: Sequence[Word], index: int, taking: tuple[str, ...], *, assigns: bool) -> int:
    while index < len(words):
        text = words[index].text
        if text == "--":
            return index + 1
        if text in taking:
            index += 2
        elif (text.startswith("-") and len(text) > 1) or (assigns and "=" in text):
            index += 1
        else:
            break
    return index


def _asks(option: str) -> bool:
    return option.startswith("-") and option.lower().endswith("v")


def operand_indexes(arguments: Sequence[str], with_value: Sequence[str]) -> Iterator[int]:
    """Indexes of the arguments that are neither options nor an option's value."""
    short = {option[1] for option in with_value if len(option) == 2}
    is_value = only_operands = False
    for index, text in enumerate(arguments):
        if is_value:
            is_value = False
        elif only_operands or not text.startswith("-") or text == "-":
            yield index
        elif text == "--":
            only_operands = True
        elif text in with_value:
            is_value = True
        elif not text.startswith("--"):
            # of joined letters the first that takes a value takes the rest of the word
            taking = next((at for at, letter in enumerate(text) if at and letter in short), 0)
            is_value = taking == len(text) - 1 and taking > 0
