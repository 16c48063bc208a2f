from __future__ import annotations

import pytest

from analysis.elf_parts import Part, compiled, written
from lightship.analysis.packages.package import Package
from lightship.rules.image.cuda import RULE
from lightship.testing import Symlink
from rules.image.started import PROGRAM, judged

BASE = "usr/local/cuda-12.6/targets/x86_64-linux/lib"
WHEELS = "usr/local/lib/python3.13/site-packages/nvidia"
TORCH = Package(system="python", name="torch", version="2.9")


def library(soname: str, size: int = 2_000_000, *needed: str) -> bytes:
    names = tuple(name.encode() for name in needed)
    return written(Part(b".nv_fatbin", bytes(size), flags=2), soname=soname.encode(), needed=names)


def test_libraries_that_wheels_bring_again() -> None:
    layer: dict[str, object] = {
        f"{BASE}/libcublas.so.12": Symlink("libcublas.so.12.6.4"),
        f"{BASE}/libcublas.so.12.6.4": library("libcublas.so.12"),
        f"{BASE}/libnpps.so.12": library("libnpps.so.12"),
        f"{WHEELS}/cublas/lib/libcublas.so.12": library("libcublas.so.12", 2_100_000),
        "app": PROGRAM,
    }
    (one,) = judged(RULE, layer, packages=(TORCH,), Cmd=["/app"])
    assert (one.severity, one.remedy) == ("warning", "change")
    assert [piece.path for piece in one.evidence] == [f"{BASE}/libcublas.so.12.6.4"]
    assert one.removable_bytes == len(library("libcublas.so.12"))
    assert one.wire_bytes == one.removable_bytes // 2


def test_two_wheels_that_bring_one_library() -> None:
    layer = {
        "v/site-packages/torch/lib/libcudart-d0da41ae.so.11.0": library(
            "libcudart-d0da41ae.so.11.0"
        ),
        "v/site-packages/nvidia/cuda_runtime/lib/libcudart.so.12": library(
            "libcudart.so.12", 3_000_000
        ),
    }
    (one,) = judged(RULE, layer, packages=(TORCH,), Cmd=["/app"])
    assert [piece.path for piece in one.evidence] == [
        "v/site-packages/torch/lib/libcudart-d0da41ae.so.11.0"
    ]


def test_the_toolkits_building_half() -> None:
    root = "usr/local/cuda-12.6"
    layer: dict[str, object] = {
        "usr/local/cuda": Symlink("cuda-12.6"),
        f"{root}/bin/nvcc": bytes(1_000_000),
        f"{root}/bin/ptxas": bytes(4_000_000),
        f"{root}/nvvm/bin/cicc": bytes(2_000_000),
        f"{root}/nvvm/libdevice/libdevice.10.bc": bytes(400_000),
        "opt/nvidia/nsight-compute/2024.3/ncu": bytes(500_000),
        "app": PROGRAM,
    }
    (one,) = judged(RULE, layer, Cmd=["/app"])
    assert one.removable_bytes == 3_500_000
    assert one.severity == "warning"
    (one,) = judged(RULE, layer, Cmd=[])
    assert one.severity == "info"
    assert judged(RULE, layer, Cmd=[f"/{root}/nvvm/bin/cicc"]) == ()


def test_libraries_that_nobody_asks_for() -> None:
    (one,) = judged(RULE, {f"{BASE}/libcufft.so.11": library("libcufft.so.11")}, Cmd=["/app"])
    assert "nothing seen that asks for them" in one.message
    assert one.files == 1


@pytest.mark.parametrize(
    "user",
    [
        written(needed=(b"libcufft.so.11",)),
        written(needed=(b"libcuda.so.1",)),
        written(Part(b".nv_fatbin", b"code")),
    ],
)
def test_a_program_that_asks_for_them(user: bytes) -> None:
    layer = {f"{BASE}/libcufft.so.11": library("libcufft.so.11"), "app": user}
    assert judged(RULE, layer, Cmd=["/app"]) == ()


@pytest.mark.parametrize("name", ["torch", "cupy-cuda12x", "onnxruntime-gpu"])
def test_a_python_distribution_that_loads_them(name: str) -> None:
    package = Package(system="python", name=name, version="1")
    layer = {f"{BASE}/libcufft.so.11": library("libcufft.so.11")}
    assert judged(RULE, layer, packages=(package,), Cmd=["/app"]) == ()


@pytest.mark.parametrize(
    "soname", ["libcurl.so.4", "libcuckoo.so.1", "libnpth.so.0", "libcups.so.2"]
)
def test_libraries_that_only_sound_like_it(soname: str) -> None:
    assert judged(RULE, {f"lib/{soname}": library(soname)}, Cmd=["/app"]) == ()


@pytest.mark.system("build-essential")
def test_a_real_library_of_that_name() -> None:
    source = "char data[2000000] = {1}; int cublasCreate_v2(void) { return data[0]; }"
    real = compiled("-shared", "-fPIC", "-Wl,-soname,libcublas.so.12", source=source)
    (one,) = judged(RULE, {"opt/libcublas.so.12": real}, Cmd=["/app"])
    assert one.removable_bytes == len(real)
