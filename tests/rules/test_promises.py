"""What findings promise is what removing exactly their evidence gives."""

from __future__ import annotations

import pytest

from analysis.whiteouts import visible_bytes, whiteouts
from filetree.merged import tree_of
from lightship.rules.discovery import image_rules
from lightship.rules.evidence import path_of
from lightship.rules.judging import judgement
from lightship.testing import Link, Symlink
from rules.subjects import subject_of

EVERYTHING = 1_000_000
LAYERS: tuple[dict[str, object], ...] = (
    {
        "usr/bin/app": b"a" * 50,
        "usr/include/a.h": b"h" * 300,
        "usr/include/b.h": Link("usr/include/a.h"),
        "usr/lib/libz.a": b"z" * 700,
        "usr/lib/keep/libz.a": Link("usr/lib/libz.a"),
        "var/lib/apt/lists/main": b"l" * 900,
        "var/lib/apt/lists/partial/x": b"p" * 90,
        "usr/share/doc/app/README": b"d" * 40,
        "usr/share/doc/app/copyright": b"c" * 40,
        "usr/share/man/man1/app.1": b"m" * 80,
        "root/.cache/pip/http/0": b"0" * 400,
        "home/me/.npm/_cacache/1": b"1" * 500,
    },
    {
        "root/.cache/pip/http/again": Link("root/.cache/pip/http/0"),
        "srv/elsewhere": Link("home/me/.npm/_cacache/1"),
        "var/lib/apt/lists/main": b"L" * 800,
        "usr/lib/python3/dist-packages/m.py": b"p" * 30,
        "usr/lib/python3/dist-packages/__pycache__/m.cpython-311.pyc": b"b" * 60,
        "var/log/lately": b"w" * 33,
        "var/log/link": Symlink("lately"),
    },
)
JUDGED = judgement(subject_of(*LAYERS), image_rules(), listed=EVERYTHING)
REMOVED = [one for one in JUDGED.findings if one.remedy in {"remove", "move"}]


def loss(paths: list[bytes]) -> int:
    tree = tree_of(*LAYERS)
    return visible_bytes(tree) - visible_bytes(tree_of(*LAYERS, whiteouts(tree, paths)))


def test_there_are_several() -> None:
    assert {one.rule for one in REMOVED} >= {"apt-lists", "headers", "pip-cache", "manual-pages"}


@pytest.mark.parametrize("finding", REMOVED, ids=lambda one: one.rule)
def test_one_by_one(finding: object) -> None:
    (one,) = (other for other in REMOVED if other is finding)
    paths = [path for evidence in one.evidence if (path := path_of(evidence)) is not None]
    assert len(paths) == one.evidence_count
    assert loss(paths) == one.removable_bytes > 0


def test_all_together() -> None:
    paths = [path for one in REMOVED for e in one.evidence if (path := path_of(e)) is not None]
    assert loss(paths) == JUDGED.freed.content_bytes
