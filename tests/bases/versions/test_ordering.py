import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship.bases.versions.numbers import MAX_CHARS
from lightship.bases.versions.ordering import ORDERINGS, compare

NEAR = st.one_of(st.text(alphabet="01~^.-_+:abrpv!", max_size=8), st.text(max_size=12))
PARTS = st.lists(
    st.sampled_from(
        ["1", "0", "10", "01", ".", "-", "~", "^", "_", "+", ":", "a", "rc", "b", "p", "-r1",
         "_alpha", ".post", ".dev", "_git", "v", "!", "é", "\0", "\udcff", "\u0661"]
    ),
    max_size=8,
).map("".join)  # fmt: skip
TEXT = st.one_of(NEAR, PARTS)


def order(system: str, first: str, second: str) -> int | None:
    try:
        return compare(system, first, second)
    except ValueError:
        return None


@pytest.mark.parametrize("system", sorted(ORDERINGS))
@given(first=TEXT, second=TEXT, third=TEXT)
def test_orders_are_total(system: str, first: str, second: str, third: str) -> None:
    if order(system, first, first) is not None:
        assert order(system, first, first) == 0
    there, back = order(system, first, second), order(system, second, first)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there == -back
    onward, through = order(system, second, third), order(system, first, third)
    if there is not None and onward is not None and there <= 0 and onward <= 0:
        assert through is not None
        assert through <= min(there, onward)


@pytest.mark.parametrize("system", sorted(ORDERINGS))
def test_ten_megabytes_are_no_version(system: str) -> None:
    for text in ("1" * 10_000_000, "1" + ".0" * 5_000_000, "1" * (MAX_CHARS + 1)):
        with pytest.raises(ValueError, match="too long"):
            ORDERINGS[system](text)


@pytest.mark.parametrize("system", sorted(ORDERINGS))
def test_numbers_longer_than_python_reads_are_compared(system: str) -> None:
    assert compare(system, "9" * (MAX_CHARS - 1), "1" + "0" * (MAX_CHARS - 1)) < 0


@pytest.mark.parametrize(
    ("system", "older", "newer"),
    [
        ("python", "1.0.dev1", "1.0a1.dev1"),
        ("python", "1.0a1", "1.0b1"),
        ("python", "1.0rc1", "1.0"),
        ("python", "1.0", "1.0+local"),
        ("python", "1.0+a", "1.0+1"),
        ("python", "1.0", "1.0.post1"),
        ("python", "1.0.post1.dev1", "1.0.post1"),
        ("python", "2024.1", "1!0.1"),
        ("npm", "1.0.0-alpha", "1.0.0-alpha.1"),
        ("npm", "1.0.0-alpha.1", "1.0.0-alpha.beta"),
        ("npm", "1.0.0-rc.2", "1.0.0-rc.11"),
        ("npm", "1.0.0-rc.1", "1.0.0"),
        ("go", "v1.9.0", "v1.10.0"),
        ("gem", "1.0.a", "1.0"),
        ("gem", "1.0.a9", "1.0.a10"),
        ("gem", "1.0-java", "1.0"),
        ("gem", "1.9", "1.10"),
    ],
)
def test_older_and_newer(system: str, older: str, newer: str) -> None:
    assert compare(system, older, newer) == -1
    assert compare(system, newer, older) == 1


@pytest.mark.parametrize(
    ("system", "one", "other"),
    [
        ("python", "1.0", "1.0.0"),
        ("python", "1.0-alpha.1", "1.0a1"),
        ("python", "1.0-1", "1.0.post1"),
        ("npm", "1.2.3+build", "1.2.3"),
        ("gem", "1.0.0", "1"),
        ("gem", "1.0.b1", "1.b1"),
    ],
)
def test_spellings_of_the_same(system: str, one: str, other: str) -> None:
    assert compare(system, one, other) == 0
