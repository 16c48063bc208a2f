"""Make the three real test images with real packages.

``python -m bench.images small medium large --into DIR`` needs root, mmdebstrap, buildah and
skopeo, and the package sources of the host (Debian's and PyPI's). Every step that is complete is
skipped, so a run that was stopped goes on where it was. ``DIR`` then holds, for each image,

- ``NAME.docker.tar``: the plain docker archive,
- ``NAME.oci-gz``: an OCI layout with gzip layers,
- ``NAME.oci-zst``: an OCI layout with zstd layers (small and medium),
- ``NAME.done``: JSON with its figures, written last.

The mistakes in the recipes (late deletes, a chown of a tree) are deliberate.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.layout import figures
from bench.places import IMAGE_NAMES, RECIPES, bench_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

SUITE = "bookworm"
TOOLS = ("mmdebstrap", "buildah", "skopeo")
ZSTD_IMAGES = ("small", "medium")
#: Free bytes that building and exporting everything up to this image needs.
NEEDED_BYTES = {"small": 4_000_000_000, "medium": 15_000_000_000, "large": 45_000_000_000}


class Workshop:
    """One folder with the store, the build context and the finished images."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.context = root / "context"
        self.host = root / "host"
        self.temporary = root / "tmp"
        for folder in (self.context, self.host, self.temporary, root / "empty"):
            folder.mkdir(parents=True, exist_ok=True)
        self.driver = "overlay" if _overlay_works(self.temporary) else "vfs"

    def run(self, command: Sequence[str | Path]) -> None:
        """Run one command with its scratch files on our disk; its output goes to stderr."""
        words = [str(word) for word in command]
        print("+", " ".join(words), file=sys.stderr, flush=True)
        environment = {**os.environ, "TMPDIR": str(self.temporary)}
        subprocess.run(words, check=True, stdout=sys.stderr, env=environment)

    def buildah(self, *arguments: str | Path) -> list[str | Path]:
        """Return a buildah command line on our own store."""
        store: list[str | Path] = ["--root", self.root / "store", "--runroot", self.root / "run"]
        return ["buildah", *store, "--storage-driver", self.driver, *arguments]

    def stored(self, name: str) -> str:
        """Return skopeo's name of an image in our store."""
        store = f"{self.driver}@{self.root / 'store'}+{self.root / 'run'}"
        return f"containers-storage:[{store}]{image_name(name)}"


def image_name(name: str) -> str:
    """Return the name that a recipe's FROM uses."""
    return f"localhost/lightship-bench/{name}:1"


def _overlay_works(folder: Path) -> bool:
    """Try an overlay mount: inside some containers it is refused, and vfs must do."""
    parts = [folder / f"probe-{part}" for part in ("lower", "upper", "work", "merged")]
    for part in parts:
        part.mkdir(exist_ok=True)
    lower, upper, work, merged = parts
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    mount = ["mount", "-t", "overlay", "overlay", "-o", options, str(merged)]
    works = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    if works:
        subprocess.run(["umount", str(merged)], check=True)
    for part in parts:
        shutil.rmtree(part, ignore_errors=True)
    return works


def make_base(shop: Workshop) -> None:
    """Bootstrap the base file system from the host's own package sources."""
    target = shop.context / "rootfs.tar"
    if target.exists():
        return
    part = shop.context / "rootfs.part.tar"
    sources = [path for path in _host_sources() if path.exists()]
    shop.run(["mmdebstrap", "--variant=minbase", SUITE, part, *sources[:1]])
    part.rename(target)


def _host_sources() -> list[Path]:
    folder = Path("/etc/apt/sources.list.d")
    return [folder / "debian.sources", Path("/etc/apt/sources.list")]


def share_host_settings(shop: Workshop) -> None:
    """Write what pip needs to reach its index from inside a build; mounted, never copied."""
    bundle = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    lines = ["[global]", "disable-pip-version-check = true", "timeout = 180"]
    if bundle and Path(bundle).exists():
        shutil.copyfile(bundle, shop.host / "ca.crt")
        lines.append("cert = /mnt/ca.crt")
    for key in ("index-url", "trusted-host", "proxy"):
        asked = [sys.executable, "-m", "pip", "config", "get", f"global.{key}"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            lines.append(f"{key} = {answer.stdout.strip()}")
    (shop.host / "pip.conf").write_text("\n".join(lines) + "\n")


def build(shop: Workshop, name: str) -> None:
    """Build one recipe; buildah keeps every finished step as a layer."""
    # Only the first recipe adds a file: the others must not depend on the context.
    context = shop.context if name == "small" else shop.root / "empty"
    options = ["--isolation", "chroot", "--network", "host", "--layers", "--pull-never"]
    recipe: list[str | Path] = [
        "-f",
        RECIPES / f"{name}.containerfile",
        "-t",
        image_name(name),
        context,
    ]
    mount = ["--volume", f"{shop.host}:/mnt:ro"]
    shop.run([*shop.buildah("bud"), *options, *mount, *recipe])


def export(shop: Workshop, name: str) -> None:
    """Write the forms of one image; each appears under its name only when it is whole."""
    archive = shop.root / f"{name}.docker.tar"
    if not archive.exists():
        part = shop.root / f"{name}.part.tar"
        part.unlink(missing_ok=True)
        _copy(shop, name, f"docker-archive:{part}:lightship-bench/{name}:1", [])
        part.rename(archive)
    forms = {"gz": "gzip", "zst": "zstd"} if name in ZSTD_IMAGES else {"gz": "gzip"}
    for suffix, codec in forms.items():
        layout = shop.root / f"{name}.oci-{suffix}"
        if layout.exists():
            continue
        part = shop.root / f"{name}.part-{suffix}"
        shutil.rmtree(part, ignore_errors=True)
        _copy(shop, name, f"oci:{part}:1", ["--dest-compress-format", codec])
        part.rename(layout)


def _copy(shop: Workshop, name: str, target: str, options: list[str]) -> None:
    shop.run(["skopeo", "--insecure-policy", "copy", *options, shop.stored(name), target])


def make(shop: Workshop, name: str) -> None:
    """Build, export and measure one image, unless its ``.done`` says that it is complete."""
    done = shop.root / f"{name}.done"
    if done.exists():
        print(f"{name}: already complete", file=sys.stderr)
        return
    started = time.monotonic()
    if name == "small":
        make_base(shop)
    build(shop, name)
    export(shop, name)
    result = figures(shop.root / f"{name}.oci-gz")
    if name in ZSTD_IMAGES:
        result["zstd_bytes"] = figures(shop.root / f"{name}.oci-zst")["blob_bytes"]
    result["archive_bytes"] = (shop.root / f"{name}.docker.tar").stat().st_size
    part = shop.root / f"{name}.done.part"
    part.write_text(json.dumps({"image": name, "storage_driver": shop.driver, **result}) + "\n")
    part.rename(done)
    print(f"{name}: {result} in {time.monotonic() - started:.0f} s", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the images named, and those that they stand on."""
    parser = argparse.ArgumentParser(prog="python -m bench.images", description=__doc__)
    parser.add_argument("names", nargs="+", choices=IMAGE_NAMES, metavar="NAME")
    parser.add_argument("--into", type=Path, default=bench_dir(), metavar="DIR")
    options = parser.parse_args(arguments)
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    last = max(IMAGE_NAMES.index(name) for name in options.names)
    options.into.mkdir(parents=True, exist_ok=True)
    finished = all((options.into / f"{name}.done").exists() for name in IMAGE_NAMES[: last + 1])
    needed = NEEDED_BYTES[IMAGE_NAMES[last]]
    free = shutil.disk_usage(options.into).free
    if not finished and free < needed:
        print(f"{needed:,} bytes are needed at {options.into}, {free:,} are free", file=sys.stderr)
        return 2
    shop = Workshop(options.into.resolve())
    share_host_settings(shop)
    for name in IMAGE_NAMES[: last + 1]:
        make(shop, name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
