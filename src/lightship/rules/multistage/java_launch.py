"""What a command line of `java` runs: a JAR, or classes on a class path.

Source: docs.oracle.com, "The java Command"; the jar and javac commands.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.shell.parsing import script_of
from lightship.rules.multistage.plan import CannotTell, NotItsProgram
from lightship.rules.multistage.single import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.launching import Started
    from lightship.rules.multistage.single import Ran, Single

_CLASS_PATH = ("-cp", "-classpath", "--class-path")
_WITH_VALUE = (*_CLASS_PATH, "--add-modules", "--add-opens", "--add-exports", "--add-reads")


class Run(Struct, frozen=True):
    """What is run.

    Attributes:
        jar: absolute path; None for a class.
        entries: absolute paths of the class path; a folder's JARs end in `/*`.
        main: the class; empty for a JAR.
    """

    jar: str | None
    entries: tuple[str, ...] = ()
    main: str = ""


def run_of(single: Single) -> Run:
    """What the container runs.

    Raises:
        NotItsProgram: it is no `java`.
        CannotTell: its words are not clear.
    """
    words = _words(single)
    line = single.launch.command[0].step.line
    class_path = single.known(single.steps[-1]).get("CLASSPATH") or "."
    skip = ""
    for index, word in enumerate(words[1:], 1):
        if skip:
            class_path = word if skip in _CLASS_PATH else class_path
            skip = ""
        elif word in _WITH_VALUE:
            skip = word
        elif word.startswith("--class-path="):
            class_path = word.partition("=")[2]
        elif word == "-jar" and index + 1 < len(words):
            return Run(_path(single, words[index + 1], line))
        elif word in ("-m", "--module") or word.startswith("@"):
            raise CannotTell(f"which modules line {line} runs")
        elif not word.startswith(("-", "$")):
            entries = tuple(_path(single, entry, line) for entry in class_path.split(":") if entry)
            return Run(None, entries, word)
    raise CannotTell(f"what line {line} runs")


def _path(single: Single, text: str, line: int) -> str:
    star = text.endswith("/*") or text == "*"
    plain = text[:-1] or "." if star else text
    if any(char in plain for char in "$*?[`"):
        raise CannotTell(f"which file line {line} runs: {text[:60]}")
    path = at(single.last_workdir, plain)
    return f"{path}/*" if star else path


def _words(single: Single) -> list[str]:
    """The words of the java command, also of the only one in a shell's text."""
    words = single.launch.words
    if words is None:
        if len(single.launch.command) > 1 and single.launch.command[0].shell is None:
            words = single.launch.command[0].words
        else:
            words = tuple(_of_shell(single.launch.command[0]))
    name = words[0].rpartition("/")[2] if words else ""
    if name != "java":
        raise NotItsProgram(f"what makes {name[:60] or 'the command'}, which the container starts")
    return list(words or ())


def _of_shell(started: Started) -> Iterator[str]:
    instruction = started.step.instruction
    words = instruction.json
    text = words[2] if words is not None and len(words) > 2 else instruction.value
    javas = [one for one in script_of(text).commands if one.name == "java"]
    if len(javas) != 1:
        return
    yield "java"
    # A variable that stands alone holds options, or nothing.
    yield from (word.text for word in javas[0].arguments if not word.text.startswith("$"))


def jar_made(ran: Ran) -> str | None:
    """The file that a `jar` command makes; None for one that makes none."""
    arguments = ran.command.arguments
    option = ran.option("--file", "-f")
    if ran.command.has("--create", "-c") and option is not None:
        return ran.path(option)
    letters = arguments[0].text.lstrip("-") if arguments else ""
    if "c" not in letters or "f" not in letters or letters.startswith("create"):
        return None
    # Values follow in the order of the letters that take one.
    index = 1 + [letter for letter in letters if letter in "fme"].index("f")
    return ran.path(arguments[index]) if index < len(arguments) else None


def classes_made(ran: Ran) -> Iterator[str]:
    """The folders that `javac` writes classes into."""
    into = ran.option("-d")
    if into is not None:
        path = ran.path(into)
        if path is None:
            raise CannotTell(f"where line {ran.step.line} puts its classes: {into.text[:40]}")
        yield path
        return
    for word in ran.command.operands(
        "-cp", "-classpath", "--class-path", "-d", "-source", "-target"
    ):
        text = word.text
        if text.endswith(".java") and ran.directory is not None and "$" not in text:
            yield at(ran.directory, posixpath.dirname(text) or ".")
