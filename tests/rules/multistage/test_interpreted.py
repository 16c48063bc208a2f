"""Parts of the rewrite for Python, Node, Java and .NET: lists, scripts, images, odd files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lightship.catalogue.patterns import ROOT_HOME
from lightship.rules.multistage.java_images import jre_base
from lightship.rules.multistage.java_launch import jar_made, run_of
from lightship.rules.multistage.languages import LANGUAGES
from lightship.rules.multistage.node_project import Project
from lightship.rules.multistage.node_starts import programs_of
from lightship.rules.multistage.plan import CannotTell, NotItsProgram
from lightship.rules.multistage.python_installs import installs
from lightship.rules.multistage.python_lists import distributions
from lightship.rules.multistage.static_site import served

from .reading import single

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lightship.rules.multistage.single import Single


def single_of(text: str, folder: Path | None = None, files: Mapping[str, str] = {}) -> Single:
    for name, content in files.items():
        assert folder is not None
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return single(text, folder)


def named(one: Single) -> dict[str, bool]:
    return {dist.name: dist.pinned for dist in distributions(one, installs(one))}


def test_requirements_are_read_with_those_that_they_name(tmp_path: Path) -> None:
    read = single_of(
        "FROM python:3.11\nWORKDIR /a\nCOPY . .\n"
        "RUN pip install -U pip && python -m pip install -r requirements/all.txt 'Foo.Bar[x]>=1'\n",
        tmp_path,
        {
            "requirements/all.txt": "-r base.txt\n# none\npsycopg[c] == 3 ; python_version > '3'\n"
            "git+https://example.org/x.git#egg=named\n--hash=sha256:0\n",
            "requirements/base.txt": "lxml==4.2.1 \\\n    --hash=sha256:0\n-c other.txt\n",
        },
    )
    assert named(read) == {
        "pip": False,
        "foo-bar": False,
        "foo-bar-x": False,
        "lxml": True,
        "psycopg": True,
        "psycopg-c": False,
        "named": False,
    }


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("pip install git+https://example.org/x.git", "links to"),
        ("pip install $WHAT", "what line"),
        ("pip install -r absent.txt", "cannot be seen"),
        ("pip install ./a.whl", "links to"),
        ("pip install .", "its project"),
        ("pip wheel flask", "what is left"),
        ("python setup.py build_ext --inplace", "setup.py build_ext"),
        ("uv sync", "into which folder uv sync"),
        ("pipenv install", "say --system"),
        ("python -m venv $WHERE && pip install flask", "where line"),
        ("./venv/bin/pip install flask", "which environment"),
    ],
)
def test_what_is_installed_is_known_or_not_said(tmp_path: Path, line: str, missing: str) -> None:
    text = f"FROM python:3.11\nARG WHAT WHERE\nCOPY . /\nRUN {line}\n"
    read = single_of(text, tmp_path, {"other.txt": "flask"})
    with pytest.raises(CannotTell, match=missing):
        named(read)


def test_lists_that_name_each_other_are_read_once(tmp_path: Path) -> None:
    files = {f"{at}.txt": f"a{at}\n-r {at + 1}.txt\n-r 0.txt\n" * 50 for at in range(20)}
    files["20.txt"] = "\n" * 100_000 + "end"
    read = single_of("FROM python:3.11\nCOPY . /\nRUN pip install -r 0.txt\n", tmp_path, files)
    assert set(named(read)) == {*(f"a{at}" for at in range(20)), "end"}


def folder_of(run: str) -> str | None:
    return installs(single_of(f"FROM python:3.11\n{run}\n"))[-1].folder


def test_the_folder_that_is_installed_into() -> None:
    venv = "RUN python -m venv /opt/v\n"
    assert folder_of("RUN pip install a") is None
    assert folder_of("RUN /usr/local/bin/python -m pip install a") is None
    assert folder_of(f"{venv}RUN pip install a") is None
    assert folder_of(f"{venv}RUN /opt/v/bin/pip install a") == "/opt/v"
    assert folder_of(f"{venv}RUN . /opt/v/bin/activate && pip install a") == "/opt/v"
    assert folder_of(f"{venv}ENV A=1 PATH=/opt/v/bin:$PATH\nRUN pip install a") == "/opt/v"
    assert folder_of(f"{venv}ENV PATH=$PATH:/opt/v/bin\nRUN pip install a") is None
    assert folder_of("RUN pip install --target /opt/libs a") == "/opt/libs"
    assert folder_of("RUN pip install --user a") == f"{ROOT_HOME}/.local"


def project(**scripts: str) -> Project:
    return Project("/app", scripts, frozenset(), frozenset(), is_berry=False)


def test_scripts_of_a_project_are_followed() -> None:
    known = project(prestart="mkdir -p out", start="npm run serve", serve="cross-env A=1 node x.js")
    assert list(programs_of(known, ("npm", "start"), 1)) == ["mkdir", "cross-env", "node"]
    assert list(programs_of(known, ("yarn", "serve"), 1)) == ["cross-env", "node"]
    assert list(programs_of(known, ("/usr/bin/node", "a"), 1)) == ["node"]
    for words in (("npm", "run", "absent"), ("npm",), ("npm", "run")):
        with pytest.raises(CannotTell):
            list(programs_of(known, words, 1))
    with pytest.raises(CannotTell):
        list(programs_of(project(start="npm start"), ("npm", "start"), 1))
    with pytest.raises(CannotTell, match="next dev"):
        list(programs_of(project(start="next dev"), ("npm", "start"), 1))


@pytest.mark.parametrize("content", ["", "[]", "[" * 100_000, '{"scripts": [1]}', "\0", '{"a": 1'])
def test_a_package_json_that_is_none(tmp_path: Path, content: str) -> None:
    text = "FROM node:18\nWORKDIR /a\nCOPY . .\nRUN npm ci\nRUN npm run build\nCMD npm start\n"
    read = single_of(text, tmp_path, {"package.json": content})
    (node,) = [one for one in LANGUAGES if one.name == "Node"]
    assert node.builds(read)
    with pytest.raises(CannotTell):
        node.recognise(read)


def test_the_folder_that_is_served() -> None:
    head = "FROM node:18\nRUN npm i -g serve\nWORKDIR /a\nRUN npm run build\n"
    assert served(single_of(f'{head}CMD ["serve", "-s", "-l", "80", "dist"]\n')) == "/a/dist"
    assert served(single_of(f'{head}CMD ["serve", "-s"]\n')) is None
    assert served(single_of(f'{head}CMD ["serve", "."]\n')) is None
    assert served(single_of(f'{head}CMD ["http-server", "dist"]\n')) is None


@pytest.mark.parametrize(
    ("image", "jre"),
    [
        ("eclipse-temurin:17", "eclipse-temurin:17-jre"),
        ("eclipse-temurin:17.0.9_9-jdk-jammy", "eclipse-temurin:17.0.9_9-jre-jammy"),
        ("eclipse-temurin:21-alpine", "eclipse-temurin:21-jre-alpine"),
        ("openjdk:8-jdk-alpine", "eclipse-temurin:8-jre-alpine"),
        ("openjdk:11.0.11-jdk-slim-buster", "eclipse-temurin:11-jre"),
        ("openjdk:8u292", "eclipse-temurin:8-jre"),
        ("maven:3.9.6-eclipse-temurin-21-alpine", "eclipse-temurin:21-jre-alpine"),
        ("maven:3-openjdk-17-slim", "eclipse-temurin:17-jre"),
        ("gradle:8.5.0-jdk21-jammy", "eclipse-temurin:21-jre-jammy"),
        ("amazoncorretto:17-alpine3.18", "eclipse-temurin:17-jre-alpine"),
    ],
)
def test_jre_of(image: str, jre: str) -> None:
    assert jre_base(single_of(f"FROM {image}\n"))[0].image == jre


@pytest.mark.parametrize(
    "image",
    ["maven:3.9", "maven", "gradle:8", "eclipse-temurin:17-nanoserver", "openjdk:20", "openjdk",
     "eclipse-temurin:17-windowsservercore-1809", "maven:3-sapmachine-17", "debian:12"],
)  # fmt: skip
def test_no_jre_of(image: str) -> None:
    with pytest.raises(CannotTell):
        jre_base(single_of(f"FROM {image}\n"))


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("jar cf a.jar -C out .", "/w/a.jar"),
        ("jar cvfe a.jar Main *.class", "/w/a.jar"),
        ("jar -cefv Main a.jar .", "/w/a.jar"),
        ("jar cmf manifest a.jar .", "/w/a.jar"),
        ("jar --create --file=/x/a.jar .", "/x/a.jar"),
        ("jar xf a.jar", None),
        ("jar tf a.jar", None),
        ("jar", None),
    ],
)
def test_what_jar_makes(command: str, path: str | None) -> None:
    (ran,) = single_of(f"FROM openjdk:17\nWORKDIR /w\nRUN {command}\n").ran
    assert jar_made(ran) == path


def run(line: str) -> tuple[str | None, tuple[str, ...], str]:
    found = run_of(single_of(f"FROM openjdk:17\nWORKDIR /w\n{line}\n"))
    return found.jar, found.entries, found.main


def test_what_java_runs() -> None:
    assert run('CMD ["java", "-Xmx1g", "-jar", "a.jar", "-x"]') == ("/w/a.jar", (), "")
    assert run("CMD java $OPTS -jar /a.jar") == ("/a.jar", (), "")
    assert run('ENTRYPOINT ["sh", "-c", "exec java $OPTS -jar a.jar"]') == ("/w/a.jar", (), "")
    assert run('CMD ["java", "-cp", "out:lib/*", "a.Main"]') == (
        None,
        ("/w/out", "/w/lib/*"),
        "a.Main",
    )
    assert run('ENTRYPOINT ["java"]\nCMD ["Main"]') == (None, ("/w",), "Main")
    for line in ("CMD java -jar target/*.jar", "CMD java -m a/b.C", "CMD java @file", "CMD java"):
        with pytest.raises(CannotTell):
            run(line)
    with pytest.raises(NotItsProgram):
        run("CMD catalina.sh run")
