"""`python -m bench.unexplained REFERENCE [--explained]`: what `inspect` costs without explaining.

It reads the image and gathers the figures of its layers, as `inspect` does; with `--explained` also
packages, categories and wire shares, and still without the rules.
"""

from __future__ import annotations

import gc
import json
import sys

from lightship.analysis.pulling import DEFAULT_BANDWIDTH
from lightship.api.explaining import captures, contents, explain
from lightship.api.figures import EVERY_CLASS, Facts, figures
from lightship.api.measuring import measure
from lightship.api.options import ReadOptions
from lightship.layers.captures import NO_CAPTURES

_LISTED = 50


def main(reference: str, *, explained: bool) -> None:
    """Measure, and print what `bench.answers` compares."""
    gc.disable()  # as the command does
    wanted = captures() if explained else NO_CAPTURES
    measured = measure(reference, None, ReadOptions(cache=None), wanted)
    result = figures(measured, Facts(measured, EVERY_CLASS), DEFAULT_BANDWIDTH, _LISTED, None)
    if explained:
        contents(measured, explain(measured), _LISTED)
    image = {"layers": result.image.layers, "unpacked_bytes": result.image.unpacked_bytes}
    print(json.dumps({"image": image}))


if __name__ == "__main__":
    main(sys.argv[1], explained="--explained" in sys.argv)
