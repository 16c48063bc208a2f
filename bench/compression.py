"""What compressing an image's layers costs and saves, beside zlib, pigz and the zstd program.

Every contestant reads plain layer tars from files and writes files, in a process of its own. What
lightship wrote is undone by the gzip or zstd program and compared with the tars.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.cases import find
from bench.layout import archive_layers
from bench.places import IMAGE_NAMES
from bench.series import HEADER, Contestant, alternate
from bench.targets import COMPRESSED_RATIO, COMPRESSOR_MEMORY_BYTES, ZLIB_RATIO, Verdict
from bench.tools import find_tool

if TYPE_CHECKING:
    from pathlib import Path

    from bench.layout import LayerBlob
    from bench.run import Run

FRUGAL_LEVEL = 9  # of both codecs: the highest whose memory is promised


@dataclass(frozen=True)
class Match:
    """Which level of which codec, beside whom, and on which images."""

    codec: str
    level: int
    peers: tuple[str, ...]
    images: tuple[str, ...] = IMAGE_NAMES
    most_runs: int = 100

    @property
    def ours(self) -> str:
        """What `bench.compressors` calls lightship's."""
        return f"lightship {self.codec}"


#: zlib's sixth level is what engines and most clients of registries write. It takes minutes on the
#: larger images, and so does zstd's nineteenth.
MATCHES = (
    Match("gzip", 6, ("zlib", "pigz"), ("small",)),
    Match("gzip", 6, ("zlib", "pigz"), ("medium", "large"), most_runs=1),
    Match("zstd", 3, ("zstd program",)),
    Match("zstd", 9, ("zstd program",)),
    Match("zstd", 19, ("zstd program",), ("small",), most_runs=1),
)


def section(run: Run) -> None:
    """Compress each chosen image that is there as a docker archive."""
    print(f"\n{HEADER}")
    folder = run.work / "compressed"
    for case in find(run.root, run.images, ["docker"]):
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "layers").mkdir(parents=True)
        for number, layer in enumerate(dict.fromkeys(archive_layers(case.path))):
            _copy(layer, folder / "layers" / f"{number:03}.tar")
        for match in MATCHES:
            if case.image in match.images:
                _compare(run, f"{case.image} {match.codec} {match.level}", match, folder)
    shutil.rmtree(folder, ignore_errors=True)


def _copy(layer: LayerBlob, into: Path) -> None:
    with layer.path.open("rb") as source, into.open("wb") as target:
        source.seek(layer.offset)
        left = layer.blob_bytes
        while piece := source.read(min(left, 1 << 20)):
            target.write(piece)
            left -= len(piece)


def _compare(run: Run, what: str, match: Match, folder: Path) -> None:
    scales = {who: _Scale() for who in (match.ours, *filter(_is_here, match.peers))}
    contestants = [_contestant(who, match.level, folder, scale) for who, scale in scales.items()]
    have = run.add(alternate(what, contestants, min(run.runs, match.most_runs)))
    if match.ours not in have:
        return
    ours, cpu, wall = scales[match.ours], have[match.ours].cpu, have[match.ours].wall
    if failure := _undone(match.codec, folder):
        have[match.ours].failure = failure
        return
    for who, series in have.items():
        run.extra[f"{what} bytes_out {who}"] = scales[who].bytes_out
        print(
            f"    {what} {who}: {scales[who].bytes_out / 1e6:,.1f} of"
            f" {scales[who].bytes_in / 1e6:,.1f} MB, {scales[who].bytes_in / 1e6 / series.cpu:.0f}"
            f" MB/CPU s; CPU {series.cpu / cpu:.2f}, wall {series.wall / wall:.2f} of ours"
        )
    for who in have.keys() - {match.ours}:
        ratio = ours.bytes_out / scales[who].bytes_out
        run.judge(Verdict(f"{what} bytes over {who}'s", ratio, "<=", COMPRESSED_RATIO))
    if "zlib" in have:
        for clock, times in (("CPU", have["zlib"].cpu / cpu), ("wall", have["zlib"].wall / wall)):
            run.judge(Verdict(f"{what} {clock} of zlib over ours", times, ">=", ZLIB_RATIO))
    if match.level <= FRUGAL_LEVEL:
        memory, most = have[match.ours].rss / 1e6, COMPRESSOR_MEMORY_BYTES / 1e6
        run.judge(Verdict(f"{what} peak memory", memory, "<=", most, " MB"))


def _is_here(peer: str) -> bool:
    return peer == "zlib" or find_tool(peer.partition(" ")[0]) is not None


def _contestant(who: str, level: int, folder: Path, scale: _Scale) -> Contestant:
    command = [sys.executable, "-m", "bench.compressors", who, str(level)]
    return Contestant(who, [*command, folder / "layers", folder / who], check=scale.read)


class _Scale:
    """What a contestant says of the bytes, which every run must say again."""

    bytes_in = 0
    bytes_out = 0

    def read(self, output: bytes) -> str | None:
        """Take one run's figures; what is wrong with them, or None."""
        told = json.loads(output)
        bytes_in, bytes_out = told["bytes_in"], told["bytes_out"]
        if self.bytes_out and (bytes_in, bytes_out) != (self.bytes_in, self.bytes_out):
            return f"other bytes than before: {told}"
        self.bytes_in, self.bytes_out = bytes_in, bytes_out
        return None


def _undone(codec: str, folder: Path) -> str | None:
    """Undo lightship's blobs with the codec's own program; what is wrong, or None."""
    if not find_tool(codec):
        return None
    for blob in sorted((folder / f"lightship {codec}").iterdir()):
        with blob.open("rb") as stream:
            undoing = subprocess.Popen([codec, "-dc"], stdin=stream, stdout=subprocess.PIPE)
        with undoing:
            same = subprocess.run(
                ["cmp", "-", folder / "layers" / blob.name], stdin=undoing.stdout, check=False
            )
        if same.returncode or undoing.returncode:
            return f"{codec} makes something else of {blob.name}"
    return None
