r"""A virtual environment of Python, or one of conda, is sent and copied with the project's files.

It is told by what lies in it (`pyvenv.cfg`, `conda-meta`), whatever it is called.

## Why it matters

It does not run anywhere else: its scripts name the interpreter by its path on the machine where it
was made, and its libraries were built for that system. It is often the largest thing in a project,
and a COPY of everything may put it over the environment that the Dockerfile makes.

## What to do

Leave it out in `.dockerignore`, and make it in the image:

```
.venv
```

```dockerfile
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r requirements.txt
```

## What it cannot see

Whether the environment was made for the image on purpose. What an instruction asks for by its name
is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.beside import names_in
from lightship.rules.sending import ContextRule
from lightship.rules.sent import Lot, directories, smells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.survey import Place
    from lightship.rules.sending import ContextSmell, Sending


def _check(sending: Sending) -> Iterator[ContextSmell]:
    def is_meant(place: Place) -> Lot | None:
        conda = sending.places.get(f"{place.path}/conda-meta")
        is_one = "pyvenv.cfg" in names_in(place) or (
            conda is not None and "history" in names_in(conda)
        )
        return Lot(path=place.path) if is_one and place.path else None

    yield from smells(sending, directories(sending, is_meant), "warning")


RULE = ContextRule(
    name="virtual-environments-sent",
    title="A virtual environment is sent",
    severity="warning",
    confidence="certain",
    advice="Leave it out, and make it in the image: lightship context init --merge.",
    page=__doc__,
    check=_check,
)
