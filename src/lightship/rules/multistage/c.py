"""C and C++: compilers called by name, make, CMake, Meson, and the autotools' `make install`.

A program linked with `-static` runs from `scratch`, unless it asks the C library for names, which
glibc answers with shared libraries. Others need the C library that they were built with, and the
libraries of the `-dev` packages. Source: GNU coding standards (DESTDIR, prefix), cmake(1),
the glibc FAQ on static linking, docker-library/gcc (its libstdc++ is newer than the system's).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.rules.multistage.basing import shared_base, static_base
from lightship.rules.multistage.data import data_of
from lightship.rules.multistage.fetching import check_libraries
from lightship.rules.multistage.installing import needed, removes
from lightship.rules.multistage.linking import BUILD_FILES, check_own_libraries, linked_packages
from lightship.rules.multistage.making import called, followed, kept_programs, started, within
from lightship.rules.multistage.plan import CannotTell, Kept, Language, Plan
from lightship.rules.multistage.prefixes import prefixes
from lightship.rules.multistage.single import at
from lightship.rules.multistage.understood import check_understood

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.single import Ran, Single

_COMPILERS = re.compile(r"(?:musl-)?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|tcc)(?:-[0-9.]+)?")
_CXX = re.compile(r"(?:g|c|clang)\+\+(?:-[0-9.]+)?")
_BUILDERS = frozenset(("make", "gmake", "cmake", "ninja", "meson", "samu", "scons"))
_TOOLS = _BUILDERS | frozenset(
    """
    gcc g++ cc c++ clang clang++ tcc musl-gcc ar ranlib ld as cpp ctest cpack pkg-config ccache
    configure config autogen.sh bootstrap bootstrap.sh autoreconf autoconf automake autoheader
    aclocal libtoolize autopoint gettextize buildconf m4 bison flex yacc lex
    """.split()  # noqa: SIM905 - one to a line is a page
)
_SOURCE = re.compile(
    r".*\.(?:c|h|cc|cpp|cxx|hh|hpp|hxx|inl|inc|s|S|o|a|d|cmake|in|am|ac|m4|pc|y|l|mk)"
    r"|CMakeLists\.txt|CMakePresets\.json|meson\.build|meson_options\.txt|configure|config\.\w+"
    r"|(?:GNUm|M|m)akefile|install-sh|SConstruct|autogen\.sh|bootstrap(?:\.sh)?"
)
_CODE = (".c", ".cc", ".cpp", ".cxx", ".h", ".hpp")
_CXX_CODE = (".cc", ".cpp", ".cxx")
_STARTS = re.compile(
    r"\b(?:system|popen|execl|execlp|execle|execv|execvp|execvpe|posix_spawnp?)\s*\("
)
_TLS = re.compile(r"libssl|libcurl|libgnutls")
_LOADS = re.compile(r"\bdlopen\s*\(")
_WHOLE_FOLDER = re.compile(r"""\bopendir\s*\(\s*"\.?/?\\?["]|directory_iterator\s*[({]\s*"\.""")
# What glibc looks for in shared libraries and tables of its own, static or not.
_ASKS_LIBC = re.compile(
    r"\b(?:getaddrinfo|gethostby\w+|getpw\w+|getgr\w+|getservby\w+|iconv_open|setlocale)\s*\("
)
_UNNEEDED = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "MAKEFLAGS", "CMAKE_*")


def _builds(single: Single) -> bool:
    builds = {
        ran.step.position
        for ran in single.ran
        if _COMPILERS.fullmatch(ran.name) or ran.name in _BUILDERS
    }
    # What removes its compilers in the same RUN does not keep them.
    return bool(builds - {ran.step.position for ran in single.ran if removes(ran)})


def _recognise(single: Single) -> Plan:
    single.launch  # noqa: B018 - raises where it is not clear what runs
    trees = prefixes(single)
    made, folders = _made(single)
    made |= _named_by_build(single, within(single, folders, deep=True), frozenset(made))
    places = followed(single, made)
    program = _installed(single, trees)
    if program is None:
        program = started(single, places, _BUILDERS | {"gcc", "g++", "cc"})
        programs = tuple(kept_programs(single, called(single, places)))
        trees = ()
    else:
        programs = tuple(Kept((f"{tree}/",), f"{tree}/", "what is installed") for tree in trees)
    _check(single)
    check_understood(single, _TOOLS, places)
    data, left = data_of(single, _SOURCE, installed=bool(trees))
    kept = (*programs, *data)
    commands: tuple[str, ...] = ()
    packages: tuple[str, ...] = needed(single)
    more: tuple[Kept, ...]
    if _is_static(single):
        base, more = static_base(single, kept, None)
    else:
        if not trees:
            check_libraries(single)
            check_own_libraries(single)
        libraries = tuple(linked_packages(single, is_cxx=_is_cxx(single)))
        packages = (*libraries, *packages)
        if "ca-certificates" in _has(single) and any(_TLS.match(name) for name in libraries):
            packages = ("ca-certificates", *packages)
        base, more = shared_base(single, only_libc=not libraries), tuple(_own_libraries(single))
        if base.system == "debian" and (trees or more):
            commands = ("ldconfig",)
    notes: tuple[str, ...] = ()
    if trees and single.sources.missing is not None:
        notes = (f"What it reads and starts could not be looked at: {single.sources.missing}.",)
    return Plan(
        language="C/C++",
        base=base,
        kept=(*more, *kept),
        packages=tuple(dict.fromkeys(packages)),
        commands=commands,
        tools="the compiler, the sources and what the build leaves",
        left=left,
        unneeded=_UNNEEDED,
        notes=notes,
    )


def _has(single: Single) -> tuple[str, ...]:
    """Packages that the builder's image comes with."""
    return single.builder.has if single.builder is not None else ()


def _made(single: Single) -> tuple[dict[str, int], dict[str, int]]:
    """Files that compilers write, and folders that make and the like write to."""
    made: dict[str, int] = {}
    folders: dict[str, int] = {}
    for ran in single.ran:
        if _COMPILERS.fullmatch(ran.name):
            words = {word.text for word in ran.command.arguments}
            if words & {"-c", "-E", "-S", "-shared", "--version", "-v", "-dumpversion"}:
                continue
            output = ran.option("-o")
            path = ran.path(output) if output is not None else at(ran.directory or "/", "a.out")
            if path is not None:
                made[path] = ran.step.position
        elif ran.name in _BUILDERS and ran.directory is not None:
            folders[_folder(ran)] = ran.step.position
    return made, folders


def _folder(ran: Ran) -> str:
    """Where a builder works: its directory, or what its options say."""
    for option in ("--build", "-B", "-C", "--directory"):
        word = ran.option(option)
        if word is not None and (path := ran.path(word)) is not None:
            return path
    return ran.directory or "/"


def _named_by_build(
    single: Single, found: dict[str, int], compiled: frozenset[str]
) -> dict[str, int]:
    """Of the files in folders of make and the like those whose names their files have.

    Where they cannot be seen all are taken: there is no plan then anyway.
    """
    if single.sources.unseen is not None:
        return found
    written = {path for path in found if path in compiled}
    copied = {one.path for one in single.sources.copied}
    texts = [
        text
        for path, text in single.sources.texts.items()
        if posixpath.basename(path) in BUILD_FILES or not path.startswith("/")
    ]
    words = {word for text in texts for word in re.findall(r"[\w.+-]+", text)}
    words |= {ran_word.text for ran in single.ran for ran_word in ran.command.arguments}
    for path in found:
        name = posixpath.basename(path)
        if path in copied:
            continue
        # make compiles NAME.c to NAME without being told how.
        if name in words or any(f"{path}{ending}" in copied for ending in _CODE):
            written.add(path)
    return {path: found[path] for path in written}


def _installed(single: Single, trees: tuple[str, ...]) -> str | None:
    """The program that the container starts, if it is below a prefix and not made elsewhere."""
    for path in single.resolved(single.launch.program):
        if any(path.startswith((f"{tree}/bin/", f"{tree}/sbin/")) for tree in trees):
            return path
    return None


def _check(single: Single) -> None:
    for path, text in single.sources.named(*_CODE, sign="main").items():
        name = posixpath.basename(path)
        if _STARTS.search(text):
            raise CannotTell(f"which programs it starts when it runs: {name} starts some")
        if _LOADS.search(text):
            raise CannotTell(f"which libraries it loads when it runs: {name} loads some")
        if _WHOLE_FOLDER.search(text):
            raise CannotTell(f"which files it reads when it runs: {name} reads its whole folder")


def _is_static(single: Single) -> bool:
    """Whether every program is linked with `-static`, and glibc is asked for nothing."""
    links = [ran for ran in single.ran if _links(ran)]
    if not links or not all(_links_static(ran) for ran in links):
        return False
    if single.system is not None and single.system.is_musl:
        return True
    if any(ran.name.startswith("musl-") for ran in links):
        return True
    texts = single.sources.named(*_CODE, sign="main").values()
    return single.sources.missing is None and not any(_ASKS_LIBC.search(text) for text in texts)


def _links(ran: Ran) -> bool:
    words = {word.text for word in ran.command.arguments}
    if _COMPILERS.fullmatch(ran.name):
        return not words & {"-c", "-E", "-S", "--version", "-v", "-dumpversion"}
    return ran.name in ("make", "gmake", "cmake", "ninja", "meson") and "install" not in words


def _links_static(ran: Ran) -> bool:
    words = [word.text for word in ran.command.arguments]
    words += [ran.known.get(name) or "" for name in ("LDFLAGS", "CFLAGS", "CXXFLAGS")]
    return any(re.search(r"(?:\A|[\s=])-static(?:-pie)?(?:\Z|\s)", word) for word in words)


def _is_cxx(single: Single) -> bool:
    if any(_CXX.fullmatch(ran.name) for ran in single.ran):
        return True
    return any(one.path.endswith(_CXX_CODE) for one in single.sources.copied)


def _own_libraries(single: Single) -> Iterator[Kept]:
    """The image gcc has a C++ library of its own, newer than the system's."""
    if single.image.repository == "gcc" and _is_cxx(single):
        names = ("libstdc++.so.6", "libgcc_s.so.1")
        sources = tuple(f"/usr/local/lib64/{name}" for name in names)
        yield Kept(sources, "/usr/local/lib/", "the compiler's own C++ library", owner="")


LANGUAGE = Language("C/C++", _builds, _recognise, last=True)
