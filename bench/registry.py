"""An image from a registry to its index: lightship, curl of the same blobs, skopeo, in turn."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.answers import checker
from bench.registry_server import registry
from bench.series import HEADER, Contestant, Series, alternate
from bench.side_by_side import floor_of, lightship_of
from bench.targets import CURL_RATIO, MANIFEST_ONLY_SECONDS, Verdict
from bench.tools import find_tool

if TYPE_CHECKING:
    from pathlib import Path

    from bench.cases import Case
    from bench.registry_server import Registry
    from bench.run import Run

TAG = "1"
FILE = "lightship on file"
CHECKS = 20


def section(run: Run) -> None:
    """Measure the images whose layers are compressed: what a registry holds."""
    cases = [case for case in run.cases() if case.form != "docker"]
    if not cases or not find_tool("skopeo") or not find_tool("curl"):
        print("registry: no compressed image, no skopeo or no curl here; left out")
        return
    folder = run.work / "registry"
    shutil.rmtree(folder, ignore_errors=True)
    with registry(folder) as server:
        if server is None:
            print("registry: docker-registry is not installed here; left out")
            return
        print(f"\n{HEADER}")
        for case in cases:
            _measure(run, case, server)
    shutil.rmtree(folder, ignore_errors=True)


def _measure(run: Run, case: Case, server: Registry) -> None:
    repository = f"bench/{case.image}-{case.form}"
    server.push(case.path, f"{repository}:{TAG}")
    name = f"{server.host}/{repository}:{TAG}"
    urls = server.blob_urls(repository, TAG)
    ours = run.inspect(f"registry:{name}", "--no-cache", "--plain-http", server.host)
    contestants = [
        floor_of(case),
        Contestant("lightship", ours, check=checker(case.counted)),
        replace(lightship_of(run, case), who=FILE),
        Contestant("curl", ["curl", "-sfL", *urls, *["-o", "/dev/null"] * len(urls)]),
        *(_skopeo(run, name, kind) for kind in _kinds(case)),
    ]
    have = run.add(alternate(f"{case.name} registry", contestants, run.runs))
    _judge(run, f"{case.name} registry", have)
    _check_manifest(run, case, name, server)


def _kinds(case: Case) -> tuple[str, ...]:
    # skopeo 1.9 cannot unpack zstd layers into an archive.
    return ("dir", "docker-archive") if case.form == "gz" else ("dir",)


def _skopeo(run: Run, name: str, kind: str) -> Contestant:
    target = run.work / f"pulled-{kind}"
    command: list[str | Path] = ["skopeo", "--insecure-policy", "copy", "-q"]
    command += ["--src-tls-verify=false", f"docker://{name}", f"{kind}:{target}"]
    return Contestant(
        f"skopeo to {kind}",
        command,
        {"TMPDIR": str(run.work)},
        lambda: _remove(target),
    )


def _remove(target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def _judge(run: Run, what: str, have: dict[str, Series]) -> None:
    if not {"lightship", "curl", "floor"} <= have.keys():
        return
    ours = have["lightship"]
    curl = CURL_RATIO * have["curl"].cpu
    allowed = curl + have["floor"].cpu
    run.judge(Verdict(f"{what} CPU / (1.3 curl + floor)", ours.cpu / allowed, "<=", 1.0))
    if FILE in have:
        allowed = curl + have[FILE].cpu
        run.judge(Verdict(f"{what} CPU / (1.3 curl + {FILE})", ours.cpu / allowed, "<=", 1.0))
    for who in ("skopeo to dir", "skopeo to docker-archive"):
        if who in have:
            run.judge(Verdict(f"{what} wall / {who}", ours.wall / have[who].wall, "<=", 1.0))


def _check_manifest(run: Run, case: Case, name: str, server: Registry) -> None:
    command: list[str | Path] = [run.lightship, "check", f"registry:{name}", "--manifest-only"]
    command += ["--profile", "rahti", "--plain-http", server.host, "--exit-zero"]
    have = run.add(
        alternate(f"{case.name} check", [Contestant("check --manifest-only", command)], CHECKS)
    )
    for who, series in have.items():
        run.judge(Verdict(f"{case.name} {who}", series.wall, "<=", MANIFEST_ONLY_SECONDS, " s"))
