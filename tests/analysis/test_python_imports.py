"""Imports of Python's sources, beside what Python's own parser finds."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.analysis.python_imports import read_imports

STANDARD = sorted(Path(ast.__file__).parent.glob("*.py"))


def by_parser(data: bytes) -> set[str]:
    """First parts of the names that the module's own statements import."""
    found: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(data)
    for node in tree.body:
        if isinstance(node, ast.Import):
            found.update(one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = (node.module or "").partition(".")[0]
            found.update({module} - {"__future__"})
    return found


def test_all_of_the_standard_library_is_read_as_its_parser_does() -> None:
    assert len(STANDARD) > 100
    different = {}
    for path in STANDARD:
        data = path.read_bytes()
        ours = set(read_imports(data).names)
        if ours != by_parser(data):
            different[path.name] = ours ^ by_parser(data)
    assert different == {}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"import a.b, c as d\n", {"a", "c"}),
        (b"from a.b import (\n    c,\n)\n", {"a"}),
        (b"from . import a\nfrom .b import c\n", set()),
        (b"from __future__ import annotations\n", set()),
        (b"x = '''\nimport a\n'''\nimport b\n", {"b"}),
        (b"x = '''\\'''\nimport a\n'''\nimport b\n", {"b"}),
        (b'x = "it\'s"\nimport a\n', {"a"}),
        (b"# it's\nimport a\r\nimport b # c\n", {"a", "b"}),
        (b"def f():\n    import a\n", set()),
        (b"importlib = 1\nfrom_ = 2\n", set()),
        (b"'''\nimport a\n", set()),
        (b"import \xff\n", set()),
    ],
)
def test_statements_at_the_beginning_of_a_line(text: bytes, names: set[str]) -> None:
    assert set(read_imports(text).names) == names


@pytest.mark.parametrize("text", [b"'''\\" * 100_000, b'"' * 300_001, b"import " + b"a," * 200_000])
def test_long_nonsense_is_read_at_once(text: bytes) -> None:
    assert len(read_imports(text).names) <= 500


@given(st.binary(max_size=200), st.sampled_from([b"", b"import ", b"'''", b"from "]))
def test_anything_is_read(data: bytes, start: bytes) -> None:
    for name in read_imports(start + data).names:
        assert name.isidentifier()
