"""`context init` on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lightship.model.results.context import Amount, IgnoredGroup
from lightship.report.context_init_text import context_init_text
from lightship.report.paper import Look

from .context_samples import INIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.context import InitResult

WIDE = Look(width=100)
LONG = replace(
    INIT,
    folder=".",
    kinds=("node", "java"),
    groups=(
        *INIT.groups,
        IgnoredGroup(
            name="build-output",
            title="Build output",
            patterns=("target/*", "!target/*.jar", *(f"packages/p{at}/dist" for at in range(20))),
            amount=Amount(0, 0),
        ),
    ),
    notes=("a\x1b[31m\nb (2 B) is kept: Dockerfile copies what is around it" + ", and so on" * 6,),
    written=False,
)
NOTHING = replace(INIT, kinds=(), groups=(), text="", notes=(), before=INIT.after, after=INIT.after)


@pytest.mark.parametrize(
    ("name", "result", "look"),
    [
        ("init-written.txt", INIT, WIDE),
        ("init-100.txt", LONG, WIDE),
        ("init-60.txt", LONG, Look(width=60)),
        ("init-color.txt", LONG, Look(width=110, color=True)),
        ("init-ascii.txt", LONG, Look(width=100, unicode=False)),
        ("init-nothing.txt", NOTHING, WIDE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_init(
    name: str, result: InitResult, look: Look, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, context_init_text(result, look))
