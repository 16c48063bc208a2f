"""Programs on roots of musl, judged and then given to musl's real loader."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from analysis.loading.parts import MUSL, Root, compile_c, interpreter_of, musl_root

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system("build-essential", "musl-tools", "binutils")

PLAIN = '#include <stdio.h>\nint main(void) { puts("here"); return 0; }\n'
CHECKED = """
#include <stdio.h>
#include <string.h>
int main(int n, char **words) { char all[9]; strcpy(all, words[0]); return printf("%s", all); }
"""
WEAK = "extern int perhaps(void) __attribute__((weak)); int main(void) { return !!perhaps; }\n"
LARGE = """
#define _LARGEFILE64_SOURCE
#include <stdio.h>
int main(void) { return fopen64("/dev/null", "r") == 0; }
"""
COPIED = '#include <stdio.h>\nint main(void) { return fputs("", stdout) < 0; }\n'
CHOSEN = """
static int one(void) { return 0; }
static int (*choose(void))(void) { return one; }
int chosen(void) __attribute__((ifunc("choose")));
int main(void) { return chosen(); }
"""
OWN = ("-O0", "-U_FORTIFY_SOURCE", "-fno-stack-protector")


def real(program: Path, *, library_path: str = "") -> bool:
    """Whether musl's own loader loads and binds it."""
    command = [str(MUSL), "--library-path", library_path or "/none", "--list", str(program)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


@pytest.mark.parametrize(
    ("source", "options", "compiler", "outcome"),
    [
        (PLAIN, OWN, "gcc", "loads"),
        (PLAIN, (), "musl-gcc", "loads"),
        (CHECKED, ("-O2", "-D_FORTIFY_SOURCE=2"), "gcc", "fails"),
        (WEAK, OWN, "gcc", "loads"),
        (LARGE, OWN, "gcc", "loads"),
        (COPIED, (*OWN, "-no-pie"), "gcc", "loads"),
        (CHOSEN, OWN, "gcc", "fails"),
        (PLAIN, (*OWN, "-Wl,--no-as-needed", "-lresolv"), "gcc", "fails"),
    ],
    ids=["plain", "musl's own", "checked", "weak", "large", "copied", "chosen", "library"],
)
def test_the_loader_of_musl_says_the_same(
    tmp_path: Path, source: str, options: tuple[str, ...], compiler: str, outcome: str
) -> None:
    program = compile_c(tmp_path, "program", source, *options, compiler=compiler)
    root = musl_root(tmp_path / "root", with_link=_glibc_loader(tmp_path))
    program.rename(root / "program")
    loaded = Root(root).load("program")
    assert loaded.libc == "musl"
    assert loaded.outcome == outcome, loaded.troubles
    assert real(root / "program") == (outcome == "loads")


def test_names_what_is_missing(tmp_path: Path) -> None:
    program = compile_c(tmp_path, "program", CHECKED, "-O2", "-D_FORTIFY_SOURCE=2")
    root = musl_root(tmp_path / "root", with_link=_glibc_loader(tmp_path))
    program.rename(root / "program")
    (trouble,) = Root(root).load("program").troubles
    assert trouble.kind == "symbol"
    assert "__strcpy_chk" in trouble.evidence
    said = subprocess.run(
        [str(MUSL), "--list", str(root / "program")], capture_output=True, text=True, check=False
    ).stderr
    for name in trouble.evidence:
        assert f"{name}: symbol not found" in said


def test_without_a_link_the_loader_is_not_there(tmp_path: Path) -> None:
    root = musl_root(tmp_path / "root")
    compile_c(root, "program", PLAIN, *OWN)
    loaded = Root(root).load("program")
    assert (loaded.outcome, loaded.libc) == ("fails", "unknown")
    (trouble,) = loaded.troubles
    assert trouble.kind == "loader"
    assert interpreter_of(root / "program") in trouble.says


@pytest.mark.parametrize(
    ("compiler", "options"),
    [
        ("gcc", ("-static",)),
        ("gcc", ("-static-pie",)),
        ("gcc", ("-nostdlib", "-static")),
        ("musl-gcc", ("-static",)),
    ],
)
def test_static_programs_need_nothing(
    tmp_path: Path, compiler: str, options: tuple[str, ...]
) -> None:
    source = PLAIN if "-nostdlib" not in options else "void _start(void) { for (;;); }\n"
    compile_c(tmp_path, "program", source, *options, compiler=compiler)
    loaded = Root(tmp_path).load("program")
    assert (loaded.outcome, loaded.libc) == ("loads", "none")


def test_a_library_of_the_programs_own(tmp_path: Path) -> None:
    root = musl_root(tmp_path / "root")
    (root / "usr/lib").mkdir(parents=True)
    compile_c(root / "usr/lib", "liba.so", "int a(void) { return 0; }\n", "-shared", "-fPIC",
              compiler="musl-gcc")  # fmt: skip
    source = "int a(void); int main(void) { return a(); }\n"
    compile_c(root, "program", source, str(root / "usr/lib/liba.so"), compiler="musl-gcc")
    # The linker wrote the path that it was given, which is none inside the root.
    assert Root(root).load("program").outcome == "fails"
    compile_c(root, "program", source, f"-L{root}/usr/lib", "-l:liba.so", compiler="musl-gcc")
    assert Root(root).load("program").outcome == "loads"
    assert real(root / "program", library_path=str(root / "usr/lib"))
    (root / "usr/lib/liba.so").unlink()
    (trouble,) = [one for one in Root(root).load("program").troubles if one.kind == "library"]
    assert "liba.so" in trouble.says
    assert not real(root / "program")


def test_a_library_is_unsure_without_its_program_and_sure_with_it(tmp_path: Path) -> None:
    root = musl_root(tmp_path / "root")
    compile_c(root, "plugin.so", "int given(void); int go(void) { return given(); }\n", "-shared",
              "-fPIC", compiler="musl-gcc")  # fmt: skip
    source = "int given(void) { return 0; }\n" + PLAIN
    compile_c(root, "host", source, "-rdynamic", compiler="musl-gcc")
    compile_c(root, "other", PLAIN, compiler="musl-gcc")
    tree = Root(root)
    assert tree.load("plugin.so").outcome == "unsure"
    assert tree.load("plugin.so", tree.load("host")).outcome == "loads"
    assert tree.load("plugin.so", tree.load("other")).outcome == "unsure"
    assert tree.load("plugin.so", tree.load("other"), opened_now=True).outcome == "fails"


def _glibc_loader(folder: Path) -> str:
    return interpreter_of(compile_c(folder, "asked", PLAIN))


def test_search_paths_of_either_kind(tmp_path: Path) -> None:
    root = musl_root(tmp_path / "root")
    place = root / "opt"
    place.mkdir()
    compile_c(place, "liba.so", "int a(void) { return 0; }\n", "-shared", "-fPIC",
              compiler="musl-gcc")  # fmt: skip
    source = "int a(void); int main(void) { return a(); }\n"
    for tags in ("--enable-new-dtags", "--disable-new-dtags"):
        compile_c(root, "program", source, f"-L{place}", "-l:liba.so",
                  f"-Wl,{tags},-rpath,$ORIGIN/opt", compiler="musl-gcc")  # fmt: skip
        assert Root(root).load("program").outcome == "loads"
        assert real(root / "program")
