"""CUDA: the toolkit's building half, libraries that wheels bring again, libraries nobody uses."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lightship.analysis.cuda import find_cuda
from lightship.analysis.entrypoint import entrypoint_requests, find_entrypoint
from lightship.analysis.run_settings import run_settings
from lightship.model.entry import Kind
from lightship.rules.evidence import at_path
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.analysis.elf import ElfFile
    from lightship.filetree.tree import FileTree
    from lightship.rules.rule import Subject

_LEAST_BYTES = 1_000_000
# What only builds, profiles or explains. libnvvm, libdevice and ptxas stay: JAX, TensorFlow and
# Numba compile with them when they run.
_TOOLKIT = (
    *(f"bin/{name}" for name in ("nvcc*", "cudafe++", "fatbinary", "nvlink", "bin2c", "nvprune")),
    *(f"bin/{name}" for name in ("cuobjdump", "nvdisasm", "cuda-gdb*", "ncu*", "nsys*", "nsight*")),
    *("bin/nvprof", "bin/nvvp", "bin/compute-sanitizer", "nvvm/bin/cicc", "compute-sanitizer"),
    *("doc*", "extras/demo_suite", "extras/Debugger", "gds/samples", "libnvvp", "nsight*"),
    *("nvml/example", "samples", "src", "tools"),
)
_PAGE = """
Parts of NVIDIA's CUDA in an image: the toolkit's compilers and profilers, libraries of the base
image that Python wheels bring once more, libraries that nothing in the image asks for.

## Why it matters

A `devel` image of CUDA has several GB more than `base`. PyTorch's and TensorFlow's wheels bring
every CUDA library that they load, 2 to 5 GB: then those of the base image are never loaded.

## What to do

Where wheels bring their libraries, take a plain Python image; the driver comes from the node:

```dockerfile
FROM python:3.13-slim
RUN pip install --no-cache-dir torch
```

Without a GPU, take the wheels that have no CUDA, a tenth of the size (PyTorch's installation page
names their index):

```dockerfile
RUN pip install --no-cache-dir torch --index-url "$TORCH_CPU_INDEX"
```

Where a program is linked against CUDA, build it in a `devel` image and copy it into `base` or
`runtime`.

## What it cannot see

What a program loads by a name that it makes up when it runs. Which GPUs the code in a library is
for, and so what of it could go. Static libraries and headers have rules of their own.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    ledger = subject.ledger
    cuda = find_cuda(ledger)
    entrypoint = find_entrypoint(ledger.records, run_settings(subject.image))
    toolkit = list(_toolkit(ledger.tree))
    running = [file.path for file in entrypoint.files]
    within = tuple(path + b"/" for path in toolkit)
    if toolkit and not any(path in toolkit or path.startswith(within) for path in running):
        yield Claim(
            message="{bytes} of CUDA's compilers, profilers and samples in {files}.",
            paths=toolkit,
            advice="Build in a devel image, run in a base or runtime one.",
            severity="info" if entrypoint.is_open else None,
        )
    if cuda.doubles:
        yield _claim(
            subject,
            cuda.doubles,
            "{bytes} of CUDA libraries in {files} are here again: Python packages bring their own.",
            "Take a base image without CUDA's libraries, or wheels without them.",
        )
    if not cuda.has_users and sum(one.content_bytes for one in cuda.files) >= _LEAST_BYTES:
        yield _claim(
            subject,
            cuda.files,
            "{bytes} of CUDA libraries in {files}, and nothing seen that asks for them.",
            "Take a base image without CUDA.",
            is_info=entrypoint.is_open,
        )


def _claim(
    subject: Subject,
    files: Sequence[ElfFile],
    message: str,
    advice: str,
    *,
    is_info: bool = False,
) -> Claim:
    tree, wire_of = subject.ledger.tree, subject.ledger.wire.wire_of
    return Claim(
        message=message,
        advice=advice,
        severity="info" if is_info else None,
        removable_bytes=sum(one.content_bytes for one in files),
        wire_bytes=sum(wire_of[one.record] for one in files),
        files=len(files),
        evidence=[
            at_path(one.path, one.content_bytes, layer=tree.locate(one.record)[0]) for one in files
        ],
    )


def _toolkit(tree: FileTree) -> Iterator[bytes]:
    """What of `usr/local/cuda-*` and `opt/nvidia` only builds; links are passed over."""
    for root in _below(tree, b"usr/local", "cuda*"):
        for pattern in _TOOLKIT:
            folder, _, last = pattern.rpartition("/")
            yield from _below(tree, root + b"/" + folder.encode(), last)
    yield from _below(tree, b"opt/nvidia", "nsight*")


def _below(tree: FileTree, path: bytes, pattern: str) -> Iterator[bytes]:
    """What matches in a directory, by its real path; links to directories do not."""
    directory = tree.find(path)
    if directory is None:
        return
    for name, child in sorted(directory.children.items()):
        is_link = isinstance(child, int) and (
            tree.kinds[tree.inode_of.get(child, child)] == Kind.SYMLINK
        )
        if not is_link and fnmatchcase(name.decode("utf-8", "replace"), pattern):
            yield directory.path_of(name)


RULE = Rule(
    name="cuda",
    title="CUDA parts that are not needed",
    severity="warning",
    confidence="likely",
    remedy="change",
    advice="Take a base image with no more of CUDA than the program loads.",
    page=_PAGE,
    check=_check,
    requests=entrypoint_requests(),
)
