"""`context init`: what stays, because a build may ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightship.api.context_init import context_init
from lightship.context.deciding import decided
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.needs import needs_of
from lightship.context.uses import all_uses
from lightship.dockerfile.build import Build

from .ignored_projects import BUILDERS, WHOLE, ignored, project

if TYPE_CHECKING:
    from pathlib import Path

KEPT: dict[str, tuple[dict[str, str | int], str, str]] = {
    "modules that no RUN installs": (
        {"package.json": "{}", "node_modules/a.js": "x"},
        WHOLE,
        "node_modules/a.js",
    ),
    "output that is copied by name": (
        {"package.json": "{}", "dist/a.js": "x", ".gitignore": "dist\n"},
        "FROM base\nCOPY dist/ /srv\nRUN npm run build\n",
        "dist/a.js",
    ),
    "output that is not there yet": (
        {"pom.xml": ""},
        "FROM base\nRUN mvn -v\nCOPY target/*.jar /app.jar\n",
        "target/app.jar",
    ),
    "a file of the output": (
        {"pom.xml": "", "target/app.jar": "x"},
        "FROM base\nRUN mvn -v\nCOPY target/app.jar /app.jar\n",
        "target/app.jar",
    ),
    "the jar, and not what lies beside it": (
        {"build.gradle": "", "build/libs/a.jar": "x", "build/tmp/a": "x"},
        "FROM base\nCOPY build/libs/*.jar /app.jar\n",
        "build/libs/b.jar",
    ),
    "a directory of the output": (
        {"pom.xml": "", "target/app.jar": "x", "target/lib/a/b.jar": "x"},
        "FROM base\nCOPY target/lib /lib\nCOPY target/app.jar /\n",
        "target/lib/a/b.jar",
    ),
    "output that one instruction names in parts, and one whole": (
        {"pom.xml": "", "target/app.jar": "x", "target/classes/a": "x"},
        "FROM base\nCOPY target/app.jar /\nFROM base\nCOPY target /\n",
        "target/classes/a",
    ),
    "output that one instruction names in parts, and one takes with all": (
        {"pom.xml": "", "target/app.jar": "x", "target/classes/a": "x"},
        WHOLE + "COPY target/app.jar /\n",
        "target/classes/a",
    ),
    "what a link of the output leads to": (
        {"pom.xml": "", "target/real-1.jar": "x", "target/classes/a": "x"},
        "FROM base\nCOPY target/app.jar /\n",
        "target/real-1.jar",
    ),
    "output that a command starts": (
        {"package.json": "{}", "dist/main.js": "x"},
        WHOLE + 'CMD ["node", "dist/main.js"]\n',
        "dist/main.js",
    ),
    "history that a RUN reads": ({}, WHOLE + "RUN git describe > v\n", ".git/HEAD"),
    "history that the build reads": (
        {"pyproject.toml": '[build-system]\nrequires = ["setuptools_scm"]\n'},
        WHOLE + "RUN pip install .\n",
        ".git/HEAD",
    ),
    "a bind mount of it": (
        {".git/HEAD": "x"},
        "FROM base\nRUN --mount=type=bind,source=.git,target=/g true\n",
        ".git/HEAD",
    ),
    "Go's vendor": (
        {"go.mod": "", "vendor/modules.txt": "", ".gitignore": ""},
        WHOLE + "RUN go build -mod=vendor\n",
        "vendor/modules.txt",
    ),
    "a key that tests read": (
        {"server/testdata/key.pem": "-----BEGIN PRIVATE KEY-----\nMIIB\n"},
        "FROM base\nCOPY . /app\n",
        "server/testdata/key.pem",
    ),
    "a secret that COPY names": ({".env": "TOKEN=abcdefgh"}, "FROM base\nCOPY .env /\n", ".env"),
    "a secret that a wildcard takes": (
        {".env": "TOKEN=abcdefgh"},
        "FROM base\nCOPY .en* /\n",
        ".env",
    ),
    "a secret in a directory that COPY names": (
        {"conf/.env": "TOKEN=abcdefgh"},
        "FROM base\nCOPY conf /\n",
        "conf/.env",
    ),
    "weights in a directory that COPY names": (
        {"models/a.gguf": 2_000_000, ".gitignore": "models\n"},
        "FROM base\nCOPY models /models\n",
        "models/a.gguf",
    ),
    "data that a command names": (
        {"data/a.parquet": 2_000_000},
        "FROM base\nWORKDIR /app\nCOPY . .\nCMD app --data /app/data\n",
        "data/a.parquet",
    ),
    "data that a RUN moves": (
        {"data/a.parquet": 2_000_000},
        WHOLE + "RUN cp -r data /srv\n",
        "data/a.parquet",
    ),
    "a small table beside a large one": (
        {"data/big.csv": 2_000_000, "data/countries.csv": "x"},
        WHOLE,
        "data/countries.csv",
    ),
    "an archive that is unpacked": (
        {"a.tar.gz": 2_000_000},
        WHOLE + "RUN tar xf a.tar.gz\n",
        "a.tar.gz",
    ),
    "a stage that another target builds": (
        {"dist/a": "x", "package.json": "{}"},
        "FROM base AS web\nCOPY dist /d\nFROM base\nCOPY . /app\nRUN npm run build\n",
        "dist/a",
    ),
    "another Dockerfile": (
        {"Dockerfile.dev": "FROM base\nCOPY .venv /v\n", ".venv/a": "x", "a.py": ""},
        WHOLE + "RUN pip install .\n",
        ".venv/a",
    ),
    "a variable that nobody knows": (
        {"node_modules/a": "x", "package.json": "{}"},
        "FROM base\nARG WHAT\nCOPY $WHAT /app\n",
        "node_modules/a",
    ),
    "bin of another language": ({"bin/run": "x", "go.mod": ""}, WHOLE, "bin/run"),
    "an example of an environment": ({".env.example": "A="}, WHOLE, ".env.example"),
    "a link's target": (
        {"dist/a": "x", "package.json": "{}"},
        "FROM base\nCOPY link /l\n",
        "dist/a",
    ),
    "lock files and documents": ({"README.md": "", "uv.lock": ""}, WHOLE, "README.md"),
    "a certificate": ({"ca.pem": "-----BEGIN CERTIFICATE-----\nx\n"}, WHOLE, "ca.pem"),
    "npm's settings where npm runs": (
        {".npmrc": "//r/:_authToken=abcdefgh12345", "package.json": "{}"},
        WHOLE + "RUN npm ci\n",
        ".npmrc",
    ),
    "a virtual environment that a command starts, and no RUN makes": (
        {"requirements.txt": "", ".venv/bin/python": "x"},
        WHOLE + "RUN pip install -r requirements.txt\nCMD /app/.venv/bin/python\n",
        ".venv/bin/python",
    ),
    "a Dockerfile that the program may be about": (
        {"templates/Dockerfile": "FROM x\nCOPY gone /\n"},
        WHOLE,
        "templates/Dockerfile",
    ),
    "a copied Dockerfile": (
        {"db/Dockerfile": "FROM x\n"},
        "FROM base\nCOPY db /db\n",
        "db/Dockerfile",
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_kept(tmp_path: Path, name: str) -> None:
    files, dockerfile, path = KEPT[name]
    root = project(tmp_path, {"Dockerfile": dockerfile, **files})
    (root / "link").symlink_to("dist")
    if (root / "target").exists() and not (root / "target/app.jar").exists():
        (root / "target/app.jar").symlink_to("real-1.jar")
    for builder in BUILDERS:
        assert not ignored(root, path, builder), context_init(root, replace=True).text


NAMES = [
    *("src", "app", "dist", "build", "target", "node_modules", ".git", "data", "models", ".venv"),
    *("__pycache__", ".env", "vendor", "bin", "obj", "package.json", "Cargo.toml", "a.csproj"),
    *("pyproject.toml", "composer.json", "pom.xml", "main.py", "a.log", "x[1]", "a#b"),
    *(".gitignore", "Dockerfile", "id_rsa", "a*b"),
]
OUTPUT = st.builds(
    "{}/{}".format,
    st.sampled_from(["target", "build", "dist", "bin", "src/target", "src/dist"]),
    st.lists(
        st.sampled_from(["release", "a.jar", "x[1]", "libs", "*.jar", "a?b"]),
        min_size=1,
        max_size=2,
    ).map("/".join),
)
MARKERS = ["pom.xml", "package.json", "a.csproj", "src/package.json", "src/Cargo.toml"]
PATHS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join) | OUTPUT
COMMANDS = ["npm ci", "npm run build", "pip install .", "cargo build", "mvn package", "true"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    paths=st.lists(PATHS, max_size=25),
    markers=st.sets(st.sampled_from(MARKERS)),
    sources=st.lists(PATHS, max_size=4) | st.lists(OUTPUT, min_size=1, max_size=2),
    commands=st.sampled_from(COMMANDS).flatmap(
        lambda run: st.sampled_from(["", f"RUN {run}\n", f"RUN {run}\nCOPY . /app\n"])
    ),
    git=st.lists(st.sampled_from([*NAMES[:16], "*.py", "!dist", "/src/*"]), max_size=4),
)
def test_what_a_copy_names_is_sent(
    *,
    tmp_path_factory: pytest.TempPathFactory,
    paths: list[str],
    markers: set[str],
    sources: list[str],
    commands: str,
    git: list[str],
) -> None:
    root = tmp_path_factory.mktemp("tree")
    for path in (*markers, *paths):
        try:
            project(root, {path: "\n".join(git) if path == ".gitignore" else "x"})
        except OSError:
            continue
    escaped = [source.replace("[1]", "[[]1]") for source in sources]
    copies = "".join(f'COPY ["{source}", "/x/"]\n' for source in escaped)
    text = f"FROM base\n{commands}{copies}"
    if (root / "Dockerfile").is_dir():
        return
    (root / "Dockerfile").write_text(text)
    file = read_ignore_file(context_init(root).text.encode())
    assert file.refusal is None
    matcher = Matcher(file.patterns)
    needs = needs_of(root, all_uses(Build.read(text.encode())))
    for path in {*sources, *(path for need in needs for path in need.paths)}:
        for builder in BUILDERS:
            if builder == "legacy" and path in ("Dockerfile", ".dockerignore"):
                continue
            assert not decided(matcher, builder, path).ignored, (path, text, file)
