"""The recipes for CI: their YAML is YAML, and their scripts do what the pages say.

Every script runs as it stands, in a real shell, with the real lightship. What a runner would have
(builders, logins, package installers) is played by programs that only note that they were called.
"""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
import yaml

from .conftest import ROOT
from .pages import blocks
from .served_image import Registry, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

HOW_TO = ROOT / "docs" / "how-to"
GITHUB, GITLAB, TEKTON = (HOW_TO / f"ci-{name}.md" for name in ("github", "gitlab", "tekton"))
IN_GENERAL = HOW_TO / "use-in-ci-and-scripts.md"
# Registries that the pages name; here all of them are the one that is served.
HOSTS = re.compile(
    r"ghcr\.io|registry\.example|image-registry\.apps\.2\.rahti\.csc\.fi"
    r"|image-registry\.openshift-image-registry\.svc:5000"
)
PLAYED = ("pip", "buildah", "skopeo", "podman", "docker", "oc", "tkn")
USER, PASSWORD = "unused", "a:secret%s"


class Ran(NamedTuple):
    code: int
    out: str
    err: str
    lightship: list[str]
    folder: Path


class Runner:
    """A place to run scripts in: an image, a registry, the real lightship."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self.folder = folder
        self.registry = registry
        self.calls = folder / ".calls"
        programs = folder / ".programs"
        programs.mkdir()
        note = f'printf "%s\\n" "${{0##*/}} $*" >> "{self.calls}"\n'
        for name in PLAYED:
            _program(programs / name, note)
        _program(programs / "lightship", f'{note}exec "{sys.executable}" -m lightship "$@"\n')
        # `python3 -m venv PLACE` makes a place whose pip is played, too.
        venv = 'if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "${0%/*}/pip" "$3/bin/"; exit; fi\n'
        _program(programs / "python3", f'{venv}exec "{sys.executable}" "$@"\n')
        self.environment = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "COLUMNS": "100",
            "LIGHTSHIP_PLAIN_HTTP": registry.host,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        (folder / "home").mkdir()

    def run(self, script: str, **environment: str) -> Ran:
        """Run a script with `-e`, as runners do."""
        self.calls.write_text("")
        done = subprocess.run(
            ("bash", "-e", "-u", "-c", HOSTS.sub(self.registry.host, script)),
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        calls = [line for line in self.calls.read_text().splitlines() if "lightship " in line[:10]]
        return Ran(done.returncode, done.stdout, done.stderr, calls, self.folder)


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def runner(tmp_path: Path, examples: Path) -> Iterator[Runner]:
    for name in ("app.tar", "shop"):
        (tmp_path / name).symlink_to(examples / name)
    with tarfile.open(tmp_path / "image.tar", "w") as archive:
        archive.add(examples / "shop", "")
    with serving(examples / "shop", USER, PASSWORD) as registry:
        # Where a login would have left its credentials.
        runner = Runner(tmp_path, registry)
        yield runner


def logged_in(runner: Runner) -> None:
    folder = runner.folder / "home" / ".docker"
    folder.mkdir()
    auth = runner.registry.authorization.removeprefix("Basic ")
    document = {"auths": {runner.registry.host: {"auth": auth}}}
    (folder / "config.json").write_text(json.dumps(document))


def documents(page: Path) -> list[Any]:
    found = [one for block in blocks(page, "yaml") for one in yaml.safe_load_all(block)]
    assert found
    assert all(isinstance(one, dict) for one in found)
    return found


# GitHub.


def steps() -> list[dict[str, Any]]:
    return [
        step for one in documents(GITHUB) for job in one["jobs"].values() for step in job["steps"]
    ]


def test_github_workflows_have_the_shape_of_workflows() -> None:
    for one in documents(GITHUB):
        # `on` is a truth to YAML 1.1.
        assert True in one
        assert set(one) <= {"name", True, "permissions", "jobs"}
        for job in one["jobs"].values():
            assert job["runs-on"] == "ubuntu-latest"
    for step in steps():
        assert ("uses" in step) != ("run" in step), step
        assert "uses" not in step or re.fullmatch(r"[\w./-]+@v\d+", step["uses"])
    uploads = [step["with"] for step in steps() if "upload" in step.get("uses", "")]
    assert {"sarif_file": "lightship.sarif"} in uploads
    assert {"name": "lightship", "path": "check.json"} in uploads


@pytest.mark.slow
def test_github_scripts_run(runner: Runner) -> None:
    logged_in(runner)
    summary = runner.folder / "summary"
    summary.write_text("from an earlier step\n")
    variables = {
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_REPOSITORY": "team/shop",
        "GITHUB_ACTOR": "me",
        "IMAGE": "ghcr.io/team/shop",
        "TOKEN": "secret",
    }
    (settings,) = blocks(GITHUB, "toml")
    # As the page has it, but for the example image, which is there to show mistakes.
    settings = settings.replace('max-dead = "20MB"', 'max-dead = "200MB"')
    (runner.folder / "lightship.toml").write_text(settings)
    scripts = [step["run"] for step in steps() if "run" in step]
    ran = []
    # Twice, as the next push would: the second run has a baseline.
    for _ in range(2):
        for script in scripts:
            done = runner.run(script, **variables)
            assert done.code == 0, (script, done)
            ran += done.lightship
            if done.lightship:
                assert done.out.splitlines()[-1].startswith("::notice "), done.out
            if "check.json" in script and "lightship check" in script:
                assert json.loads((runner.folder / "lightship.sarif").read_text())["runs"]
                checked = json.loads((runner.folder / "check.json").read_text())
    assert len(ran) == 4
    assert checked["baseline"] == "baseline.json"
    assert summary.read_text(encoding="utf-8").startswith("from an earlier step\n### lightship")
    assert {asked.split()[1] for asked in runner.registry.asked} == {"manifests", "blobs"}


# GitLab.


def gitlab_jobs() -> dict[str, dict[str, Any]]:
    first, *more = documents(GITLAB)
    jobs = {name: job for name, job in first.items() if name != "stages"}
    assert {job["stage"] for job in jobs.values()} == set(first["stages"])
    return jobs | {"check-released": more[-1]["check-released"]}


def test_gitlab_collects_what_is_written() -> None:
    check = gitlab_jobs()["check"]
    command = " ".join(check["script"])
    for file in (*check["artifacts"]["paths"], *check["artifacts"]["reports"].values()):
        assert re.search(rf"-o (gitlab=)?{re.escape(file)}(?!\S)", command)
    warning = documents(GITLAB)[1]
    assert warning == {"check": {"allow_failure": {"exit_codes": [1]}}}


@pytest.mark.parametrize("name", ["check", "check-released"])
def test_gitlab_scripts_run(name: str, runner: Runner) -> None:
    job = gitlab_jobs()[name]
    host = runner.registry.host
    variables = {
        "CI_PROJECT_DIR": str(runner.folder),
        "CI_REGISTRY": host,
        "CI_REGISTRY_IMAGE": f"{host}/team/shop",
        "CI_REGISTRY_USER": USER,
        "CI_REGISTRY_PASSWORD": PASSWORD,
        "CI_DEFAULT_BRANCH": "main",
    }
    for key, value in job["variables"].items():
        variables[key] = value.replace("$CI_PROJECT_DIR", str(runner.folder))
    if name == "check":
        # As a cache is restored.
        cache = runner.folder / ".cache" / "lightship"
        cache.mkdir(parents=True)
        cache.chmod(0o777)
    done = runner.run("\n".join([*job["before_script"], *job["script"]]), **variables)
    assert (done.code, done.err) == (0, ""), done
    assert len(done.lightship) == 1
    assert "PASS" in done.out
    assert any(asked == "team/shop manifests main" for asked in runner.registry.asked)
    if name == "check":
        folder = runner.folder
        assert json.loads((folder / "gl-code-quality-report.json").read_text()) == []
        suite = ET.fromstring((folder / "lightship.xml").read_bytes())[0]  # noqa: S314 - ours
        assert (suite.get("tests"), suite.get("failures")) == ("3", "0")
        assert json.loads((folder / "check.json").read_text())["verdict"] == "pass"
        assert (folder / ".cache" / "auth.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["build", "publish"])
def test_gitlab_scripts_around_it_are_shell(name: str, runner: Runner) -> None:
    variables = ("CI_REGISTRY", "CI_REGISTRY_IMAGE", "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD")
    given = dict.fromkeys((*variables, "CI_COMMIT_BRANCH"), "x")
    assert runner.run("\n".join(gitlab_jobs()[name]["script"]), **given).code == 0


# Tekton.


def expanded(text: str, known: dict[str, str]) -> str:
    """Tekton's own variables, replaced as it does before a pod is made."""
    return re.sub(r"\$\(([a-z.]+)\)", lambda found: known[found[1]], text)


def test_tekton_manifests_fit_together() -> None:
    task, pipeline = documents(TEKTON)
    assert {one["apiVersion"] for one in (task, pipeline)} == {"tekton.dev/v1"}
    params = {param["name"] for param in task["spec"]["params"]}
    text = json.dumps(task)
    assert {*re.findall(r"\$\(params\.([a-z]+)", text)} == params
    assert {*re.findall(r"\$\(results\.([a-z]+)", text)} == {
        result["name"] for result in task["spec"]["results"]
    }
    (step,) = task["spec"]["steps"]
    volumes = {volume["name"] for volume in task["spec"]["volumes"]}
    assert {mount["name"] for mount in step["volumeMounts"]} == volumes
    spec = pipeline["spec"]
    names = [one["name"] for one in spec["tasks"]]
    assert [one.get("runAfter") for one in spec["tasks"]] == [None, *([name] for name in names[:2])]
    shared = {one["name"] for one in spec["workspaces"]}
    for one in spec["tasks"]:
        inner = {workspace["name"] for workspace in one["taskSpec"]["workspaces"]}
        assert {workspace["name"] for workspace in one["workspaces"]} == inner
        assert {workspace["workspace"] for workspace in one["workspaces"]} <= shared
        given = {param["name"] for param in one.get("params", ())}
        assert given == {param["name"] for param in one["taskSpec"].get("params", ())}
        assert {*re.findall(r"\$\(params\.([a-z]+)", json.dumps(one["taskSpec"]))} <= given


@pytest.fixture
def account(runner: Runner) -> Path:
    """What is mounted into each pod: the service account's token and an authority."""
    folder = runner.folder / "account"
    folder.mkdir()
    (folder / "token").write_text(PASSWORD)
    authorities = Path("/etc/ssl/certs/ca-certificates.crt")
    if not authorities.is_file():
        pytest.skip("this system has no file of authorities")
    shutil.copy(authorities, folder / "service-ca.crt")
    return folder


def run_task(runner: Runner, account: Path, *limits: str) -> Ran:
    task = documents(TEKTON)[0]
    (step,) = task["spec"]["steps"]
    known = {
        "params.registry": runner.registry.host,
        "params.image": "my-project/shop:1.4",
        "results.verdict.path": str(runner.folder / "verdict"),
    }
    variables = {one["name"]: expanded(one["value"], known) for one in step["env"]}
    variables |= {"HOME": str(runner.folder), "ACCOUNT": str(account)}
    assert step["args"] == ["$(params.limits[*])"]
    given = " ".join(limits or task["spec"]["params"][2]["default"])
    return runner.run(f"set -- {given}\n{step['script']}", **variables)


def test_the_tekton_task_runs(runner: Runner, account: Path) -> None:
    done = run_task(runner, account)
    assert (done.code, done.err) == (0, ""), done
    assert (runner.folder / "verdict").read_text() == "pass"
    assert runner.registry.asked[0] == "my-project/shop manifests 1.4"
    # One document each, and no layer.
    assert len(runner.registry.asked) == 3


def test_the_tekton_task_fails_with_its_gate(runner: Runner, account: Path) -> None:
    done = run_task(runner, account, "--max-wire", "1MB")
    assert done.code == 1
    assert (runner.folder / "verdict").read_text() == "fail"
    assert "FAIL" in done.out


def test_the_tekton_task_says_what_is_wrong(runner: Runner, account: Path) -> None:
    (account / "token").write_text("not the password")
    done = run_task(runner, account)
    assert done.code == 3
    assert not (runner.folder / "verdict").exists()
    assert "not the password" not in done.out + done.err


def test_the_tekton_pipeline_runs(runner: Runner) -> None:
    calls = []
    for one in documents(TEKTON)[1]["spec"]["tasks"]:
        (step,) = one["taskSpec"]["steps"]
        script = expanded(step["script"], {"params.image": "registry.example/team/shop:1"})
        done = runner.run(script)
        assert done.code == 0, done
        calls += done.lightship
    assert len(calls) == 1
    for name in ("check.json", "lightship.xml", "check.md"):
        assert (runner.folder / name).stat().st_size


# Shell.


def shell_blocks() -> list[tuple[Path, str]]:
    pages = (IN_GENERAL, GITHUB, GITLAB, TEKTON)
    return [(page, block) for page in pages for block in blocks(page, "sh")]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "block"), shell_blocks())
def test_shell_lines_run(page: Path, block: str, runner: Runner) -> None:
    del page
    logged_in(runner)
    made = runner.run("lightship check app.tar --max-dead 20MB --exact -o check-of-main.json")
    assert made.code == 0, made
    variables = {"REGISTRY": runner.registry.host, "REGISTRY_USER": USER}
    # No engine here; how one is read, other tests show.
    script = block.replace("docker:shop:1.4", "oci:shop:1.4")
    done = runner.run(script, **variables, REGISTRY_PASSWORD=PASSWORD)
    assert done.code == 0, done
    assert len(done.lightship) == len(re.findall(r"^lightship ", block, re.MULTILINE))
