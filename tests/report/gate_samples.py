"""Results of `check` made by hand, for the formats of the gate to write."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.model.results.check import (
    Cause,
    CheckResult,
    DiveRule,
    DiveVerdict,
    Judged,
    Subject,
    Unjudged,
    Verdict,
)

GIB = 2**30

SUBJECT = Subject(
    reference="registry:registry.example/team/shop:1.4.2",
    digest="sha256:" + "ab" * 32,
    image_id="sha256:" + "cd" * 32,
    platform="linux/amd64",
    wire_bytes=5 * GIB + 1,
    wire_bytes_estimated=False,
    wire_bytes_error=0,
    unpacked_bytes=11_000_000_000,
    visible_bytes=10_000_000_000,
    dead_bytes=1_000_000_000,
    duplicate_bytes=0,
    efficiency=0.909,
    files=40_000,
    layers=9,
)

WIRE = Judged(
    budget="max-wire",
    what="wire bytes",
    unit="bytes",
    bound="at_most",
    measured=5 * GIB + 1,
    warn=1_000_000_000,
    fail=5 * GIB,
    verdict="fail",
    headroom=-1,
    origin="profile rahti",
    message="5,368,709,121 wire bytes are 1 more than the 5 GiB that OpenShift takes",
    advice="Make the heaviest layers smaller.",
    causes=(
        Cause("opt/conda/lib/libtorch.so", 4, "RUN /bin/sh -c conda install torch", 3 * GIB),
        Cause("/models", 7, None, 2 * GIB),
        Cause("RUN /bin/sh -c make", 8, "RUN /bin/sh -c make", 4_000),
        Cause("the base image", None, None, None),
    ),
)
EFFICIENCY = Judged(
    budget="min-efficiency",
    what="efficiency",
    unit="ratio",
    bound="at_least",
    measured=0.909,
    warn=0.95,
    fail=0.9,
    verdict="warn",
    headroom=0.009,
    origin="lightship.toml",
    message="The efficiency is 0.909, below 0.95: 50% off.",
    advice="Delete files in the RUN that makes them.",
    causes=(),
)
LAYERS = Judged(
    budget="max-layers",
    what="layers",
    unit="count",
    bound="at_most",
    measured=9,
    warn=None,
    fail=127,
    verdict="pass",
    headroom=118,
    origin="command line",
    message="9 layers are at most 127.",
    advice="",
    causes=(),
)
FORBIDDEN = Judged(
    budget="forbid",
    what="forbidden paths",
    unit="paths",
    bound="at_most",
    measured=1,
    warn=None,
    fail=0,
    verdict="fail",
    headroom=-1,
    origin="command line",
    message="1 path matches **/.git.",
    advice="Keep it out of the build.",
    causes=(Cause("app/.git/config", 5, "COPY . /app # buildkit", 512),),
)
UNJUDGED = Unjudged("max-growth", "5%", "lightship.toml", "there is nothing to compare with")
DIVE = DiveVerdict(
    origin=".dive-ci",
    passed=False,
    efficiency=0.91,
    wasted_bytes=1_000_000_000,
    user_wasted_percent=None,
    rules=(
        DiveRule("lowestEfficiency", "0.95", 0.91, "fail", "Ours is 0.909."),
        DiveRule("highestWastedBytes", "2GB", 1_000_000_000, "pass", "Dead are 1.00 GB."),
        DiveRule("highestUserWastedPercent", "disabled", None, "skip", ""),
    ),
)


def checked(
    *judged: Judged,
    verdict: Verdict = "fail",
    unjudged: tuple[Unjudged, ...] = (),
    dive: DiveVerdict | None = None,
) -> CheckResult:
    return CheckResult(
        verdict=verdict,
        image=SUBJECT,
        profile="rahti",
        baseline=None,
        judged=judged,
        unjudged=unjudged,
        dive=dive,
        file="Dockerfile",
        warnings=(),
    )


ALL = checked(WIRE, EFFICIENCY, LAYERS, FORBIDDEN, unjudged=(UNJUDGED,), dive=DIVE)
PASSED = checked(LAYERS, verdict="pass")
NOTHING = checked(verdict="pass")
# What can stand in an image's paths and instructions, and would mean something elsewhere.
HOSTILE = (
    "a|b`c`d<script>alert(1)</script>]]>&amp;\"'",
    "x\n::error title=forged::yes",
    "x\r\n##[error]forged",
    "%0A::warning::forged%0D",
    "[click](https://evil.example) ![i](x) {0} {{1}}",
    "www.evil.example https://evil.example @team/all node_modules/@types/node #1 !2 ~3 GH-4",
    "# heading\n\n| a |\n|---|\n- x\n    code\n***\n<!--",
    "\u202eevil\u2066\u200b\x00\x1b[31m\x7f\ufffe\ud800\udfff\U000e0041",
    "--> <b>*x*</b> _y_ \\| \\` ~~z~~ $a$ $(id) :smile: a,b:c=d;e",
    "é写真 naïve",
    "",
    "x" * 5_000,
)


def holding(text: str) -> CheckResult:
    """A result with the same foreign text wherever foreign text can stand."""
    judged = replace(
        WIRE,
        message=f"The path {text} is there.",
        advice=f"Remove {text}.",
        origin=text,
        causes=(Cause(text, 3, text, 5),),
    )
    return replace(
        checked(judged, replace(judged, verdict="warn")),
        image=replace(SUBJECT, reference=f"registry:{text}", platform=text),
        unjudged=(Unjudged("max-growth", text, text, text),),
        dive=replace(DIVE, origin=text, rules=(replace(DIVE.rules[0], ours=text, limit=text),)),
        warnings=(text, text),
    )


def many(count: int) -> CheckResult:
    """More limits broken, and more near, than any system shows."""
    return checked(
        *(replace(WIRE, budget=f"max-{at}") for at in range(count)),
        *(replace(EFFICIENCY, budget=f"min-{at}") for at in range(count)),
    )
