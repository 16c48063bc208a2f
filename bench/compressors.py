"""One compression of all layers of an image, as a process of its own.

``python -m bench.compressors WHO LEVEL FROM INTO`` compresses each file of one folder into another,
one after the other, and prints the bytes that went in and came out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lightship.layers.compressing import Compression, compressor
from lightship.layers.scan import Codec

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE_BYTES = 256 * 1024


def main() -> None:
    """Read who compresses, how, what and where to from the command line."""
    who, level, source, target = sys.argv[1:]
    into = Path(target)
    into.mkdir(parents=True, exist_ok=True)
    bytes_in = bytes_out = 0
    for layer in sorted(Path(source).iterdir()):
        blob = into / layer.name
        with layer.open("rb") as reading, blob.open("wb") as writing:
            _COMPRESSORS[who](int(level), reading, writing)
        bytes_in += layer.stat().st_size
        bytes_out += blob.stat().st_size
    print(json.dumps({"bytes_in": bytes_in, "bytes_out": bytes_out}))


def _lightship(codec: Codec) -> Callable[[int, BinaryIO, BinaryIO], None]:
    def compress(level: int, source: BinaryIO, target: BinaryIO) -> None:
        with closing(compressor(Compression(codec, level), target.write)) as sink:
            while piece := source.read(PIECE_BYTES):
                sink.write(piece)
            sink.finish()

    return compress


def _zlib(level: int, source: BinaryIO, target: BinaryIO) -> None:
    deflater = zlib.compressobj(level, wbits=31)
    while piece := source.read(PIECE_BYTES):
        target.write(deflater.compress(piece))
    target.write(deflater.flush())


def _program(*words: str) -> Callable[[int, BinaryIO, BinaryIO], None]:
    def compress(level: int, source: BinaryIO, target: BinaryIO) -> None:
        subprocess.run([*words, f"-{level}"], stdin=source, stdout=target, check=True)

    return compress


_COMPRESSORS: dict[str, Callable[[int, BinaryIO, BinaryIO], None]] = {
    "lightship gzip": _lightship(Codec.GZIP),
    "lightship zstd": _lightship(Codec.ZSTD),
    "zlib": _zlib,
    "pigz": _program("pigz", "-c"),
    "zstd program": _program("zstd", "-c", "-q", "-T0"),
}


if __name__ == "__main__":
    main()
