"""Writes what is generated in the docs: `make docs`, or `python tools/write_docs.py`.

Between two marks of a page stands what a command really prints, or a table made from the code:

    <!-- run: lightship inspect app.tar -->        <!-- table: settings -->
    ```console                                     | setting | ...
    ...                                            <!-- end -->
    ```

`run 1-8` keeps those lines of the output. Commands run on the images that `make_examples` makes,
which are the same everywhere; `python tools/write_docs.py --examples DIR` keeps them in DIR.
docs/reference/cli.md is written as a whole.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import shlex
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import lightship
from docs_registry import HOST, docs_registry
from lightship.api.history import history
from lightship.catalogue.estimates import estimates
from lightship.cli.reference import cli_reference, shown_default
from lightship.cli.run import run
from lightship.layers.gzip_members import compressed_member
from lightship.model.digest import Digest
from lightship.model.documents import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST
from lightship.report.history_text import history_text
from lightship.report.paper import Look
from lightship.settings import SETTINGS
from lightship.testing import File, Link, build_image, layer_tar
from lightship.transports.references import ALIASES
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
CLI_PAGE = ROOT / "docs" / "reference" / "cli.md"
REPOSITORY = "team/shop"
NAME = f"{HOST}/{REPOSITORY}:1.4"
NEXT_NAME = "registry.example/team/shop:1.5"
WORKER_NAME = "registry.example/team/worker:2.0"
BASE_NAME = f"{HOST}/base/debian:12"
# It made `app.tar`, as far as anybody can tell.
DOCKERFILE = """\
FROM debian:13-slim
RUN apt-get update && apt-get install -y git
RUN rm -rf /var/lib/apt/lists/*
COPY . /app
RUN chown -R 1000 /app
RUN mv /app/model.bin /opt/
CMD ["python3", "-m", "shop"]
"""
# The examples of CSC's guide "Keeping docker images small": a program built where it runs, and two
# RUNs that belong together.
HELLO = """\
FROM golang:1.21
WORKDIR /src
RUN echo 'package main; import "fmt"; func main() { fmt.Println("hello, world") }' > main.go
RUN go build -o /bin/hello ./main.go
CMD ["/bin/hello"]
"""
TOOLS = """\
FROM ubuntu:24.04
# what the builds need
RUN apt update
RUN apt install -y git
RUN cd /srv && mkdir data
RUN touch /srv/data/ready || echo "not ready"
CMD ["git", "--version"]
"""
# A project with what lies about in one, for `context`.
WEB = """\
FROM node:22-slim
WORKDIR /app
COPY package.json ./
RUN npm install
COPY src ./src
COPY . .
CMD ["node", "src/server.js"]
"""
WEB_IGNORE = """\
# what npm installs again
node_modules/
*.log
tmp
"""
WEB_FILES = {
    ".git/objects/pack/pack-1.pack": 38_400_000,
    "node_modules/webpack/lib/index.js": 61_000_000,
    "packages/api/node_modules/express/index.js": 24_300_000,
    "packages/api/src/main.js": 18_000,
    "data/2026-05.csv": 9_200_000,
    "data/2026-06.csv": 9_700_000,
    "src/server.js": 14_000,
    "src/routes/shop.js": 6_200,
    "src/debug.log": 310_000,
    "debug.log": 480_000,
    ".env": 210,
    "package.json": 1_900,
}
NODE_IMAGES = (
    {"name": "team/shop:1.3", "bytes": "900MB", "last_used": "2025-06-20T09:00:00Z"},
    {"name": "science/notebook:7", "bytes": "9.5GB", "last_used": "2025-06-28T17:30:00Z"},
    {"name": "team/cron:4", "bytes": "60MB", "last_used": "2025-05-02T04:00:00Z"},
    {"name": "team/report:2", "bytes": "3.6GB", "last_used": "2025-06-11T12:00:00Z"},
    {"name": "team/web:9", "bytes": "300MB", "last_used": "2025-07-01T11:58:00Z", "in_use": True},
    {"name": "pause:3.10", "bytes": "320kB", "pinned": True},
)
# What must not reach into a page from whoever makes it.
_FORGOTTEN = (
    "LIGHTSHIP_",
    "CLICOLOR",
    "FORCE_COLOR",
    "DOCKER_",
    "CONTAINER_",
    "REGISTRY_AUTH",
    "NO_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "GITHUB_",
    "CI",
)
# Ages in `history` are counted from here, so that a page is not stale the next month.
NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
_STEPS = (
    ("2026-05-04T09:00:00Z", "/bin/sh -c #(nop) ADD file:8a2b33fc09d8 in / "),
    ("2026-06-01T08:00:00Z", "RUN /bin/sh -c apt-get update && apt-get install -y git # buildkit"),
    ("2026-06-01T08:01:00Z", "RUN /bin/sh -c rm -rf /var/lib/apt/lists/* # buildkit"),
    ("2026-06-01T08:01:10Z", "COPY . /app # buildkit"),
    ("2026-06-01T08:01:20Z", "RUN /bin/sh -c chown -R 1000 /app # buildkit"),
    ("2026-06-01T08:01:30Z", "RUN /bin/sh -c mv /app/model.bin /opt/ # buildkit"),
)
_NEXT_STEPS = (
    _STEPS[0],
    (
        "2026-06-20T08:00:00Z",
        "RUN /bin/sh -c apt-get install -y git curl && rm -rf /var/lib/apt/lists/* # buildkit",
    ),
    ("2026-06-20T08:01:00Z", "COPY --chown=1000 . /app # buildkit"),
    ("2026-06-20T08:01:10Z", "COPY model.bin /opt/ # buildkit"),
)
_WORKER_STEPS = (
    _STEPS[0],
    ("2026-06-01T08:00:00Z", "RUN /bin/sh -c apt-get update && apt-get install -y git # buildkit"),
    ("2026-06-01T08:01:00Z", "RUN /bin/sh -c pip install numpy # buildkit"),
    ("2026-06-01T08:01:10Z", "COPY . /app # buildkit"),
)
_COMMAND = ("2026-06-01T08:01:30Z", 'CMD ["python3" "-m" "shop"]')
_RUN = re.compile(
    r"<!-- run(?: (?P<first>\d+)-(?P<last>\d+))?: (?P<command>[^\n]+?) -->\n"
    r"```console\n.*?^```$",
    re.DOTALL | re.MULTILINE,
)
_TABLE = re.compile(r"<!-- table: (?P<name>[a-z]+) -->\n.*?<!-- end -->", re.DOTALL)


# The images.


def example_layers() -> list[dict[str, object]]:
    """The layers of `shop`, with one of each usual mistake."""
    chance = random.Random(14)  # noqa: S311 # filling, no secret

    def filling(count: int) -> bytes:
        """About as compressible as programs are."""
        return b"".join(chance.randbytes(24) + b"\0" * 40 for _ in range(count // 64))

    git = filling(2_400_000)
    model = filling(3_200_000)
    app = {f"app/static/page{at}.js": filling(64_000) for at in range(20)}
    vendored = filling(512_000)
    app |= {"app/vendor/fonts.bin": vendored, "app/model.bin": model}
    return [
        {f"usr/lib/lib{at}.so": filling(640_000) for at in range(10)},
        {
            "usr/bin/git": git,
            "usr/lib/git-core/git": Link("usr/bin/git"),
            "usr/share/fonts.bin": vendored,
        }
        | {f"var/lib/apt/lists/Packages.{at}": filling(1_280_000) for at in range(3)},
        {f"var/lib/apt/lists/.wh.Packages.{at}": b"" for at in range(3)},
        dict(app),
        {path: File(content, uid=1000) for path, content in app.items()},
        {"app/.wh.model.bin": b"", "opt/model.bin": File(model, uid=1000)},
    ]


def next_layers(layers: list[dict[str, object]]) -> list[dict[str, object]]:
    """The next version of `shop`: the mistakes mended, curl added, half of the pages moved."""
    chance = random.Random(15)  # noqa: S311 # filling, no secret

    def filling(count: int) -> bytes:
        return b"".join(chance.randbytes(24) + b"\0" * 40 for _ in range(count // 64))

    tools: dict[str, object] = {p: c for p, c in layers[1].items() if "apt" not in p}
    tools |= {"usr/bin/curl": filling(320_000), "usr/lib/libcurl.so.4": filling(800_000)}
    tools |= {f"usr/share/doc/curl/{name}": filling(6_400) for name in ("FAQ", "MANUAL")}
    app = dict(layers[4])
    del app["app/model.bin"]
    app["app/static/page3.js"] = File(filling(96_000), uid=1000)
    for at in range(10, 20):
        app[f"app/public/page{at}.js"] = app.pop(f"app/static/page{at}.js")
    return [layers[0], tools, app, {"opt/model.bin": layers[5]["opt/model.bin"]}]


def worker_layers(base: dict[str, object]) -> list[dict[str, object]]:
    """An image in which nothing was deleted, and much is not needed."""
    chance = random.Random(16)  # noqa: S311 # filling, no secret

    def filling(count: int) -> bytes:
        return b"".join(chance.randbytes(24) + b"\0" * 40 for _ in range(count // 64))

    tools: dict[str, object] = {"usr/bin/git": filling(2_400_000)}
    tools["var/cache/apt/archives/git.deb"] = filling(896_000)
    tools |= {f"var/lib/apt/lists/Packages.{at}": filling(1_280_000) for at in range(3)}
    return [
        base,
        tools,
        {
            "usr/local/lib/python3/site-packages/numpy/core.so": filling(1_920_000),
            "root/.cache/pip/http/numpy.whl": filling(1_152_000),
        },
        {"app/worker.py": b"print('work')\n", "app/.git/objects/pack/1.pack": filling(640_000)},
    ]


def next_history() -> list[dict[str, object]]:
    """The history of the next version."""
    return [{"created": created, "created_by": made_by} for created, made_by in _NEXT_STEPS]


def example_history() -> list[dict[str, object]]:
    """The history that a builder would have written."""
    rows: list[dict[str, object]] = [
        {"created": created, "created_by": made_by, "comment": "buildkit.dockerfile.v0"}
        for created, made_by in _STEPS
    ]
    rows[0].pop("comment")
    last = dict(zip(("created", "created_by"), _COMMAND, strict=True))
    return [*rows, {**last, "comment": "buildkit.dockerfile.v0", "empty_layer": True}]


def make_examples(directory: Path) -> None:
    """Write the images that pages show.

    `app.tar`, as `docker save` does, `base.tar`, which it was built on, and `next.tar`, its next
    version; `worker.tar`, which has more than it needs; `shop`, an OCI layout for two platforms;
    `images.json`, what a node has; `site`, `hello` and `tools`, folders with a Dockerfile; `web`, a
    project with what lies about in one.
    """
    layers = example_layers()
    reference = build_image(
        layers,
        directory=directory,
        form="docker-archive-25",
        codec="plain",
        history=example_history(),
        name=NAME,
    )
    Path(reference.partition(":")[2]).rename(directory / "app.tar")
    following = build_image(
        next_layers(layers),
        directory=directory,
        form="docker-archive-25",
        codec="plain",
        history=next_history(),
        name=NEXT_NAME,
    )
    Path(following.partition(":")[2]).rename(directory / "next.tar")
    worker = build_image(
        worker_layers(layers[0]),
        directory=directory,
        form="docker-archive-25",
        codec="plain",
        history=[{"created": created, "created_by": by} for created, by in _WORKER_STEPS],
        name=WORKER_NAME,
    )
    Path(worker.partition(":")[2]).rename(directory / "worker.tar")
    base = build_image(
        layers[:1],
        directory=directory,
        form="docker-archive-25",
        codec="plain",
        history=example_history()[:1],
        name=BASE_NAME,
    )
    Path(base.partition(":")[2]).rename(directory / "base.tar")
    listed = json.dumps(NODE_IMAGES, indent=2)
    (directory / "images.json").write_text(f"{listed}\n", encoding="utf-8")
    _write_layout(directory / "shop", [layer_tar(layer) for layer in layers])
    site = directory / "site"
    site.mkdir()
    files = {"Dockerfile": DOCKERFILE, ".dockerignore": ".git\n", "shop.py": "print('shop')\n"}
    for name, text in files.items():
        (site / name).write_text(text, encoding="utf-8")
    for name, text in (("hello", HELLO), ("tools", TOOLS)):
        (directory / name).mkdir()
        (directory / name / "Dockerfile").write_text(text, encoding="utf-8")
    write_project(directory / "web")


def write_project(directory: Path) -> None:
    """Files with their sizes, and nothing in them: `context` reads none."""
    for name, size in WEB_FILES.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            opened.truncate(size)
    (directory / "Dockerfile").write_text(WEB, encoding="utf-8")
    (directory / ".dockerignore").write_text(WEB_IGNORE, encoding="utf-8")


def _write_layout(directory: Path, tars: list[bytes]) -> None:
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def stored(blob: bytes, media_type: str) -> dict[str, object]:
        digest = Digest.of(blob)
        (blobs / digest.hex).write_bytes(blob)
        return {"mediaType": media_type, "digest": str(digest), "size": len(blob)}

    layers = [stored(compressed_member(tar), f"{OCI_LAYER}+gzip") for tar in tars]
    manifests = []
    # The second image has one layer less, so that the two can be told apart.
    for architecture, count in (("amd64", len(layers)), ("arm64", len(layers) - 1)):
        config = {
            "os": "linux",
            "architecture": architecture,
            "rootfs": {"type": "layers", "diff_ids": [str(Digest.of(t)) for t in tars[:count]]},
            "history": example_history()[:count],
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": stored(json.dumps(config).encode(), OCI_CONFIG),
            "layers": layers[:count],
        }
        entry = stored(json.dumps(manifest).encode(), OCI_MANIFEST)
        manifests.append({**entry, "platform": {"os": "linux", "architecture": architecture}})
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}
    top = stored(json.dumps(index).encode(), OCI_INDEX)
    top["annotations"] = {"org.opencontainers.image.ref.name": "1.4"}
    whole = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [top]}
    (directory / "index.json").write_text(json.dumps(whole), encoding="utf-8")
    (directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="utf-8")


# What commands print.


def printed(command: str) -> str:
    """What a command prints in the working directory, its errors too.

    Where something is piped into lightship, `app.tar` is.
    """
    before, pipe, after = command.rpartition(" | ")
    words = shlex.split(after if pipe else command)
    if words[0] != "lightship" or (pipe and before.split()[0] not in {"docker", "podman", "gzip"}):
        raise ValueError(f"no command of lightship: {command}")
    if words[1] == "history" and "json" not in words:
        # The command counts ages from now.
        look = Look(width=100)
        full = "--no-trunc" in words
        return history_text(history(words[-1], cache=None), look, now=NOW, truncated=not full)
    out = io.BytesIO()  # of both, so that what is said on the way stands where it was said
    kept = sys.stdin, sys.stdout, sys.stderr
    with Path("app.tar").open(encoding="utf-8") as archive:
        stdout, stderr = (
            io.TextIOWrapper(out, encoding="utf-8", write_through=True) for _ in range(2)
        )
        sys.stdin, sys.stdout, sys.stderr = archive, stdout, stderr
        try:
            run(words[1:])
        finally:
            sys.stdin, sys.stdout, sys.stderr = kept
        text = out.getvalue().decode()
        stdout.detach()
        stderr.detach()
    return text


def _block(found: re.Match[str]) -> str:
    command = found["command"]
    lines = printed(command).rstrip("\n").split("\n")
    if found["last"]:
        first, last = int(found["first"]), int(found["last"])
        more = ["..."] if last < len(lines) else []
        lines = (["..."] if first > 1 else []) + lines[first - 1 : last] + more
    start = found[0].partition("\n")[0]
    return "\n".join([start, "```console", f"$ {command}", *lines, "```"])


# Tables.


def house_table() -> str:
    """The folders of the package with their docstrings, top floor first."""
    names = sorted(path.parent.name for path in (ROOT / "src/lightship").glob("*/__init__.py"))
    with (ROOT / "pyproject.toml").open("rb") as file:
        floors = import_module("tomllib").load(file)["tool"]["importlinter"]["contracts"][0]
    order = [floor.strip("()").removeprefix("lightship.") for floor in floors["layers"]]
    rows = [
        f"| `{name}/` | {import_module(f'lightship.{name}').__doc__} |"
        for name in sorted(names, key=order.index)
    ]
    return "\n".join(["| folder | what it is for |", "|---|---|", *rows])


def settings_table() -> str:
    """Each setting."""
    rows = [
        f"| `{setting.name}` | `--{setting.name}` | `{setting.variable}` "
        f"| {shown_default(setting.name, setting.default, none='by itself')} "
        f"| {'yes' if setting.in_project else 'no'} "
        f"| {setting.doc} |"
        for setting in SETTINGS
    ]
    head = "| setting | option | variable | default | in a project's file | meaning |"
    # Not every setting has an option.
    text = "\n".join([head, "|---|---|---|---|---|---|", *rows])
    text = text.replace("`--context-builder`", "`context show --builder`")
    return text.replace("`--cache-max`", "`cache prune --max`")


_MEANS = {
    "docker-archive": "`docker-archive:` an archive as `docker save` writes it",
    "oci": "`oci:` an OCI image layout, a directory",
    "oci-archive": "`oci-archive:` an OCI image layout in a tar",
    "rootfs": "`rootfs:` a directory with an unpacked root file system",
    "by-content": "an archive, its kind told by its content",
    "registry": "a registry",
    "docker": "the Docker engine",
    "podman": "podman's storage",
    "containerd": "containerd",
    "skopeo-dir": "skopeo's `dir:` format",
    "singularity": "a Singularity image",
}
_UNREAD = ("containerd", "skopeo-dir", "singularity")


def references_table() -> str:
    """Each spelling, by what it stands for."""
    rows = []
    for meaning, words in _MEANS.items():
        spellings = [name for name, stands_for in ALIASES.items() if stands_for == meaning]
        written = ", ".join(
            f"`{name}`" if name.endswith("://") else f"`{name}:`" for name in spellings
        )
        answer = "not read yet: ends with exit code 3" if meaning in _UNREAD else "read"
        rows.append(f"| {written} | {words} | {answer} |")
    return "\n".join(["| spelling | what it means | this version |", "|---|---|---|", *rows])


def estimates_table() -> str:
    """What is estimated without an image, and who says so."""
    rows = [
        f"| `{name}` | {format_bytes(row.unpacked_bytes)} "
        f"| {format_bytes(row.wire_bytes) if row.wire_bytes is not None else 'not known'} "
        f"| {row.source} |"
        for name, row in estimates().items()
    ]
    return "\n".join(["| estimate | unpacked | wire | source |", "|---|---|---|---|", *rows])


_TABLES = {
    "estimates": estimates_table,
    "house": house_table,
    "settings": settings_table,
    "references": references_table,
}


# Pages.


@contextmanager
def examples() -> Iterator[Path]:
    """A working directory with the images, and nothing of the user's own settings."""
    kept, environment = Path.cwd(), dict(os.environ)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        place = Path(folder).resolve()
        work = place / "work"
        work.mkdir()
        make_examples(work)
        server = running.enter_context(docs_registry({REPOSITORY: work / "shop"}))
        for name in list(os.environ):
            if name.upper().startswith(_FORGOTTEN):
                del os.environ[name]
        os.environ |= server | {
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "XDG_CONFIG_HOME": str(place / "config"),
            "XDG_DATA_HOME": str(place / "data"),
            "XDG_RUNTIME_DIR": str(place / "runtime"),
            "DOCKER_CONFIG": str(place / "config"),
            "DOCKER_HOST": f"unix://{place}/no-engine",
            "CONTAINER_HOST": f"unix://{place}/no-engine",
            # No cache: whether a file is old enough to be remembered depends on the clock.
            "LIGHTSHIP_CACHE_DIR": "/dev/null/none",
        }
        os.chdir(work)
        try:
            yield work
        finally:
            os.chdir(kept)
            os.environ.clear()
            os.environ.update(environment)


def rendered(text: str) -> str:
    """A page with its blocks and tables made anew; within `examples`."""
    text = _RUN.sub(_block, text)
    return _TABLE.sub(
        lambda found: f"<!-- table: {found['name']} -->\n{_TABLES[found['name']]()}\n<!-- end -->",
        text,
    )


def main(arguments: list[str]) -> None:
    """Write every page that has changed, or the example images."""
    if arguments[:1] == ["--examples"]:
        make_examples(Path(arguments[1]))
        return
    with examples():
        pages = {page: rendered(page.read_text(encoding="utf-8")) for page in PAGES}
    pages[CLI_PAGE] = cli_reference()
    for page, text in pages.items():
        if page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            print(f"written: {page.relative_to(ROOT)} (lightship {lightship.__version__})")


if __name__ == "__main__":
    main(sys.argv[1:])
