"""Registries on this machine, each a folder of files: PyPI, npm, Go modules, crates, downloads."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import shutil
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

from ..programs import run  # noqa: TID252 - as its neighbours, one floor up

if TYPE_CHECKING:
    from pathlib import Path

WHEELS = ("flask", "msgspec", "numpy<2", "setuptools<80", "wheel", "uv", "pip")
NODE_PACKAGES = ("left-pad@1.3.0", "lodash@4.17.21", "moment@2.30.1", "typescript@5.4.5", "yarn@1")
"""None needs another."""
NPM = "npm@9"
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")


def payload(size: int, seed: int = 0) -> bytes:
    """Bytes that no compression makes fewer; the same each time."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - not a secret


def pypi(site: Path) -> None:
    """The simple repository API (packaging.python.org), as pages."""
    files = site / "wheels"
    run(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--python-version", "3.11", "--only-binary=:all:", "--dest", files, *WHEELS)  # fmt: skip
    for wheel in sorted(files.glob("*.whl")):
        project = wheel.name.split("-")[0].lower().replace("_", "-").replace(".", "-")
        page = site / "simple" / project / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        with page.open("a") as out:
            out.write(f'<a href="/wheels/{wheel.name}#sha256={digest}">{wheel.name}</a><br>\n')


def npm(site: Path, address: str) -> None:
    """Package documents and tarballs, as the npm registry's API gives them."""
    folder = site / "npm"
    tarballs = folder / "-"
    tarballs.mkdir(parents=True)
    run("npm", "pack", "--silent", "--pack-destination", tarballs, *NODE_PACKAGES, NPM)
    _stand_in(tarballs / "http-server-14.1.1.tgz")
    for tarball in sorted(tarballs.glob("*.tgz")):
        with tarfile.open(tarball) as archive:
            member = archive.extractfile("package/package.json")
            assert member is not None
            manifest = json.load(member)
        data = tarball.read_bytes()
        manifest["dist"] = {
            "tarball": f"{address}/npm/-/{tarball.name}",
            "shasum": hashlib.sha1(data).hexdigest(),  # noqa: S324 - the registry's own field
            "integrity": "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode(),
        }
        document = {
            "name": manifest["name"],
            "dist-tags": {"latest": manifest["version"]},
            "versions": {manifest["version"]: manifest},
        }
        (folder / manifest["name"]).write_text(json.dumps(document))


def _stand_in(tarball: Path) -> None:
    """`http-server` in ten lines: it asks itself for the first page, and ends."""
    manifest = {"name": "http-server", "version": "14.1.1", "bin": {"http-server": "server.js"}}
    program = """#!/usr/bin/env node
const http = require('http'), fs = require('fs'), host = '127.0.0.1';
const page = fs.readFileSync(process.argv[2] + '/index.html');
const server = http.createServer((_, answer) => answer.end(page));
server.listen(0, host, () => http.get({host, port: server.address().port}, (got) => {
  got.pipe(process.stdout); got.on('end', () => process.exit(0));
}));
"""
    with tarfile.open(tarball, "w:gz") as archive:
        for name, text in (("package.json", json.dumps(manifest)), ("server.js", program)):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(text), 0o755
            archive.addfile(entry, io.BytesIO(text.encode()))


def go_proxy(site: Path) -> None:
    """One module, as the module proxy protocol (go.dev/ref/mod) gives it."""
    folder = site / "goproxy/example.org/greet/@v"
    folder.mkdir(parents=True)
    mod = "module example.org/greet\n\ngo 1.19\n"
    (folder / "list").write_text("v1.0.0\n")
    (folder / "v1.0.0.info").write_text('{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}')
    (folder / "v1.0.0.mod").write_text(mod)
    with zipfile.ZipFile(folder / "v1.0.0.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("go.mod", mod),
            ("greet.go", 'package greet\n\nfunc Words() string { return "hello from go" }\n'),
        ):
            archive.writestr(f"example.org/greet@v1.0.0/{name}", text)
        archive.writestr("example.org/greet@v1.0.0/testdata/big", payload(3_000_000))


def crates(site: Path) -> None:
    """One crate, its index a git repository (doc.rust-lang.org/cargo, registry index)."""
    folder = site / "crates"
    folder.mkdir()
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in {
            "Cargo.toml": b'[package]\nname = "greet"\nversion = "1.0.0"\nedition = "2021"\n',
            "src/lib.rs": b'pub fn words() -> &\'static str { "hello from rust" }\n',
            "big.bin": payload(3_000_000),
        }.items():
            entry = tarfile.TarInfo(f"greet-1.0.0/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    (folder / "greet-1.0.0.crate").write_bytes(data.getvalue())


def crate_index(folder: Path, site: Path, address: str) -> None:
    """The index's working copy, for an image; its downloads lead to `address`."""
    digest = hashlib.sha256((site / "crates/greet-1.0.0.crate").read_bytes()).hexdigest()
    (folder / "gr/ee").mkdir(parents=True)
    where = {"dl": address + "/crates/{crate}-{version}.crate", "api": None}
    (folder / "config.json").write_text(json.dumps(where))
    row = {"name": "greet", "vers": "1.0.0", "deps": [], "cksum": digest, "features": {},
           "yanked": False}  # fmt: skip
    (folder / "gr/ee/greet").write_text(json.dumps(row) + "\n")
    run(*GIT, "init", "-q", "-b", "master", cwd=folder)
    run(*GIT, "add", ".", cwd=folder)
    run(*GIT, "commit", "-q", "-m", "index", cwd=folder)


_SPEC = """\
Name: tool
Version: 1.0
Release: 1
Summary: A tool
License: MIT
BuildArch: noarch
AutoReqProv: no
%description
A tool.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/share/tool
printf '#!/bin/sh\\necho rpm tool\\n' > %{buildroot}/usr/bin/tool
chmod 755 %{buildroot}/usr/bin/tool
cp %{_sourcedir}/data %{buildroot}/usr/share/tool/data
%files
/usr/bin/tool
/usr/share/tool/data
"""


def rpm(site: Path) -> None:
    """One package, as rpm builds it, with the metadata that createrepo_c writes."""
    folder = site / "rpm"
    (folder / "SOURCES").mkdir(parents=True)
    (folder / "SOURCES/data").write_bytes(payload(3_000_000, 3))
    (folder / "tool.spec").write_text(_SPEC)
    run("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}", folder / "tool.spec")
    run("createrepo_c", "--quiet", folder)


def downloads(site: Path) -> None:
    """Archives to download, and a git repository."""
    files = site / "files"
    files.mkdir()
    tool = {"tool-1.0/tool.sh": b"#!/bin/sh\necho a downloaded tool\n",
            "tool-1.0/data": payload(4_000_000)}  # fmt: skip
    with tarfile.open(files / "tool-1.0.tar.gz", "w:gz") as archive:
        for name, content in tool.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    with zipfile.ZipFile(files / "tool-1.0.zip", "w") as zipped:
        for name, content in tool.items():
            zipped.writestr(name, content)
    (files / "data.bin").write_bytes(payload(5_000_000, 1))
    work = site.parent / "tool-repository"
    work.mkdir()
    (work / "tool.sh").write_bytes(tool["tool-1.0/tool.sh"])
    (work / "data").write_bytes(payload(2_000_000, 2))
    run(*GIT, "init", "-q", "-b", "main", cwd=work)
    run(*GIT, "add", ".", cwd=work)
    run(*GIT, "commit", "-q", "-m", "all of it", cwd=work)
    run(*GIT, "clone", "-q", "--bare", work, site / "git/tool.git")
    run(*GIT, "update-server-info", cwd=site / "git/tool.git")
    shutil.rmtree(work)
