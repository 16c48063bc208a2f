from __future__ import annotations

import msgspec
import pytest

from analysis.elf_parts import Part, compiled, stripped, written
from lightship.analysis.packages.package import Package
from lightship.rules.image.unstripped_elf import RULE
from lightship.rules.judging import judge
from rules.image.started import subject_with
from rules.subjects import LISTED, found

DEBUG = Part(b".debug_info", bytes(2_000_000))
FAT = written(Part(b".text", b"code", flags=6), DEBUG)


def test_symbols_and_what_they_weigh() -> None:
    (one,) = found(RULE, {"app": FAT, "lib/liba.so": FAT}, history=["COPY . /"])
    assert (one.severity, one.confidence, one.remedy) == ("warning", "likely", "strip")
    assert 4_000_000 <= one.removable_bytes < 4_001_000
    assert abs(one.wire_bytes * 2 - one.removable_bytes) <= 4
    assert one.message == "4.00 MB of symbols in 2 files that no program reads."
    assert [piece.path for piece in one.evidence] == ["app", "lib/liba.so"]
    assert sum(piece.bytes for piece in one.evidence) == one.removable_bytes


@pytest.mark.system("build-essential", "binutils")
def test_a_real_program_frees_what_strip_frees() -> None:
    data = compiled("-g", "-static")
    (one,) = found(RULE, {"app": data})
    assert one.removable_bytes == len(data) - len(stripped(data))
    assert one.severity == "info"  # less than a megabyte
    assert found(RULE, {"app": stripped(data)}) == ()


@pytest.mark.parametrize(
    "layer",
    [
        {"app": FAT + b"appended"},
        {"app": written(DEBUG, Part(b"pydata", b"x"))},
        {"usr/lib/ossl-modules/fips.so": FAT},
        {"usr/lib64/libcrypto.so.3": FAT, "usr/lib64/.libcrypto.so.3.hmac": b"sum"},
        {"lib/modules/a.ko": written(Part(b".gnu.linkonce.this_module"), DEBUG, type=1) + b"~Mod"},
        {"usr/lib/debug/a.debug": written(Part(b".text", b"x", type=8, flags=6), DEBUG)},
        {"obj/a.o": written(DEBUG, type=1)},
        {"app": written(Part(b".debug_info", bytes(9_000)))},
        {"app": FAT[:1000]},
    ],
)
def test_what_must_not_be_stripped_or_is_not_worth_it(layer: dict[str, object]) -> None:
    assert found(RULE, layer) == ()


def test_kernel_modules_apart() -> None:
    module = written(Part(b".gnu.linkonce.this_module"), DEBUG, type=1)
    one, other = found(RULE, {"lib/modules/a.ko": module, "app": FAT})
    assert {len(one.evidence), len(other.evidence)} == {1}
    modules = one if "kernel" in one.message else other
    assert modules.removable_bytes == 2_000_000
    assert "strip-debug" in modules.advice


def test_advice_for_the_language() -> None:
    go = written(Part(b".go.buildinfo", b"x", flags=2), DEBUG)
    rust = written(Part(b".comment", b"rustc version 1.95"), DEBUG)
    assert "-ldflags" in found(RULE, {"app": go})[0].advice
    assert "Cargo.toml" in found(RULE, {"app": rust})[0].advice
    assert found(RULE, {"a": go, "b": rust})[0].advice == RULE.advice


def test_what_packages_and_the_base_bring_is_only_told() -> None:
    package = Package(system="dpkg", name="a", version="1", paths=(b"usr/bin/a",))
    subject = subject_with(RULE, {"usr/bin/a": FAT}, {"usr/bin/b": FAT}, packages=(package,))
    built, brought = judge(subject, (RULE,), listed=LISTED)
    assert (built.severity, [one.path for one in built.evidence]) == ("warning", ["usr/bin/b"])
    assert (brought.severity, [one.path for one in brought.evidence]) == ("info", ["usr/bin/a"])
    (both,) = judge(msgspec.structs.replace(subject, base_layers=2), (RULE,), listed=LISTED)
    assert (both.severity, both.files) == ("info", 2)
