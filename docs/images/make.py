"""Makes the pictures in this folder: `python docs/images/make.py`.

They show real output: an image is made and inspected, a Dockerfile fixed, the build context of the
docs' project looked at, the image squashed, bases suggested for a Dockerfile, and the terminal's
text drawn as SVG.
"""

# ruff: noqa: INP001 # a program, in no package
from __future__ import annotations

import random
import re
import sys
import tempfile
from contextlib import chdir
from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.cells import cell_len

from lightship.api.base_listing import base_list
from lightship.api.base_suggesting import base_suggest
from lightship.api.context_showing import context_show
from lightship.api.fixing import fix
from lightship.api.inspecting import inspect
from lightship.api.squashing import squash
from lightship.report.base_suggest_text import base_suggest_text
from lightship.report.context_text import context_text
from lightship.report.fix_text import fix_text
from lightship.report.html.base_plot import base_plot
from lightship.report.inspect_text import inspect_text
from lightship.report.paper import Look
from lightship.report.rewrite_text import rewrite_text
from lightship.testing import build_image
from lightship.testing.entries import File, Layer

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from write_docs import write_project  # from there

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 100
FONTS = "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"
CELL, LINE, MARGIN = 8.4, 19.0, 16.0
PLAIN = "#d7dde4"
COLORS = {
    "2": "#8b949e",
    "31": "#ff6b6b",
    "32": "#5fd38d",
    "33": "#e8b84b",
    "34": "#6cb2ff",
    "36": "#5ecfd6",
}
EIGHTHS = "▏▎▍▌▋▊▉█"
HERE = Path(__file__).parent
HISTORY = (
    "/bin/sh -c #(nop) ADD file:8a2b33fc09d8 in / ",
    "RUN /bin/sh -c apt-get update && apt-get install -y git build-essential # buildkit",
    "WORKDIR /app",
    "COPY requirements.txt . # buildkit",
    "RUN /bin/sh -c pip install -r requirements.txt # buildkit",
    "RUN /bin/sh -c rm -rf /var/lib/apt/lists/* ~/.cache # buildkit",
    "COPY . /app # buildkit",
    "RUN /bin/sh -c chown -R app:app /app # buildkit",
    "COPY weights.bin /tmp/ # buildkit",
    "RUN /bin/sh -c mkdir /models && mv /tmp/weights.bin /models/ # buildkit",
)
DOCKERFILE = """\
FROM python:3.13-slim
RUN apt-get update \\
    # requirements.txt names repositories
    && apt-get install -y --no-install-recommends git
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY app app
CMD ["python", "-m", "app"]
"""

WHOLE_BASE = """\
FROM python:3.13
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
RUN apt-get update && apt-get install -y --no-install-recommends libpq5
COPY app app
CMD ["python", "-m", "app"]
"""
DAY = date(2026, 11, 25)


def example(directory: Path) -> str:
    """An image with one of each mistake; gives its reference."""
    chance = random.Random(7)  # noqa: S311 # filling, no secret

    def filling(count: int) -> bytes:
        """About as compressible as programs are."""
        return b"".join(chance.randbytes(24) + b"\0" * 40 for _ in range(count // 64))

    system = {f"usr/lib/lib{at}.so": filling(900_000) for at in range(60)}
    lists = {f"var/lib/apt/lists/Packages.{at}": filling(2_600_000) for at in range(9)}
    tools = {f"usr/lib/gcc/cc{at}": filling(1_500_000) for at in range(40)}
    packages = {f"usr/lib/python3/site/p{at}/code.so": filling(700_000) for at in range(45)}
    cache = {f"root/.cache/pip/wheel{at}": filling(1_100_000) for at in range(12)}
    app = {f"app/static/page{at}.js": filling(260_000) for at in range(110)}
    weights = filling(38_000_000)
    copied = dict(list(packages.items())[:4])
    vendored = {f"app/vendor/{at}.so": content for at, content in enumerate(copied.values())}
    owned = {path: File(content, uid=1000) for path, content in (app | vendored).items()}
    layers: list[Layer] = [
        system,
        tools | lists,
        {},
        {"app/requirements.txt": b"numpy\n" * 20},
        packages | cache,
        {"var/lib/apt/.wh.lists": b"", "root/.wh..cache": b""},
        app | vendored,
        owned,
        {"tmp/weights.bin": weights},
        {"tmp/.wh.weights.bin": b"", "models/weights.bin": weights},
    ]
    return build_image(
        layers,
        directory=directory,
        form="docker-archive-25",
        history=[{"created_by": line} for line in HISTORY],
        name="registry.example/team/app:1.4",
    )


def drawn(text: str, title: str) -> str:
    """Terminal output as SVG that needs nothing from elsewhere.

    Each stretch of text stands at the place of its column, so that the picture is right with any
    monospaced font.
    """
    lines = text.splitlines()
    width, height = round(WIDTH * CELL + 2 * MARGIN), round((len(lines) + 2) * LINE + 2 * MARGIN)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>text{{font-family:{FONTS};font-size:14px}}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#14181d"/>',
        _text(f"$ {title}", 0, 0, "#8b949e", bold=False),
    ]
    for row, line in enumerate(lines, 2):
        parts += _line(line, row)
    return "\n".join([*parts, "</svg>", ""])


def _line(line: str, row: int) -> Iterator[str]:
    column, color, bold = 0, PLAIN, False
    for piece in re.split("(\x1b\\[[0-9;]*m)", line):
        if piece.startswith("\x1b"):
            codes = piece[2:-1].split(";")
            bold = "1" in codes
            color = next((COLORS[code] for code in codes if code in COLORS), PLAIN)
            continue
        # Two spaces end a stretch: a picture's spaces are not reliably as wide as its letters.
        for stretch in re.finditer(r"\S+(?: \S+)*", piece):
            before = cell_len(piece[: stretch.start()])
            yield _text(stretch[0], column + before, row, color, bold=bold)
        column += cell_len(piece)


def _text(text: str, column: int, row: int, color: str, *, bold: bool) -> str:
    x, y = MARGIN + column * CELL, MARGIN + (row + 0.75) * LINE
    weight = ' font-weight="bold"' if bold else ""
    if set(text) <= set(EIGHTHS):
        filled = sum((EIGHTHS.index(block) + 1) / 8 for block in text)
        top = y - 0.62 * LINE
        return (
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{filled * CELL:.1f}"'
            f' height="{0.7 * LINE:.1f}" fill="{color}"/>'
        )
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" textLength="{cell_len(text) * CELL:.1f}"'
        f' fill="{color}"{weight}>{escape(text)}</text>'
    )


def main() -> None:
    """Write every picture."""
    look = Look(width=WIDTH, color=True, bars=True)
    for name, title, text in (
        ("inspect", "lightship app.tar", inspected(look)),
        ("fix", "lightship fix", fixed(look)),
        ("context", "lightship context show web", sent(look)),
        ("squash", "lightship squash app.tar --keep 1 -o slim.tar", squashed(look)),
        ("suggest", "lightship base suggest --any-libc Dockerfile", suggested(look)),
    ):
        (HERE / f"{name}.svg").write_text(drawn(text, title), encoding="utf-8")
        sys.stdout.write(text)
    (HERE / "bases.svg").write_text(plotted(), encoding="utf-8")


def inspected(look: Look) -> str:
    """What `inspect` says of the image with one of each mistake."""
    with tempfile.TemporaryDirectory() as folder:
        result = inspect(example(Path(folder)), cache=None)
    # Where it was made says nothing; what a user would have typed does.
    image = replace(result.image, reference="docker-archive:app.tar")
    return inspect_text(replace(result, image=image), look)


def suggested(look: Look) -> str:
    """What `base suggest` says of a Dockerfile upon a full image."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("Dockerfile").write_text(WHOLE_BASE, encoding="utf-8")
        found = base_suggest("Dockerfile", any_libc=True, platform="linux/amd64", today=DAY)
        return base_suggest_text(found, look)


def plotted() -> str:
    """The plot of the page of `base list`, on white, with its colours inside."""
    listed = base_list(platform="linux/amd64", today=DAY)
    page = base_plot([(one.name, one.facts) for one in listed.bases])
    found = re.search(r'<svg class="wide"(.*?)</svg>', page, re.DOTALL)
    if found is None:
        raise SystemExit("the page has no plot")
    colours = (
        "text{font:11px system-ui,'DejaVu Sans',sans-serif;fill:#5c6670}.label{fill:#1b2127}"
        ".axis{font-weight:600}.grid{stroke:#dcdfe2;fill:none}.mark-good{fill:#2a9173}"
        ".mark-soon{fill:#c77418}.mark-ended{stroke:#c2344f;stroke-width:2.5;fill:none}"
        ".mark-unsure{fill:#fff;stroke:#7d8b99;stroke-width:2}"
    )
    opening, _, rest = found[1].partition(">")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{opening}><style>{colours}</style>'
        f'<path fill="#fff" d="M0,0H2000V2000H0Z"/>{rest}</svg>\n'
    )


def squashed(look: Look) -> str:
    """What `squash` says of the image with one of each mistake."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path(example(Path()).partition(":")[2]).rename("app.tar")
        return rewrite_text(squash("app.tar", "slim.tar", keep=1, cache=None), look)


def fixed(look: Look) -> str:
    """What `fix` says of a Dockerfile with the usual mistakes, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
        Path("requirements.txt").write_text("flask\n", encoding="utf-8")
        return fix_text(fix(), look)


def sent(look: Look) -> str:
    """What `context show` says of the project of the docs."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        write_project(Path("web"))
        return context_text(context_show("web"), look)


if __name__ == "__main__":
    main()
