"""NVIDIA's CUDA libraries: which are there, from where, and whether anything asks for them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.elf import elves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.elf import ElfFile
    from lightship.analysis.ledger import Ledger

# Of the CUDA toolkit's documentation, "CUDA Toolkit Major Components", and cuDNN, NCCL, TensorRT.
_CUDA = re.compile(
    rb"(lib(?:cudart|cublas|cublasLt|nvblas|cufft|cufftw|cufile|curand|cusolver|cusolverMg|cusparse"
    rb"|cusparseLt|cudnn\w*|cupti|cutensor\w*|cudss|nccl|npp\w+|nvfatbin|nvJitLink|nvjpeg"
    rb"|nvperf_\w+|nvrtc(?:-builtins)?|nvshmem\w*|nvToolsExt|nvinfer\w*|nvonnxparser))"
    rb"(?:-[0-9a-f]{8})?\.(?:alt\.)?so(?:\.[0-9.]+)?"
)
_DRIVER = re.compile(rb"libcuda\.so(?:\.\d+)?|libnvidia-ml\.so(?:\.\d+)?")
# Python distributions that load CUDA's libraries when they run, by names of their own.
_USERS = re.compile(
    r"torch|torchvision|tensorflow(?:-gpu)?|jax|jaxlib|jax-cuda.*|cupy.*|numba(?:-cuda)?|mxnet.*"
    r"|onnxruntime-gpu|paddlepaddle-gpu|tensorrt.*|pycuda|cuda-python|cudf.*|cuml.*|rmm.*|vllm"
    r"|xgboost|lightgbm|catboost|deepspeed|warp-lang|taichi|dali.*|nvidia-dali.*|ctranslate2|triton"
)
_WHEEL = re.compile(rb"(?:.*/)?(?:site|dist)-packages/")


class Cuda(Struct, frozen=True):
    """CUDA's libraries in an image.

    Attributes:
        files: all of them.
        doubles: those of the system for which a Python distribution brings its own, heaviest first;
            and where two distributions bring one, all but the heaviest.
        has_users: whether anything is known to ask for them: an ELF file that needs one or the
            driver, or has code for a GPU; a Python distribution; or needs that are not known.
    """

    files: tuple[ElfFile, ...]
    doubles: tuple[ElfFile, ...]
    has_users: bool


def is_cuda(one: ElfFile) -> bool:
    """Whether a file is one of CUDA's libraries."""
    return _stem(one) is not None


def find_cuda(ledger: Ledger) -> Cuda:
    """What there is of CUDA in an image."""
    files, others = [], []
    by_stem: dict[tuple[bytes, int], list[ElfFile]] = defaultdict(list)
    for one in elves(ledger.records):
        stem = _stem(one)
        if stem is None:
            others.append(one)
        else:
            files.append(one)
            by_stem[stem, one.elf.machine].append(one)
    doubles = [double for copies in by_stem.values() for double in _doubles(copies)]
    return Cuda(
        files=tuple(files),
        doubles=tuple(sorted(doubles, key=lambda one: (-one.content_bytes, one.path))),
        has_users=bool(files) and _has_users(ledger, others),
    )


def _doubles(copies: list[ElfFile]) -> list[ElfFile]:
    wheels = [one for one in copies if _WHEEL.match(one.path)]
    if not wheels:
        return []
    wheels.sort(key=lambda one: (-one.content_bytes, one.path))
    return [one for one in copies if not _WHEEL.match(one.path)] + wheels[1:]


def _has_users(ledger: Ledger, others: Iterable[ElfFile]) -> bool:
    packages = ledger.ownership.packages
    if any(one.system in ("python", "conda") and _USERS.fullmatch(one.name) for one in packages):
        return True
    return any(
        not one.elf.is_needed_known
        or one.elf.gpu_bytes
        or any(_CUDA.fullmatch(name) or _DRIVER.fullmatch(name) for name in one.elf.needed)
        for one in others
    )


def _stem(one: ElfFile) -> bytes | None:
    if not one.elf.is_linked:
        return None
    match = _CUDA.fullmatch(one.elf.soname) or _CUDA.fullmatch(one.path.rpartition(b"/")[2])
    return match[1] if match is not None else None
