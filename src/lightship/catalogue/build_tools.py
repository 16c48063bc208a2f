"""What builds programs and is not needed to run them, by names of packages and by places.

As of November 2026: Debian 13, Ubuntu 24.04, Alpine 3.22, Fedora 43, RHEL 10, conda-forge, PyPI.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class ToolGroup(NamedTuple):
    """Tools of one kind.

    Attributes:
        title: in the plural.
        packages: for each package system the names, to be matched whole.
        advice: what to do instead, one sentence.
        is_for_running_too: programs may call them when they run, without saying so anywhere.
        users: Python distributions that call them when they run.
    """

    title: str
    packages: Mapping[str, re.Pattern[str]]
    advice: str
    is_for_running_too: bool = False
    users: frozenset[str] = frozenset()


class ToolTree(NamedTuple):
    """A tool that was unpacked, not installed.

    Attributes:
        tool: its name.
        directory: where it is; `*` is one path component.
        sign: what is in it, for sure.
        parts: what of it can go; the whole directory if empty.
    """

    tool: str
    directory: str
    sign: str
    parts: tuple[str, ...] = ()


def _names(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in patterns))


_VERSION = r"(?:-?\d[\d.]*)?"
_BUILD_PYTHON = _names("cmake", "ninja", "meson", "meson-python", "maturin", "scikit-build(-core)?")

COMPILERS = ToolGroup(
    title="compilers and build tools",
    packages={
        "dpkg": _names(
            rf"(?:gcc|g\+\+|cpp|gfortran|gnat|gdc|gobjc|gobjc\+\+|gccgo){_VERSION}"
            r"(?:-(?:x86-64|aarch64|arm|i686|powerpc64le|s390x|riscv64)-linux-gnu\w*)?",
            rf"(?:clang|clang-tools|lld|lldb|llvm|llvm-dev){_VERSION}(?:-dev|-tools)?",
            r"binutils(?:-.+)?|libbinutils|build-essential|dpkg-dev|debhelper|fakeroot|gdb",
            r"make|cmake(?:-data)?|ninja-build|meson|scons|autoconf|automake|autotools-dev",
            r"libtool(?:-bin)?|m4|bison|flex|gperf|pkg-config|pkgconf(?:-bin)?|swig[\d.]*|nasm|yasm",
            r"rustc(?:-[\d.]+)?|cargo(?:-[\d.]+)?|golang(?:-go|-src|-\d[\d.]*(?:-go|-src)?)?",
            r"ghc|ocaml|cython3|ccache|maven|ant|gradle|nvidia-cuda-toolkit",
        ),
        "apk": _names(
            r"gcc|g\+\+|gfortran|build-base|alpine-sdk|abuild|binutils(?:-gold)?|fortify-headers",
            r"make|cmake|samurai|ninja-build|meson|scons|autoconf|automake|libtool|m4|bison|flex",
            r"(?:clang|llvm|lld)\d*(?:-dev)?|pkgconf|patch|nasm|yasm|gdb|swig|ccache",
            r"rust|cargo|go|ghc|ocaml|maven|apache-ant|gradle",
        ),
        "rpm": _names(
            r"gcc|gcc-c\+\+|gcc-gfortran|cpp|binutils(?:-gold)?|annobin.*|gdb(?:-headless)?",
            r"make|cmake(?:-data|-rpm-macros)?|ninja-build|meson|autoconf|automake|libtool|m4|bison",
            r"flex|swig|nasm|yasm|ccache|rpm-build|redhat-rpm-config|clang|lld|llvm|patch",
            r"rust|cargo|golang(?:-bin|-src)?|ghc|ocaml|maven|ant",
        ),
        "conda": _names(
            r"(?:gcc|gxx|gfortran|clang|clangxx|binutils)(?:_impl)?(?:_linux|_osx|_win)-.+",
            r"(?:sysroot|kernel-headers)_linux-.+|lib(?:gcc|stdcxx)-devel_.+",
            r"gcc|gxx|gfortran|clang|binutils|compilers|(?:c|cxx|fortran)-compiler",
            r"make|cmake|ninja|meson|autoconf|automake|libtool|m4|bison|flex|pkg-config|swig|nasm",
            r"rust|rust_linux-.+|go|go-cgo|go-nocgo|_go_select",
        ),
        "python": _BUILD_PYTHON,
    },
    advice="Build in a stage of its own and copy what it made into the last stage.",
    users=frozenset(
        (
            "triton",
            "pytensor",
            "theano",
            "aesara",
            "deepspeed",
            "brian2",
            "pystan",
            "cmdstanpy",
            "fenics-ffcx",
            "pythran",
            "loopy",
        )
    ),
)
JDK = ToolGroup(
    title="parts of a JDK that only build programs",
    packages={
        "dpkg": _names(r"(?:openjdk-\d+|default|temurin-\d+)-jdk(?:-headless)?"),
        "apk": _names(r"openjdk\d+|openjdk\d+-(?:jdk|jmods|src|demos|doc)"),
        "rpm": _names(r"java-[\w.]+-openjdk-(?:devel|jmods|src|demo)(?:-.+)?"),
    },
    advice="Run on a JRE: take the base image's jre variant, or make one with jlink.",
)
VERSION_CONTROL = ToolGroup(
    title="version control programs",
    packages={
        "dpkg": _names(r"git|git-man|git-lfs|liberror-perl|mercurial(?:-common)?|subversion"),
        "apk": _names(r"git|git-(?:perl|lfs|init-template)|mercurial|subversion"),
        "rpm": _names(r"git|git-core(?:-doc)?|git-lfs|perl-Git|mercurial|subversion"),
        "conda": _names("git"),
    },
    advice="Fetch sources in a stage of its own, or with ADD and a Git URL.",
    is_for_running_too=True,
)
TOOL_GROUPS = (COMPILERS, JDK, VERSION_CONTROL)

_JDK_PARTS = ("jmods", "lib/src.zip", "lib/ct.sym", "include", "demo", "man")
TOOL_TREES = (
    ToolTree("Go", "usr/local/go", "bin/go"),
    ToolTree("Rust", "usr/local/rustup", "toolchains"),
    ToolTree("Rust", "root/.rustup", "toolchains"),
    ToolTree("Rust", "home/*/.rustup", "toolchains"),
    ToolTree("Maven", "usr/share/maven", "bin/mvn"),
    ToolTree("Maven", "opt/maven", "bin/mvn"),
    ToolTree("Gradle", "opt/gradle", "bin/gradle"),
    ToolTree("JDK", "opt/java/openjdk", "bin/javac", _JDK_PARTS),
    ToolTree("JDK", "opt/java", "bin/javac", _JDK_PARTS),
    ToolTree("JDK", "opt/*", "bin/javac", _JDK_PARTS),
    ToolTree("JDK", "usr/local/openjdk-*", "bin/javac", _JDK_PARTS),
    ToolTree("JDK", "usr/lib/jvm/*", "bin/javac", _JDK_PARTS),
)
