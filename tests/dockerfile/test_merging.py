"""Two RUNs made one: what they do in real shells, apart and together."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from lightship.dockerfile.build import Build
from lightship.dockerfile.merging import following_run, merge
from lightship.dockerfile.proving import Proved, prove

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = ("dash", "bash")
NAMES = st.sampled_from(["a", "b", "c", "d/e", "d/f"])


def merged(text: str) -> str:
    """The file with its first two RUNs made one, or why they stay apart."""
    build = Build.read(text.encode())
    first = next(build.runs())
    second = following_run(build, first)
    made = merge(build, first, second or first)
    if isinstance(made, str):
        return made
    proved = prove(build, made.edits, leaves=made.leaves)
    assert isinstance(proved, Proved), proved
    return proved.build.dockerfile.text


def body(text: str) -> str:
    found = next(Build.read(text.encode()).runs()).body
    assert found is not None
    return found.text


@st.composite
def simple(draw: st.DrawFn) -> str:
    name, other = draw(NAMES), draw(NAMES)
    return draw(
        st.sampled_from(
            [
                f"echo {name} >> {other}",
                f"echo $V$W$- | tr -cd '{name[0]}eux' >> {other}",
                f"touch {name}",
                f"rm {name}",
                f"rm -f {name}",
                f"mkdir -p {name}",
                "mkdir d",
                "cd d",
                "cd ..",
                "cd d/..",
                "true",
                "false",
                f"test -e {name}",
                f"[ -f {name} ]",
                "exit 0",
                "exit 3",
                "V=1",
                "export W=2",
                "V=3 sh -c 'echo $V' >> c",
                "umask 077",
                "umask > c",
                "set -e",
                "set -eux",
                "set +e",
                "set -u",
                "unset V",
                'V="$(cat a)"',
                'echo "$(false; echo x)" >> b',
                "W=$(false; echo x)",
                "echo $UNSET >> a",
                "f() { false; echo f >> a; }",
                "f",
                f"cat {name} > {other}",
                # What both sides of a pipe touch depends on which comes first.
                f"cat {name} | tee p > /dev/null",
                f"true | rm {name}",
                f"! test -e {name}",
                f"chmod 600 {name}",
                ": ${UNSET:=1}",
                "exec true",
                "exec false",
            ]
        )
    )


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({})".format, inner),
        st.builds("{{ {}; }}".format, inner),
        st.builds("if {}; then {}; fi".format, inner, inner),
        st.builds("if {}; then {}; else {}; fi".format, inner, inner, inner),
        st.builds("for i in 1 2; do {}; done".format, inner),
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("{}; {}".format, inner, inner),
        st.builds("{} | cat".format, st.builds("({})".format, inner)),
    )


COMMANDS = st.recursive(simple(), _compound, max_leaves=4)
JOINTS = st.sampled_from([" && ", "; ", " || ", " && ", "; "])


@st.composite
def scripts(draw: st.DrawFn) -> str:
    prefix = draw(
        st.sampled_from(["", "", "", "set -e; ", "set -ex; ", "set -eux; ", "set -e && "])
    )
    text = draw(st.one_of(simple(), COMMANDS))
    joint = draw(JOINTS)
    for _ in range(draw(st.integers(0, 3))):
        text += draw(st.one_of(st.just(joint), JOINTS)) + draw(st.one_of(simple(), COMMANDS))
    return prefix + text + draw(st.sampled_from(["", "", "", ";"]))


def after(
    shell: list[str], scripts: list[str], folder: Path
) -> tuple[int, dict[str, tuple[int, str | None]]]:
    """The status and the files after scripts run one after the other, up to the first failure."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "d").mkdir(parents=True)
    (folder / "a").write_text("a\n", encoding="utf-8")
    status = 0
    for script in scripts:
        ended = subprocess.run(
            [*shell, script],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "V": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=60,
        )
        status = ended.returncode
        if status:
            break
    files = {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.read_text(encoding="utf-8") if path.is_file() else None,
        )
        for path in sorted(folder.rglob("*"))
    }
    return int(status != 0), files


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
@given(first=scripts(), second=scripts(), flag=st.sampled_from(["-c", "-c", "-ec"]))
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
def test_together_they_do_what_they_did_apart(
    shell: str, first: str, second: str, flag: str, tmp_path: Path
) -> None:
    head = f'FROM debian\nSHELL ["{shell}", "{flag}"]\n'
    text = merged(f"{head}RUN {first}\nRUN {second}\n")
    event("merged" if text.startswith("FROM") else text)
    assume(text.startswith("FROM"))
    together = body(text)
    apart = after([shell, flag], [first, second], tmp_path / "x")
    assert after([shell, flag], [together], tmp_path / "x") == apart, together
    assert not subprocess.run(
        [shell, "-n", "-c", together], capture_output=True, check=False
    ).stderr


ONE, TWO = "RUN a", "RUN b"
APART = {
    "JSON": ('RUN ["a"]', TWO),
    "here-document": ("RUN <<E\na\nE", TWO),
    "flags": ("RUN --network=none a", TWO),
    "temporary file system": (
        "RUN --mount=type=tmpfs,target=/t a",
        "RUN --mount=type=tmpfs,target=/t b",
    ),
    "writable mount": ("RUN --mount=target=/s,rw a", "RUN --mount=target=/s,rw b"),
    "user": (ONE, "USER app\n" + TWO),
    "variable": (ONE, "ENV A=b\n" + TWO),
    "argument": (ONE, "ARG A\n" + TWO),
    "copy": (ONE, "COPY x /\n" + TWO),
    "stage": (ONE, "FROM b\n" + TWO),
    "comment": ("RUN a # why", TWO),
    "background": ("RUN a &", TWO),
    "background in a group": ("RUN { a & } && c", TWO),
    "service": ("RUN service mysql start && mysql -e x", TWO),
    "init script": ("RUN /etc/init.d/postgresql start && psql -c x", TWO),
    "trap": ("RUN trap 'rm x' EXIT && a", TWO),
    "sourced": ("RUN . ./env && a", TWO),
    "evaluated": ('RUN eval "$(a)" && c', TWO),
    "unknown program": ("RUN $A c", TWO),
    "fresh files": ("RUN echo 127.0.0.1 x >> /etc/hosts && a", TWO),
    "set -e and a group": ("RUN set -e; a; { c; d; }", TWO),
    "set -e and a loop": ("RUN set -e; for i in 1 2; do a && c; done", "RUN set -e; b"),
    "set -e and cd": ("RUN set -e; cd /x; a", "RUN set -e; b"),
    "set -e and a list": ("RUN set -e; a", "RUN b; c"),
    "pipefail in one": ("RUN set -o pipefail; set -e; a", "RUN set -e; b"),
    "another shell": ("RUN rm /bin/sh && ln -s /bin/bash /bin/sh", TWO),
    "another shell by debconf": (
        "RUN echo dash dash/sh boolean false | debconf-set-selections",
        TWO,
    ),
    "a login shell": ('SHELL ["bash", "-lc"]\nRUN a', TWO),
    "a file that bash reads": ("ENV BASH_ENV=/etc/bash.bashrc\nRUN a", TWO),
    "not parsed": ("RUN if a", TWO),
}
TOGETHER = {
    "plain": (ONE, TWO, "a     && b"),
    "alternatives": (ONE, "RUN b || c", "a     && { b || c; }"),
    "a list with a final semicolon": (ONE, "RUN b; c;", "a     && { b; c; }"),
    "one command with a final semicolon": (ONE, "RUN b;", "a     && b;"),
    "a final semicolon on its line": ("RUN a \\\n;", TWO, "(a ;)     && b"),
    "a background": (ONE, "RUN b & c", "a     && { b & c; }"),
    "first with alternatives": ("RUN a || c", TWO, "a || c     && b"),
    "first with a list": ("RUN a; c", TWO, "a; c     && b"),
    "first with a final semicolon": ("RUN a;", TWO, "a     && b"),
    "directory": ("RUN cd /x && a", TWO, "(cd /x && a)     && b"),
    "variable": ("RUN A=1; a", TWO, "(A=1; a)     && b"),
    "pipefail": ("RUN set -o pipefail && a | c", TWO, "(set -o pipefail && a | c)     && b"),
    "exit": ("RUN a && exit 0", TWO, "(a && exit 0)     && b"),
    "in parentheses already": ("RUN (cd x && a)", TWO, "(cd x && a)     && b"),
    "behind parentheses": ("RUN (cd x && a) && cd y", TWO, "(cd x && a) && (cd y)     && b"),
    "begins in parentheses": ("RUN (a) && cd x", TWO, "(a) && (cd x)     && b"),
    "begins in parentheses, with ;": ("RUN (a); cd x", TWO, "( (a); cd x)     && b"),
    "set -e in both": ("RUN set -e; a; c", "RUN set -e; b || d; e", "set -e; a; c;     b || d; e"),
    "set -e in both, chains": ("RUN set -ex && a", "RUN set -ex && b", "set -ex && a     && b"),
    "set -x": ("RUN set -x && a", "RUN set -x && b", "set -x && a     && set -x && b"),
    "a program that may be another one": (
        "RUN pip install pip",
        "RUN pip install b",
        "(pip install pip)     && pip install b",
    ),
    "by another name": (
        "RUN pip3 install -U pip",
        "RUN pip3 install b",
        "(pip3 install -U pip)     && pip3 install b",
    ),
    "put there before it is looked for": (
        "RUN apk add curl && curl a",
        "RUN curl b",
        "apk add curl && curl a     && curl b",
    ),
    "something that may install anything": (
        "RUN curl a && ./configure && make && tool c",
        "RUN curl b",
        "(curl a && ./configure && make && tool c)     && curl b",
    ),
    "a program that stays": (
        "RUN pip install a",
        "RUN pip install b",
        "pip install a     && pip install b",
    ),
}


@pytest.mark.parametrize("name", APART)
def test_these_stay_apart(name: str) -> None:
    first, second = APART[name]
    build = Build.read(f"FROM a\n{first}\n{second}\n".encode())
    runs = [step for step in build.steps if step.keyword == "RUN"]
    assert isinstance(merge(build, runs[0], runs[1]), str)


@pytest.mark.parametrize("name", TOGETHER)
def test_these_come_together(name: str) -> None:
    first, second, expected = TOGETHER[name]
    assert body(merged(f"FROM a\n{first}\n{second}\n")) == expected


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_comments_and_metadata_keep_their_lines(newline: str) -> None:
    before = """FROM a
# one
RUN a \\
 # inside
 && b

LABEL a=b

# hadolint ignore=DL3008
# two
RUN c && \\
  # three
  d

CMD e
""".replace("\n", newline)
    after = """FROM a
# one
# hadolint ignore=DL3008
RUN a \\
 # inside
 && b \\
 # two
 && c && \\
  # three
  d

LABEL a=b

CMD e
""".replace("\n", newline)
    assert merged(before) == after
