"""The table of docs/explanation/dive.md; `python -m tests.e2e.dive_page DIVE` writes it anew."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import lightship

from .dive_cases import CASES, Case

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "dive.md"
START, END = "<!-- table -->\n", "<!-- end of table -->\n"
HEAD = (
    "image",
    "dead by hand",
    "lightship `dead_bytes`",
    "of kind",
    "`duplicate_bytes`",
    "`efficiency`",
    "dive `wastedBytes`",
    "dive efficiency",
)
DIVE_COLUMNS = 2


@dataclass(frozen=True)
class Ours:
    """What lightship says of a case."""

    dead: int
    kinds: tuple[str, ...]
    duplicate: int
    efficiency: float


def ask_lightship(archive: Path) -> Ours:
    result = lightship.inspect(f"docker-archive:{archive}")
    kinds = ("deleted", "overwritten", "metadata_copy", "in_layer_duplicate")
    return Ours(
        result.image.dead_bytes,
        tuple(kind for kind in kinds if getattr(result.dead, kind)),
        result.image.duplicate_bytes,
        result.image.efficiency,
    )


def ask_dive(dive: Path, archive: Path) -> tuple[str, str]:
    """`wastedBytes` and efficiency as the table shows them."""
    answer = archive.with_suffix(".dive.json")
    command = [str(dive), f"docker-archive://{archive}", "--json", str(answer)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    image = json.loads(answer.read_bytes())["image"]
    return f"{image['inefficientBytes']:,}", f"{image['efficiencyScore']:.3f}"


def our_cells(case: Case, ours: Ours) -> list[str]:
    kinds = ", ".join(f"`{kind}`" for kind in ours.kinds)
    return [
        case.name,
        f"{case.dead:,}",
        f"{ours.dead:,}",
        kinds,
        f"{ours.duplicate:,}",
        f"{ours.efficiency:.3f}",
    ]


def table(rows: list[list[str]]) -> str:
    rule = ["---", "--:", "--:", "---", "--:", "--:", "--:", "--:"]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (HEAD, rule, *rows))


def table_of_page() -> list[list[str]]:
    """The rows that stand in the page."""
    text = PAGE.read_text()
    lines = text[text.index(START) + len(START) : text.index(END)].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert tuple(rows[0]) == HEAD
    return rows[2:]


def measured(dive: Path, directory: Path) -> list[list[str]]:
    rows = []
    for case in CASES:
        archive = case.build(directory)
        rows.append([*our_cells(case, ask_lightship(archive)), *ask_dive(dive, archive)])
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        rows = measured(Path(sys.argv[1]), Path(place))
    text = PAGE.read_text()
    before, after = text[: text.index(START) + len(START)], text[text.index(END) :]
    PAGE.write_text(before + table(rows) + after)


if __name__ == "__main__":
    main()
