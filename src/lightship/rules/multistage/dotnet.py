""".NET: `dotnet publish`.

What is published runs on the image of the runtime, with ASP.NET Core unless it is sure that nothing
needs it; what brings the runtime itself, on runtime-deps. Source: learn.microsoft.com (dotnet
publish, container images), dotnet/dotnet-docker.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.dockerfile.shell.parsing import script_of
from lightship.rules.multistage.data import data_of
from lightship.rules.multistage.fetching import check_downloads
from lightship.rules.multistage.installing import needed
from lightship.rules.multistage.plan import (
    CannotTell,
    FinalBase,
    Kept,
    Language,
    NotItsProgram,
    Plan,
)
from lightship.rules.multistage.single import at
from lightship.rules.multistage.splitting import target_of
from lightship.rules.multistage.understood import check_understood

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.rules.multistage.single import Ran, Single

_IMAGES = {
    "mcr.microsoft.com/dotnet/sdk": "mcr.microsoft.com/dotnet",
    "mcr.microsoft.com/dotnet/core/sdk": "mcr.microsoft.com/dotnet/core",
}
_TAG = re.compile(
    r"(\d+\.\d+)(?:\.\d+)?(-(?:alpine[\d.]*|jammy|focal|noble|(?:buster|bullseye|bookworm|trixie)-slim))?"
)
_WITH_VALUE = tuple(
    """
    -c --configuration -o --output -r --runtime -f --framework -v --verbosity --source -s --os -a
    --arch -p --property --version-suffix --project
    """.split()  # noqa: SIM905 - one to a line is a page
)
_LEAVES_NOTHING = frozenset(
    ("restore", "build", "publish", "test", "clean", "nuget", "pack", "new", "add")
)
_SOURCE = re.compile(
    r".*\.(?:cs|fs|vb|csproj|fsproj|vbproj|sln|slnx|props|targets|resx|cshtml|razor)|nuget\.config",
    re.IGNORECASE,
)
_WEB = re.compile(
    r"Microsoft\.NET\.Sdk\.(?:Web|Worker|BlazorWebAssembly|Razor)|AspNetCore|PackageReference"
)
_ALONE = re.compile(r"<(?:SelfContained|PublishAot)>\s*true", re.IGNORECASE)
_PORT = re.compile(
    r"ASPNETCORE_(?:URLS|HTTP_PORTS)|DOTNET_URLS|--urls|UseUrls|\"Urls\"|\"Kestrel\"|ListenAnyIP",
    re.IGNORECASE,
)
_INVARIANT = re.compile(r"GLOBALIZATION_INVARIANT|<InvariantGlobalization>\s*true", re.IGNORECASE)


def _builds(single: Single) -> bool:
    return single.image.repository in _IMAGES or any(_verb(ran) == "publish" for ran in single.ran)


def _verb(ran: Ran) -> str:
    words = ran.command.operands(*_WITH_VALUE) if ran.name == "dotnet" else ()
    return words[0].text if words else ""


def _recognise(single: Single) -> Plan:
    words = _words(single)
    line = single.launch.command[0].step.line
    if words[:1] == ("dotnet",) and words[1:2] and not words[1].endswith(".dll"):
        raise CannotTell(
            f"a program to start: line {line} starts dotnet {words[1][:30]}, which builds"
        )
    publishes = [ran for ran in single.ran if _verb(ran) == "publish"]
    is_dll = words[:1] == ("dotnet",)
    program = at(single.last_workdir, words[1] if is_dll and words[1:2] else (words or ("",))[0])
    folder = _folder(publishes, program)
    for ran in single.ran:
        verb = _verb(ran)
        if verb and verb not in _LEAVES_NOTHING:
            raise CannotTell(f"what line {ran.step.line} leaves: dotnet {verb[:30]}")
    check_downloads(single)
    check_understood(single, ("dotnet",), (program,))
    projects = {path: text for path, text in single.sources.texts.items() if path.endswith("proj")}
    base, packages = _base(single, projects, is_alone=not is_dll, publishes=publishes)
    if "aspnet" in base.image:
        _check_port(single)
    if folder != single.last_workdir and any(
        posixpath.basename(one.path).startswith("appsettings") for one in single.sources.copied
    ):
        raise CannotTell(
            f"which settings it reads: it starts in {single.last_workdir}, not in {folder}"
        )
    return Plan(
        language=".NET",
        base=base,
        kept=(Kept((f"{folder}/",), f"{folder}/", "what is published"), *_data(single, projects)),
        packages=packages,
        tools="the SDK, the sources and the packages' cache",
        unneeded=("NUGET_*", "DOTNET_CLI_*", "DOTNET_NOLOGO", "DOTNET_SKIP_FIRST_TIME_EXPERIENCE"),
    )


def _words(single: Single) -> tuple[str, ...]:
    words = single.launch.words
    if words is not None:
        return words
    instruction = single.launch.command[0].step.instruction
    text = instruction.json[-1] if instruction.json is not None else instruction.value
    for command in script_of(text).commands:
        if command.name == "dotnet":
            return ("dotnet", *(word.text for word in command.arguments))
    raise NotItsProgram("what the container starts: its shell starts no dotnet")


def _folder(publishes: list[Ran], program: str) -> str:
    """The folder that what is started was published into."""
    for ran in publishes:
        option = ran.option("-o", "--output")
        path = ran.path(option) if option is not None else None
        if path is not None and program.startswith(f"{path}/") and path != "/":
            return path
        if option is None and ran.directory is not None and program.startswith(f"{ran.directory}/"):
            found = re.fullmatch(
                r"(.*/bin/(?:Release|Debug)/net[\w.]+(?:/[\w-]+)?/publish)/[^/]+", program
            )
            if found is not None:
                return found[1]
    raise NotItsProgram(
        f"what publishes {program[:80]}, which the container starts: no line seems to"
    )


def _base(
    single: Single, projects: Mapping[str, str], *, is_alone: bool, publishes: list[Ran]
) -> tuple[FinalBase, tuple[str, ...]]:
    tag = _TAG.fullmatch(single.image.tag or "")
    family = _IMAGES.get(single.image.repository)
    if tag is None or family is None or "$" in single.image_text:
        raise CannotTell(
            f"which runtime belongs to {single.image_text}: name its version in the tag"
        )
    version, variant = tag[1], tag[2] or ""
    is_alpine = "alpine" in variant
    every = "".join(projects.values())
    if is_alpine and not _INVARIANT.search(every + single.build.dockerfile.text):
        raise CannotTell("which cultures it needs: the SDK on Alpine has ICU, the runtime has not")
    if is_alone:
        flags = any(ran.command.has("--self-contained", "--sc") for ran in publishes)
        if not (flags or _ALONE.search(every)):
            raise CannotTell(
                "whether it brings the runtime: nothing says that it is self-contained"
            )
        kind, why = "runtime-deps", "it brings the runtime itself"
    elif projects and single.sources.missing is None and not _WEB.search(every):
        kind, why = "runtime", "it needs the runtime alone"
    else:
        kind, why = "aspnet", "it has ASP.NET Core, which it needs or may need"
    base = FinalBase(
        image=f"{family}/{kind}:{version}{variant}",
        why=why,
        system="alpine" if is_alpine else "debian",
        has=frozenset() if is_alone else frozenset(("dotnet",)),
    )
    return base, needed(single)


def _check_port(single: Single) -> None:
    """The SDK's image leaves it to the program, that of ASP.NET Core names a port."""
    texts = [text for path, text in single.sources.texts.items() if path.startswith("/")]
    if not any(_PORT.search(text) for text in (single.build.dockerfile.text, *texts)):
        raise CannotTell("on which port it listens: the base sets one unless ASPNETCORE_URLS does")


def _data(single: Single, projects: Mapping[str, str]) -> Iterator[Kept]:
    """Files beside the project that may be read; what is in it is published with it."""
    homes = tuple(f"{posixpath.dirname(path)}/" for path in projects)
    if single.sources.missing is None:
        for one in data_of(single, _SOURCE)[0]:
            if not one.target.startswith(homes):
                yield one
        return
    places = tuple(
        f"{ran.directory}/" for ran in single.ran if ran.name == "dotnet" and ran.directory
    )
    for step in single.steps:
        if step.keyword in ("COPY", "ADD"):
            target = target_of(single, step)
            if target is None or not f"{target}/".startswith(places or ("//",)):
                raise CannotTell(f"what the program reads when it runs: {single.sources.missing}")


LANGUAGE = Language(".NET", _builds, _recognise)
