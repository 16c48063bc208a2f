"""Programs and libraries that carry symbols only debuggers read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.elf import Mark, elf_requests, elves
from lightship.analysis.ledger import NO_PACKAGE
from lightship.rules.evidence import at_path
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.elf import ElfFile
    from lightship.rules.rule import Subject

# Less is not worth a line: the symbol table of a small program.
_LEAST_BYTES = 16_384
_FIPS = frozenset((b"fips.so", b"libfipsmodule.so"))
_PAGE = """
ELF files (programs, shared libraries, kernel modules) with symbol tables and debugging information
that nothing reads when they run. The figure is what `strip` would make of each file, computed from
its section headers.

## Why it matters

Debugging information is often several times as large as the code: a C++ library of 8 MB may be
60 MB unstripped.

## What to do

Leave it out when linking, in the stage that builds:

```dockerfile
RUN go build -trimpath -ldflags "-s -w" -o /app .
RUN cargo build --release --config 'profile.release.strip="symbols"'
RUN gcc -O2 -s -o /app main.c
RUN find /install -name '*.so*' -type f -exec strip --strip-unneeded {} +
```

Strip in the same RUN or stage that makes the files: in a later layer the file is there twice. A
Go program's own stack traces stay as they are. For kernel modules use `strip --strip-debug`.

## What it cannot see

Never named are files that stripping breaks or may break: with data behind the ELF part (AppImage,
Bun, Deno, Node's single executables), PyInstaller's programs, signed kernel modules, and modules
with a checksum of their own (OpenSSL's FIPS provider, files with an `.hmac` beside them). A file
that checks itself in another way is not known. Files of packages and of the base image are told
apart, as information: who built them may have had a reason. Stripped programs still run; crash
reports of them name addresses where they named functions.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    found = [one for one in elves(subject.ledger.records) if _is_wasteful(one)]
    found = [one for one in found if not _is_checked(subject, one)]
    modules = [one for one in found if one.elf.has(Mark.KERNEL_MODULE)]
    linked = [one for one in found if one.elf.is_linked]
    brought = [one for one in linked if _is_brought(subject, one)]
    built = [one for one in linked if not _is_brought(subject, one)]
    if built:
        yield _claim(subject, built, "{bytes} of symbols in {files} that no program reads.")
    if brought:
        message = "{bytes} of symbols in {files} of packages or of the base image."
        yield _claim(subject, brought, message, is_brought=True)
    if modules:
        yield _claim(
            subject,
            modules,
            "{bytes} of debugging information in {files} of kernel modules.",
            advice="An image needs no kernel modules; where it does, use strip --strip-debug.",
        )


def _claim(
    subject: Subject,
    found: list[ElfFile],
    message: str,
    *,
    advice: str | None = None,
    is_brought: bool = False,
) -> Claim:
    ledger = subject.ledger
    if is_brought:
        advice = "Strip them in the stage that installs them, before they are copied."
    elif advice is None and all(one.elf.has(Mark.GO) for one in found):
        advice = 'Build with go build -ldflags "-s -w".'
    elif advice is None and all(one.elf.has(Mark.RUST) for one in found):
        advice = 'Set strip = "symbols" in the release profile of Cargo.toml.'
    wire = sum(
        ledger.wire.wire_of[one.record] * one.elf.strip_bytes // one.content_bytes for one in found
    )
    return Claim(
        message=message,
        advice=advice,
        severity="info" if is_brought else None,
        removable_bytes=sum(one.elf.strip_bytes for one in found),
        wire_bytes=wire,
        files=len(found),
        evidence=[
            at_path(one.path, one.elf.strip_bytes, layer=ledger.tree.locate(one.record)[0])
            for one in found
        ],
    )


def _is_brought(subject: Subject, one: ElfFile) -> bool:
    """Whether somebody else built it: then who makes the image rarely strips it."""
    if subject.ledger.ownership.owner_of[one.record] != NO_PACKAGE:
        return True
    layer = subject.ledger.tree.locate(one.record)[0]
    return subject.base_layers is not None and layer <= subject.base_layers


def _is_wasteful(one: ElfFile) -> bool:
    return one.elf.strip_bytes >= _LEAST_BYTES and one.elf.can_be_stripped


def _is_checked(subject: Subject, one: ElfFile) -> bool:
    """Whether the file's checksum is kept somewhere, and looked at when it is loaded."""
    folder, _, name = one.path.rpartition(b"/")
    if name in _FIPS:
        return True
    records = subject.ledger.records
    return any(
        records.exists(folder + b"/" + dot + name + b".hmac") for dot in (b"", b".", b"fipscheck/")
    )


RULE = Rule(
    name="unstripped-elf",
    title="Programs and libraries with symbols",
    severity="warning",
    confidence="likely",
    remedy="strip",
    advice="Strip them in the stage that builds them: strip --strip-unneeded.",
    page=_PAGE,
    check=_check,
    requests=elf_requests(),
)
