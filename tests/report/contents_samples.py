"""Contents and findings made by hand, of the image in `samples`."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.model.finding import Evidence, Finding
from lightship.model.results.contents import (
    UNPACKAGED,
    Contents,
    PackageShare,
    Share,
    WireUse,
)

from .samples import GB, INSPECTED, MB

VISIBLE = INSPECTED.image.visible_bytes
CATEGORIES = {
    "model weights": (1_200 * MB, 2),
    "shared library": (410 * MB, 1_820),
    "compiler or build tool": (160 * MB, 640),
    "application": (96 * MB, 318),
    "interpreter and standard library": (61 * MB, 9_100),
    "documentation": (31 * MB, 2_020),
    "header": (18 * MB, 3_400),
    "tests": (9 * MB, 800),
    "bytecode": (4 * MB, 4_100),
}
INSTRUCTIONS = tuple(layer.created_by for layer in INSPECTED.layers)


def share(
    name: str,
    visible_bytes: int,
    files: int,
    *,
    layer: int | None = None,
    encoded: str | None = None,
) -> Share:
    return Share(name, visible_bytes, visible_bytes * 2 // 5, files, layer, encoded)


def package(
    name: str,
    version: str | None,
    system: str | None,
    visible_bytes: int,
    files: int,
    *,
    requested: bool | None = None,
    layer: int | None = None,
) -> PackageShare:
    return PackageShare(
        name, version, system, visible_bytes, visible_bytes * 2 // 5, files, requested, layer
    )


def contents(*others: Share) -> Contents:
    """What it has in `CATEGORIES`, and the rest of its visible bytes in one more."""
    categories = tuple(share(name, *figures) for name, figures in CATEGORIES.items())
    left = VISIBLE - sum(row.visible_bytes for row in categories)
    return Contents(
        wire=WireUse(
            live_bytes=VISIBLE * 2 // 5,
            dead_bytes=60 * MB,
            overhead_bytes=4 * MB,
            config_bytes=4_096,
            estimated=True,
        ),
        package_count=412,
        packages=(
            package(UNPACKAGED, None, None, 1_300 * MB, 340),
            package("libllvm17", "1:17.0.6-9", "dpkg", 120 * MB, 4, requested=False, layer=2),
            package("torch", "2.9.1+cpu", "python", 118 * MB, 9_200, layer=5),
            package("build-essential", "12.9", "dpkg", 20_000, 3, requested=True, layer=2),
            package("nobody", None, "npm", 0, 0),
            package("the rest", None, None, 451_981_548, 12_000),
        ),
        categories=(*categories, share("other", left, 100), *others),
        instructions=tuple(
            share(INSTRUCTIONS[at - 1] or f"layer {at}", size, files, layer=at)
            for at, size, files in (
                (10, 1_300 * MB, 3),
                (2, 257 * MB, 8_907),
                (5, 208 * MB, 13_974),
                (1, 124 * MB, 3_482),
                (8, 96 * MB, 318),
                (9, 5 * MB, 12),
            )
        ),
        directories=(
            share("/models", 1_300 * MB, 3),
            share("/usr/lib", 480 * MB, 16_000),
            share("/写真", 96 * MB, 318),
            share("the rest", 114_001_548, 10_000),
        ),
        types=(share(".safetensors", GB, 1), share("ELF shared object", 600 * MB, 1_820)),
        notes=("/var/lib/rpm/rpmdb.sqlite: the database is cut short",),
    )


def finding(rule: str, title: str, **fields: object) -> Finding:
    known: dict[str, object] = {
        "severity": "warning",
        "confidence": "certain",
        "remedy": "remove",
        "message": f"{title} are in the image.",
        "advice": "Leave them out.",
    }
    made: Finding = Finding(rule=rule, title=title, **{**known, **fields})  # type: ignore[arg-type]
    return made


LISTS = Evidence(
    "var/lib/apt/lists", 44 * MB, layer=2, created_by="RUN /bin/sh -c apt-get update # buildkit"
)
FINDINGS = (
    finding(
        "secrets",
        "Private key",
        severity="error",
        remedy="change",
        message="1 file holds a private key in PEM.",
        advice="Revoke it, and mount secrets instead: RUN --mount=type=secret.",
        evidence=(Evidence("home/.ssh/id_ed25519", 411, layer=7, created_by="COPY . /app"),),
        evidence_count=1,
    ),
    finding(
        "metadata-copy",
        "Files stored again to change their owner",
        remedy="rebuild",
        removable_bytes=96 * MB,
        wire_bytes=38 * MB,
        files=318,
        evidence=(Evidence("app", 96 * MB, layer=7, note="copied by layer 8"),),
        evidence_count=1,
    ),
    finding(
        "apt-lists",
        "Package lists of apt",
        removable_bytes=44 * MB,
        wire_bytes=17 * MB,
        files=30,
        evidence=(LISTS, Evidence("var/cache/apt", 900, layer=2)),
        evidence_count=14,
    ),
    finding(
        "sparse-giants",
        "A file of holes",
        confidence="guess",
        remedy="change",
        evidence=(Evidence("var/log/" + "very-long-name-" * 12 + "lastlog", 0, layer=2),),
        evidence_count=1,
    ),
    finding("root-user", "Runs as root", severity="info", remedy="change", confidence="likely"),
    finding(
        "documentation",
        "Documentation",
        severity="info",
        removable_bytes=31 * MB,
        files=2_020,
        suppressed="the licences have to stay",
    ),
)
EXPLAINED = replace(INSPECTED, contents=contents(), removable_bytes=171 * MB, findings=FINDINGS)
