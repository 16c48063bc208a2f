"""Random Dockerfiles whose RUNs install, download and clean up in every shape of shell."""

from __future__ import annotations

from hypothesis import strategies as st

_FETCH = st.sampled_from(
    (
        "apt-get update",
        "apt-get update && apt-get install -y a",
        "apt-get -qq update; apt-get install -y a b",
        "apt-get install -y c",
        "sudo apt-get update && sudo apt-get install -y d",
        "apk update",
        "apk add a",
        "apk update && apk add --virtual .x b",
        "dnf install -y a",
        "yum -y install b",
        "zypper install -y a",
        "pip install a",
        "python3 -m pip install -r r.txt",
        "pip3 wheel a",
        "npm ci",
        "npm install -g a",
        "yarn install --production",
        "conda install -y a",
        "composer install",
        "gem install a",
        "uv pip install a",
        "xargs -n 1 pip install < names",
        "curl -fsSLO https://example.org/a.tgz",
        "wget -O b.zip https://example.org/b.zip",
        "curl -o /tmp/c.tgz https://example.org/c.tgz && tar xzf /tmp/c.tgz",
        "tar xzf a.tgz",
        "unzip b.zip",
        "apk del npm",
        "apt-get purge -y npm gem",
        "dnf remove -y composer dnf",
        "npm ci && apk del npm",
        "rm a.tgz",
        "rm -f b.zip",
        "rm -rf /var/lib/apt/lists/*",
        "rm -rf /tmp/c.tgz /var/lib/apt/lists/*",
        "chmod 755 a.tgz",
        "git clone https://example.org/r.git",
    )
)
_OTHER = st.sampled_from(
    (
        "make",
        "make install",
        "useradd app",
        "true",
        "false",
        "mkdir -p d",
        "mkdir d",
        "cd d",
        "cd ..",
        "cd /srv",
        "touch a",
        "test -e a",
        "[ -n a ]",
        "echo $V-$W >> e",
        "V=1",
        "export W=2",
        'export V="$(curl https://example.org/v)"',
        "set -e",
        "set -eux",
        "set +e",
        "set -o pipefail 2> /dev/null || true",
        "umask 077",
        "exit 0",
        "exit 3",
        "exec make",
        "f() { make f; }",
        "f",
        "! make",
        "curl https://example.org/x | tar xz",
        "curl https://example.org/x | sh",
        "(cd d && make)",
        ': "${V:=3}"',
    )
)
_SIMPLE = st.one_of(_FETCH, _OTHER)
_JOINTS = st.sampled_from(
    (
        *(" && ",) * 4,
        "; ",
        "; ",
        " || ",
        " && \\\n    ",
        "; \\\n  ",
        " \\\n && ",
        " \\\n# why\n && ",
    )
)


@st.composite
def _lists(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    text = draw(inner)
    for _ in range(draw(st.integers(0, 3))):
        text += draw(_JOINTS) + draw(inner)
    return text


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some = _lists(inner)
    return st.one_of(
        st.builds("({})".format, some),
        st.builds("{{ {}; }}".format, some),
        st.builds("if {}; then {}; fi".format, inner, some),
        st.builds("if ! {}; then {}; else {}; fi".format, inner, some, some),
        st.builds("for i in 1 2; do {}; done".format, some),
        st.builds("while ! {}; do {}; break; done".format, inner, some),
        st.builds("case $V in 1) {} ;; *) {} ;; esac".format, inner, inner),
        st.builds("{} | cat".format, inner),
        st.builds("! {}".format, inner),
    )


_SCRIPTS = st.builds(
    "{}{}{}".format,
    st.sampled_from(("", "", "", "set -e; ", "set -ex && ", "set -eux; \\\n    ")),
    _lists(st.one_of(_SIMPLE, _SIMPLE, st.recursive(_SIMPLE, _compound, max_leaves=3))),
    st.sampled_from(("", "", "", "", ";", " # why")),
)
_BETWEEN = st.sampled_from(
    ("", "", "", "# why\n", "\n", "LABEL a=b\n", "ENV V=5\n", "WORKDIR /srv\n")
)


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    """One stage of one to four RUNs, with little between them."""
    base = draw(st.sampled_from(("debian:12", "alpine:3.20", "python:3.12", "node:22", "app")))
    shell = draw(st.sampled_from(("", "", "", 'SHELL ["/bin/sh", "-ec"]\n')))
    runs = draw(st.lists(st.tuples(_SCRIPTS, _BETWEEN), min_size=1, max_size=4))
    text = f"FROM {base}\n{shell}" + "".join(f"RUN {script}\n{between}" for script, between in runs)
    return text.replace("\n", "\r\n") if draw(st.integers(0, 9)) == 0 else text
