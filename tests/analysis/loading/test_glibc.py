"""Programs on roots of glibc, judged and then given to the real loader."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from analysis.loading.parts import Root, compile_c, glibc_root, interpreter_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system("build-essential", "binutils", "libc-bin")

PLAIN = "int main(void) { return 0; }\n"
ONE = "int one(void) { return 1; }\n"
TWO = ONE + "int two(void) { return 2; }\n"
V_ONE = "V_1 { global: one; local: *; };\n"
V_TWO = V_ONE + "V_2 { global: two; } V_1;\n"
USES = "int two(void); int main(int n, char **w) { return n > 9 ? two() : 0; }\n"
ASKS = 'int puts(const char *); int says(void) { return puts(""); }\n'
DATA = "extern int number; int main(void) { return number; }\n"


def library(folder: Path, source: str, versions: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    options = ["-shared", "-fPIC", "-Wl,-soname,libshop.so.1"]
    if versions:
        (folder / "map").write_text(versions)
        options.append(f"-Wl,--version-script={folder / 'map'}")
    return compile_c(folder, "libshop.so.1", source, *options)


def real(program: Path, libraries: Path) -> tuple[bool, bool]:
    """Whether it starts at all, and whether it starts when all must be bound at once."""
    loader = interpreter_of(program)
    command = [loader, "--library-path", str(libraries), str(program)]
    starts = [
        subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
        for environment in ({}, {"LD_BIND_NOW": "1"})
    ]
    return starts[0].returncode == 0, starts[1].returncode == 0


@pytest.mark.parametrize(
    ("linked", "there", "source", "options", "outcome", "kind"),
    [
        ((TWO, V_TWO), (TWO, V_TWO), USES, (), "loads", None),
        ((TWO, V_TWO), (ONE, V_ONE), USES, (), "fails", "version"),
        # The same symbols without versions: it warns, and stops where it needs one of them.
        ((TWO, V_TWO), (TWO, ""), USES, ("-Wl,-z,lazy",), "unsure", "symbol"),
        ((TWO, V_TWO), (TWO, ""), USES, ("-Wl,-z,now",), "fails", "symbol"),
        # But not where the library itself needs versions of others.
        ((TWO, V_TWO), (TWO + ASKS, ""), USES, ("-Wl,-z,now",), "loads", None),
        ((TWO, ""), (TWO, V_TWO), USES, (), "loads", None),
        ((TWO, ""), (ONE, ""), USES, ("-Wl,-z,lazy",), "unsure", "symbol"),
        ((TWO, ""), (ONE, ""), USES, ("-Wl,-z,now",), "fails", "symbol"),
        (("int number = 0;\n", ""), (ONE, ""), DATA, ("-no-pie",), "fails", "symbol"),
        ((TWO, V_TWO), None, USES, (), "fails", "library"),
    ],
)
def test_the_real_loader_says_the_same(  # noqa: PLR0917 - pytest passes them by name
    tmp_path: Path,
    linked: tuple[str, str],
    there: tuple[str, str] | None,
    source: str,
    options: tuple[str, ...],
    outcome: str,
    kind: str | None,
) -> None:
    old = library(tmp_path / "linked", *linked)
    plain = compile_c(tmp_path, "plain", PLAIN)
    root = glibc_root(tmp_path / "root", plain)
    libraries = root / "opt"
    libraries.mkdir()
    program = compile_c(
        root, "program", source, "-O0", f"-L{old.parent}", "-l:libshop.so.1", *options
    )
    if there is not None:
        library(tmp_path / "there", *there).rename(libraries / "libshop.so.1")
    loaded = Root(root, (b"/opt",)).load("program")
    assert loaded.libc == "glibc"
    assert loaded.outcome == outcome, loaded.troubles
    assert kind in {None, *(one.kind for one in loaded.troubles)}
    starts, starts_at_once = real(program, libraries)
    if outcome == "unsure":
        assert (starts, starts_at_once) == (True, False)
    else:
        assert starts == starts_at_once == (outcome == "loads")


def test_a_library_found_once_is_found_by_its_name_again(tmp_path: Path) -> None:
    """The second one has no path of its own to the first: the loader has it already."""
    plain = compile_c(tmp_path, "plain", PLAIN)
    root = glibc_root(tmp_path / "root", plain)
    libraries = root / "opt"
    library(libraries, TWO)
    compile_c(libraries, "libuser.so", "int two(void); int use(void) { return two(); }\n",
              "-shared", "-fPIC", f"-L{libraries}", "-l:libshop.so.1")  # fmt: skip
    source = "int use(void); int two(void); int main(void) { return use() - two(); }\n"
    program = compile_c(root, "program", source, f"-L{libraries}", "-l:libshop.so.1",
                        "-l:libuser.so", "-Wl,--enable-new-dtags,-rpath,$ORIGIN/opt")  # fmt: skip
    loaded = Root(root).load("program")
    assert loaded.outcome == "loads", loaded.troubles
    started = subprocess.run([str(program)], env={}, check=False, timeout=60)
    assert started.returncode == 0


def test_the_loader_of_another_machine_and_a_broken_one(tmp_path: Path) -> None:
    program = compile_c(tmp_path, "program", PLAIN)
    root = glibc_root(tmp_path / "root", program)
    program.rename(root / "program")
    assert Root(root).load("program").outcome == "loads"
    loader = root / interpreter_of(root / "program").lstrip("/")
    data = bytearray(loader.read_bytes())
    data[18] ^= 0x40
    loader.write_bytes(data)
    (trouble,) = Root(root).load("program").troubles
    assert (trouble.kind, trouble.is_certain) == ("loader", True)
    loader.write_bytes(b"not a program")
    (trouble,) = Root(root).load("program").troubles
    assert (trouble.kind, trouble.is_certain) == ("loader", False)


def test_a_library_that_only_the_cache_of_ldconfig_leads_to(tmp_path: Path) -> None:
    plain = compile_c(tmp_path, "plain", PLAIN)
    root = glibc_root(tmp_path / "root", plain)
    place = root / "opt/shop"
    library(place, TWO)
    compile_c(root, "program", USES, f"-L{place}", "-l:libshop.so.1")
    assert Root(root).load("program").outcome == "fails"
    (root / "etc").mkdir()
    (root / "etc/ld.so.conf").write_text("/opt/shop\n")
    loaded = Root(root).load("program")
    assert (loaded.outcome, loaded.configured) == ("loads", (b"opt/shop/libshop.so.1",))
    assert Root(root, (b"/opt/shop",)).load("program").configured == ()


def test_a_library_for_better_processors_alone(tmp_path: Path) -> None:
    plain = compile_c(tmp_path, "plain", PLAIN)
    root = glibc_root(tmp_path / "root", plain)
    place = root / "opt/glibc-hwcaps/x86-64-v3"
    library(place, TWO)
    compile_c(root, "program", USES, f"-L{place}", "-l:libshop.so.1")
    assert Root(root, (b"/opt",)).load("program").outcome == "unsure"
    library(root / "opt", TWO)
    assert Root(root, (b"/opt",)).load("program").outcome == "loads"
