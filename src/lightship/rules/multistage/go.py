"""Go: `go build` and `go install`.

A Go program without C in it needs no file beside itself: it runs from `scratch`. With C (CGO), it
needs the C library that it was built with. Source: go.dev, `cmd/cgo`, `cmd/go` (build, install).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.model.edit import Edit
from lightship.rules.multistage.basing import shared_base, static_base
from lightship.rules.multistage.data import data_of
from lightship.rules.multistage.fetching import check_libraries
from lightship.rules.multistage.go_outputs import WITH_VALUE, outputs
from lightship.rules.multistage.installing import development, installed, needed
from lightship.rules.multistage.libraries import libraries_for
from lightship.rules.multistage.making import followed, kept_programs, started
from lightship.rules.multistage.plan import CannotTell, Kept, Language, Plan
from lightship.rules.multistage.understood import check_understood

if TYPE_CHECKING:
    from lightship.rules.multistage.plan import FinalBase
    from lightship.rules.multistage.single import Ran, Single
    from lightship.rules.multistage.systems import System

_SOURCE = re.compile(r".*\.(?:go|s|S|c|h|cc|cpp|hpp|proto|tmpl\.go)|go\.(?:mod|sum|work)(?:\.sum)?")
_EMBEDDED = re.compile(r"//go:embed[^\n]*")
_IMPORTS = re.compile(r'import\s*(?:\(([^)]*)(?:\)|\Z)|(?:[\w.]+\s+)?"([^"]+)")')
_QUOTED = re.compile(r'"([^"\n]+)"')
_WHOLE_FOLDER = re.compile(
    r"""(?:http\.Dir|os\.DirFS|os\.ReadDir|ioutil\.ReadDir|filepath\.Walk(?:Dir)?)\(\s*"\.?/?\\?["]"""
)
_TOOLS = (
    "go",
    "gofmt",
    "golint",
    "golangci-lint",
    "staticcheck",
    "gotestsum",
    "protoc",
    "swag",
    "gcc",
)
_UNNEEDED = (
    "CGO_*",
    "GO111MODULE",
    "GO386",
    "GOAMD64",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GOBIN",
    "GOCACHE",
    "GOFLAGS",
    "GOINSECURE",
    "GOLANG_*",
    "GOMODCACHE",
    "GONOSUMDB",
    "GOOS",
    "GOPATH",
    "GOPRIVATE",
    "GOPROXY",
    "GOROOT",
    "GOSUMDB",
    "GOTOOLCHAIN",
)


def _builds(single: Single) -> bool:
    return single.image.repository == "golang" or any(_is_build(ran) for ran in single.ran)


def _is_build(ran: Ran) -> bool:
    words = [word.text for word in ran.command.arguments]
    return ran.name == "go" and bool(words) and words[0] in ("build", "install")


def _recognise(single: Single) -> Plan:
    builds = [ran for ran in single.ran if _is_build(ran)]
    single.launch  # noqa: B018 - raises where it is not clear what runs
    for ran in single.ran:
        if ran.name == "go" and [word.text for word in ran.command.operands()][:1] == ["run"]:
            raise CannotTell(f"what line {ran.step.line} leaves: go run may make anything")
    made: dict[str, int] = {}
    for ran in builds:
        made |= dict.fromkeys(outputs(single, ran), ran.step.position)
    places = followed(single, made)
    started(single, places, frozenset(("go", "air", "dlv", "gin", "make")))
    check_understood(single, _TOOLS, places)
    imports, seen = _imports(single)
    _check(single, imports)
    data: tuple[Kept, ...] = ()
    left: tuple[str, ...] = ()
    if not _is_fetched(builds):
        data, left = data_of(single, _SOURCE, embedded=_EMBEDDED)
        if not single.sources.named(".go", sign="package main"):
            raise CannotTell("what the program needs: no Go source is to be seen from here")
    kept = (*kept_programs(single, places), *data)
    compilers = {"gcc", "clang", "build-base", "alpine-sdk"}
    has_compiler = any(one.name in compilers for one in installed(single))
    edits, static = _static(single.system, builds, imports, seen=seen, has_compiler=has_compiler)
    base, accounts = (
        static_base(single, kept, _wanted_files(single, seen=seen))
        if static
        else (shared_base(single, only_libc=not development(single)), ())
    )
    if not static:
        check_libraries(single)
    packages = _packages(single, base, static=static)
    return Plan(
        language="Go",
        base=base,
        kept=(*accounts, *kept),
        packages=packages,
        edits=edits,
        edited=frozenset(ran.step.position for ran in builds) if edits else frozenset(),
        tools="the Go toolchain, the sources and the module cache",
        left=left,
        unneeded=_UNNEEDED,
        notes=_notes(single, edits, static=static),
    )


def _notes(single: Single, edits: tuple[Edit, ...], *, static: bool) -> tuple[str, ...]:
    notes = []
    if edits:
        notes.append("CGO_ENABLED=0 is added: the program must not need the C library.")
    elif not static:
        notes.append("With CGO_ENABLED=0, if its modules allow it, it could run from scratch.")
    if not any(step.keyword == "WORKDIR" for step in single.steps):
        directory = single.builder.workdir if single.builder is not None else "/"
        if directory != "/":
            notes.append(f"It starts in /, no longer in {directory}.")
    return tuple(notes)


def _is_fetched(builds: list[Ran]) -> bool:
    """Whether all is built from modules that are fetched by name, and nothing from the context."""
    return all(
        any("@" in word.text for word in ran.command.operands(*WITH_VALUE)) for ran in builds
    )


def _imports(single: Single) -> tuple[frozenset[str], bool]:
    """What the sources import, and whether all of them, modules too, are there to be seen."""
    found: set[str] = set()
    texts = single.sources.named(".go", sign="package main")
    for path, text in texts.items():
        if path.endswith("_test.go"):
            continue
        plain = text if path.endswith(".go") else text.replace('\\"', '"').replace("\\n", "\n")
        for block, one in _IMPORTS.findall(plain):
            found.update(_QUOTED.findall(block) if block else [one])
    module = single.sources.text("go.mod") or ""
    own = re.search(r"^module\s+\"?(\S+?)\"?\s*$", module, re.MULTILINE)
    foreign = [
        one
        for one in found
        if "." in one.partition("/")[0]
        and not (own is not None and (one + "/").startswith(own[1].rstrip("/") + "/"))
    ]
    seen = bool(texts) and not foreign and single.sources.missing is None
    return frozenset(found), seen


def _check(single: Single, imports: frozenset[str]) -> None:
    if "plugin" in imports:
        raise CannotTell("which plugins it loads when it runs")
    if "os/exec" in imports:
        raise CannotTell("which programs it starts when it runs: it imports os/exec")
    for path, text in single.sources.named(".go", sign="package main").items():
        if _WHOLE_FOLDER.search(text):
            raise CannotTell(
                f"which files it reads when it runs: {posixpath.basename(path)} reads its whole"
                " folder"
            )


def _static(
    system: System | None,
    builds: list[Ran],
    imports: frozenset[str],
    *,
    seen: bool,
    has_compiler: bool,
) -> tuple[tuple[Edit, ...], bool]:
    """Edits that make the programs static, and whether they are then."""
    missing = [ran for ran in builds if not _is_static(ran)]
    # Without a compiler, as on golang:alpine, Go does without C by itself.
    if not missing or (system is not None and system.is_musl and not has_compiler):
        return (), True
    wants_c = "C" in imports or any(
        ran.known.get("CGO_ENABLED") == "1" or _needs_c(ran) for ran in missing
    )
    if wants_c or not seen:
        return (), False
    edits = []
    for ran in missing:
        body = ran.step.body
        if ran.step.fixed_reason is not None or body is None:
            raise CannotTell(
                f"how to set CGO_ENABLED=0 on line {ran.step.line}: {ran.step.fixed_reason}"
            )
        # Before the command's first character, not behind the one before: that may be a line up.
        place = body.joined.source(ran.command.start)
        edits.append(Edit(place, place, "CGO_ENABLED=0 "))
    return tuple(edits), True


def _needs_c(ran: Ran) -> bool:
    flags = ran.option("-ldflags")
    external = flags is not None and "external" in flags.text
    return external or ran.command.has("-race", "-msan", "-asan") or _is_pie(ran)


def _is_pie(ran: Ran) -> bool:
    """A position-independent program is loaded by the C library's loader, with or without C."""
    mode = ran.option("-buildmode")
    return "pie" in ((mode.text if mode is not None else "") + (ran.known.get("GOFLAGS") or ""))


def _is_static(ran: Ran) -> bool:
    if _is_pie(ran):
        return False
    if ran.known.get("CGO_ENABLED") == "0":
        return True
    flags = ran.option("-ldflags")
    return flags is not None and bool(re.search(r"-extldflags[= ].{0,200}?-static\b", flags.text))


# What in the sources asks for which file that scratch lacks.
_WANTED = (
    (re.compile(r'"(?:net/http|net/smtp|crypto/tls|crypto/x509)\\?"'), "TLS needs certificates"),
    (re.compile(r"\btime\.LoadLocation\b"), "it looks up time zones"),
    (re.compile(r'"os/user\\?"'), "it looks up users"),
    (re.compile(r"\b(?:os|ioutil)\.(?:CreateTemp|MkdirTemp|TempDir|TempFile)\b"), "it needs /tmp"),
    (re.compile(r"\bmime\.TypeByExtension\b"), "it looks up types of files"),
)


def _wanted_files(single: Single, *, seen: bool) -> str | None:
    """Why it needs certificates, time zones, users or a folder for temporary files."""
    if not seen:
        return "not all of the sources could be seen, and it has certificates, time zones and /tmp"
    texts = single.sources.named(".go", sign="package main").values()
    for pattern, why in _WANTED:
        if any(pattern.search(text) for text in texts):
            return why
    if any(step.keyword == "ENV" and "TZ=" in step.instruction.value for step in single.steps):
        return "TZ needs time zones"
    return None


def _packages(single: Single, base: FinalBase, *, static: bool) -> tuple[str, ...]:
    if base.system is None:
        return ()
    packages = {"ca-certificates", *needed(single)}
    texts = single.sources.named(".go", sign="package main").values()
    if any("time.LoadLocation" in text for text in texts):
        packages.add("tzdata")
    if not static and single.system is not None:
        packages.update(libraries_for(single, [one.name for one in development(single)]))
    return tuple(sorted(packages))


LANGUAGE = Language("Go", _builds, _recognise)
