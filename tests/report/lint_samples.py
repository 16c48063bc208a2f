"""Results of `lint` and `fix` made by hand, for reports to show."""

from __future__ import annotations

from msgspec.structs import replace

from lightship.model.results.fix import FixedFile, FixResult, MadeFix
from lightship.model.results.lint import (
    FileProblem,
    FixOffer,
    LintedFile,
    LintFinding,
    LintResult,
    Saved,
)

MB = 1_000_000
ESTIMATED = Saved(21 * MB, 18 * MB, estimated=True, source="an estimate for Debian 13")
MEASURED = Saved(193_400_000, 56 * MB, estimated=False, source="measured in shop:1")

LISTS = LintFinding(
    rule="package-lists",
    title="Package lists left by an installation",
    severity="warning",
    confidence="certain",
    message="The package lists of apt stay in the layer.",
    advice="Remove them in the same RUN.",
    path="shop/Dockerfile",
    line=4,
    end_line=6,
    column=1,
    instruction="RUN apt-get update && apt-get install -y git",
    fix=FixOffer("remove the package lists in the same RUN", "safe"),
    saving=ESTIMATED,
    fingerprint="a" * 64,
)
SECRET = replace(
    LISTS,
    rule="secrets-copied",
    title="Secrets in the image",
    severity="error",
    message="id_rsa is copied into the image.",
    advice="Use a secret mount.",
    line=9,
    end_line=9,
    column=12,
    instruction="COPY id_rsa /keys/",
    fix=None,
    unfixed="what reads it is not known",
    saving=None,
    fingerprint="b" * 64,
)
BASE = replace(
    LISTS,
    rule="full-base",
    title="A full base image where a slim one exists",
    message="debian:13-slim is the same release with less in it.",
    advice="Use the slim variant.",
    line=1,
    end_line=1,
    instruction="FROM debian:13",
    fix=FixOffer(
        "use debian:13-slim", "unsafe", ("Manual pages go.", "Run the application's tests.")
    ),
    saving=MEASURED,
    fingerprint="c" * 64,
)
UNUSED = replace(
    LISTS,
    rule="unused-stage",
    title="Stages that nothing uses",
    severity="info",
    message="Nothing uses stage test.",
    advice="Copy from it what was meant, or remove it.",
    path="tools/Containerfile",
    line=12,
    end_line=12,
    instruction=None,
    fix=None,
    saving=None,
    fingerprint="d" * 64,
)
SILENT = replace(
    UNUSED,
    line=20,
    suppressed="built with --target",
    instruction="FROM builder AS lint",
    fingerprint="e" * 64,
)
PROBLEM = FileProblem("old/Dockerfile", None, None, "binary, or not UTF-8: it has NUL bytes", 4)
WRONG = FileProblem("tools/Containerfile", None, 3, "unknown instruction 'COPPY'", 4)

FOUND = LintResult(
    failed=True,
    fail_on="warning",
    findings=(BASE, LISTS, SECRET, UNUSED, SILENT),
    files=(
        LintedFile("shop/Dockerfile", None, None),
        LintedFile("tools/Containerfile", None, "line 3: unknown instruction 'COPPY'"),
        LintedFile("web/Dockerfile", None, None),
    ),
    problems=(PROBLEM, WRONG),
    saving=Saved(214_400_000, 74 * MB, estimated=True, source="measured in shop:1; an estimate"),
    image="shop:1",
)
NOTHING = replace(FOUND, failed=False, findings=(), problems=(), saving=None, image=None)

DIFF = """\
--- a/shop/Dockerfile
+++ b/shop/Dockerfile
@@ -1,6 +1,7 @@
-FROM debian:13
+FROM debian:13-slim
 # git is for the build's version
 RUN apt-get update \\
-    && apt-get install -y git
+    && apt-get install -y git \\
+    && rm -rf /var/lib/apt/lists/*
"""
MADE = MadeFix("package-lists", 4, LISTS.message, LISTS.fix or FixOffer("", "safe"), ESTIMATED)
MADE_BASE = MadeFix("full-base", 1, BASE.message, BASE.fix or FixOffer("", "safe"), MEASURED)
REFUSED = MadeFix(
    "combine-runs",
    8,
    "Two RUNs can be one.",
    FixOffer("merge RUN into the RUN before it", "safe"),
    None,
    refused="a comment would be lost: # keep",
)
FIXED = FixResult(
    unsafe=True,
    files=(
        FixedFile(
            path="shop/Dockerfile",
            path_base64=None,
            diff=DIFF,
            made=(MADE_BASE, MADE),
            refused=(REFUSED,),
            left=(SECRET,),
            untouched=None,
            written=False,
        ),
        FixedFile(
            path="tools/Containerfile",
            path_base64=None,
            diff="",
            made=(),
            refused=(),
            left=(UNUSED,),
            untouched="line 3: unknown instruction 'COPPY'",
            written=False,
        ),
        FixedFile(
            path="web/Dockerfile",
            path_base64=None,
            diff="",
            made=(),
            refused=(),
            left=(),
            untouched=None,
            written=False,
        ),
    ),
    problems=(PROBLEM,),
    saving=FOUND.saving,
    image="shop:1",
)
NOTHING_FIXED = replace(FIXED, unsafe=False, files=FIXED.files[2:], saving=None, image=None)


def linted(text: str) -> LintResult:
    """A result with the same foreign text wherever foreign text can stand."""
    finding = replace(
        LISTS,
        message=f"It says {text}.",
        advice=f"Remove {text}.",
        path=f"x/{text}",
        instruction=text or None,
        unfixed=text or None,
        saving=replace(ESTIMATED, source=text),
    )
    silent = replace(finding, suppressed=text or "why", line=7)
    problem = FileProblem(text or "x", None, 3, f"it says {text}", 4)
    return replace(
        FOUND,
        findings=(finding, replace(finding, severity="error"), silent),
        files=(LintedFile(f"x/{text}", None, text or None),),
        problems=(problem,),
    )


def fixed(text: str) -> FixResult:
    """Likewise."""
    file = replace(
        FIXED.files[0],
        path=f"x/{text}",
        diff=f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{text}\n+RUN {text}\n",
        made=(replace(MADE, message=text, fix=FixOffer(text, "unsafe", (text,))),),
        refused=(replace(REFUSED, refused=text),),
    )
    return replace(FIXED, files=(file, replace(FIXED.files[1], path=text, untouched=text)))
