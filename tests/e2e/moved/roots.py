"""Bases to move between: roots of real Debian packages, of musl, and of next to nothing."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ..programs import run  # noqa: TID252 - its neighbours are one floor up

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..dockerd import DockerEngine  # noqa: TID252 - its neighbours are one floor up

MUSL = Path(f"/lib/ld-musl-{platform.machine()}.so.1")
_BUSYBOX = ("sh", "cat", "echo", "sleep")
_SHOP = """\
const char *shop_name(void) { return "shop"; }
"""
_SHOP_2 = _SHOP + "int shop_count(void) { return 2; }\n"
_VERSIONS = "SHOP_1 { global: shop_name; local: *; };\n"
_VERSIONS_2 = _VERSIONS + "SHOP_2 { global: shop_count; } SHOP_1;\n"


def tag(base: str) -> str:
    return f"localhost/base-{base}:1"


def make_bases(engine: DockerEngine, place: Path, roots: Path) -> None:
    """Build every base into the engine.

    Args:
        engine: that runs.
        place: an empty folder.
        roots: where `run.tar` is, a Debian with Python and Node, and `sources` of its packages.
    """
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    (place / "full.tar").hardlink_to(roots / "run.tar")
    run("mmdebstrap", "--quiet", "--variant=essential", "--include=python3", suite,
        place / "slim.tar", *_sources())  # fmt: skip
    for name, make in BASES.items():
        context = place / name
        context.mkdir()
        (context / "Dockerfile").write_text(make(context))
        engine.docker("build", "-q", "--network", "none", "-t", tag(name), context)


def _sources() -> list[Path]:
    places = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
    return [next(path for path in places if path.exists())]


def _root(context: Path) -> str:
    (context / "root.tar").hardlink_to(context.with_suffix(".tar"))
    return "FROM scratch\nADD root.tar /\n"


def _static(context: Path) -> str:
    """What static programs are put on: accounts, and nothing to run."""
    (context / "passwd").write_text("root:x:0:0:root:/root:/sbin/nologin\napp:x:1000:1000::/:\n")
    return "FROM scratch\nCOPY passwd /etc/passwd\n"


def _reduced(context: Path) -> str:  # noqa: ARG001 - as all of them
    """The same without most of Python's modules, as Debian's python3-minimal is."""
    names = "$(dpkg-query -W -f '${Package} ' 'libpython3*-stdlib')"
    return f"FROM {tag('slim')}\nRUN dpkg --purge --force-depends {names}\n"


def _musl(context: Path) -> str:
    """musl as Debian has it, at the place where Alpine has it, and busybox for a shell."""
    for folder in ("lib", "bin", "etc"):
        (context / "root" / folder).mkdir(parents=True)
    shutil.copy(MUSL.resolve(), context / "root/lib" / MUSL.name)
    shutil.copy("/bin/busybox", context / "root/bin/busybox")
    for name in _BUSYBOX:
        (context / "root/bin" / name).symlink_to("busybox")
    (context / "root/etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
    return "FROM scratch\nCOPY root /\n"


def _musl_shop(context: Path, code: str) -> str:
    (context / "shop.c").write_text(code)
    run("musl-gcc", "-shared", "-fPIC", "-o", "libshop.so.1", "-Wl,-soname,libshop.so.1",
        "shop.c", cwd=context)  # fmt: skip
    return f"FROM {tag('musl')}\nCOPY libshop.so.1 /usr/lib/libshop.so.1\n"


def _shop(context: Path, code: str, versions: str) -> str:
    make_shop(context, code, versions)
    return f"FROM {tag('slim')}\nCOPY libshop.so.1 /usr/lib/libshop.so.1\n"


def make_shop(context: Path, code: str = _SHOP_2, versions: str = _VERSIONS_2) -> None:
    """The library of a shop, with its symbols' versions."""
    (context / "shop.c").write_text(code)
    (context / "shop.map").write_text(versions)
    run("gcc", "-shared", "-fPIC", "-o", "libshop.so.1", "-Wl,-soname,libshop.so.1",
        "-Wl,--version-script=shop.map", "shop.c", cwd=context)  # fmt: skip


def make_musl_shop(context: Path) -> None:
    (context / "shop.c").write_text(_SHOP_2)
    run("musl-gcc", "-shared", "-fPIC", "-o", "libshop.so.1", "-Wl,-soname,libshop.so.1",
        "shop.c", cwd=context)  # fmt: skip


BASES: dict[str, Callable[[Path], str]] = {
    "full": _root,
    "slim": _root,
    "reduced": _reduced,
    "static": _static,
    "musl": _musl,
    "musl-shop1": lambda context: _musl_shop(context, _SHOP),
    "musl-shop2": lambda context: _musl_shop(context, _SHOP_2),
    "slim-shop1": lambda context: _shop(context, _SHOP, _VERSIONS),
    "slim-shop2": lambda context: _shop(context, _SHOP_2, _VERSIONS_2),
}
"""Each writes its context and gives its Dockerfile; those that others stand on come first."""
