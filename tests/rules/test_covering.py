from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.rules.covering import covering, pointless

_PARTS = st.sampled_from(["a", "b", "*", "**", "a*", "?", "**b"])
_PATTERNS = st.lists(_PARTS, min_size=1, max_size=4).map("/".join)
_PATHS = st.lists(st.sampled_from(["a", "b", "ab", "c"]), min_size=1, max_size=5).map("/".join)


@given(st.lists(st.tuples(st.booleans(), _PATTERNS), max_size=6), st.lists(_PATHS, max_size=20))
def test_without_a_pointless_line_all_stays_the_same(
    lines: list[tuple[bool, str]], paths: list[str]
) -> None:
    text = "\n".join(("!" if is_exception else "") + glob for is_exception, glob in lines)
    patterns = read_ignore_file(text.encode()).patterns
    whole = Matcher(patterns)
    for one in pointless(patterns):
        rest = Matcher([other for other in patterns if other is not one.pattern])
        for path in paths:
            assert whole.walked(path).ignored is rest.walked(path).ignored
            assert whole.test(path).ignored is rest.test(path).ignored


def test_a_pattern_of_many_parts_costs_little() -> None:
    assert list(covering("a/" * 30_000 + "b")) == ["*", "**"]
