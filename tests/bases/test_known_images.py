"""Opened images: which system they are of by their own word, and how long that is supported."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lightship.analysis.os_release import os_release
from lightship.api.base_opening import look_inside
from lightship.api.options import ReadOptions
from lightship.bases.known import known_bases
from lightship.bases.support import support_of_image
from lightship.testing import Symlink, build_image

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lightship.bases.inside import Inside

_KNOWN = known_bases(None, date(2026, 11, 25))
_DEBIAN = b'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n'


def _opened(folder: Path, layer: Mapping[str, object], *environment: str) -> Inside:
    config = {"config": {"Env": list(environment)}}
    reference = build_image([layer], directory=folder, config=config)
    return look_inside(reference, None, ReadOptions(cache=None))


def _system(folder: Path, layer: Mapping[str, object]) -> str | None:
    told = os_release(_opened(folder, layer).ledger.records)
    return told.system if told is not None else None


@pytest.mark.parametrize(
    ("text", "system"),
    [
        (_DEBIAN, "debian 13"),
        (b"ID=alpine\nVERSION_ID=3.24.1\n", "alpine 3.24"),
        (b'ID="rhel"\nVERSION_ID="9.4"\n', "rhel 9"),
        (b'ID="ol"\nVERSION_ID="9.6"\n', "ol 9"),
        (b"ID=ubuntu\nVERSION_ID='26.04'\n", "ubuntu 26.04"),
        (b'ID="opensuse-leap"\nVERSION_ID="16.0"\n', "opensuse-leap 16.0"),
        (b"ID=wolfi\nVERSION_ID=20230201\n", "wolfi"),
        (b"ID=arch\nBUILD_ID=rolling\n", "arch"),
        (b"# ID=no\n\n  ID=debian  \r\nVERSION_ID=12", "debian 12"),
        (b"NAME=Nothing\n", "linux"),
        (b"", "linux"),
        (b'ID="unclosed\nVERSION_ID=1\n', "linux 1"),
        (b"ID=\xff\x00\xfe\n", "\ufffd\x00\ufffd"),
        (b"ID=" + b"a" * 10_000, "a" * 200),
    ],
)
def test_an_image_says_which_system_it_is_of(tmp_path: Path, text: bytes, system: str) -> None:
    assert _system(tmp_path, {"etc/os-release": text}) == system


def test_a_link_is_followed_and_the_one_in_etc_comes_first(tmp_path: Path) -> None:
    other = b"ID=alpine\nVERSION_ID=3.24.1\n"
    linked = {"usr/lib/os-release": _DEBIAN, "etc/os-release": Symlink("../usr/lib/os-release")}
    assert _system(tmp_path, linked) == "debian 13"
    assert _system(tmp_path, {"usr/lib/os-release": _DEBIAN}) == "debian 13"
    both = {"usr/lib/os-release": _DEBIAN, "etc/os-release": other}
    assert _system(tmp_path, both) == "alpine 3.24"
    deep = {
        "usr/lib/os.release.d/os-release-container": b"ID=fedora\nVERSION_ID=44\n",
        "usr/lib/os-release": Symlink("os.release.d/os-release-container"),
    }
    assert _system(tmp_path, deep) == "fedora 44"


@pytest.mark.parametrize(
    "layer",
    [
        {"etc/passwd": b""},
        {"etc/os-release": Symlink("os-release")},
        {"etc/os-release": Symlink("/nowhere")},
        {"srv/os-release": _DEBIAN},
        {"etc/os-release": b"ID=debian\n" * 100_000},
    ],
)
def test_an_image_that_does_not_say_is_of_nobody_knows_what(
    tmp_path: Path, layer: Mapping[str, object]
) -> None:
    assert _system(tmp_path, layer) is None


def test_support_of_an_opened_image_by_its_own_word(tmp_path: Path) -> None:
    image = _opened(
        tmp_path, {"etc/os-release": _DEBIAN}, "PYTHON_VERSION=3.10.2", "NODE_VERSION=x"
    )
    support = support_of_image(image, _KNOWN)
    assert support.system is not None
    assert (support.system.name, support.system.days) == ("Debian 13", 623)
    assert support.product is not None
    assert (support.product.name, support.product.state) == ("Python 3.10", "ended")
    assert support.days == -25


def test_nothing_is_said_of_an_image_that_says_nothing(tmp_path: Path) -> None:
    support = support_of_image(_opened(tmp_path, {"app": b"x"}, "PYTHON_VERSION="), _KNOWN)
    assert (support.system, support.product, support.days) == (None, None, None)
