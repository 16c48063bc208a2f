"""What a command takes away, by the many ways to write it."""

from __future__ import annotations

import pytest

from lightship.catalogue.patterns import ROOT_HOME
from lightship.dockerfile.shell.parsing import script_of
from lightship.rules.clearing import removed_paths, removes

LISTS = "/var/lib/apt/lists"


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("rm -rf /var/lib/apt/lists/*", LISTS),
        ("rm -rf /var/lib/apt/lists", LISTS),
        ("rm -rf /var/lib/apt/lists/ /tmp/*", LISTS),
        ("rm -r /var/lib/apt", LISTS),
        ("rm -rf /var/lib/apt/lists/*_Packages", LISTS),
        ('rm -rf "/var/lib/apt/lists"/*', LISTS),
        ("rm -rf /var/{cache,lib}/{apt,dpkg}/*", LISTS),
        ("rm -fr /var/lib/apt/lists/{*,.[!.]*}", LISTS),
        ("sudo rm -rf /var/lib/apt/lists/*", LISTS),
        ("find /var/lib/apt/lists -mindepth 1 -delete", LISTS),
        ("find /var/lib/apt/lists -type f -exec rm {} +", LISTS),
        ("rm -rf ~/.cache", "~/.cache/pip"),
        (f"rm -rf {ROOT_HOME}/.cache/pip", "~/.cache/pip"),
        ("rm -rf $HOME/.cache/*", "~/.cache/pip"),
        ('rm -rf "${HOME}/.cache"', "~/.cache/pip"),
        ("rm -rf /home/app/.cache", "~/.cache/pip"),
        ('rm -rf "${CARGO_HOME:-$HOME/.cargo}/registry"', "~/.cargo/registry"),
        ("rm -rf ${NPM_CACHE}/*", "$NPM_CACHE"),
    ],
)
def test_it_takes_it_away(command: str, path: str) -> None:
    assert removes(script_of(command).commands[0], [path])


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("rm -rf /var/lib/dpkg", LISTS),
        ("rm -rf /var/lib/apt/lists/lock", LISTS),
        ("rm -rf /var/lib/apt-lists", LISTS),
        ("rm -rf", LISTS),
        ("find /var/lib/apt/lists -type f", LISTS),
        ("ls /var/lib/apt/lists", LISTS),
        ("echo rm -rf /var/lib/apt/lists", LISTS),
        (f"rm -rf /srv{ROOT_HOME}/.cache", "~/.cache"),
        ("rm -rf ~/.cachet", "~/.cache"),
        ("rm -rf ''", LISTS),
        ("rm -rf $X", LISTS),
    ],
)
def test_it_leaves_it(command: str, path: str) -> None:
    assert not removes(script_of(command).commands[0], [path])


def test_many_choices_are_cut_off() -> None:
    word = "/a" + "{b,c}" * 40
    assert len(list(removed_paths(script_of(f"rm {word}").commands[0]))) <= 64


def test_a_long_word_is_no_path() -> None:
    assert not list(removed_paths(script_of("rm " + "/*" * 100_000).commands[0]))
