"""Whether lightship answered what the benchmark counted itself: being fast is easy otherwise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: What both count: `bench.layout.figures` with tarfile, lightship in its report.
COMPARED = ("layers", "unpacked_bytes")


def checker(counted: Mapping[str, int]) -> Callable[[bytes], str | None]:
    """Return a function that takes a report and returns what is wrong with it, or None."""

    def check(report: bytes) -> str | None:
        try:
            image = json.loads(report)["image"]
            answered = {name: image[name] for name in COMPARED}
        except (ValueError, LookupError, TypeError) as error:
            return f"no report: {type(error).__name__}: {error}"
        wrong = [name for name in COMPARED if answered[name] != counted[name]]
        if not wrong:
            return None
        return ", ".join(f"{name} {answered[name]}, counted {counted[name]}" for name in wrong)

    return check
