"""Makes the screenshots in this folder: `python docs/images/make_pages.py`, with chromium.

They show real pages: an image of what Python brings and a few mistakes is made and inspected, and
the build context of the docs' project looked at.
"""

# ruff: noqa: INP001 # a program, in no package
from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.api.context_showing import context_show
from lightship.api.context_tree import PICTURE
from lightship.api.demo import make_demo_image
from lightship.api.diffing import diff
from lightship.api.inspecting import inspect_with_picture
from lightship.report.html.context_html import context_html
from lightship.report.html.diff_html import diff_html
from lightship.report.html.inspect_html import inspect_html
from lightship.testing import build_image

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1] / name) for name in ("tests", "tools")]

from report.html.browser import chromium  # noqa: E402 # from there
from write_docs import write_project  # noqa: E402 # from there

if TYPE_CHECKING:
    from report.html.browser import Browser

WIDTH, HEIGHT = 1200, 860


def inspected(folder: Path) -> str:
    """The page of the demo's image."""
    layout = folder / "demo"
    layout.mkdir()
    made = make_demo_image(layout)
    result, picture = inspect_with_picture(str(made.reference), cache=None)
    # Where it was made says nothing; what a user would have typed does.
    image = replace(result.image, reference="registry.example/team/app:1.4")
    return inspect_html(replace(result, image=image), picture)


def filling(chance: random.Random, count: int) -> bytes:
    """About as compressible as programs are."""
    return b"".join(chance.randbytes(24) + b"\0" * 40 for _ in range(count // 64))


def diffed(folder: Path) -> str:
    """The page of an application before and after an update."""
    chance = random.Random(7)  # noqa: S311 # filling, no secret
    system = {f"usr/lib/lib{at}.so": filling(chance, 900_000) for at in range(20)}
    before = {f"app/static/page{at}.js": filling(chance, 160_000) for at in range(30)}
    after = {**before, "app/static/intro.mp4": filling(chance, 4_800_000)}
    del after["app/static/page7.js"]
    modules = {f"usr/lib/python3/numpy/m{at}.so": filling(chance, 400_000) for at in range(12)}
    newer = {path: filling(chance, len(old) * 5 // 4) for path, old in modules.items()}
    tools = {f"usr/lib/gcc/cc{at}": filling(chance, 1_500_000) for at in range(6)}
    history = [
        {"created_by": line}
        for line in ("ADD rootfs.tar /", "RUN pip install -r requirements.txt", "COPY . /app")
    ]
    images = (("old", [system, modules, before]), ("new", [system, newer | tools, after]))
    places = []
    for name, layers in images:
        (folder / name).mkdir()
        form = "docker-archive-25"
        places.append(
            build_image(layers, directory=folder / name, form=form, history=history, name=name)
        )
    result = diff(*places, cache=None)
    a = replace(result.a, reference="registry.example/team/app:1.4")
    b = replace(result.b, reference="registry.example/team/app:1.5")
    return diff_html(replace(result, a=a, b=b))


def sent(folder: Path) -> str:
    """The page of the build context of the docs' project."""
    write_project(folder / "web")
    result = context_show(folder / "web", fold=PICTURE)
    return context_html(replace(result, folder="web"))


def shoot(browser: Browser, page: Path, name: str, scheme: str = "light") -> None:
    """One page as it is first seen."""
    browser.prefer(scheme)
    browser.open(page, width=WIDTH, height=HEIGHT)
    browser.picture(HERE / f"{name}.png")


def main() -> None:
    """Write every picture."""
    with tempfile.TemporaryDirectory() as temporary, chromium() as browser:
        folder = Path(temporary)
        report, comparison, context = (
            folder / f"{name}.html" for name in ("report", "diff", "context")
        )
        report.write_text(inspected(folder), encoding="utf-8")
        comparison.write_text(diffed(folder), encoding="utf-8")
        context.write_text(sent(folder), encoding="utf-8")
        shoot(browser, report, "report-light")
        shoot(browser, report, "report-dark", "dark")
        shoot(browser, comparison, "report-diff")
        shoot(browser, context, "context")


if __name__ == "__main__":
    main()
