"""Base images under public names, made of Debian's packages: no registry is asked for any.

What is in them is what the rules look for in the public ones: the same programs at the same
versions of their languages, and Docker's own settings of apt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .registries import crate_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECOMMENDING = ("curl ca-certificates", "git", "make", "unzip", "tree", "hello", "wget", "jq")
BARE = (
    "python3 python3-pip python3-venv python3-dev",
    "gcc g++ libc6-dev make zlib1g-dev",
    "cmake",
    "autoconf automake libtool",
    "golang-go",
    "rustc cargo",
    "openjdk-17-jdk-headless",
    "openjdk-17-jre-headless",
    "nodejs",
    "nginx-light",
    "dnf",
    "zypper",
    "git ca-certificates curl tzdata",
)
"""Each line is installed together, without what it recommends."""

SLIM = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
"""What Debian's slim images leave out of every package."""
APT = {
    "docker-clean": 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb'
    ' /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };\n'
    'APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };\n'
    'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";\n',
    "docker-gzip-indexes": 'Acquire::GzipIndexes "true";\n',
    "docker-no-languages": 'Acquire::Languages "none";\n',
}


@dataclass(frozen=True)
class Base:
    """How one is made.

    Attributes:
        dockerfile: text; `@SITE@` is the address of the loopback server.
        context: writes what the Dockerfile copies, if anything: gets the folder, the site and
            its address.
    """

    dockerfile: str
    context: Callable[[Path, Path, str], None] | None = None


def _install(*packages: str) -> str:
    return (
        "RUN apt-get update && apt-get install -y --no-install-recommends "
        f"{' '.join(packages)} && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/*\n"
    )


def _debian(folder: Path, site: Path, address: str) -> None:  # noqa: ARG001 - as all contexts
    (folder / "root.tar").hardlink_to(site.parent / "root.tar")
    apt = folder / "apt/apt.conf.d"
    apt.mkdir(parents=True)
    for name, text in APT.items():
        (apt / name).write_text(text)


def _rust(folder: Path, site: Path, address: str) -> None:
    crate_index(folder / "index", site, address)


# An environment in /usr/local has what Docker's own image has there: python, pip, site-packages.
_PYTHON = """\
RUN python3 -m venv /usr/local \\
 && printf '[global]\\nindex-url=@SITE@/simple\\ntrusted-host=127.0.0.1\\n' > /etc/pip.conf
ENV UV_DEFAULT_INDEX=@SITE@/simple PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
CMD ["python3"]
"""
_NODE = """\
ADD @SITE@/npm/-/@NPM@ /tmp/npm.tgz
ADD @SITE@/npm/-/@YARN@ /tmp/yarn.tgz
RUN mkdir -p /usr/local/lib/node_modules/npm /opt/yarn \\
 && tar -xzf /tmp/npm.tgz --strip-components=1 -C /usr/local/lib/node_modules/npm \\
 && tar -xzf /tmp/yarn.tgz --strip-components=1 -C /opt/yarn && rm /tmp/*.tgz \\
 && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \\
 && ln -s /opt/yarn/bin/yarn /usr/local/bin/yarn && mv /usr/bin/node /usr/local/bin/node \\
 && useradd -m -u 1000 node
ENV npm_config_registry=@SITE@/npm/ npm_config_update_notifier=false
CMD ["node"]
"""
_REPOSITORY = "[site]\\nname=site\\nbaseurl=@SITE@/rpm\\nenabled=1\\ngpgcheck=0\\n"
_SLIM = "FROM debian:12-slim\n"

BASES = {
    "debian:12-slim": Base(
        "FROM scratch\nADD root.tar /\nCOPY apt /etc/apt\n"
        # Where the page of `java` is linked: https://bugs.debian.org/863199
        "RUN mkdir -p /usr/share/man/man1 && rm -rf /etc/apt/sources.list.d/*"
        ' && echo "deb [trusted=yes] @SITE@/debian @SUITE@ main" > /etc/apt/sources.list'
        " && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/*\n"
        'CMD ["bash"]\n',
        _debian,
    ),
    "python:3.11-slim": Base(_SLIM + _install("python3", "python3-venv") + _PYTHON),
    "python:3.11": Base(
        "FROM python:3.11-slim\n"
        + _install("gcc", "libc6-dev", "python3-dev", "zlib1g-dev", "make", "git")
    ),
    "node:18-slim": Base(_SLIM + _install("nodejs") + _NODE),
    "node:18": Base("FROM node:18-slim\n" + _install("gcc", "libc6-dev", "make", "git")),
    "gcc:12": Base(
        _SLIM
        + _install(
            "gcc",
            "g++",
            "libc6-dev",
            "make",
            "zlib1g-dev",
            "cmake",
            "autoconf",
            "automake",
            "libtool",
        )
    ),
    "golang:1.21": Base(
        _SLIM
        + _install("golang-go", "git", "ca-certificates")
        + "ENV GOPATH=/go GOPROXY=@SITE@/goproxy GONOSUMDB=* GONOSUMCHECK=1 GOFLAGS=-mod=mod\n"
        "ENV GOSUMDB=off GOTELEMETRY=off PATH=/go/bin:/usr/local/sbin:/usr/local/bin:"
        "/usr/sbin:/usr/bin:/sbin:/bin\nWORKDIR /go\n"
    ),
    "rust:1.63": Base(
        _SLIM + _install("rustc", "cargo", "gcc", "libc6-dev", "git") + "COPY index /opt/index\n"
        "ENV CARGO_HOME=/usr/local/cargo\n"
        'RUN mkdir -p $CARGO_HOME && printf \'[source.crates-io]\\nreplace-with = "local"\\n'
        '[source.local]\\nregistry = "file:///opt/index"\\n\' > $CARGO_HOME/config\n',
        _rust,
    ),
    "eclipse-temurin:17": Base(_SLIM + _install("openjdk-17-jdk-headless")),
    "eclipse-temurin:17-jre": Base(_SLIM + _install("openjdk-17-jre-headless")),
    "nginx:1": Base(_SLIM + _install("nginx-light") + 'CMD ["nginx", "-g", "daemon off;"]\n'),
    "gcr.io/distroless/static-debian12": Base(
        _SLIM
        + _install("ca-certificates", "tzdata")
        + "FROM scratch\nCOPY --from=0 /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n"
        "COPY --from=0 /usr/share/zoneinfo /usr/share/zoneinfo\n"
        "COPY --from=0 /etc/passwd /etc/group /etc/\nCOPY --from=0 /tmp /tmp\n"
    ),
    "fedora:37": Base(
        _SLIM + _install("dnf") + "RUN mkdir -p /etc/yum.repos.d && ln -s dnf /usr/bin/yum"
        " && printf '[main]\\nkeepcache=1\\n' > /etc/dnf/dnf.conf"
        f" && printf '{_REPOSITORY}' > /etc/yum.repos.d/site.repo\n"
    ),
    "opensuse/leap:15": Base(
        _SLIM + _install("zypper") + "RUN mkdir -p /etc/zypp/repos.d"
        f" && printf '{_REPOSITORY}keeppackages=1\\n' > /etc/zypp/repos.d/site.repo\n"
    ),
}
ALIASES = {
    "debian:12": "debian:12-slim",
    "debian:bookworm": "debian:12-slim",
    "debian:bookworm-slim": "debian:12-slim",
    "python:3.11-bookworm": "python:3.11",
    "python:3.11-slim-bookworm": "python:3.11-slim",
    "golang:1.21-bookworm": "golang:1.21",
    "rust:1.63-bookworm": "rust:1.63",
    "rust:1.63-slim-bookworm": "rust:1.63",
    "gcc:12-bookworm": "gcc:12",
    "node:18-bookworm": "node:18",
    "node:18-bookworm-slim": "node:18-slim",
    "centos:7": "fedora:37",
}


def needed_by(dockerfile: str) -> list[str]:
    """The bases that a Dockerfile stands on, those that others stand on first."""
    found: dict[str, None] = {}
    for line in dockerfile.splitlines():
        words = [word for word in line.split() if not word.startswith("--")]
        if len(words) < 2 or words[0].upper() != "FROM":
            continue
        name = ALIASES.get(words[1], words[1])
        if name in BASES:
            found |= dict.fromkeys([*needed_by(BASES[name].dockerfile), name])
    return list(found)
