"""Which files `go build` and `go install` write. Source: go.dev, `cmd/go`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.catalogue.patterns import ROOT_HOME
from lightship.rules.multistage.plan import CannotTell
from lightship.rules.multistage.single import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.single import Ran, Single

# With a value as a word of its own; those with `=` are one word anyway.
WITH_VALUE = tuple(
    """
    -o -p -C -ldflags -gcflags -asmflags -gccgoflags -tags -mod -modfile -buildmode
    -compiler -installsuffix -overlay -pgo -pkgdir -toolexec -covermode -coverpkg
    """.split()  # noqa: SIM905 - one to a line is a page
)


def outputs(single: Single, ran: Ran) -> Iterator[str]:
    """The files that one `go build` or `go install` writes."""
    command = ran.command
    if ran.option("-buildmode") is not None:
        mode = ran.option("-buildmode")
        if mode is None or mode.text not in ("exe", "pie", "default"):
            raise CannotTell(f"what line {ran.step.line} builds: it is no program")
    packages = [ran.text(word) for word in command.operands(*WITH_VALUE)[1:]] or ["."]
    names = [name for package in packages for name in _names(single, ran, package)]
    if command.arguments[0].text == "install":
        folder = ran.known.get("GOBIN") or f"{ran.known.get('GOPATH') or f'{ROOT_HOME}/go'}/bin"
        yield from (f"{folder.rstrip('/')}/{name}" for name in names)
        return
    word = ran.option("-o")
    directory = ran.directory
    changed = ran.option("-C")
    if changed is not None:
        directory = ran.path(changed)
    if word is None:
        if directory is None:
            raise CannotTell(f"in which directory line {ran.step.line} builds")
        is_files = all((package or "").endswith(".go") for package in packages)
        several = any("..." in (package or "") for package in packages)
        if is_files or (len(packages) == 1 and not several):
            yield at(directory, names[0])
        # Of several packages go build writes nothing without -o.
        return
    text = ran.text(word)
    if text is None or (directory is None and not text.startswith("/")):
        raise CannotTell(f"which file line {ran.step.line} writes: -o {word.text[:40]}")
    path = at(directory or "/", text)
    if text.endswith("/") or path in ("/usr/local/bin", "/usr/bin", "/bin", "/go/bin"):
        yield from (at(path, name) for name in names)
    else:
        yield path


def _names(single: Single, ran: Ran, package: str | None) -> Iterator[str]:
    """What the programs of a package, or of a pattern of packages, are called."""
    if package is not None and "..." not in package:
        yield _name(single, ran, package)
    elif package is not None and package.startswith(".") and single.sources.missing is None:
        below = at(ran.directory or "/", package.partition("...")[0])
        for folder in sorted(_folders_of_programs(single)):
            if f"{folder}/".startswith(f"{below.rstrip('/')}/"):
                is_top = folder == ran.directory
                yield _name(single, ran, "." if is_top else folder)
    elif package is not None or ran.option("-o") is None:
        raise CannotTell(f"which programs line {ran.step.line} builds: give -o and one package")
    else:
        yield "-"


def _folders_of_programs(single: Single) -> set[str]:
    return {
        posixpath.dirname(path)
        for path, text in single.sources.texts.items()
        if path.endswith(".go")
        and not path.endswith("_test.go")
        and re.search(r"^package main\b", text, re.MULTILINE)
    }


def _name(single: Single, ran: Ran, package: str) -> str:
    """What Go names a program after: its folder, its module, or its first file."""
    if package.endswith(".go"):
        return posixpath.basename(package).removesuffix(".go")
    path = package.partition("@")[0].rstrip("/")
    if path in (".", "") or re.fullmatch(r"\.?/?", path):
        named = _module(single, ran)
        if named is None:
            if ran.option("-o") is not None:
                return "-"
            raise CannotTell(f"what line {ran.step.line} calls its program: give it -o")
        path = named
    parts = path.split("/")
    if len(parts) > 1 and re.fullmatch(r"v[0-9]+", parts[-1]):
        parts.pop()
    return parts[-1]


def _module(single: Single, ran: Ran) -> str | None:
    for other in single.ran:
        words = [word.text for word in other.command.operands()]
        if other.name == "go" and words[:2] == ["mod", "init"] and len(words) > 2:
            return words[2]
    text = single.sources.text("go.mod")
    found = re.search(r"^module\s+\"?(\S+?)\"?\s*$", text, re.MULTILINE) if text else None
    if found is not None:
        return found[1]
    return None if ran.directory in (None, "/go", "/") else posixpath.basename(ran.directory or "")
