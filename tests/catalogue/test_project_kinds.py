"""The tables behind `context init`: they can be what they say."""

from __future__ import annotations

import re

from lightship.catalogue.project_kinds import has_marker, ignored_groups, named, project_kinds
from lightship.context.ignore_file import read_ignore_file


def test_rows_name_groups_and_kinds_that_are_there() -> None:
    table = ignored_groups()
    groups = [group.name for group in table.group]
    kinds = {kind.name for kind in project_kinds()}
    assert len(set(groups)) == len(groups)
    for line in table.line:
        assert line.group in groups
        assert set(line.kinds) <= kinds
        assert not line.made_there or line.made_by


def test_every_name_is_a_pattern_that_builders_take() -> None:
    for line in ignored_groups().line:
        for name in line.names:
            assert read_ignore_file(f"**/{name}\n".encode()).refusal is None, name
        for pattern in line.kept_for:
            re.compile(pattern)


def test_a_name_that_means_many_things_is_only_meant_beside_a_marker() -> None:
    many = {"build", "dist", "target", "bin", "obj", "out", "vendor", "env"}
    for line in ignored_groups().line:
        if many & set(line.names):
            assert line.beside, line.names
            assert line.made_by, line.names


def test_markers_are_names_or_ends() -> None:
    assert has_marker(["a.csproj"], ["*.csproj"])
    assert not has_marker(["csproj"], ["*.csproj"])
    assert has_marker(["go.mod", "x"], ["go.mod"])
    assert named("core.[0-9]*", "core.123")
    assert not named("core.[0-9]*", "core.py")
