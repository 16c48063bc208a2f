"""Results of `context` made by hand, for reports to show."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.model.results.context import (
    Amount,
    ContextFinding,
    ContextNode,
    ContextPath,
    ContextResult,
    ContextUse,
    IgnoredGroup,
    IgnoreLine,
    InitResult,
    WhyResult,
)

NONE = Amount(0, 0)
MB = 1_000_000


def node(path: str, depth: int, **more: object) -> ContextNode:
    whole = {"kind": "file", "sent": NONE, "used": NONE, "ignored": NONE} | more
    return ContextNode(path=path, depth=depth, **whole)  # type: ignore[arg-type] # by name


SENT, USED, IGNORED = Amount(31, 14 * MB), Amount(25, 2 * MB), Amount(21_000, 812 * MB)
TREE = (
    node("", 0, kind="directory", sent=SENT, used=USED, ignored=IGNORED, uses=(3, 4)),
    node("src", 1, kind="directory", sent=Amount(24, 2 * MB), used=Amount(24, 2 * MB), uses=(4,)),
    node("src/app.js", 2, sent=Amount(1, MB), used=Amount(1, MB), uses=(4,)),
    node("src", 2, kind="rest", sent=Amount(23, MB), used=Amount(23, MB), uses=(4,)),
    node("package.json", 1, sent=Amount(1, 900), used=Amount(1, 900), uses=(3,)),
    node("data", 1, kind="directory", sent=Amount(6, 12 * MB)),
    node("data/a\nb\x1b[31m.csv", 2, sent=Amount(1, 11 * MB)),
    node("data", 2, kind="rest", sent=Amount(5, MB)),
    node("node_modules", 1, kind="directory", ignored=IGNORED, line=2),
)
SHOWN = ContextResult(
    folder="shop",
    builder="buildkit",
    dockerfile="Dockerfile",
    ignore_file=".dockerignore",
    target=None,
    sent=SENT,
    used=USED,
    ignored=IGNORED,
    others=2,
    lines=(
        IgnoreLine(line=2, pattern="**/node_modules", amount=IGNORED, is_exception=False),
        IgnoreLine(line=3, pattern="*.tmp", amount=NONE, is_exception=False),
        IgnoreLine(line=4, pattern="!keep.tmp", amount=NONE, is_exception=True),
    ),
    uses=(
        ContextUse(
            line=3,
            instruction="COPY package*.json ./",
            sources=("package*.json",),
            amount=Amount(1, 900),
            is_known=True,
        ),
        ContextUse(
            line=4,
            instruction="COPY src ./src",
            sources=("src",),
            amount=Amount(24, 2 * MB),
            is_known=True,
        ),
    ),
    tree=TREE,
    findings=(
        ContextFinding(
            rule="secrets-sent",
            title="Secrets in the build context",
            severity="warning",
            confidence="likely",
            message="src/id_rsa is sent, and its name says that it is a private key.",
            advice="Ignore it.",
            paths=("src/id_rsa",),
            amount=Amount(1, 1700),
        ),
        ContextFinding(
            rule="pattern-matches-nothing",
            title="A pattern that matches nothing",
            severity="info",
            confidence="certain",
            message="*.tmp matches nothing.",
            advice="Remove the line.",
            file=".dockerignore",
            line=3,
        ),
    ),
    unreadable=("locked: permission denied",),
    warnings=("line 9 of the Dockerfile mounts a tmpfs",),
)
LEGACY = replace(SHOWN, builder="legacy", warnings=(), unreadable=(), findings=())
BARE = replace(
    LEGACY,
    builder="buildkit",
    dockerfile=None,
    ignore_file=None,
    used=None,
    ignored=NONE,
    others=0,
    lines=(),
    uses=(),
    tree=(
        node("", 0, kind="directory", sent=Amount(1, 5), used=Amount(1, 5)),
        node("a", 1, sent=Amount(1, 5), used=Amount(1, 5)),
    ),
)
UNCOUNTED = replace(
    SHOWN, ignored=None, lines=tuple(replace(one, amount=None) for one in SHOWN.lines)
)
WHY = WhyResult(
    paths=(
        ContextPath(path="node_modules/a", ignored=True, pattern="**/node_modules", line=2),
        ContextPath(path="keep.tmp", ignored=False, pattern="!keep.tmp", line=4),
        ContextPath(path="src/\x1b[31m", ignored=False, pattern=None, line=None),
        ContextPath(
            path="caf\ufffd", ignored=False, pattern=None, line=None, path_base64="Y2Fm6Q=="
        ),
    )
)
TAKERS = ((), (), (("COPY", 4), ("RUN", 7)), ())
INIT = InitResult(
    folder="web",
    path=".dockerignore",
    text="# Version control: no build reads the history\n**/.git\n",
    kinds=("node",),
    groups=(
        IgnoredGroup(
            name="version-control", title="Version control", patterns=("**/.git",), amount=IGNORED
        ),
    ),
    before=SENT,
    after=USED,
    notes=("dist is kept: COPY in line 3 takes it",),
    written=True,
)
