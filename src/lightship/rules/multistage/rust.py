"""Rust: `cargo build`, `cargo install` and `rustc`.

A program for a musl target is static and runs from `scratch`; others need the C library that they
were built with, and what crates named `*-sys` link to. Source: doc.rust-lang.org/cargo (build
scripts, `links`; the target folder), rust-lang/docker-rust.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.catalogue.patterns import ROOT_HOME
from lightship.rules.multistage.basing import shared_base, static_base
from lightship.rules.multistage.data import data_of
from lightship.rules.multistage.fetching import check_libraries
from lightship.rules.multistage.installing import development, installed, needed
from lightship.rules.multistage.libraries import libraries_for
from lightship.rules.multistage.making import called, followed, kept_programs, started, within
from lightship.rules.multistage.plan import CannotTell, Language, Plan
from lightship.rules.multistage.single import at
from lightship.rules.multistage.understood import check_understood

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.single import Ran, Single

_SOURCE = re.compile(
    r".*\.(?:rs|c|h|cc|cpp|hpp|proto|in)|Cargo\.(?:toml|lock)|rust-toolchain(?:\.toml)?"
    r"|(?:rustfmt|clippy|deny)\.toml"
)
_EMBEDDED = re.compile(r"include_(?:str|bytes|dir|proto)?!\s*\([^)]{0,300}\)")
_STARTS = re.compile(r"\bprocess::(?:Command\b|\{[^}]{0,200}\bCommand\b)")
_LOADS = re.compile(r"\blibloading\b|\bdlopen")
_TOOLS = ("cargo", "rustup", "rustc", "gcc", "cc", "clang", "protoc", "ld")
_UNNEEDED = ("CARGO_*", "RUSTFLAGS", "RUSTUP_*", "RUSTC_*", "RUST_VERSION", "CC", "CXX", "CFLAGS")
# Crates that link to a library of the system, and Debian's and Alpine's packages to build them.
_CRATES = {
    "openssl-sys": ("libssl-dev", "openssl-dev"),
    "pq-sys": ("libpq-dev", "libpq-dev"),
    "libsqlite3-sys": ("libsqlite3-dev", "sqlite-dev"),
    "mysqlclient-sys": ("default-libmysqlclient-dev", "mariadb-connector-c-dev"),
    "curl-sys": ("libcurl4-openssl-dev", "curl-dev"),
    "libz-sys": ("zlib1g-dev", "zlib-dev"),
    "bzip2-sys": ("libbz2-dev", "bzip2-dev"),
    "lzma-sys": ("liblzma-dev", "xz-dev"),
    "libsodium-sys": ("libsodium-dev", "libsodium-dev"),
    "libudev-sys": ("libudev-dev", "eudev-dev"),
    "alsa-sys": ("libasound2-dev", "alsa-lib-dev"),
    "libdbus-sys": ("libdbus-1-dev", "dbus-dev"),
    "zmq-sys": ("libzmq3-dev", "zeromq-dev"),
}
# Crates named so that link to nothing, or that bring what they link to.
_ALONE = re.compile(
    r"(?:js|web|windows|core-foundation|security-framework|linux-raw|inotify|fsevent|ndk|jni|kqueue"
    r"|io-kit|objc|mach|winapi|errno|schannel|wasi|libmimalloc|(?:tikv-)?jemalloc|aws-lc|aws-lc-fips"
    r"|libgit2|libssh2|zstd|lz4|onig|librocksdb|rdkafka|brotli|snappy|psm|libc|pyo3|cryptoki|hidapi"
    r"|secp256k1|hwloc2|blst|ittapi|ring|clang|libbpf|libloading|system-configuration)(?:[-_]sys)"
)
_TLS = re.compile(r"openssl|native-tls|rustls-native-certs|rustls-platform-verifier|schannel")
_ZONES = re.compile(r"chrono|iana-time-zone|tzfile|tz-rs|jiff")


def _builds(single: Single) -> bool:
    return single.image.repository == "rust" or any(_is_build(ran) for ran in single.ran)


def _subcommand(ran: Ran) -> str | None:
    words = [word.text for word in ran.command.operands()] if ran.name == "cargo" else []
    return next((word for word in words if not word.startswith("+")), None)


def _is_build(ran: Ran) -> bool:
    if ran.name == "rustc":
        return any(word.text.endswith(".rs") for word in ran.command.operands())
    return _subcommand(ran) in ("build", "b", "install", "rustc")


def _recognise(single: Single) -> Plan:
    builds = [ran for ran in single.ran if _is_build(ran)]
    single.launch  # noqa: B018 - raises where it is not clear what runs
    folders: dict[str, int] = {}
    made: dict[str, int] = {}
    for ran in builds:
        if ran.name == "rustc":
            made |= dict.fromkeys(_compiled(ran), ran.step.position)
        else:
            folders |= dict.fromkeys(_folders(ran), ran.step.position)
    made |= within(single, folders)
    places = followed(single, made)
    started(single, places, frozenset(("cargo", "rustc", "cargo-watch", "trunk", "make")))
    check_understood(single, _TOOLS, places)
    _check(single)
    if not (
        single.sources.named(".rs", "Cargo.toml", sign="fn main")
        or _is_fetched(builds)
        or any(_subcommand(ran) in ("new", "init") for ran in single.ran)
    ):
        raise CannotTell("what the program needs: no Rust source is to be seen from here")
    data, left = data_of(single, _SOURCE, embedded=_EMBEDDED)
    kept = (*kept_programs(single, called(single, places)), *data)
    lock = _lock(single)
    static = _is_static(single, builds, made)
    if static:
        wanted = _wanted(lock)
        base, accounts = static_base(single, kept, wanted)
        packages = () if base.system is None else ("ca-certificates", *needed(single))
    else:
        check_libraries(single)
        accounts = ()
        libraries = tuple(_libraries(single, lock, builds))
        base = shared_base(single, only_libc=not libraries)
        tls = ("ca-certificates",) if any(_TLS.search(name) for name in lock or ()) else ()
        packages = (*tls, *libraries, *needed(single))
    return Plan(
        language="Rust",
        base=base,
        kept=(*accounts, *kept),
        packages=packages,
        tools="the Rust toolchain, the sources and target/",
        left=left,
        unneeded=_UNNEEDED,
    )


def _is_fetched(builds: list[Ran]) -> bool:
    """Whether all of it comes from crates by name."""
    installs = [ran for ran in builds if _subcommand(ran) == "install"]
    return len(installs) == len(builds) and not any(
        ran.option("--path") is not None or ran.command.has("--git") for ran in installs
    )


def _folders(ran: Ran) -> Iterator[str]:
    """The folders that one `cargo build` or `cargo install` may put programs into."""
    if _subcommand(ran) == "install":
        root = ran.option("--root")
        home = ran.path(root) if root is not None else ran.known.get("CARGO_INSTALL_ROOT")
        yield f"{home or ran.known.get('CARGO_HOME') or f'{ROOT_HOME}/.cargo'}/bin"
        return
    profile = ran.option("--profile")
    kind = "release" if ran.command.has("--release", "-r") else "debug"
    if profile is not None:
        kind = "debug" if profile.text == "dev" else profile.text
    target = ran.option("--target")
    triple = target.text if target is not None else ran.known.get("CARGO_BUILD_TARGET") or ""
    below = posixpath.join(triple, kind) if triple else kind
    given = ran.option("--target-dir")
    folder = ran.path(given) if given is not None else ran.known.get("CARGO_TARGET_DIR")
    manifest = ran.option("--manifest-path")
    directory = ran.directory
    if manifest is not None and (path := ran.path(manifest)) is not None:
        directory = posixpath.dirname(path)
    if folder is not None and directory is not None:
        yield at(directory, f"{folder}/{below}")
        return
    # A member of a workspace is built in the workspace's own folder, above.
    while directory is not None:
        yield at(directory, f"target/{below}")
        if directory == "/":
            return
        directory = posixpath.dirname(directory)


def _compiled(ran: Ran) -> Iterator[str]:
    output = ran.option("-o")
    if output is not None and (path := ran.path(output)) is not None:
        yield path
        return
    for word in ran.command.operands("-C", "--edition", "--target", "-o", "--crate-type", "-L"):
        if word.text.endswith(".rs") and ran.directory is not None:
            yield at(ran.directory, posixpath.basename(word.text).removesuffix(".rs"))


def _check(single: Single) -> None:
    for path, text in single.sources.named(".rs", sign="fn main").items():
        if path.rpartition("/")[2] == "build.rs":
            continue
        name = path.rpartition("/")[2]
        if _STARTS.search(text):
            raise CannotTell(f"which programs it starts when it runs: {name} starts some")
        if _LOADS.search(text):
            raise CannotTell(f"which libraries it loads when it runs: {name} loads some")


def _lock(single: Single) -> frozenset[str] | None:
    """The crates that it is made of; None where nobody can say."""
    text = single.sources.text("Cargo.lock")
    if text is not None:
        return frozenset(re.findall(r'^name = "([^"]+)"', text, re.MULTILINE))
    manifest = single.sources.text("Cargo.toml") or ""
    words = " ".join(ran.step.body.text for ran in single.ran if ran.step.body is not None)
    depends = re.search(r"^\[.*dependencies", manifest, re.MULTILINE) or "dependencies" in words
    adds = any(_subcommand(ran) == "add" for ran in single.ran)
    return None if depends or adds else frozenset()


def _is_static(single: Single, builds: list[Ran], made: dict[str, int]) -> bool:
    flags = " ".join(ran.known.get("RUSTFLAGS") or "" for ran in builds)
    if "-crt-static" in flags:
        return False
    if single.image.repository == "rust" and single.system is not None and single.system.is_musl:
        return True
    triples = [ran.option("--target") for ran in builds]
    named = all(word is not None and word.text.endswith("-musl") for word in triples)
    return named or all("-musl/" in path for path in made)


def _wanted(lock: frozenset[str] | None) -> str | None:
    if lock is None:
        return "not all of its crates could be seen, and it has certificates and time zones"
    if any(_TLS.search(name) for name in lock):
        return "TLS needs certificates"
    if any(_ZONES.search(name) for name in lock):
        return "it looks up time zones"
    return None


def _libraries(single: Single, lock: frozenset[str] | None, builds: list[Ran]) -> Iterator[str]:
    """Packages with the C libraries that the crates link to."""
    system = single.system
    if system is None:
        return
    if system.is_musl and any(one.name in ("cargo", "rust") for one in installed(single)):
        yield "libgcc"
    names = [one.name for one in development(single)]
    if all(ran.name == "rustc" for ran in builds):
        lock = frozenset()
    full = single.image.repository == "rust" and "slim" not in (single.image.tag or "")
    if lock is None and full:
        raise CannotTell("which C libraries its crates link to: there is no Cargo.lock to look at")
    for crate in sorted(lock or ()):
        if not crate.endswith(("-sys", "_sys")) or _ALONE.fullmatch(crate):
            continue
        if crate == "openssl-sys" and "openssl-src" in (lock or ()):
            continue
        if crate not in _CRATES:
            raise CannotTell(f"which C library the crate {crate[:60]} links to")
        names.append(_CRATES[crate][system.is_musl])
    yield from dict.fromkeys(libraries_for(single, dict.fromkeys(names)))


LANGUAGE = Language("Rust", _builds, _recognise)
