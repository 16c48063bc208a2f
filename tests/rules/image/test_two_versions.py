from __future__ import annotations

import pytest

from analysis.elf_parts import Part, written
from lightship.analysis.packages.package import Package
from lightship.rules.image.two_versions import RULE
from lightship.testing import Link, Symlink
from rules.image.started import judged


def library(soname: str, size: int = 1_000_000, machine: int = 62) -> bytes:
    return written(Part(b".rodata", bytes(size), flags=2), soname=soname.encode(), machine=machine)


def test_two_versions_of_a_library() -> None:
    layer = {
        "usr/lib/libssl.so.1.1": library("libssl.so.1.1"),
        "usr/lib/libssl.so.3": library("libssl.so.3", 1_500_000),
        "usr/lib/libz.so.1": library("libz.so.1"),
    }
    (one,) = judged(RULE, layer)
    assert (one.severity, one.confidence, one.remedy) == ("info", "guess", "change")
    assert one.removable_bytes == len(library("libssl.so.1.1"))
    assert one.files == 1
    assert "libssl." in one.message
    assert [(piece.path, piece.note) for piece in one.evidence] == [
        ("usr/lib/libssl.so.1.1", "libssl.so.1.1"),
        ("usr/lib/libssl.so.3", "libssl.so.3"),
    ]
    assert [piece.bytes for piece in one.evidence] == [one.removable_bytes, 0]


def test_two_copies_in_two_directories_and_in_wheels() -> None:
    layer = {
        "usr/lib/libstdc++.so.6": library("libstdc++.so.6"),
        "opt/conda/lib/libstdc++.so.6": library("libstdc++.so.6"),
        "s/numpy.libs/libgfortran-040039e1.so.5.0.0": library("libgfortran-040039e1.so.5.0.0"),
        "s/scipy.libs/libgfortran-91cc3cb1.so.3.0.0": library("libgfortran-91cc3cb1.so.3.0.0"),
    }
    (one,) = judged(RULE, layer)
    assert one.files == 2
    assert len(one.evidence) == 4


@pytest.mark.parametrize(
    "layer",
    [
        {"lib/liba.so.1": library("liba.so.1"), "lib/libb.so.1": library("libb.so.1")},
        {"lib/liba.so.1": library("liba.so.1"), "lib/liba.so": Symlink("liba.so.1")},
        {"lib/liba.so.1": library("liba.so.1"), "opt/liba.so.1": Link("lib/liba.so.1")},
        {"lib/liba.so.1": library("liba.so.1"), "opt/liba.so.1": library("liba.so.1", machine=3)},
        {"lib/liba.so.1": library("liba.so.1"), "opt/liba.so.2": library("liba.so.2", 100_000)},
        {
            "lib/liba.so.1": library("liba.so.1"),
            "lib/glibc-hwcaps/x86-64-v3/liba.so.1": library("liba.so.1"),
        },
        {
            "lib/libcublas.so.1": library("libcublas.so.1"),
            "opt/libcublas.so.1": library("libcublas.so.1"),
        },
        {
            "lib/a.so": written(Part(b"x", bytes(999_999))),
            "b.so": written(Part(b"x", bytes(999_999))),
        },
    ],
)
def test_what_is_one_library_or_not_worth_it(layer: dict[str, object]) -> None:
    assert judged(RULE, layer) == ()


def distribution(name: str, version: str, path: str, system: str = "python") -> Package:
    return Package(
        system=system,
        name=name,
        version=version,
        paths=(path.encode(),),
        source=path.rpartition("/")[0].encode(),
    )


def test_a_python_distribution_in_two_places() -> None:
    layer = {
        "usr/lib/python3/dist-packages/yaml.so": bytes(1_500_000),
        "usr/local/lib/python3.13/site-packages/yaml.so": bytes(2_500_000),
    }
    old, new = layer
    packages = (distribution("PyYAML", "5.3", old), distribution("pyyaml", "6.0", new))
    (one,) = judged(RULE, layer, packages=packages)
    assert one.removable_bytes == 1_500_000
    assert one.message == ("1.50 MB are second copies or versions of python packages: pyyaml.")
    assert one.evidence[0].note == (
        "pyyaml: 6.0 at usr/local/lib/python3.13/site-packages, "
        "5.3 at usr/lib/python3/dist-packages"
    )


@pytest.mark.parametrize(
    ("versions", "size", "is_found"),
    [(("1", "2"), 5_000_000, True), (("1", "2"), 4_999_999, False), (("1", "1"), 9_000_000, False)],
)
def test_npm_packages_count_from_five_megabytes(
    versions: tuple[str, str], size: int, is_found: bool
) -> None:
    layer = {"a/x.js": bytes(size), "b/x.js": bytes(size)}
    packages = [
        distribution("lodash", version, path, "npm")
        for version, path in zip(versions, layer, strict=True)
    ]
    assert bool(judged(RULE, layer, packages=packages)) == is_found


def test_hostile_names_are_shown_safely() -> None:
    layer = {
        "a": library("lib\x1b[31m.so.1"),
        "b": library("lib\x1b[31m.so.2"),
    }
    (one,) = judged(RULE, layer)
    assert "\x1b" not in one.message + str(one.evidence)
