"""`context init`: what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .ignored_projects import WHOLE, ignored, project

if TYPE_CHECKING:
    from pathlib import Path

LEFT_OUT: dict[str, tuple[dict[str, str | int], str, str]] = {
    "history": ({}, WHOLE, ".git/HEAD"),
    "modules that a RUN installs": (
        {"package.json": "{}", "node_modules/a/a.js": "x"},
        WHOLE + "RUN npm ci\n",
        "node_modules/a/a.js",
    ),
    "modules in a directory that is copied": (
        {"web/package.json": "{}", "web/node_modules/a.js": "x"},
        "FROM base\nCOPY web /app\nRUN cd /app && npm ci --omit=dev\n",
        "web/node_modules/a.js",
    ),
    "a virtual environment": (
        {"pyproject.toml": "", ".venv/bin/python": "x"},
        WHOLE + "RUN pip install .\n",
        ".venv/bin/python",
    ),
    "caches of tomorrow": ({"app.py": ""}, WHOLE, "pkg/__pycache__/a.pyc"),
    "target that cargo makes": (
        {"Cargo.toml": "", "target/debug/a": "x"},
        WHOLE + "RUN cargo build --release\nCMD ./target/release/a\n",
        "target/debug/a",
    ),
    "obj beside a project": (
        {"src/a.csproj": "", "src/obj/a": ""},
        WHOLE + "RUN dotnet publish\n",
        "src/obj/a",
    ),
    "secrets": ({".env": "A_TOKEN=abcdefgh"}, WHOLE, ".env"),
    "a key": (
        {"deploy/id_rsa": "-----BEGIN RSA PRIVATE KEY-----\nabc\n"},
        WHOLE,
        "deploy/id_rsa",
    ),
    "data": ({"data/a.parquet": 2_000_000}, WHOLE, "data/a.parquet"),
    "weights between code": (
        {"src/a.py": "", "src/net.safetensors": 2_000_000},
        WHOLE,
        "src/net.safetensors",
    ),
    "what git ignores": (
        {".gitignore": "/secret-notes\n", "secret-notes": "x"},
        WHOLE,
        "secret-notes",
    ),
    "pictures to learn from": (
        {f"datasets/cats/{at}.jpg": 60_000 for at in range(25)},
        WHOLE,
        "datasets/cats/7.jpg",
    ),
    "a table beside what the program needs": (
        {"data/big.csv": 2_000_000, "data/countries.csv": "x"},
        WHOLE,
        "data/big.csv",
    ),
    "what a program's name is like": (
        {"app/old.tar.gz": 2_000_000},
        'FROM base AS b\nCOPY . .\nFROM base\nCOPY --from=b /x /x\nCMD ["app"]\n',
        "app/old.tar.gz",
    ),
    "what a RUN removes": (
        {"data/a.parquet": 2_000_000},
        WHOLE + "RUN rm -rf data && true\n",
        "data/a.parquet",
    ),
    "counts of coverage": (
        {"src/A.jl": "", "src/A.jl.12.cov": ""},
        "FROM base\nCOPY src src\n",
        "src/A.jl.12.cov",
    ),
    "what lies beside the jar": (
        {"pom.xml": "", "target/app.jar": "x", "target/classes/A.class": "x"},
        "FROM base\nARG JAR=target/*.jar\nCOPY ${JAR} /app.jar\n",
        "target/classes/A.class",
    ),
    "what will lie beside the jar": (
        {"pom.xml": "", ".gitignore": "target\n"},
        "FROM base\nCOPY target/app.jar /app.jar\n",
        "target/classes/A.class",
    ),
    "what lies beside the program": (
        {"Cargo.toml": "", "target/release/app": "x", "target/release/deps/a.rlib": "x"},
        "FROM base\nCOPY target/release/app /\n",
        "target/release/deps/a.rlib",
    ),
    "an archive": ({"old.tar.gz": 2_000_000}, WHOLE, "old.tar.gz"),
    "the Dockerfile": ({}, WHOLE, "Dockerfile"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_left_out(tmp_path: Path, name: str) -> None:
    files, dockerfile, path = LEFT_OUT[name]
    root = project(tmp_path, {"Dockerfile": dockerfile, "main.txt": "x", **files})
    for builder in ("buildkit", "buildah"):
        assert ignored(root, path, builder), name
    assert not ignored(root, "main.txt")
