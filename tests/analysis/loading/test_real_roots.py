"""All programs of real Debian roots, judged and then given to the real loaders.

What is said never contradicts what happens: nothing that `loads` fails to, and nothing that
`fails` loads. What is `unsure` is counted, and is little.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analysis.loading.parts import MACHINE, MUSL, Root, interpreter_of
from analysis.loading.positives import make_positives

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.system(
        "mmdebstrap", "musl-tools", "build-essential", "binutils", "golang-go", "libc-bin"
    ),
    pytest.mark.skipif(os.geteuid() != 0, reason="runs programs in another root"),
]
_PACKAGES = (
    "build-essential,python3,perl,git,curl,openssl,sqlite3,vim-tiny,rsync,gnupg,openssh-client,"
    "iproute2,bind9-dnsutils,imagemagick,ffmpeg,nginx,redis-server,postgresql-client,nodejs,ruby,netpbm,"
    "graphviz,poppler-utils,mariadb-client,qemu-utils"
)
_LIBC_PARTS = (
    "libc.so",
    "libm.so",
    "libmvec",
    "libpthread",
    "libdl.so",
    "librt.so",
    "libutil",
    "libresolv",
    "libnsl.so",
    "libnss",
    "libanl",
    "libcrypt.so",
    "ld-linux",
    "libthread_db",
    "libBrokenLocale",
)


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Debian of the machine's release with programs of many kinds."""
    root = tmp_path_factory.mktemp("debian") / "root"
    return _bootstrap(root, _codename(), f"--include={_PACKAGES}")


@pytest.mark.parametrize("linked", [False, True], ids=["musl alone", "the loader's path linked"])
def test_programs_of_a_debian_on_musl(debian: Path, tmp_path: Path, *, linked: bool) -> None:
    root = tmp_path / "root"
    subprocess.run(["cp", "-al", str(debian), str(root)], check=True)
    made = tmp_path / "made"
    made.mkdir()
    positives = make_positives(made, MACHINE)
    (root / "made").mkdir()
    for one in positives:
        shutil.copy(one, root / "made")
    loader = interpreter_of(root / "usr/bin/env")
    _remove(root, loader)
    shutil.copy(MUSL, root / "lib" / MUSL.name)
    libraries = f"/usr/lib/{MACHINE}-linux-gnu"
    (root / f"etc/ld-musl-{MACHINE}.path").write_text(f"/lib:/usr/lib:{libraries}\n")
    if linked:
        (root / loader.lstrip("/")).symlink_to(MUSL)
    programs = [*_programs(root), *(f"made/{one.name}" for one in positives)]
    table, wrong = _compare(root, programs, _starts_with_musl, ())
    _say("musl, linked" if linked else "musl alone", table)
    assert not wrong
    assert sum(table.values()) > 700
    tree = Root(root)
    outcomes = Counter(tree.load(f"made/{one.name}").outcome for one in positives)
    assert outcomes["loads"] >= 50


@pytest.mark.parametrize(
    ("suite", "base", "carried"),
    [
        ("bookworm", "bullseye", False),
        ("bookworm", "bullseye", True),
        ("trixie", "bookworm", False),
        ("trixie", "bookworm", True),
        ("bullseye", "bookworm", False),
        ("bookworm", "trixie", False),
    ],
)
def test_programs_of_one_debian_on_another(
    tmp_path: Path, suite: str, base: str, *, carried: bool
) -> None:
    """Newer on older, which mostly fails, and older on newer, which mostly does not."""
    source = _bootstrap(tmp_path / "source", suite)
    root = _bootstrap(tmp_path / "base", base)
    (root / "app/lib").mkdir(parents=True)
    programs = []
    for path in _programs(source):
        shutil.copy(source / path, root / "app")
        programs.append(f"app/{Path(path).name}")
    if carried:
        for library in sorted((source / "usr/lib" / f"{MACHINE}-linux-gnu").glob("*.so*")):
            if library.is_file() and not library.name.startswith(_LIBC_PARTS):
                shutil.copy(library, root / "app/lib")
    table, wrong = _compare(root, programs, _starts_with_glibc, (b"/app/lib",))
    _say(f"{suite} on {base}{', libraries carried' if carried else ''}", table)
    assert not wrong
    assert sum(table.values()) > 200


def _compare(
    root: Path,
    programs: list[str],
    starts: Callable[[Path, str], bool],
    library_path: tuple[bytes, ...],
) -> tuple[Counter[tuple[str, bool]], list[str]]:
    tree = Root(root, library_path)
    table: Counter[tuple[str, bool]] = Counter()
    wrong = []
    for path in programs:
        loaded = tree.load(path)
        is_started = starts(root, path)
        table[loaded.outcome, is_started] += 1
        if loaded.outcome != "unsure" and (loaded.outcome == "loads") != is_started:
            wrong.append(f"{path}: {loaded.outcome}, {loaded.troubles[:2]}")
    return table, wrong


def _starts_with_musl(root: Path, path: str) -> bool:
    """As the kernel would start it: static ones are run, others bound by their loader."""
    loader = interpreter_of(root / path)
    if loader and not (root / loader.lstrip("/")).is_symlink() and MUSL.name not in loader:
        return _run(root, f"/{path}", "--version").returncode != 127
    if loader:
        listed = _run(root, str(MUSL), "--list", f"/{path}")
        return listed.returncode == 0
    done = _run(root, f"/{path}", "--version")
    return done.returncode != 127 and "Error relocating" not in done.stderr


def _starts_with_glibc(root: Path, path: str) -> bool:
    """As `ldd -r` asks it: all libraries, versions and symbols at once."""
    loader = interpreter_of(root / path)
    if not loader:
        return True
    asked = ("/usr/bin/env", "LD_LIBRARY_PATH=/app/lib", "LD_BIND_NOW=1", "LD_WARN=1")
    traced = _run(root, *asked, "LD_TRACE_LOADED_OBJECTS=1", loader, f"/{path}")
    said = traced.stdout + traced.stderr
    return traced.returncode == 0 and "not found" not in said and "undefined symbol" not in said


def _run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["timeout", "-k", "1", "5", "chroot", "--userspec=65534:65534", str(root), *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=60,
    )


def _programs(root: Path) -> list[str]:
    """Its programs, each inode once."""
    found: dict[int, str] = {}
    for folder in ("bin", "sbin", "usr/bin", "usr/sbin"):
        if (root / folder).is_symlink():
            continue
        for path in sorted((root / folder).iterdir()):
            if path.is_symlink() or not path.is_file():
                continue
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    found.setdefault(path.stat().st_ino, f"{folder}/{path.name}")
    return sorted(found.values())


def _remove(root: Path, loader: str) -> None:
    """Take glibc's loader away, and what its path leads to."""
    for path in (root / "usr/lib").glob(f"**/{Path(loader).name}"):
        path.unlink()
    (root / loader.lstrip("/")).unlink(missing_ok=True)


def _bootstrap(root: Path, suite: str, *options: str) -> Path:
    command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=apt", *options, suite, str(root)]
    subprocess.run(command, check=True, timeout=900)
    return root


def _codename() -> str:
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def _say(what: str, table: Counter[tuple[str, bool]]) -> None:
    rows = (f"{said}/{'starts' if real else 'does not'}: {n}" for (said, real), n in table.items())
    print(f"\n{what}: {', '.join(sorted(rows))}")  # noqa: T201 - the figures of the run
