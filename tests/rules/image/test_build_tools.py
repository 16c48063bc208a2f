from __future__ import annotations

import msgspec
import pytest

from analysis.elf_parts import written
from lightship.analysis.packages.package import Package
from lightship.catalogue.build_tools import COMPILERS, JDK, VERSION_CONTROL
from lightship.rules.image.build_tools import RULE
from lightship.rules.judging import judge
from rules.image.started import PROGRAM, judged, subject_with
from rules.subjects import LISTED

GCC = bytes(3_000_000)
FILES: dict[str, object] = {
    "usr/bin/app": written(needed=(b"libz.so.1",)),
    "usr/bin/sh": PROGRAM + b"s",
    "usr/bin/gcc": GCC,
    "usr/bin/make": bytes(500_000),
    "usr/lib/libz.so.1": written(soname=b"libz.so.1"),
}


def package(name: str, *paths: str, system: str = "dpkg", **more: object) -> Package:
    files = tuple(path.encode() for path in paths)
    return Package(system=system, name=name, version="1.2", paths=files, **more)  # type: ignore[arg-type] # spelled out where it is called


TOOLS = (package("gcc-12", "usr/bin/gcc"), package("make", "usr/bin/make"))
APP = package("app", "usr/bin/app")


def test_compilers_beside_a_program() -> None:
    (one,) = judged(RULE, FILES, packages=(*TOOLS, APP), Cmd=["app"])
    assert (one.severity, one.confidence) == ("warning", "likely")
    assert one.removable_bytes == 3_500_000
    assert one.files == 2
    assert one.message == (
        "3.50 MB of compilers and build tools in 2 files: gcc-12, make; "
        "nothing tells that the image's command needs them."
    )
    assert [(piece.note, piece.bytes, piece.layer) for piece in one.evidence] == [
        ("gcc-12 1.2", 3_000_000, 1),
        ("make 1.2", 500_000, 1),
    ]


def test_tools_of_the_base_image() -> None:
    subject = subject_with(RULE, FILES, packages=(*TOOLS, APP), Cmd=["app"])
    (one,) = judge(msgspec.structs.replace(subject, base_layers=1), (RULE,), listed=LISTED)
    assert "slim variant" in one.advice


@pytest.mark.parametrize("command", [[], ["sh"], ["/usr/bin/sh", "-c", "exec sh"]])
def test_an_image_to_build_in_is_only_told(command: list[str]) -> None:
    (one,) = judged(RULE, FILES, packages=TOOLS, Cmd=command)
    assert one.severity == "info"
    assert "right in an image to build in" in one.message


def test_what_the_command_runs_is_needed() -> None:
    (one,) = judged(RULE, FILES, packages=TOOLS, Cmd=["sh", "-c", "cd /src && make all"])
    assert one.removable_bytes == 3_000_000
    assert judged(RULE, FILES, packages=TOOLS[:1], Cmd=["gcc"]) == ()


def test_what_a_needed_package_depends_on_is_needed() -> None:
    app = package("app", "usr/bin/app", depends=("middle",))
    middle = package("middle", depends=("gcc-12", "middle"))
    assert judged(RULE, FILES, packages=(TOOLS[0], app, middle), Cmd=["app"]) == ()


def test_what_a_loaded_library_depends_on_is_needed() -> None:
    library = package("zlib1g", "usr/lib/libz.so.1", depends=("make",))
    (one,) = judged(RULE, FILES, packages=(*TOOLS, library), Cmd=["app"])
    assert one.removable_bytes == 3_000_000


def test_what_any_other_package_depends_on_is_needed() -> None:
    other = package("r-base", depends=("gcc-12",))
    headers = package("libx-dev", depends=("make",), section="libdevel")
    (one,) = judged(RULE, FILES, packages=(*TOOLS, other, headers), Cmd=["app"])
    assert one.removable_bytes == 500_000


def test_what_came_with_the_tools_goes_with_them() -> None:
    """As `apt-get autoremove` has it; libraries that somebody loads stay."""
    layer = FILES | {
        "lib/libisl.so": bytes(100_000),
        "lib/libgomp.so.1": written(soname=b"libgomp.so.1"),
        "lib/libasked.so": bytes(10),
        "lib/libshared.so": bytes(20),
        "srv/wheel.so": written(needed=(b"libgomp.so.1",)),
    }
    packages = (
        package("gcc-12", "usr/bin/gcc", depends=("isl", "gomp", "asked", "shared")),
        package("isl", "lib/libisl.so", requested=False, depends=("isl",)),
        package("gomp", "lib/libgomp.so.1", requested=False),
        package("asked", "lib/libasked.so", requested=True),
        package("shared", "lib/libshared.so", requested=False),
        package("other", depends=("shared",), requested=False),
    )
    (one,) = judged(RULE, layer, packages=packages, Cmd=["app"])
    assert [piece.note for piece in one.evidence] == ["gcc-12 1.2", "isl 1.2"]
    assert one.removable_bytes == 3_100_000


def test_a_command_that_is_not_all_seen_makes_a_guess() -> None:
    (one,) = judged(RULE, FILES, packages=TOOLS, Cmd=["sh", "-c", "$TASK; app"])
    assert (one.severity, one.confidence) == ("info", "guess")


def test_a_library_that_compiles_when_it_runs_makes_a_guess() -> None:
    triton = package("triton", system="python")
    (one,) = judged(RULE, FILES, packages=(*TOOLS, triton), Cmd=["app"])
    assert (one.severity, one.confidence) == ("info", "guess")


def test_git_is_a_guess() -> None:
    git = package("git", "usr/bin/gcc")
    (one,) = judged(RULE, FILES, packages=(git,), Cmd=["app"])
    assert (one.severity, one.confidence) == ("info", "guess")
    assert "version control" in one.message


def test_a_tool_that_was_unpacked() -> None:
    layer = FILES | {"usr/local/go/bin/go": PROGRAM, "usr/local/go/pkg/tool/compile": GCC}
    (one,) = judged(RULE, layer, Cmd=["app"])
    assert one.removable_bytes == len(PROGRAM) + len(GCC)
    assert one.message.startswith("3.00 MB of Go in 2 files at usr/local/go; ")
    assert judged(RULE, layer, Cmd=["/usr/local/go/bin/go", "run", "."]) == ()
    owned = package("golang-bin", "usr/local/go/bin/go", system="other")
    assert judged(RULE, layer, packages=(owned,), Cmd=["app"]) == ()


def test_the_building_half_of_a_jdk() -> None:
    layer: dict[str, object] = {
        "opt/jdk/bin/java": PROGRAM,
        "opt/jdk/bin/javac": PROGRAM + b"c",
        "opt/jdk/jmods/java.base.jmod": bytes(2_000_000),
        "opt/jdk/lib/src.zip": bytes(1_000_000),
        "opt/jdk/lib/modules": bytes(5_000_000),
    }
    (one,) = judged(RULE, layer, Cmd=["/opt/jdk/bin/java", "-jar", "/app.jar"])
    assert one.removable_bytes == 3_000_000
    assert one.severity == "warning"


def test_an_image_without_tools_has_none() -> None:
    base = package("gcc-12-base", "usr/bin/make")
    assert judged(RULE, FILES, packages=(APP, base), Cmd=["app"]) == ()


@pytest.mark.parametrize(
    ("system", "names"),
    [
        ("dpkg", "gcc gcc-14 g++-12 gcc-12-x86-64-linux-gnu cpp binutils-common clang-19 rustc"),
        ("dpkg", "golang-1.24-go golang-go build-essential cmake-data dpkg-dev pkgconf-bin"),
        ("apk", "gcc g++ build-base rust go llvm19 binutils"),
        ("rpm", "gcc gcc-c++ make golang-bin rust rpm-build"),
        ("conda", "gcc_linux-64 gxx_impl_linux-64 sysroot_linux-64 compilers go"),
        ("python", "cmake ninja"),
    ],
)
def test_names_of_tools(system: str, names: str) -> None:
    for name in names.split():
        assert COMPILERS.packages[system].fullmatch(name), name


@pytest.mark.parametrize(
    ("system", "names"),
    [
        ("dpkg", "gcc-12-base libgcc-s1 libstdc++6 gcc-12-doc libllvm19 golang-docker python3 m4x"),
        ("apk", "libgcc libstdc++ musl llvm19-libs gcompat go-bootstrap-x"),
        ("rpm", "libgcc glibc libstdc++ llvm-libs"),
        ("conda", "libgcc-ng ld_impl_linux-64 llvmlite gcsfs"),
        ("python", "ninja2 numba"),
    ],
)
def test_names_that_only_look_like_tools(system: str, names: str) -> None:
    for group in (COMPILERS, JDK, VERSION_CONTROL):
        for name in names.split():
            pattern = group.packages.get(system)
            assert pattern is None or not pattern.fullmatch(name), name


def test_names_of_other_groups() -> None:
    assert JDK.packages["dpkg"].fullmatch("openjdk-21-jdk-headless")
    assert not JDK.packages["dpkg"].fullmatch("openjdk-21-jre-headless")
    assert JDK.packages["rpm"].fullmatch("java-21-openjdk-devel")
    assert not JDK.packages["rpm"].fullmatch("java-21-openjdk-headless")
    assert VERSION_CONTROL.packages["apk"].fullmatch("git")
