"""Layers made to break a reader: absurd sizes and claims, escapes, bombs."""

from __future__ import annotations

import gzip
import hashlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hardening.outcome import Outcome, assert_printable, command
from independent.layouts import change, folder, store
from independent.rawtar import END, GNU, base256, header, pax, pax_record, regular
from lightship.testing import File, Link, Symlink, build_image

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lightship.testing import Layer

    Run = Callable[..., Outcome]

MEMORY = 1024**3
"""Address space that a bomb may take, interpreter and libraries included."""


def refusal(run: Run, directory: Path, layers: Sequence[Layer | bytes]) -> str:
    return run("inspect", "--no-cache", build_image(layers, directory=directory)).refused()


SIZES = {
    "2^63": b"\x80\0\0\0\x80" + bytes(7),
    "2^63-1": b"\x80\0\0\0\x7f" + b"\xff" * 7,
    "2^94": b"\xbf" + b"\xff" * 11,
    "-1": base256(-1, 12),
    "-2^63": base256(-(2**63), 12),
    "octal 8 GiB - 1": b"7" * 11 + b"\0",
    "no number": b"99999999999\0",
    "1 EB": base256(10**18, 12),
}


@pytest.mark.parametrize("field", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("kind", [b"0", b"x", b"L", b"S", b"g"])
def test_absurd_sizes(lightship_run: Run, tmp_path: Path, kind: bytes, field: bytes) -> None:
    magic = GNU if kind in b"LS" else b"ustar\x0000"
    refusal(lightship_run, tmp_path, [header(b"a", kind, field, magic=magic) + b"x" * 1024 + END])


@pytest.mark.parametrize("size", [10**18, 2**63 - 1, 2**63, 2**200, -1])
def test_absurd_pax_sizes(lightship_run: Run, tmp_path: Path, size: int) -> None:
    tar = pax({b"size": b"%d" % size}) + header(b"a") + b"x" * 1024 + END
    refusal(lightship_run, tmp_path, [tar])


@pytest.mark.parametrize("field", ["uid", "gid", "mtime"])
def test_absurd_numbers(lightship_run: Run, tmp_path: Path, field: str) -> None:
    for value in (b"9" * 400, b"1e9", b"-", b"0x1", b"nan"):
        tar = pax({field.encode(): value}) + regular(b"a") + END
        refusal(lightship_run, tmp_path, [tar])


def _claims(kind: bytes, claim: int, body: bytes) -> bytes:
    magic = GNU if kind in b"LK" else b"ustar\x0000"
    return header(b"h", kind, base256(claim, 12), magic=magic) + body


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
@pytest.mark.parametrize("claim", [100 * 1000**2, 1024**3, 10**15])
def test_extension_headers_that_claim_too_much(
    lightship_run: Run, tmp_path: Path, kind: bytes, claim: int
) -> None:
    tar = _claims(kind, claim, b"11 path=abc" * 100_000)
    refusal(lightship_run, tmp_path, [tar])


def test_a_million_pax_records(lightship_run: Run, tmp_path: Path) -> None:
    body = b"".join(b"12 k%07d=\n" % n for n in range(1_000_000))
    tar = header(b"p", b"x", len(body)) + body + bytes(-len(body) % 512) + regular(b"a") + END
    refusal(lightship_run, tmp_path, [tar])


def test_as_many_pax_records_as_fit(lightship_run: Run, tmp_path: Path) -> None:
    body = b"".join(pax_record(b"k%d" % n, b"") for n in range(80_000))
    assert len(body) < 1024 * 1024
    tar = header(b"p", b"x", len(body)) + body + bytes(-len(body) % 512) + regular(b"a") + END
    run = lightship_run("inspect", "--no-cache", build_image([tar], directory=tmp_path))
    assert run.exit_code == 0


@pytest.mark.parametrize("claim", [10**18, 2**62, 2**63 - 1])
@pytest.mark.parametrize("form", ["old GNU", "PAX 1.0"])
def test_sparse_files_that_claim_an_exabyte(
    lightship_run: Run, tmp_path: Path, form: str, claim: int
) -> None:
    if form == "old GNU":
        tail = bytes(386 - 265) + bytes(97) + base256(claim, 12)
        tar = header(b"s", b"S", 0, magic=GNU, tail=tail) + END
    else:
        records = {
            b"GNU.sparse.major": b"1",
            b"GNU.sparse.minor": b"0",
            b"GNU.sparse.name": b"s",
            b"GNU.sparse.realsize": b"%d" % claim,
        }
        tar = pax(records) + header(b"s", b"0", 512) + b"0\n".ljust(512, b"\0") + END
    assert "--max-unpacked" in refusal(lightship_run, tmp_path, [tar])


@pytest.mark.parametrize(
    "layer",
    [
        {"../../etc/passwd": b"x"},
        {"a/../../../b": Symlink("x")},
        {"l": Link("../../etc/passwd")},
        {"a": Symlink("a"), "a/b": b"x"},
        {"a": Symlink("b"), "b": Symlink("a"), "b/c": b"x"},
    ],
    ids=["name", "symlink", "hard link's target", "loop", "loop of two"],
)
def test_names_that_lead_nowhere(lightship_run: Run, tmp_path: Path, layer: Layer) -> None:
    refusal(lightship_run, tmp_path, [layer])


def test_absolute_names_and_targets_stay_inside(lightship_run: Run, tmp_path: Path) -> None:
    layers: list[Layer] = [
        {"/etc/passwd": b"x", "s": Symlink("/"), "up": Symlink("../../../../../..")},
        {"s/etc/passwd": b"y", "up/etc/group": b"z", "/proc/self/mem": b""},
    ]
    run = lightship_run("inspect", "--no-cache", build_image(layers, directory=tmp_path))
    assert run.exit_code == 0


def test_deep_paths(lightship_run: Run, tmp_path: Path) -> None:
    deep = b"d/" * 1500 + b"f"
    line = refusal(lightship_run, tmp_path, [pax({b"path": deep}) + regular(b"x") + END])
    assert "--max-depth" in line


def test_long_paths(lightship_run: Run, tmp_path: Path) -> None:
    refusal(lightship_run, tmp_path, [pax({b"path": b"n" * 5000}) + regular(b"x") + END])


ESCAPES = [
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\r\n\x08",
    "\x9b31m",
    "\u202egnp.exe",
    "\u200b\u2066\u2028",
    "\x7f\x00".replace("\x00", ""),
    "'; rm -rf /;'",
]


def _hostile(directory: Path) -> str:
    names = [f"{n}{text}" for n, text in enumerate(ESCAPES)]
    lower: dict[str, object] = {f"dir{name}/{name}": b"x" * 1000 for name in names}
    lower |= {f"keep/{name}": File(b"z" * 500) for name in names}
    lower |= {f"link{name}": Link(f"missing{name}") for name in names}
    upper = {f".wh.dir{name}": b"" for name in names} | {
        f"new/{name}": b"x" * 1000 for name in names
    }
    every = "".join(ESCAPES)
    return build_image(
        [lower, upper],
        directory=directory,
        name="host/name:tag",
        history=[
            {"created_by": f"RUN {every}", "comment": every, "author": every, "created": every},
            {"created_by": f"/bin/sh -c #(nop) COPY {every} ", "comment": every},
        ],
        config={"config": {"Env": [f"A={every}"], "Labels": {every: every}, "Cmd": [every]}},
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("inspect",),
        ("inspect", "--details"),
        ("history",),
        ("inspect", "--format", "json"),
        ("history", "--format", "json"),
    ],
    ids=" ".join,
)
def test_escapes_never_reach_the_screen(
    lightship_run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    run = lightship_run(*arguments, "--no-cache", _hostile(tmp_path))
    assert run.exit_code == 0, run.stderr
    assert_printable(run.stdout)
    assert_printable(run.stderr)


@pytest.mark.parametrize("text", ESCAPES, ids=range(len(ESCAPES)))
def test_escapes_in_what_a_refusal_names(lightship_run: Run, tmp_path: Path, text: str) -> None:
    refusal(lightship_run, tmp_path, [{f"../{text}": b""}])
    refusal(lightship_run, tmp_path, [{"a": Symlink("a"), f"a/{text}/x": b""}])
    refusal(lightship_run, tmp_path, [{text: b"x", "l": Link(f"../{text}")}])
    lightship_run("inspect", f"oci:{tmp_path}/{text}").refused(3)


def _bomb(directory: Path, codec: str, total_bytes: int, *, right_diff_id: bool) -> str:
    """One file of zeros: a few members or frames, repeated."""
    piece = bytes(16 * 1024**2)
    count = total_bytes // len(piece)
    compress = zstd.compress if codec == "zstd" else lambda data: gzip.compress(data, mtime=0)
    start, end = header(b"zeros", b"0", base256(count * len(piece), 12)), END
    blob = b"".join((compress(start), compress(piece) * count, compress(end)))
    digest = hashlib.sha256(start)
    for _ in range(count if right_diff_id else 0):
        digest.update(piece)
    digest.update(end)
    reference = build_image([{}], directory=directory)
    layout = folder(reference)

    def config(document: dict[str, Any]) -> None:
        document["rootfs"]["diff_ids"] = [f"sha256:{digest.hexdigest()}"]

    def manifest(document: dict[str, Any]) -> None:
        document["layers"][0].update(store(layout, blob))

    return change(reference, config=config, manifest=manifest)


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_bomb_is_stopped_by_its_flag_in_bounded_memory(tmp_path: Path, codec: str) -> None:
    reference = _bomb(tmp_path, codec, 1024**3, right_diff_id=False)
    outcome = command(
        "inspect", "--no-cache", "--max-unpacked", "100MB", reference, memory_bytes=MEMORY
    )
    assert "--max-unpacked" in outcome.refused()


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_large_file_is_read_in_bounded_memory(tmp_path: Path, codec: str) -> None:
    reference = _bomb(tmp_path, codec, 3 * 1024**3, right_diff_id=True)
    outcome = command("inspect", "--no-cache", "--format", "json", reference, memory_bytes=MEMORY)
    assert outcome.exit_code == 0, outcome.stderr
    assert f'"unpacked_bytes":{3 * 1024**3}' in outcome.stdout.replace(" ", "")


def test_trailing_bytes_count_as_unpacked(tmp_path: Path) -> None:
    """A bomb behind the tar's end is a bomb all the same."""
    piece = gzip.compress(bytes(16 * 1024**2), mtime=0)
    reference = build_image([{"a": b"x"}], directory=tmp_path)
    layout = folder(reference)
    blob = gzip.compress(regular(b"a", b"x") + END) + piece * 64
    change(reference, manifest=lambda found: found["layers"][0].update(store(layout, blob)))
    outcome = command(
        "inspect", "--no-cache", "--max-unpacked", "100MB", reference, memory_bytes=MEMORY
    )
    assert "--max-unpacked" in outcome.refused()
