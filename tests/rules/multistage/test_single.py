"""Where commands run, what words mean there, and where the files are that they make."""

from __future__ import annotations

import pytest

from lightship.rules.multistage.making import followed
from lightship.rules.multistage.plan import CannotTell
from lightship.rules.multistage.prefixes import prefixes

from .reading import single


def directories(lines: str, base: str = "debian:12") -> list[tuple[str, str | None]]:
    return [(ran.name, ran.directory) for ran in single(f"FROM {base}\n{lines}\n").ran]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("RUN make", [("make", "/")]),
        ("WORKDIR /a\nWORKDIR b\nRUN make", [("make", "/a/b")]),
        ("WORKDIR b\nRUN make", [("make", "/b")]),
        ("ENV A=/x\nWORKDIR $A/y\nRUN make", [("make", "/x/y")]),
        ("ARG A=/x\nWORKDIR $A/y\nRUN make", [("make", None)]),
        ("WORKDIR $HOME/y\nWORKDIR z\nRUN make", [("make", None)]),
        ("WORKDIR $HOME/y\nWORKDIR /z\nRUN make", [("make", "/z")]),
        ("RUN cd /a && cd b && make", [("cd", "/"), ("cd", "/a"), ("make", "/a/b")]),
        ("RUN cd /a\nRUN make", [("cd", "/"), ("make", "/")]),
        ("RUN (cd /a && make) && make", [("cd", "/"), ("make", None), ("make", None)]),
        ("RUN cd $(pwd) && make", [("cd", "/"), ("pwd", None), ("make", None)]),
    ],
)
def test_where_a_command_runs(lines: str, found: list[tuple[str, str | None]]) -> None:
    assert directories(lines) == found


def test_a_base_has_a_directory_of_its_own() -> None:
    assert directories("RUN make", "golang:1.21") == [("make", "/go")]
    assert directories("WORKDIR app\nRUN make", "golang:1.21") == [("make", "/go/app")]
    assert directories("RUN make", "example.com/base") == [("make", None)]


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ("WORKDIR /w\nRUN a x", "/w/x"),
        ("WORKDIR /w\nRUN a ../x/./y", "/x/y"),
        ("ENV P=/p\nRUN a $P/x", "/p/x"),
        ('ENV P=/p\nRUN a "${P}/x"', "/p/x"),
        ("RUN P=/p && a $P/x", "/p/x"),
        ("RUN export P=/p; a $P/x", "/p/x"),
        ("ARG P=/p\nRUN a $P/x", None),
        ("ARG P\nENV P=/q\nRUN a $P/x", None),
        ("RUN a $HOME/x", None),
        ("RUN a *.x", None),
        ("RUN a $(pwd)/x", None),
        ("RUN a ~/x", None),
    ],
)
def test_what_a_word_means(lines: str, path: str | None) -> None:
    ran = next(one for one in single(f"FROM debian:12\n{lines}\n").ran if one.name == "a")
    assert ran.path(ran.command.arguments[0]) == path


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("-o x y", "x"),
        ("-ox y", "x"),
        ("--out=x y", "x"),
        ("--out x y", "x"),
        ("-o a -o x", "x"),
        ("y", None),
        ("-o", None),
    ],
)
def test_the_value_of_an_option(words: str, value: str | None) -> None:
    (ran,) = single(f"FROM debian:12\nRUN a {words}\n").ran
    found = ran.option("-o", "--out")
    assert (found.text if found is not None else None) == value


@pytest.mark.parametrize(
    ("command", "places"),
    [
        ("true", ["/w/a"]),
        ("mv a b", ["/w/b"]),
        ("mv a /usr/local/bin", ["/usr/local/bin/a"]),
        ("mv a /opt/x/", ["/opt/x/a"]),
        ("cp a b", ["/w/a", "/w/b"]),
        ("cp a b && rm a", ["/w/b"]),
        ("install -m 755 a /usr/bin/b", ["/usr/bin/b", "/w/a"]),
        ("install -t /usr/bin a", ["/usr/bin/a", "/w/a"]),
        ("ln -s /w/a /bin/x", ["/bin/x", "/w/a"]),
        ("rm -rf /w", []),
        ("rm /w/ab", ["/w/a"]),
        ("mv other b", ["/w/a"]),
        ("cd / && mv w/a b", ["/b"]),
    ],
)
def test_where_made_files_are_in_the_end(command: str, places: list[str]) -> None:
    one = single(f"FROM debian:12\nWORKDIR /w\nRUN make\nRUN {command}\n")
    assert sorted(followed(one, {"/w/a": 2})) == places


def test_what_is_done_before_a_file_is_made_does_not_matter() -> None:
    one = single("FROM debian:12\nWORKDIR /w\nRUN rm -f a\nRUN make\n")
    assert sorted(followed(one, {"/w/a": 3})) == ["/w/a"]


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        ("make", ()),
        ("make install", ("/usr/local",)),
        ("./configure --prefix=/opt/a && make && make install", ("/opt/a",)),
        ("make install PREFIX=/opt/a", ("/opt/a",)),
        ("make prefix=/opt/a/ install", ("/opt/a",)),
        ("cmake -DCMAKE_INSTALL_PREFIX=/opt/a . && cmake --build . --target install", ("/opt/a",)),
        ("cmake --install build --prefix /opt/a", ("/opt/a",)),
        ("meson setup --prefix=/opt/a build && ninja -C build install", ("/opt/a",)),
        ("make install && make -C other install PREFIX=/opt/b", ("/opt/b", "/usr/local")),
    ],
)
def test_where_things_are_installed(commands: str, found: tuple[str, ...]) -> None:
    assert prefixes(single(f"FROM debian:12\nRUN {commands}\n")) == found


@pytest.mark.parametrize(
    ("commands", "missing"),
    [
        ("./configure --prefix=/usr && make install", "among the system's"),
        ("make install DESTDIR=/tmp/x", "DESTDIR only collects"),
        ("make install PREFIX=$WHERE", "where line 2 installs"),
        ("./configure --prefix=/opt/a --sysconfdir=/etc && make install", "outside /opt/a"),
    ],
)
def test_where_things_are_installed_is_not_always_clear(commands: str, missing: str) -> None:
    with pytest.raises(CannotTell, match=missing):
        prefixes(single(f"FROM debian:12\nRUN {commands}\n"))


def test_an_image_with_files_of_its_own_in_usr_local() -> None:
    with pytest.raises(CannotTell, match="has its own in /usr/local"):
        prefixes(single("FROM gcc:13\nRUN make install\n"))
