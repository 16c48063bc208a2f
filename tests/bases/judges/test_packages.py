"""What an application uses of its distribution's packages, and whether the base has it."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from analysis.elf_parts import compiled
from bases.indexes.made import APK_MAIN, apk_index, read
from bases.moving import ALPINE, DEBIAN, ROOT, dpkg, judged, moved, opened, this_machine
from lightship.bases.application import application_of
from lightship.bases.candidate import Candidate
from lightship.bases.indexes.index import Indexes
from lightship.bases.move import Move

if TYPE_CHECKING:
    from lightship.model.results.base_verdict import Reason

Files = dict[str, object]
SHOP = "libpq.so.5"
APK_DATABASE = b"P:musl\nV:1.2.5\nF:lib\nR:ld-musl.so\n\n"
ALPINE_BASE: Files = {
    "etc/os-release": ALPINE,
    "etc/passwd": ROOT,
    "sbin/apk": b"\x7fELF",
    "lib/apk/db/installed": APK_DATABASE,
    "lib/ld-musl.so": b"x",
}


def with_library() -> tuple[Files, Files]:
    """A Debian base, and above it a program that needs a package's library."""
    library = compiled("-shared", f"-Wl,-soname,{SHOP}", source="int shop(void) { return 1; }")
    program = compiled(source="int main(void) { return 0; }")
    return this_machine(), {
        **dpkg(("libpq5", "15.1-1", f"usr/lib/x86_64-linux-gnu/{SHOP}")),
        f"usr/lib/x86_64-linux-gnu/{SHOP}": library,
        "app/run": program,
        "app/plugin.so": _needing(),
    }


@cache
def _needing() -> bytes:
    """A library that needs `libpq.so.5`."""
    with TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "shop.c").write_text("int shop(void) { return 1; }")
        (here / "plugin.c").write_text("int shop(void); int plugin(void) { return shop(); }")
        shared = ["gcc", "-shared", "-fPIC"]
        subprocess.run(
            [*shared, f"-Wl,-soname,{SHOP}", "-o", SHOP, "shop.c"], cwd=folder, check=True
        )
        subprocess.run([*shared, "-o", "plugin.so", "plugin.c", SHOP], cwd=folder, check=True)
        return (here / "plugin.so").read_bytes()


def reasons(move: Move, *indexes: bytes) -> list[Reason]:
    files = tuple(read(one) for one in indexes)
    return judged(replace(move, indexes=Indexes(files)), "packages")


def to_alpine(tmp_path: Path, onto: Files | None = None) -> Move:
    base, above = with_library()
    return moved(tmp_path, base, above, onto or ALPINE_BASE, config={"Cmd": ["/app/run"]})


def test_without_an_index_it_says_which_is_missing(tmp_path: Path) -> None:
    (only,) = reasons(to_alpine(tmp_path))
    assert only.weight == "unproven"
    assert only.says == "no index of alpine 3.24 at hand: give one with --index"
    assert only.evidence == ("library libpq.so.5",)


def test_an_index_gives_the_instruction_the_bytes_and_the_versions(tmp_path: Path) -> None:
    carry, build = reasons(to_alpine(tmp_path), apk_index(APK_MAIN))
    assert (carry.weight, carry.todo) == ("carry", "RUN apk add --no-cache libpq")
    # musl is installed: its bytes do not count; 150,000 of libpq and 700,000 of openssl-libs do.
    assert carry.says == (
        "1 package to be installed there: with what they need 2 packages, 850 kB to download,"
        " 2.40 MB installed"
    )
    assert build.weight == "unproven"
    assert build.evidence == ("library libpq.so.5: libpq5 15.1-1 now, libpq 17.5-r0 there",)


def test_what_nobody_is_certain_to_need_and_no_index_has_leaves_a_doubt(tmp_path: Path) -> None:
    move = to_alpine(tmp_path)
    main, community = apk_index("P:x\nV:1\n"), apk_index("P:y\nV:1\n", "community v3.24.1")
    (only,) = reasons(move, main, community)
    assert (only.weight, only.evidence) == ("unproven", ("library libpq.so.5",))


@pytest.mark.parametrize(
    ("indexes", "weight"),
    [(("main v3.24.1", "community v3.24.1"), "blocks"), (("main v3.24.1",), "unproven")],
)
def test_a_program_that_it_starts_and_all_indexes_lack_blocks(
    tmp_path: Path, indexes: tuple[str, ...], weight: str
) -> None:
    above: Files = {
        **dpkg(("tool", "1", "usr/bin/start-it")),
        "usr/bin/start-it": compiled(),
    }
    move = moved(tmp_path, this_machine(), above, ALPINE_BASE, config={"Cmd": ["start-it"]})
    (only,) = reasons(move, *(apk_index("P:x\nV:1\n", one) for one in indexes))
    assert only.weight == weight
    assert "the program start-it, without which it does not start" in only.says


def test_on_the_same_release_packages_are_the_same(tmp_path: Path) -> None:
    base, above = with_library()
    onto = {**this_machine(), "usr/bin/apt-get": b"x"}
    move = moved(tmp_path, base, above, onto, config={"Cmd": ["/app/run"]})
    (only,) = reasons(move)
    assert (only.weight, only.evidence) == ("note", ("libpq5",))


def test_where_the_own_base_is_unknown_packages_are_told_to_be_installed(tmp_path: Path) -> None:
    """Nobody knows that the image's own instructions do it: `runs` needs the line."""
    base, above = with_library()
    image = replace(opened(tmp_path, [{**base, **above}], Cmd=["/app/run"]), base_layers=None)
    onto = opened(tmp_path, [{**this_machine(), "usr/bin/apt-get": b"x"}])
    move = Move(application_of(image), Candidate(name="x", inside=onto))
    (only,) = reasons(move)
    assert (only.weight, only.evidence) == ("carry", ("libpq5",))
    assert only.todo is not None
    assert "apt-get install -y --no-install-recommends libpq5 " in only.todo


def test_on_the_same_release_without_a_package_manager_nothing_is_proven(tmp_path: Path) -> None:
    base, above = with_library()
    move = moved(tmp_path, base, above, this_machine(), config={"Cmd": ["/app/run"]})
    (only,) = reasons(move)
    assert only.weight == "unproven"
    assert "no package manager" in only.says


def test_what_the_old_base_had_is_installed_on_the_smaller_one_by_its_name(
    tmp_path: Path,
) -> None:
    base, above = with_library()
    own = {name: content for name, content in above.items() if not name.startswith("app/")}
    program = {name: content for name, content in above.items() if name.startswith("app/")}
    onto = {**this_machine(), "usr/bin/apt-get": b"x"}
    move = moved(tmp_path, {**base, **own}, program, onto, config={"Cmd": ["/app/run"]})
    (only,) = reasons(move)
    assert only.weight == "carry"
    assert only.todo is not None
    assert "apt-get install -y --no-install-recommends libpq5 " in only.todo


def test_a_package_that_was_asked_for_is_looked_up_by_name(tmp_path: Path) -> None:
    above: Files = {**dpkg(("git", "1:2.1", "usr/share/git/x")), "usr/share/git/x": b"data"}
    move = moved(
        tmp_path, this_machine(), above, ALPINE_BASE, config={"Cmd": ["/bin/sh", "-c", "true"]}
    )
    carry, build = [one for one in reasons(move, apk_index(APK_MAIN)) if "git" in str(one)]
    assert carry.todo == "RUN apk add --no-cache git"
    assert build.evidence == ("git: git 1:2.1 now, git 2.49.0-r0 there, by its name alone",)


def test_names_that_are_no_names_get_into_no_instruction(tmp_path: Path) -> None:
    index = apk_index("P:x;reboot\nV:1\np:so:libpq.so.5=5\n")
    found = reasons(to_alpine(tmp_path), index)
    assert [one.todo for one in found] == [None, None]
    assert {one.weight for one in found} == {"unproven"}


def test_an_index_of_another_release_is_none(tmp_path: Path) -> None:
    (only,) = reasons(to_alpine(tmp_path), apk_index("P:x\nV:1\n", "main v3.20.0"))
    assert "no index of alpine 3.24" in only.says


def test_nothing_is_said_of_an_application_without_packages(tmp_path: Path) -> None:
    base: Files = {"etc/os-release": DEBIAN, "etc/passwd": ROOT}
    move = moved(tmp_path, base, {"a": compiled("-static")}, ALPINE_BASE, config={"Cmd": ["/a"]})
    assert reasons(move) == []
