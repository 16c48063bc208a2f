"""Results of `base check` and `base suggest` made by hand, for reports to show."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.model.results.base_check import (
    AsItIs,
    BaseCheckResult,
    BaseFinding,
    OnBase,
    OtherBase,
)
from lightship.model.results.base_suggest import (
    BaseSuggestResult,
    DockerfileChange,
    DockerfileNow,
    Suggested,
)
from lightship.model.results.base_verdict import Reason

from .samples import MB, digest

IMAGE = AsItIs(
    reference="docker-archive:api.tar",
    name="shop.example.com/shop/api:7",
    digest=digest(1),
    platform="linux/amd64",
    wire_bytes=412 * MB,
    wire_bytes_estimated=False,
    unpacked_bytes=1_050 * MB,
    system="debian 13",
    base="python:3.13",
    base_layers=7,
)
SLIM = OtherBase(
    name="python:3.13-slim",
    digest=digest(2),
    opened=True,
    system="debian 13",
    libc="glibc",
    source="docker-library/repo-info",
    seen="2026-09-25",
    stale=None,
)
ALPINE = replace(
    SLIM, name="python:3.13-alpine", digest=None, opened=False, system="alpine 3.24", libc="musl"
)
WEIGHT = OnBase(
    wire_bytes=61 * MB,
    unpacked_bytes=160 * MB,
    wire_bytes_estimated=True,
    unpacked_bytes_estimated=True,
    base_wire_bytes=43 * MB,
    base_unpacked_bytes=118 * MB,
    carried_wire_bytes=16 * MB,
    carried_unpacked_bytes=38 * MB,
    packages=2,
    packages_wire_bytes=2 * MB,
    packages_unpacked_bytes=4 * MB,
    pull_with_base_bytes=18 * MB,
    pull_with_image_bytes=61 * MB,
)
BLOCKS = Reason(
    kind="loader",
    weight="blocks",
    says="/lib64/ld-linux-x86-64.so.2, which starts the program, is not there",
    path="app/prog",
    evidence=("app/prog: /lib64/ld-linux-x86-64.so.2",),
)
UNPROVEN = Reason(
    kind="tools",
    weight="unproven",
    says="git is named in app/fetch.py, and is not there",
    path="app/\ufffdfetch.py",
    path_base64="YXBwL/9mZXRjaC5weQ==",
)
CARRY = Reason(
    kind="accounts",
    weight="carry",
    says="the account app is not there",
    todo="RUN useradd --system app",
)
NOTE = Reason(kind="zones", weight="note", says="zone data is there in another place")
OLD = BaseFinding(
    rule="end-of-life-base",
    severity="error",
    says="Debian 10 has had no fixes since 2024-06-30.",
    todo="Move to python:3.13-slim-trixie, and test.",
    evidence=("dates by endoflife.date, 2026-08-22",),
)
RUNS = BaseCheckResult(
    verdict="pass",
    why=(),
    image=IMAGE,
    on=SLIM,
    answer="runs",
    weight=WEIGHT,
    reasons=(CARRY, NOTE),
    instructions=("RUN useradd --system app",),
    findings=(),
    warnings=(),
)
REFUSED = replace(
    RUNS,
    verdict="fail",
    why=("will not run", "1 finding"),
    on=ALPINE,
    answer="will not run",
    weight=replace(WEIGHT, wire_bytes=None, unpacked_bytes=None, pull_with_image_bytes=None),
    reasons=(BLOCKS, UNPROVEN, CARRY, NOTE),
    findings=(OLD,),
    warnings=("nothing tells where the image's own base ends",),
)
OWN = replace(RUNS, on=None, answer=None, weight=None, reasons=(), instructions=(), findings=(OLD,))
FIRST = Suggested(
    base=SLIM,
    given=True,
    answer="runs",
    weight=WEIGHT,
    base_wire_bytes=43 * MB,
    reasons=(CARRY, NOTE),
    speaks_against=(),
    instructions=("RUN useradd --system app",),
)
SECOND = replace(
    FIRST,
    base=replace(SLIM, name="python:3.12-slim", opened=False),
    given=False,
    answer="needs a test",
    reasons=(UNPROVEN,),
    speaks_against=("support of Python 3.12 ends on 2028-10-31",),
    instructions=(),
)
THIRD = replace(SECOND, base=ALPINE, answer="will not run", reasons=(BLOCKS, UNPROVEN))
SUGGESTED = BaseSuggestResult(
    image=IMAGE,
    dockerfile=None,
    languages=("python",),
    needs="The application needs python of its base",
    candidates=(FIRST, SECOND, THIRD),
    left_out=("3 bases whose support has ended",),
    change=None,
    warnings=(),
)
BY_FILE = replace(
    SUGGESTED,
    image=None,
    dockerfile=DockerfileNow(
        path="Dockerfile", line=1, base="python:3.13", base_wire_bytes=412 * MB
    ),
    candidates=(replace(SECOND, weight=None),),
    change=DockerfileChange(
        base="python:3.12-slim",
        diff="--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1 +1 @@\n-FROM python:3.13\n"
        "+FROM python:3.12-slim\n",
        manual=("Line 3 installs git with apt: write it with apk.",),
    ),
)
NO_CANDIDATE = replace(SUGGESTED, candidates=(), left_out=(), warnings=("a note",))
